import { describe, expect, test } from "vitest";
import { barsOf } from "../../../local/bench/bench-bars.ts";
import type { LargestTenant } from "../../../local/bench/largest-tenant.ts";
import type { MeasuredDay, PlaybookFindings } from "../../../local/bench/playbook-bench.ts";
import { dayOf } from "./day-of.ts";
import { findingsOf } from "./findings-of.ts";
import { rateOf } from "./rate-of.ts";

const missed = (more: Partial<PlaybookFindings>) =>
  barsOf(findingsOf(more)).filter(({ isMet }) => !isMet);
const cost = findingsOf().marginalCosts[0]!;
const idle = findingsOf().idleCost!;
const both = (value: number) => ({ loopOnce: value, loopCycles: value });
const million = dayOf({ recordsPerDay: 1_000_000, busyShare: 0.9 });

describe("the bars of the playbook", () => {
  test("are met by findings that keep what was promised, at the stated latencies", () => {
    expect(missed({})).toEqual([]);
    expect(barsOf(findingsOf())).toHaveLength(9);
  });

  test.each<[string, Partial<PlaybookFindings>, string]>([
    [
      "one more blob in a run of fewer than 20, after the first",
      { marginalCosts: [{ ...cost, oneMoreBlob: { loopOnce: 2, loopCycles: 6.5 } }] },
      "6.5 executions",
    ],
    [
      "each blob after the first of a run with 20 and more, where two fit one call",
      {
        marginalCosts: [
          {
            ...cost,
            // Also where blobs that fit one call had one each.
            runs: [
              {
                ...cost.runs[2]!,
                rowCalls: 20,
                perBlob: both(2),
                perFurtherBlob: { loopOnce: 2, loopCycles: 3.01 },
              },
            ],
          },
        ],
      },
      "3.01 executions (20 blobs of 20 records, a loop counts each cycle)",
    ],
    [
      "the same where each blob fills a call, as long as a loop counts once",
      {
        marginalCosts: [
          cost,
          {
            ...cost,
            recordsPerBlob: 500,
            twoFitCall: false,
            runs: [
              {
                ...cost.runs[2]!,
                rowCalls: 20,
                perFurtherBlob: { loopOnce: 3.01, loopCycles: 3.4 },
              },
            ],
          },
        ],
      },
      "3.01 executions (20 blobs of 500 records, a loop counts once)",
    ],
    [
      "the same from 20 records a blob on in money, against Microsoft's playbook",
      {
        marginalCosts: [
          {
            ...cost,
            runs: [{ ...cost.runs[2]!, shareOfMicrosofts: { loopOnce: 0.61, loopCycles: 0.5 } }],
          },
        ],
      },
      "61 % (20 blobs of 20 records, a loop counts once)",
    ],
    [
      "an idle tenant, a month of executions",
      { idleCost: { ...idle, usdPerMonth: { loopOnce: 1.9, loopCycles: 2 } } },
      "2 USD",
    ],
    [
      "catching up at blobs of 180 records, of what the tightest limit leaves",
      { catchUpRates: [rateOf(), rateOf({ recordsPerBlob: 180, utilisation: 0.79 })] },
      "79 %",
    ],
    [
      "catching up while the API allows 200 requests a minute",
      { throttled: rateOf({ apiRequestsPerMinuteAllowed: 200, utilisation: 0.7 }) },
      "70 %",
    ],
    [
      "requests refused meanwhile",
      { throttled: rateOf({ apiRequestsPerMinuteAllowed: 200, refusedShare: 0.2 }) },
      "20 %",
    ],
    [
      "1,000,000 records a day",
      { days: [million] },
      "blobs of 20: 90 %, 0 failed, 177 listings a sweep (no limit of a service explains it)",
    ],
    [
      "simulating a day of 100,000 records, 20 a blob",
      {
        days: [
          dayOf({
            simulation: { wallSeconds: 61, processorSeconds: 70, processorSecondsPerDay: 70 },
          }),
        ],
      },
      "61 s",
    ],
  ])("%s can be missed", (bar, more, measured) => {
    expect(missed(more)).toEqual([expect.objectContaining({ bar, measured })]);
  });

  describe("of 1,000,000 records a day", () => {
    const sizes = [5, 20, 180, 500];
    const calm = sizes.map((recordsPerBlob) =>
      dayOf({ recordsPerDay: 1_000_000, recordsPerBlob, busyShare: 0.2 }),
    );
    const barOf = (day: Partial<MeasuredDay>, largest?: Partial<LargestTenant>) => {
      const busy = { ...calm[2]!, ...day };
      const days = calm.map((each) => (each.recordsPerBlob === busy.recordsPerBlob ? busy : each));
      const largestTenants = largest
        ? [
            {
              recordsPerBlob: busy.recordsPerBlob,
              latencyTimes: 1,
              recordsPerDay: 1_100_000,
              rateMinutes: 10,
              met: "apiQuota" as const,
              firstLimit: "the quota",
              advice: "ask",
              ...largest,
            },
          ]
        : [];
      return barsOf(findingsOf({ days, largestTenants })).find(
        ({ bar }) => bar === "1,000,000 records a day",
      );
    };

    test("is met with room at every size of blob", () => {
      expect(barOf({})).toMatchObject({
        isMet: true,
        measured:
          "blobs of 5: 20 %, 0 failed; blobs of 20: 20 %, 0 failed; blobs of 180: 20 %, 0 failed; blobs of 500: 20 %, 0 failed",
      });
    });

    test.each<[string, Partial<MeasuredDay>]>([
      ["runs that take too long", { busyShare: 0.81 }],
      ["a failed run of any size, be it not the busiest", { busyShare: 0.1, failedRuns: 1 }],
      ["a sweep that no run can end", { sweepListings: 5001 }],
    ])("is missed by %s, when nothing is named", (_, day) => {
      expect(barOf(day)).toMatchObject({
        isMet: false,
        measured: expect.stringContaining("no limit of a service explains it") as string,
      });
      expect(barOf(day, {})!.isMet).toBe(true);
    });

    test("names the limit that is met, and what to configure", () => {
      expect(barOf({ busyShare: 0.9 }, {})!.measured).toContain(
        "blobs of 180: 90 %, 0 failed, 177 listings a sweep (the quota: ask)",
      );
    });

    test("is missed when only the pace of the playbook stops it, or a limit far above", () => {
      const pace = { met: "pace" as const, firstLimit: "the pace" };
      expect(barOf({ busyShare: 0.9 }, pace)).toMatchObject({
        isMet: false,
        measured: expect.stringContaining(
          "(no limit of a service explains it, but the pace at 1,100,000 records)",
        ) as string,
      });
      expect(barOf({ failedRuns: 1 }, { recordsPerDay: 1_250_001 })!.isMet).toBe(false);
    });
  });

  test("what was not measured has no bar", () => {
    const bars = barsOf({
      idleCost: undefined,
      marginalCosts: [],
      days: [],
      catchUpRates: [],
      throttled: undefined,
      catchUps: [],
      largestTenants: [],
    });
    expect(bars).toEqual([]);
  });
});
