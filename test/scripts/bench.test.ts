import { expect, test } from "vitest";
import { synthGoals } from "../../scripts/bench-synth.ts";
import { bench, measuredLines } from "../../scripts/bench.ts";

test.each([
  ["", "nothing"],
  ["plan", "plan"],
  ["synth plan", "synth plan"],
])("bench fails on the subject %j", (words, shown) => {
  expect(() => bench(words.split(" ").filter(Boolean))).toThrow(
    `subject must be one of synth, got ${shown}`,
  );
});

test("bench shows the goals beside what it measured", () => {
  const measured = { emptyMs: 700, shippedMs: 2100, ratio: 3, perTenantMs: 21.5 };
  expect(measuredLines(measured, synthGoals)).toEqual([
    "emptyMs: 700",
    "shippedMs: 2100",
    "ratio: 3 (goal: under 2.5)",
    "perTenantMs: 21.5 (goal: at most 40)",
  ]);
});
