import type { BenchResult } from "../local/bench/run-bench-jobs.ts";
import { jobTitle } from "../local/bench/bench-job.ts";
import { catchUpAfter, outageHours, type CatchUp } from "../local/bench/catch-up.ts";
import type { CatchUpRate } from "../local/bench/catch-up-rate.ts";
import { caughtUpFrom, dayMeasuredOver } from "../local/bench/measured-over.ts";
import type { MarginalCost } from "../local/bench/marginal-cost.ts";
import type { MeasuredDay, PlaybookBench } from "../local/bench/playbook-bench.ts";
import type { Readings } from "../local/bench/readings.ts";
import { bothReadings, duration, percent, whole } from "./figures.ts";

/** One line on standard error for each measurement that has ended. */
export function tellProgress(
  { job, wallSeconds, peakMemoryMb }: BenchResult,
  { ended, of }: { readonly ended: number; readonly of: number },
): void {
  const took = `${wallSeconds.toFixed(0)} s, ${peakMemoryMb} MB`;
  console.error(`${ended} of ${of}: ${jobTitle(job)} (${took})`);
}

/** What was measured, for people. */
export function playbookLines(bench: PlaybookBench): string[] {
  const { days, catchUps, catchUpRates, throttled, idleCost, marginalCosts, largestTenants } =
    bench;
  return [
    "Simulated with the deployed definition; the latencies are those of local/bench/latency-model.json.",
    "Two numbers with a slash: a loop counts once / a loop counts once more for each cycle.",
    "Accepted: from the publication of a blob until the ingestion took its records with a 204. That their rows can be searched comes minutes later, and is not simulated.",
    "~ is extrapolated; over what it was measured stands in the same line: simulated hours and listings of a sweep for a day, simulated minutes for a rate of catching up.",
    ...section(
      "A day",
      days.map((day) => dayRow(day, catchUps)),
    ),
    ...section("A blob in a run", marginalCosts.flatMap(marginalRows)),
    ...section(
      "Catching up, beyond the first minutes",
      [...catchUpRates, ...(throttled ? [throttled] : [])].map(rateRow),
    ),
    ...section(
      "Largest tenant",
      largestTenants.map((tenant) => ({
        latencies: `x${tenant.latencyTimes}`,
        "records a blob": String(tenant.recordsPerBlob),
        "records a day": `~${whole(tenant.recordsPerDay)}`,
        "~ from": `a rate over ${tenant.rateMinutes} min`,
        "met first": tenant.firstLimit,
        "then configure": tenant.advice,
      })),
    ),
    ...(idleCost
      ? section("Idle", [
          {
            "executions a run": pair(idleCost.executionsPerRun, 0),
            "executions a day": pair(idleCost.executionsPerDay, 0),
            "USD a day": pair(idleCost.usdPerDay, 4),
            "USD a month": pair(idleCost.usdPerMonth, 2),
          },
        ])
      : []),
    ...section(
      "Beside the executions",
      bench.standingCosts.map(({ item, amount, usdPerMonth, source }) => ({
        item,
        "USD a month": usdPerMonth === undefined ? "none was read" : usdPerMonth.toFixed(2),
        source,
        amount,
      })),
    ),
    ...section(
      "Bars",
      bench.bars.map(({ bar, goal, measured, isMet }) => ({
        "": isMet ? "met" : "MISSED",
        bar,
        goal,
        measured,
      })),
    ),
    "",
    `The bench itself took ${(bench.wallSeconds / 60).toFixed(1)} minutes.`,
  ];
}

type Line = Readonly<Record<string, string>>;

function dayRow(day: MeasuredDay, catchUps: readonly CatchUp[]): Line {
  const after = outageHours.map((hours) => catchUpAfter(hours, day, catchUps));
  const [hour, oneDay, week] = after.map((found) =>
    found ? marked(found.ms === undefined ? "never" : duration(found.ms), found) : "",
  );
  return {
    latencies: `x${day.latencyTimes}`,
    "records a day": whole(day.recordsPerDay),
    "a blob": String(day.recordsPerBlob),
    "measured over": dayMeasuredOver(day),
    executions: marked(pair(day.executionsPerDay, 0), day),
    "for 1,000 records": marked(pair(day.executionsPer1000Records, 1), day),
    "USD for 1,000 records": marked(pair(day.usdPer1000Records, 4), day),
    "accepted: median": marked(duration(day.timeToAcceptance.medianMs), day),
    "95 %": marked(duration(day.timeToAcceptance.p95Ms), day),
    busy: marked(`${(day.busyShare * 100).toFixed(1)} %`, day),
    "longest run": marked(duration(day.longestRunMs), day),
    "after 1 h": hour ?? "",
    "1 day": oneDay ?? "",
    "7 days": week ?? "",
    "~ of these from": caughtUpFrom(after),
    processor: marked(`${day.simulation.processorSecondsPerDay.toFixed(0)} s`, day),
    memory: `${day.peakMemoryMb} MB`,
    rows: day.ingestion,
  };
}

const marginalRows = ({ recordsPerBlob, runs, firstBlob, oneMoreBlob }: MarginalCost): Line[] =>
  runs.map(({ blobs, executions, perBlob, perFurtherBlob, shareOfMicrosofts }) => ({
    "records a blob": String(recordsPerBlob),
    "blobs waiting": String(blobs),
    executions: pair(executions, 0),
    "a blob, beyond an idle run": perBlob ? pair(perBlob, 2) : "",
    "jump of the first": blobs === 1 && firstBlob ? pair(firstBlob, 0) : "",
    "each after it": perFurtherBlob ? pair(perFurtherBlob, 2) : "",
    "money to Microsoft's": shareOfMicrosofts
      ? bothReadings(shareOfMicrosofts, (share) => percent(share))
      : "",
    "one more of fewer than 20, at most": blobs === 1 ? pair(oneMoreBlob, 2) : "",
  }));

const rateRow = (rate: CatchUpRate): Line => ({
  latencies: `x${rate.latencyTimes}`,
  "records a blob": String(rate.recordsPerBlob),
  quota: whole(rate.apiRequestsPerMinuteAllowed),
  "measured over": `${rate.measuredMinutes} min`,
  "blobs a minute": whole(rate.blobsPerMinute),
  "requests a minute": whole(rate.apiRequestsPerMinute),
  refused: percent(rate.refusedShare),
  "actions in 5 min": whole(rate.actionsPerFiveMinutes),
  "MB in 5 min": whole(rate.contentBytesPerFiveMinutes / 1e6),
  "tightest limit": { apiQuota: "API quota", actions: "actions", content: "content" }[
    rate.tightest
  ],
  "used of it": percent(rate.utilisation),
});

/** A heading and a table whose columns are as wide as they have to be. */
function section(heading: string, lines: readonly Line[]): string[] {
  const [first] = lines;
  if (!first) {
    return [];
  }
  const columns = Object.keys(first);
  const rows = [columns, ...lines.map((line) => columns.map((column) => line[column] ?? ""))];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]!.length)));
  return [
    "",
    heading,
    ...rows.map((row) =>
      `  ${row.map((cell, index) => cell.padEnd(widths[index]!)).join("  ")}`.trimEnd(),
    ),
  ];
}

const pair = (readings: Readings, digits: number) =>
  bothReadings(readings, (value) =>
    value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  );

const marked = (text: string, { isExtrapolated }: { readonly isExtrapolated: boolean }) =>
  isExtrapolated ? `~${text}` : text;
