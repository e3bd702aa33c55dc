import { afterEach, expect, test, vi } from "vitest";
import { measurePlaybook, type PlaybookBench } from "../../local/bench/playbook-bench.ts";
import { synthGoals } from "../../scripts/bench-synth.ts";
import { bench, measuredLines } from "../../scripts/bench.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs the command; gives its exit code and what it printed. */
async function run(...args: Parameters<typeof bench>) {
  const printed = vi.spyOn(console, "log").mockImplementation(() => undefined);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const exitCode = await bench(...args);
  return { exitCode, lines: printed.mock.calls.map(([line]) => line as string) };
}

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

test("the exit code of a quick bench is that of its bars, and a missed bar makes it 1", async () => {
  let measured: PlaybookBench | undefined;
  const { exitCode, lines } = await run(["playbook", "--quick", "--json", "--seed", "2"], {
    measurePlaybook: async (options) => (measured = await measurePlaybook(options)),
  });
  expect(lines).toHaveLength(1);
  const found = JSON.parse(lines[0]!) as PlaybookBench;
  expect(found).toMatchObject({ seed: 2, isQuick: true });
  expect(found.days).toHaveLength(1);
  expect(found.catchUpRates).toHaveLength(1);
  expect(found.catchUps).toHaveLength(1);
  expect(found.idleCost!.usdPerMonth.loopCycles).toBeGreaterThan(0);
  expect(found.bars.map(({ bar }) => bar)).toContain("an idle tenant, a month of executions");
  expect(exitCode).toBe(found.bars.every(({ isMet }) => isMet) ? 0 : 1);

  for (const isMet of [true, false]) {
    const bars = [{ bar: "b", goal: "g", measured: "m", isMet: true }].concat({
      ...{ bar: "c", goal: "g", measured: "m" },
      isMet,
    });
    const judged = await run(["playbook"], {
      measurePlaybook: () => Promise.resolve({ ...measured!, bars }),
    });
    expect(judged.exitCode).toBe(isMet ? 0 : 1);
    expect(judged.lines.some((line) => line.includes("MISSED"))).toBe(!isMet);
  }
}, 600_000);
