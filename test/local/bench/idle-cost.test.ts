import { expect, test } from "vitest";
import { daysPerMonth, measureIdleCost } from "../../../local/bench/idle-cost.ts";

test("an idle day has 96 runs, and two of them list all that the feed has", async () => {
  const cost = await measureIdleCost(1);
  expect(cost.recurrenceMinutes).toBe(15);
  for (const reading of ["loopOnce", "loopCycles"] as const) {
    const perDay = cost.executionsPerDay[reading];
    expect(perDay).toBeGreaterThan(96 * cost.executionsPerRun[reading]);
    expect(cost.usdPerDay[reading]).toBeCloseTo(perDay * 0.000025, 10);
    expect(cost.usdPerMonth[reading]).toBeCloseTo(perDay * 0.000025 * daysPerMonth, 10);
  }
}, 120_000);
