import type { CatchUpRate } from "../../../local/bench/catch-up-rate.ts";

/** A rate of catching up as a test needs it. */
export function rateOf(more: Partial<CatchUpRate> = {}): CatchUpRate {
  return {
    recordsPerBlob: 20,
    latencyTimes: 1,
    apiRequestsPerMinuteAllowed: 2000,
    measuredMinutes: 10,
    blobsPerMinute: 1800,
    apiRequestsPerMinute: 1810,
    refusedShare: 0,
    actionsPerFiveMinutes: 14_000,
    contentBytesPerFiveMinutes: 400e6,
    blobsPerMinuteLeft: { apiQuota: 1990, actions: 12_000, content: 28_000 },
    tightest: "apiQuota",
    utilisation: 0.9,
    sustainedBlobsPerMinute: 1800,
    ...more,
  };
}
