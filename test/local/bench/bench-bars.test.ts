import { describe, expect, test } from "vitest";
import { barsOf } from "../../../local/bench/bench-bars.ts";
import type { PlaybookFindings } from "../../../local/bench/playbook-bench.ts";
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
      "a blob in a run with 20 and more, beyond an idle run",
      {
        marginalCosts: [
          {
            ...cost,
            // The jump of the first blob counts: without it each further one would be cheap.
            runs: [
              {
                ...cost.runs[2]!,
                perBlob: { loopOnce: 2, loopCycles: 3.01 },
                perFurtherBlob: both(1),
              },
            ],
          },
        ],
      },
      "3.01 executions (20 blobs of 20 records, a loop counts each cycle)",
    ],
    [
      "the same in money, against Microsoft's playbook",
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
      "90 %, 0 failed, at blobs of 20 records: no limit known",
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

  test("a large tenant that is not held is met by the limit that stops it", () => {
    const largestTenants = [
      {
        recordsPerBlob: 20,
        latencyTimes: 1,
        recordsPerDay: 900_000,
        firstLimit: "the quota",
        advice: "ask",
      },
    ];
    const bar = barsOf(findingsOf({ days: [million], largestTenants })).find(
      (each) => each.bar === "1,000,000 records a day",
    );
    expect(bar).toMatchObject({
      isMet: true,
      measured: "90 %, 0 failed, at blobs of 20 records: the quota",
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
