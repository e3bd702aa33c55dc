import { expect, test } from "vitest";
import { barsOf } from "../../local/bench/bench-bars.ts";
import { loadLatencyModel } from "../../local/bench/latency-model.ts";
import { microsoftPlaybook } from "../../local/bench/microsoft-playbook.ts";
import { standingCosts } from "../../local/bench/standing-costs.ts";
import { guaranteesPage } from "../../scripts/guarantees-page.ts";
import { findingsOf } from "../local/bench/findings-of.ts";

const findings = findingsOf();
const found = {
  ...findings,
  seed: 1,
  isQuick: false,
  latencyModel: loadLatencyModel(),
  microsoftPlaybook,
  standingCosts,
  bars: barsOf(findings),
  wallSeconds: 90,
};
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
