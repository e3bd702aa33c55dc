import { expect, test } from "vitest";
import { measureCatchUpRate } from "../../../local/bench/catch-up-rate.ts";

test("the rate of catching up is compared with what the tightest limit leaves", async () => {
  const rate = await measureCatchUpRate({
    recordsPerBlob: 2,
    latencyTimes: 1,
    seed: 1,
    minutes: 2,
    requestsPerMinute: 300,
  });
  expect(rate).toMatchObject({
    recordsPerBlob: 2,
    apiRequestsPerMinuteAllowed: 300,
    measuredMinutes: 2,
    tightest: "apiQuota",
  });
  const { blobsPerMinute, apiRequestsPerMinute, blobsPerMinuteLeft, utilisation } = rate;
  expect(apiRequestsPerMinute).toBeGreaterThan(100);
  expect(apiRequestsPerMinute).toBeLessThanOrEqual(300);
  expect(blobsPerMinute).toBeGreaterThan(100);
  // A request for a blob, and one for each page of 200.
  expect(blobsPerMinuteLeft.apiQuota).toBeCloseTo(300 / 1.005, 6);
  expect(utilisation).toBeCloseTo(blobsPerMinute / blobsPerMinuteLeft.apiQuota, 10);
  expect(rate.sustainedBlobsPerMinute).toBe(Math.min(blobsPerMinute, blobsPerMinuteLeft.apiQuota));
  expect(blobsPerMinuteLeft.actions).toBeGreaterThan(1000);
  expect(blobsPerMinuteLeft.content).toBeGreaterThan(1000);
}, 120_000);
