import { expect, test } from "vitest";
import { extrapolateCatchUp } from "../../../local/bench/catch-up.ts";
import { caughtUpFrom, dayMeasuredOver } from "../../../local/bench/measured-over.ts";
import { dayOf } from "./day-of.ts";
import { rateOf } from "./rate-of.ts";

test("a day says from how many hours and listings of a sweep it follows", () => {
  expect(dayMeasuredOver(dayOf())).toBe("24 h");
  const part = { measuredHours: 6, isExtrapolated: true };
  const sweep = { sweepListings: 1758, sweepListingsMeasured: 400 };
  expect(dayMeasuredOver(dayOf({ ...part, ...sweep }))).toBe(
    "6 h and 400 of 1,758 listings of a sweep",
  );
});

test("a time to catch up says over how many minutes its rate was measured", () => {
  const volume = { recordsPerDay: 14_400, recordsPerBlob: 10 };
  const extrapolated = extrapolateCatchUp(volume, 24, rateOf({ measuredMinutes: 10 }));
  const simulated = { ...extrapolated, isExtrapolated: false, rateMinutes: undefined };
  expect(caughtUpFrom([simulated, extrapolated, extrapolated])).toBe("a rate over 10 min");
  expect(caughtUpFrom([simulated, undefined])).toBe("");
});
