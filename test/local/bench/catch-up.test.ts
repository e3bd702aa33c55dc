import { describe, expect, test } from "vitest";
import {
  extrapolateCatchUp,
  isSimulated,
  measureCatchUp,
  waitingRecords,
} from "../../../local/bench/catch-up.ts";
import { rateOf } from "./rate-of.ts";

const volume = { recordsPerDay: 14_400, recordsPerBlob: 10 };
const minuteMs = 60_000;

describe("catching up", () => {
  test("ends with a run that leaves nothing behind", async () => {
    const caughtUp = await measureCatchUp({ ...volume, recordsPerDay: 960 }, 24, 1, 1);
    expect(caughtUp).toMatchObject({ outageHours: 24, waitingRecords: 960, isExtrapolated: false });
    expect(caughtUp.ms).toBeGreaterThan(5000);
    expect(caughtUp.ms).toBeLessThan(15 * minuteMs);
  }, 120_000);

  test("of a week is of what the feed still lists", () => {
    expect(waitingRecords(volume, 1)).toBe(600);
    expect(waitingRecords(volume, 168)).toBe(14_400 * 7 - 50);
  });

  test("is simulated while little waits", () => {
    expect(isSimulated(volume, 24)).toBe(true);
    expect(isSimulated(volume, 168)).toBe(false);
  });

  test("follows from its rate less what is published meanwhile", () => {
    // A blob a minute is published.
    expect(extrapolateCatchUp(volume, 24, rateOf({ sustainedBlobsPerMinute: 11 }))).toEqual({
      ...volume,
      latencyTimes: 1,
      outageHours: 24,
      waitingRecords: 14_400,
      ms: 144 * minuteMs,
      isExtrapolated: true,
      rateMinutes: 10,
    });
    expect(extrapolateCatchUp(volume, 24, rateOf({ sustainedBlobsPerMinute: 1 })).ms).toBe(
      undefined,
    );
  });
});
