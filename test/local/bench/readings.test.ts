import { expect, test } from "vitest";
import {
  combineReadings,
  executionsOf,
  mapReadings,
  usdOf,
} from "../../../local/bench/readings.ts";

test("runs are added under each reading, and cost what an execution costs", () => {
  const executions = executionsOf([
    { executions: 30_000, executionsWithLoopCycles: 50_000 },
    { executions: 10_000, executionsWithLoopCycles: 10_000 },
  ]);
  expect(executions).toEqual({ loopOnce: 40_000, loopCycles: 60_000 });
  expect(usdOf(executions)).toEqual({ loopOnce: 1, loopCycles: 1.5 });
});

test("readings are changed and combined one by one", () => {
  const a = { loopOnce: 6, loopCycles: 8 };
  expect(mapReadings(a, (value) => value / 2)).toEqual({ loopOnce: 3, loopCycles: 4 });
  expect(combineReadings(a, { loopOnce: 1, loopCycles: 2 }, (x, y) => x - y)).toEqual({
    loopOnce: 5,
    loopCycles: 6,
  });
});
