import { describe, expect, test } from "vitest";
import { largestTenant } from "../../../local/bench/largest-tenant.ts";
import { dayOf } from "./day-of.ts";
import { rateOf } from "./rate-of.ts";

describe("the largest tenant", () => {
  test("is what the rate of catching up collects in a day, when that is at a limit", () => {
    const largest = largestTenant(
      rateOf({ recordsPerBlob: 20, sustainedBlobsPerMinute: 50, utilisation: 0.9 }),
      undefined,
    );
    expect(largest).toMatchObject({
      recordsPerBlob: 20,
      rateMinutes: 10,
      recordsPerDay: 50 * 20 * 1440,
      met: "apiQuota",
      firstLimit: "the audit API's quota of requests a minute",
    });
    expect(largest.advice).toMatch(/^ask Microsoft support/);
  });

  test("stops at the playbook's own pace far from every limit", () => {
    const slow = rateOf({ sustainedBlobsPerMinute: 50, utilisation: 0.3 });
    expect(largestTenant(slow, undefined).met).toBe("pace");
    expect(largestTenant(slow, undefined).firstLimit).toMatch(/^the pace of the playbook/);
  });

  test("stops where the runs of a day take all its time", () => {
    const day = dayOf({ recordsPerDay: 1_000_000, busyShare: 0.8 });
    expect(largestTenant(rateOf(), day).recordsPerDay).toBe(1_250_000);
  });

  test("stops where a sweep needs more listings than a run may have", () => {
    const { recordsPerDay, firstLimit } = largestTenant(rateOf({ recordsPerBlob: 5 }), undefined);
    expect(recordsPerDay).toBe(Math.round(((5000 * 200) / 7) * 5));
    expect(firstLimit).toBe("5,000 listings in one run, which a sweep over seven days needs");
  });
});
