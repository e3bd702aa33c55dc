import { expect, test } from "vitest";
import { secretSlot } from "../../config/secret-slots.ts";

const at = (day: string, months: number) => secretSlot(new Date(`${day}T12:00:00Z`), months);

test("The slot of the vault's secret changes with each period of whole months", () => {
  // January 2026 is month 24,312 since the year 0.
  expect(["2026-01-31", "2026-02-01", "2026-03-01"].map((day) => at(day, 1))).toEqual([
    ...["even", "odd", "even"],
  ]);
  expect(["2026-01-01", "2026-03-31", "2026-04-01"].map((day) => at(day, 3))).toEqual([
    ...["even", "even", "odd"],
  ]);
});
