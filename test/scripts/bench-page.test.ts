import { expect, test } from "vitest";
import { guaranteesPage, promisedBars } from "../../scripts/guarantees-page.ts";
import { benchOf } from "../local/bench/bench-of.ts";
import { dayOf } from "../local/bench/day-of.ts";
import { findingsOf } from "../local/bench/findings-of.ts";

const findings = findingsOf({
  days: [dayOf(), dayOf({ recordsPerDay: 1_000_000, measuredHours: 6, isExtrapolated: true })],
  catchUps: [
    {
      ...{ recordsPerDay: 1_000_000, recordsPerBlob: 20, latencyTimes: 1, outageHours: 24 },
      ...{ waitingRecords: 1_000_000, ms: 600_000, isExtrapolated: true, rateMinutes: 10 },
    },
  ],
});
const found = { ...benchOf(findings), contention: 1 };
const page = await guaranteesPage({ bench: { definition: "a", found }, faults: [] }, "a");

/** The rows of the first table of a section whose columns begin so, its head included, as cells. */
function tableOf(heading: string, firstColumn: string): string[][] {
  const lines = page.slice(page.indexOf(`## ${heading}`)).split("\n");
  const from = lines.findIndex((line) => line.startsWith(`| ${firstColumn} `));
  const to = lines.findIndex((line, index) => index > from && !line.startsWith("|"));
  return lines
    .slice(from, to)
    .filter((_, index) => index !== 1)
    .map((line) => line.split("|").slice(1, -1))
    .map((row) => row.map((cell) => cell.trim()));
}

test("a day's executions stand on the page by day and for 1,000 records", () => {
  const [head, day] = tableOf("Cost", "Records a day");
  expect(day![head!.indexOf("Executions a day")]).toBe("18,000 / 20,000");
  expect(day![head!.indexOf("Executions for 1,000 records")]).toBe("180.0 / 200.0");
});

test("the page says that a delay ends with the acceptance, and that searching comes later", () => {
  const [head] = tableOf("Delay", "Records a day");
  expect(head).toContain("Accepted: median");
  expect(page).toContain("the minutes until the rows can be searched come after");
});

test("the page tells what a blob costs beyond an idle run, and the jump of the first", () => {
  const [head, ...rows] = tableOf("Cost", "Records a blob");
  const beyond = head!.indexOf("A blob, beyond an idle run");
  expect(rows.map((row) => row[beyond])).toEqual(["", "28.00 / 28.00", "2.00 / 2.00"]);
  expect(page).toContain("The first blob of 20 records that a run finds costs 28 / 28 executions");
});

test("what the page extrapolates is marked, and says from what", () => {
  const [head, whole, part] = tableOf("Cost", "Records a day");
  const over = head!.indexOf("Measured over");
  expect([whole![over], whole![2]]).toEqual(["24 h", "18,000 / 20,000"]);
  expect([part![over], part![2]]).toEqual([
    "6 h and 177 of 177 listings of a sweep",
    "~18,000 / 20,000",
  ]);
  const delays = tableOf("Delay", "Records a day");
  expect(delays[2]!.slice(3)).toEqual([
    ...["~7.7 min", "~14.5 min", "6 h and 177 of 177 listings of a sweep"],
    ...["", "~10.0 min", "", "a rate over 10 min"],
  ]);
});

test("the page says of a standing cost that no price was read, or where it was", () => {
  const prices = new Map(tableOf("Cost", "Item").map(([item, , price]) => [item, price]));
  expect(prices.get("storage")).toMatch(/^none was read, \[source\]\(https:/);
  expect(prices.get("transformations")).toMatch(/^0\.00 USD a month, \[source\]\(https:/);
});

test.each([
  [
    29 * 60,
    1,
    true,
    "29 minutes; 29 minutes here, where two processes take 1.0 times as long as one",
  ],
  [
    48 * 60,
    1.6,
    true,
    "30 minutes; 48 minutes here, where two processes take 1.6 times as long as one",
  ],
  [
    31 * 60,
    1,
    false,
    "31 minutes; 31 minutes here, where two processes take 1.0 times as long as one",
  ],
])("%d seconds of the bench beside a contention of %d", (wallSeconds, contention, isMet, says) => {
  const bench = { definition: "a", found: { ...found, wallSeconds, contention } };
  expect(promisedBars({ bench, faults: [] }).at(-1)).toEqual({
    bar: "the bench",
    goal: "at most 30 minutes on two cores",
    measured: says,
    isMet,
  });
});
