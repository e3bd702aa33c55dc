import type { MeasuredDay } from "../../../local/bench/playbook-bench.ts";

/** A measured day as a test needs it. */
export function dayOf(more: Partial<MeasuredDay> = {}): MeasuredDay {
  return {
    recordsPerDay: 100_000,
    recordsPerBlob: 20,
    latencyTimes: 1,
    measuredHours: 24,
    isExtrapolated: false,
    ingestion: "stored",
    executionsPerDay: { loopOnce: 18_000, loopCycles: 20_000 },
    usdPerDay: { loopOnce: 0.45, loopCycles: 0.5 },
    executionsPer1000Records: { loopOnce: 180, loopCycles: 200 },
    usdPer1000Records: { loopOnce: 0.0045, loopCycles: 0.005 },
    timeToAcceptance: { medianMs: 460_000, p95Ms: 870_000 },
    failedRuns: 0,
    longestRunMs: 250_000,
    sweepMs: 250_000,
    sweepListings: 177,
    sweepListingsMeasured: 177,
    busyShare: 0.03,
    apiRequestsPerDay: 5600,
    most: {
      apiRequestsPerMinute: 90,
      actionsPerFiveMinutes: 2000,
      contentBytesPerFiveMinutes: 90e6,
    },
    simulation: { wallSeconds: 40, processorSeconds: 45, processorSecondsPerDay: 45 },
    peakMemoryMb: 900,
    ...more,
  };
}
