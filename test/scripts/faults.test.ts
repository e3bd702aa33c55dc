import { describe, expect, test } from "vitest";
import { runCase } from "../../local/faults/run-cases.ts";
import { summaryOf } from "../../local/faults/summary.ts";
import { UsageError } from "../../scripts/command-line.ts";
import { faults, parseFaultsArguments, type RunCases } from "../../scripts/faults.ts";
import { aVerdict } from "../local/faults/a-verdict.ts";

/** Gives the verdict of each case without running it. */
const verdictsOf =
  (problemsOf: (number: number) => readonly string[]): RunCases =>
  ({ seed, numbers, onVerdict }) => {
    const verdicts = numbers.map((number) =>
      aVerdict({
        seed,
        number,
        faults: ["dailyCap", "twoRuns"],
        injected: [1, 1],
        problems: problemsOf(number),
      }),
    );
    verdicts.forEach((verdict) => onVerdict?.(verdict));
    return Promise.resolve(verdicts);
  };

describe("npm run faults", () => {
  test("runs a hundred cases of seed 1 in two processes unless told otherwise", () => {
    expect(parseFaultsArguments([])).toEqual({
      seed: 1,
      first: 0,
      cases: 100,
      only: undefined,
      workers: 2,
      kinds: false,
      json: false,
    });
    expect(
      parseFaultsArguments("--seed 7 --first 20 --cases 5 --case 3 --workers=1 --json".split(" ")),
    ).toEqual({ seed: 7, first: 20, cases: 5, only: 3, workers: 1, kinds: false, json: true });
  });

  test.each([
    [["--seed", "x"], "--seed must be a whole number from 0 to 1048575, got x"],
    [["--seed", "1048576"], "--seed must be a whole number from 0 to 1048575, got 1048576"],
    [["--first", "x"], "--first must be a whole number from 0 to 4294967295, got x"],
    [["--cases", "0"], "--cases must be a whole number from 1 to 4294967295, got 0"],
    [["--case", "1.5"], "--case must be a whole number from 0 to 4294967295, got 1.5"],
    [["--workers", "0"], "--workers must be a whole number from 1 to 64, got 0"],
    [
      ["all"],
      "option must be one of --seed, --first, --cases, --case, --workers, --kinds, --json, got all",
    ],
  ])("does not take %j", (args, message) => {
    expect(() => parseFaultsArguments(args)).toThrow(new UsageError(message));
  });

  test("tells the kinds of faults", async () => {
    const lines: string[] = [];
    expect(await faults(["--kinds"], (line) => lines.push(line))).toBe(0);
    expect(lines).toContain("blobBroken               blobs can never be read");
  });

  test("begins with the case that is given", async () => {
    const lines: string[] = [];
    await faults("--seed 7 --first 5 --cases 1 --json".split(" "), (line) => lines.push(line));
    expect(JSON.parse(lines[0]!)).toEqual(summaryOf(7, [await runCase(7, 5)]));
  });

  test("ends with the numbers as one object", async () => {
    const lines: string[] = [];
    const code = await faults(
      ["--seed", "7", "--cases", "2", "--json"],
      (line) => lines.push(line),
      verdictsOf(() => []),
    );
    expect(lines).toHaveLength(1);
    const summary = JSON.parse(lines[0]!) as Record<string, number>;
    expect(Object.keys(summary)).toEqual([
      "seed",
      "cases",
      "failed",
      "lost",
      "altered",
      "silentGaps",
      "reportedGaps",
      "duplicateShareWithoutFaults",
      "worstCatchUpRatio",
    ]);
    expect(summary).toMatchObject({ seed: 7, cases: 2, failed: 0 });
    expect(code).toBe(0);
  });

  test("ends with 1 when a bar is missed, and tells what was missed and how to see it again", async () => {
    const lines: string[] = [];
    const code = await faults(
      ["--seed", "7", "--first", "20", "--cases", "3"],
      (line) => lines.push(line),
      verdictsOf((number) => (number === 21 ? ["lost: 2 records", "rows: 1"] : [])),
    );
    expect(code).toBe(1);
    expect(lines.slice(0, 3)).toEqual([
      "case 21 failed (dailyCap, twoRuns): npm run faults -- --seed 7 --case 21",
      "  lost: 2 records",
      "  rows: 1",
    ]);
    expect(lines).toContain("failed: 1");
  });
});
