import { describe, expect, test } from "vitest";
import { clockToleranceMs, unreportedRuns } from "../../../local/faults/judge-runs.ts";
import { Observations } from "../../../local/faults/observations.ts";
import type { Run } from "../../../local/logic-apps/run-workflow.ts";
import { at, minuteMs } from "./small-case.ts";

/** Numbers of the runs that nothing tells of; a run every 15 minutes, `R` with a row and `-` without. */
function unreported(
  runs: string,
  missed: readonly (readonly [from: number, to: number, reason?: string])[],
  toleranceMs = 5000,
): number[] {
  const observations = new Observations(0);
  for (const [index, letter] of [...runs].entries()) {
    const observed = observations.beginRun(at(15 * index));
    const run = { id: String(index), startTime: observed.start, endTime: at(15 * index + 2) };
    observed.run = { ...run, status: "Failed" } as Run;
    if (letter === "R") {
      observations.reportedRuns.add(run.id);
    }
  }
  observations.health.push(
    ...missed.map(([from, to, Reason = "no run is known to have ended in this time"]) => ({
      Kind: "run",
      Status: "Missed",
      Reason,
      WindowStart: at(from).toISOString(),
      WindowEnd: at(to).toISOString(),
    })),
  );
  return unreportedRuns(observations, toleranceMs).map(({ number }) => number);
}

describe("unreportedRuns", () => {
  test("asks for a row of each, or one that tells it", () => {
    expect(unreported("RRR", [])).toEqual([]);
    expect(unreported("R-R", [])).toEqual([1]);
    expect(unreported("R-R", [[2, 30]])).toEqual([]);
    expect(unreported("-R", [[0, 15]])).toEqual([]);
  });

  test("asks for it of a failed run that left a row, and not before there is one", () => {
    expect(unreported("R-R-", [[2, 30]])).toEqual([]);
    expect(unreported("R--", [])).toEqual([]);
  });

  test("takes no time beside a run for that of the run", () => {
    expect(unreported("RR-RR", [[2, 29]])).toEqual([2]);
    expect(unreported("RR-RR", [[31, 45]])).toEqual([2]);
    expect(unreported("RR-RR", [[17, 31]])).toEqual([2]);
    expect(unreported("RR-RR", [[32, 60]])).toEqual([2]);
  });

  test("lets a row tell of runs that follow one another", () => {
    expect(unreported("R---R", [[2, 60]])).toEqual([]);
    expect(unreported("R---R", [[2, 45]])).toEqual([1, 2, 3]);
  });

  test("lets no row tell of two runs with another between them", () => {
    expect(unreported("R-R-R", [[2, 60]])).toEqual([3]);
    expect(
      unreported("R-R-R", [
        [2, 60],
        [2, 60],
      ]),
    ).toEqual([3]);
    expect(
      unreported("R-R-R", [
        [2, 60],
        [2, 30],
      ]),
    ).toEqual([]);
  });

  test("lets a row tell of all runs of a time of which it says that nothing is known", () => {
    const reason = "the checkpoint was lost, and nothing had been listed since: which runs ended …";
    expect(unreported("R-R-R", [[2, 60, reason]])).toEqual([]);
    expect(unreported("R-R-R", [[2, 44, reason]])).toEqual([3]);
  });

  test.each([
    "at least 2 of the runs that began in this time left no row",
    "fewer runs are known to have ended in this time than should have",
  ])("lets a row tell of all runs of its time that says %s", (reason) => {
    expect(unreported("R-R--R", [[2, 75, reason]])).toEqual([]);
    expect(unreported("R-R--R", [[2, 44, reason]])).toEqual([3, 4]);
  });

  test("lets the ledger be off by seconds, or as much as the clock was", () => {
    const clockOff = {
      kind: "clockOff" as const,
      from: at(0),
      to: at(60),
      parameters: { minutes: -8 },
    };
    expect(clockToleranceMs([])).toBe(5000);
    expect(clockToleranceMs([clockOff])).toBe(8 * minuteMs + 5000);
    expect(unreported("R-R", [[15.05, 22]])).toEqual([]);
    expect(unreported("R-R", [[22, 37]])).toEqual([1]);
    expect(unreported("R-R", [[22, 37]], clockToleranceMs([clockOff]))).toEqual([]);
  });
});
