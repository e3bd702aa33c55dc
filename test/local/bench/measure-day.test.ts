import { describe, expect, test } from "vitest";
import { hoursToMeasure, measureDay } from "../../../local/bench/measure-day.ts";

const volume = { recordsPerDay: 960, recordsPerBlob: 10 };

describe("measureDay", () => {
  test("extrapolates a day from hours without and a run with a sweep, and says so", async () => {
    const day = await measureDay(volume, 1, 1, 2);
    expect(day).toMatchObject({
      ...volume,
      latencyTimes: 1,
      measuredHours: 2,
      isExtrapolated: true,
      ingestion: "stored",
      failedRuns: 0,
    });
    // 672 blobs of seven days in pages of 200, at least one page for each of eight windows.
    expect(day.sweepListings).toBeGreaterThanOrEqual(8);
    expect(day.sweepListingsMeasured).toBe(day.sweepListings);
    // A listing or two a run, since windows end at certain hours, two sweeps, and each blob.
    const ordinary = day.apiRequestsPerDay - 2 * day.sweepListings - 96;
    expect(ordinary).toBeGreaterThanOrEqual(96);
    expect(ordinary).toBeLessThanOrEqual(2 * 96 + 24);
    for (const reading of ["loopOnce", "loopCycles"] as const) {
      const usd = day.executionsPerDay[reading] * 0.000025;
      expect(day.usdPerDay[reading]).toBeCloseTo(usd, 10);
      expect(day.usdPer1000Records[reading]).toBeCloseTo(usd / 0.96, 10);
      const per1000 = day.executionsPerDay[reading] / 0.96;
      expect(day.executionsPer1000Records[reading]).toBeCloseTo(per1000, 6);
    }
    const { medianMs, p95Ms } = day.timeToAcceptance;
    expect(medianMs).toBeGreaterThan(60_000);
    expect(p95Ms).toBeGreaterThan(medianMs!);
    expect(p95Ms).toBeLessThan(16 * 60_000);
    expect(day.busyShare).toBeGreaterThan(0);
    expect(day.busyShare).toBeLessThan(0.1);
    expect(day.longestRunMs).toBe(day.sweepMs);
    expect(day.most.apiRequestsPerMinute).toBeGreaterThan(0);
    expect(day.simulation.processorSecondsPerDay).toBeCloseTo(
      12 * day.simulation.processorSeconds,
      6,
    );
  }, 120_000);

  test.each([
    [100_000, 1, 24],
    [1_000_000, 1, 6],
    [10_000, 3, 24],
    [100_000, 3, 6],
  ])("of %i records, %i times as slow, takes %i hours", (recordsPerDay, latencyTimes, hours) => {
    expect(hoursToMeasure({ recordsPerDay, recordsPerBlob: 20 }, latencyTimes)).toBe(hours);
  });
});
