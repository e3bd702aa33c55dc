import { expect, test } from "vitest";
import { standingCosts } from "../../local/bench/standing-costs.ts";
import { playbookLines } from "../../scripts/bench-playbook.ts";
import { benchOf } from "../local/bench/bench-of.ts";
import { dayOf } from "../local/bench/day-of.ts";
import { findingsOf } from "../local/bench/findings-of.ts";

const volume = { recordsPerDay: 100_000, recordsPerBlob: 20, latencyTimes: 1 };
const findings = findingsOf({
  days: [dayOf({ isExtrapolated: true, measuredHours: 6, sweepListings: 708 })],
  catchUps: [
    {
      ...volume,
      outageHours: 1,
      waitingRecords: 4167,
      ms: 45_000,
      isExtrapolated: false,
      rateMinutes: undefined,
    },
    {
      ...volume,
      outageHours: 24,
      waitingRecords: 100_000,
      ms: 600_000,
      isExtrapolated: true,
      rateMinutes: 10,
    },
    {
      ...volume,
      outageHours: 168,
      waitingRecords: 700_000,
      ms: undefined,
      isExtrapolated: true,
      rateMinutes: 10,
    },
  ],
});
const lines = playbookLines(benchOf(findings));

/** The cells of the lines below a heading, without that of the columns. */
function cells(heading: string): string[][] {
  const from = lines.indexOf(heading) + 2;
  const to = lines.indexOf("", from);
  return lines.slice(from, to).map((line) => line.trim().split(/ {2,}/));
}

/** The names of the columns below a heading. */
const columns = (heading: string) => lines[lines.indexOf(heading) + 1]!.trim().split(/ {2,}/);

test("the time of a record is that until it was accepted, and searching it comes later", () => {
  expect(columns("A day")).toContain("accepted: median");
  expect(lines.join("\n")).toContain("That their rows can be searched comes minutes later");
});

test("the table marks what is extrapolated", () => {
  expect(cells("A day")).toEqual([
    [
      "x1",
      "100,000",
      "20",
      "6 h and 177 of 708 listings of a sweep",
      "~18,000 / 20,000",
      "~180.0 / 200.0",
      "~0.0045 / 0.0050",
      "~7.7 min",
      "~14.5 min",
      "~3.0 %",
      "~4.2 min",
      "45 s",
      "~10.0 min",
      "~never",
      "a rate over 10 min",
      "~45 s",
      "900 MB",
      "stored",
    ],
  ]);
});

test("the jump from an idle run to one with a blob is told apart", () => {
  const names = columns("A blob in a run");
  expect(names).toContain("jump of the first");
  const one = cells("A blob in a run").find(([, blobs]) => blobs === "1")!;
  // Cells that are empty do not count here: the one blob has no share of those after it.
  expect(one.slice(2, 5)).toEqual(["50 / 50", "28.00 / 28.00", "28 / 28"]);
});

test("what catching up uses is told for each quota", () => {
  expect(cells("Catching up, beyond the first minutes").map((row) => row.at(-1))).toEqual([
    "90 %",
    "50 %",
    "85 %",
  ]);
});

test("a price that is not known is not made up", () => {
  const rows = cells("Beside the executions");
  expect(rows).toHaveLength(standingCosts.length);
  const read = rows.filter(([, usd]) => usd !== "none was read");
  expect(read.map(([item, usd]) => [item, usd])).toEqual([["transformations", "0.00"]]);
});

test("every bar stands with its goal and what was measured", () => {
  expect(cells("Bars")[0]).toEqual([
    "met",
    "one more blob in a run of fewer than 20, after the first",
    "at most 6 executions",
    "2 executions",
  ]);
  expect(lines.at(-1)).toBe("The bench itself took 1.5 minutes.");
});
