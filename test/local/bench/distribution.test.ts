import { expect, test } from "vitest";
import { distributionOf } from "../../../local/bench/distribution.ts";

test("a distribution counts records, not blobs", () => {
  const delays = [
    { ms: 900, records: 4 },
    { ms: 100, records: 90 },
    { ms: 500, records: 6 },
  ];
  expect(distributionOf(delays)).toEqual({ medianMs: 100, p95Ms: 500 });
});

test("nothing is known of no records", () => {
  expect(distributionOf([])).toEqual({ medianMs: undefined, p95Ms: undefined });
});
