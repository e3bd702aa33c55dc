import { expect, test } from "vitest";
import { synthGoals } from "../../scripts/bench-synth.ts";
import { bench, measuredLines } from "../../scripts/bench.ts";

test.each([
  ["", "nothing"],
  ["plan", "plan"],
  ["synth plan", "synth plan"],
])("bench fails on the subject %j", async (words, shown) => {
  await expect(bench(words.split(" ").filter(Boolean))).rejects.toThrow(
    `subject must be one of synth, playbook, got ${shown}`,
  );
});

test.each([
  [["synth", "--quick"], "synth must have no option but --json, got --quick"],
  [["synth", "--workers", "1"], "synth must have no option but --json, got --workers"],
  [["playbook", "--seed", "x"], "--seed must be a whole number from 0 to 4294967295, got x"],
  [["playbook", "--workers", "0"], "--workers must be a whole number from 1 to 64, got 0"],
])("bench fails on %j", async (args, message) => {
  await expect(bench(args)).rejects.toThrow(message);
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
