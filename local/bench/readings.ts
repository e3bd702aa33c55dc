import { prices } from "../logic-apps/billing-rules.ts";
import type { Billable } from "../logic-apps/run-workflow.ts";

/** A number under both readings of the pricing page. */
export interface Readings {
  /** A loop counts once. */
  readonly loopOnce: number;
  /** A loop counts once more for each of its cycles. */
  readonly loopCycles: number;
}

/** Executions of runs together. */
export const executionsOf = (runs: readonly Billable[]): Readings => ({
  loopOnce: runs.reduce((sum, { executions }) => sum + executions, 0),
  loopCycles: runs.reduce((sum, run) => sum + run.executionsWithLoopCycles, 0),
});

/** Applies a function under each reading. */
export const mapReadings = (
  { loopOnce, loopCycles }: Readings,
  change: (value: number) => number,
): Readings => ({ loopOnce: change(loopOnce), loopCycles: change(loopCycles) });

/** Combines two numbers under each reading. */
export const combineReadings = (
  a: Readings,
  b: Readings,
  combine: (a: number, b: number) => number,
): Readings => ({
  loopOnce: combine(a.loopOnce, b.loopOnce),
  loopCycles: combine(a.loopCycles, b.loopCycles),
});

/** The list price of built-in executions, in USD. */
export const usdOf = (executions: Readings): Readings =>
  mapReadings(executions, (count) => count * prices.builtInExecution);
