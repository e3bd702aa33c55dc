import { stringifyJson } from "../json.ts";
import { isRetried } from "./retry-policy.ts";
import type { ActionRecord } from "./run-history.ts";
import type { Run } from "./run-workflow.ts";

/**
 * A run in lines of text: each action with start, seconds, status, code and billable executions, then
 * the run. With `trace` also inputs and outputs, as the history shows them: secured ones are hidden.
 */
export function runReport(run: Run, { trace }: { readonly trace: boolean }): string[] {
  const statusWidth = Math.max(...run.actions.map((record) => statusOf(record).length), 6);
  const codeWidth = Math.max(...run.actions.map((record) => codeOf(record).length), 4);
  const row = (
    start: string,
    seconds: string,
    status: string,
    code: string,
    executions: string,
    action: string,
  ) =>
    [
      start.padEnd(24),
      seconds.padStart(10),
      status.padEnd(statusWidth),
      code.padEnd(codeWidth),
      executions.padStart(10),
      action,
    ].join("  ");
  return [
    row("Start", "Seconds", "Status", "Code", "Executions", "Action"),
    ...run.actions.flatMap((record) => [
      row(
        record.startTime.toISOString(),
        seconds(record),
        statusOf(record),
        codeOf(record),
        String(executionsOf(record)),
        placeOf(record),
      ),
      ...details(record, trace),
    ]),
    "",
    `The run ended as ${run.status} after ${seconds(run)} s, with ${run.billable.executions} billable executions (${run.billable.executionsWithLoopCycles} where each cycle of a loop counts).`,
    ...(run.error ? [`${run.error.code}: ${run.error.message}`] : []),
  ];
}

function details(record: ActionRecord, trace: boolean): string[] {
  const { error, inputs, outputs, status } = record;
  return [
    ...(error && status !== "Skipped" ? [`    error    ${error.code}: ${error.message}`] : []),
    ...(trace && inputs !== undefined ? [`    inputs   ${stringifyJson(inputs)}`] : []),
    ...(trace && outputs !== undefined ? [`    outputs  ${stringifyJson(outputs)}`] : []),
  ];
}

/** The status as the history words it; https://learn.microsoft.com/azure/logic-apps/monitor-logic-apps */
const statusOf = ({ status, attempts }: ActionRecord): string =>
  status === "Succeeded" && attempts.slice(0, -1).some(({ result }) => wasRetried(result))
    ? "Succeeded with retries"
    : status;

const wasRetried = (result: number | string) => typeof result === "string" || isRetried(result);

/** The code, and of calls the status codes of all attempts. */
function codeOf({ code, attempts }: ActionRecord): string {
  const results = attempts.map(({ result }) => (typeof result === "number" ? result : "no answer"));
  return results.length === 0 ? code : `${code} (${results.join(", ")})`;
}

/** An attempt is an execution; a skipped action is none. */
const executionsOf = ({ status, attempts }: ActionRecord) =>
  status === "Skipped" ? 0 : Math.max(1, attempts.length);

const placeOf = ({ name, iteration }: ActionRecord) =>
  [...iteration.map(({ loop, index }) => `${loop}[${index}]`), name].join(" / ");

const seconds = ({ startTime, endTime }: { readonly startTime: Date; readonly endTime: Date }) =>
  ((endTime.getTime() - startTime.getTime()) / 1000).toFixed(3);
