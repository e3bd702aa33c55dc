import type { PlaybookFindings } from "../../../local/bench/playbook-bench.ts";
import { dayOf } from "./day-of.ts";
import { rateOf } from "./rate-of.ts";

const both = (value: number) => ({ loopOnce: value, loopCycles: value });

/** Findings that meet every bar. */
export function findingsOf(more: Partial<PlaybookFindings> = {}): PlaybookFindings {
  return {
    idleCost: {
      recurrenceMinutes: 15,
      executionsPerRun: both(22),
      executionsPerDay: both(2300),
      usdPerDay: both(0.0575),
      usdPerMonth: both(1.75),
    },
    marginalCosts: [
      {
        recordsPerBlob: 20,
        twoFitCall: true,
        runs: [
          {
            blobs: 0,
            rowCalls: 0,
            executions: both(22),
            perBlob: undefined,
            perFurtherBlob: undefined,
            shareOfMicrosofts: undefined,
          },
          // Of few blobs the fixed cost of a run that collects is the most.
          {
            blobs: 1,
            rowCalls: 1,
            executions: both(50),
            perBlob: both(28),
            perFurtherBlob: undefined,
            shareOfMicrosofts: undefined,
          },
          {
            blobs: 20,
            rowCalls: 1,
            executions: both(62),
            perBlob: both(2),
            perFurtherBlob: both(0.6),
            shareOfMicrosofts: both(0.4),
          },
        ],
        firstBlob: both(28),
        oneMoreBlob: both(2),
      },
    ],
    days: [dayOf(), dayOf({ recordsPerDay: 1_000_000, measuredHours: 6, isExtrapolated: true })],
    catchUpRates: [rateOf(), rateOf({ latencyTimes: 3, utilisation: 0.5 })],
    throttled: rateOf({ apiRequestsPerMinuteAllowed: 200, utilisation: 0.85, refusedShare: 0.02 }),
    catchUps: [],
    largestTenants: [],
    ...more,
  };
}
