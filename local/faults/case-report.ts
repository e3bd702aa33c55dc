import { offeredRecords, type CaseContent } from "./case-content.ts";
import type { FaultCase } from "./fault-case.ts";
import { faultKinds, type FaultKindProps } from "./fault-kinds.ts";
import type { Verdict } from "./judge-case.ts";
import { kindCounts } from "./kind-counts.ts";
import type { Observations, ObservedRun } from "./observations.ts";

/** The tenant of a case and its faults, as lines for a person. */
export function caseLines(faultCase: FaultCase, content: CaseContent): string[] {
  const { tenant, faults, options, start, end } = faultCase;
  return [
    `case ${faultCase.number} of seed ${faultCase.seed}: ${minute(start)} to ${minute(end)}`,
    `tenant: ${content.blobs.length} blobs with ${offeredRecords(content.blobs)} records; ${membersOf(tenant)}`,
    `engine: ${membersOf(options)}`,
    faults.length === 0 ? "faults: none" : "faults:",
    ...faults.map(({ kind, from, to, parameters }) => {
      const props: FaultKindProps = faultKinds[kind];
      const time = to > from ? `${minute(from)} to ${minute(to)}` : minute(from);
      return `  ${kind} ${time} ${membersOf(parameters)}: ${props.does}`;
    }),
    "runs:",
  ];
}

/** A run that has ended, as one line for a person. */
export function runLine(observed: ObservedRun, { health }: Observations): string {
  const { number, start, run, listed, collected, requests } = observed;
  const row = health.findLast(({ Kind, RunId }) => Kind === "run" && RunId === run!.id);
  const seconds = Math.round((run!.endTime.getTime() - run!.startTime.getTime()) / 1000);
  const reason = (row?.["Reason"] as string | undefined) || run!.error?.message || "";
  return (
    `  ${String(number).padStart(4)} ${minute(start)} ${`${seconds} s`.padStart(6)} ${run!.status.padEnd(9)} ` +
    `${row ? String(row["Status"]).padEnd(9) : "no row   "} ` +
    `${requests} requests, ${listed.size} blobs listed, ${collected} records new${reason ? `; ${reason}` : ""}`
  );
}

/** What came of a case, as lines for a person. */
export function verdictLines(verdict: Verdict): string[] {
  const { faults, injected, problems } = verdict;
  return [
    `faults took effect: ${faults.map((kind, index) => `${kind} ${injected[index]} times`).join(", ") || "none"}`,
    `table: ${verdict.rows} rows, ${verdict.duplicates} of them duplicates; gaps told: ${verdict.reportedGaps}`,
    `runs: ${verdict.runs}, ${verdict.runsFailed} without success; caught up in ${share(verdict.catchUpRatio)} of the time allowed`,
    ...(problems.length === 0 ? ["every bar is met"] : problems.map((each) => `MISSED ${each}`)),
  ];
}

/** For each kind of fault in how many cases it was, took effect and a bar was missed. */
export const kindLines = (verdicts: readonly Verdict[]): string[] => [
  `${"kind".padEnd(24)}cases effective failed  bars missed where it was the only kind`,
  ...kindCounts(verdicts).map(({ kind, cases, effective, failed, missedAlone }) =>
    `${kind.padEnd(24)}${column(cases)} ${column(effective, 9)} ${column(failed, 6)}  ${missedAlone.join(", ")}`.trimEnd(),
  ),
];

const column = (count: number, width = 5) => String(count).padStart(width);

/** The command that repeats a case alone. */
export const repeatCommand = (seed: number, number: number) =>
  `npm run faults -- --seed ${seed} --case ${number}`;

const share = (ratio: number | undefined) =>
  ratio === undefined ? "none" : `${Math.round(ratio * 100)} %`;

const minute = (date: Date) => date.toISOString().slice(0, 16).replace("T", " ");

const membersOf = (values: object) =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
