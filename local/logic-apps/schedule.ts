import type { Clock } from "../clock.ts";
import { truth } from "./condition.ts";
import { defaultEngineOptions } from "./engine-options.ts";
import { ExpressionError } from "./evaluation.ts";
import { Frame, RunEvaluation } from "./run-evaluation.ts";
import { type Run, type RunProps, runWorkflow } from "./run-workflow.ts";
import type { Recurrence, Workflow } from "./workflow.ts";

/** A run of a schedule. */
export interface ScheduledRun extends Run {
  /** When it was due; a run that had to wait for another starts later. */
  readonly scheduledTime: Date;
  /** Occurrences since the run before that came to no run. */
  readonly skippedOccurrences: number;
}

/** What a schedule needs. */
export interface RecurrenceProps extends Omit<RunProps, "trigger"> {
  /** The first instant at which nothing fires any more. */
  readonly until: Date;
}

/**
 * Fires the Recurrence trigger of a workflow, one run at a time: an occurrence that is due while a
 * run is active waits for its end, further ones are skipped; every firing of the trigger is billed.
 * Has to be consumed within the clock. Throws for a trigger that is not a Recurrence with
 * `concurrency.runs` 1.
 * https://learn.microsoft.com/azure/logic-apps/concepts-schedule-automated-recurring-tasks-workflows
 */
export async function* runRecurrence(
  workflow: Workflow,
  props: RecurrenceProps,
): AsyncGenerator<ScheduledRun> {
  const { trigger } = workflow;
  if (!trigger?.recurrence) {
    throw new Error("the trigger must be a Recurrence to be scheduled");
  }
  if (trigger.concurrentRuns !== 1) {
    throw new Error(
      `triggers.${trigger.name}.runtimeConfiguration.concurrency.runs must be 1 to be scheduled locally, got ${trigger.concurrentRuns ?? "nothing"}`,
    );
  }
  const { clock } = props.host;
  let skippedOccurrences = 0;
  let due = firstOccurrence(trigger.recurrence, clock.now());
  let upcoming = next(due, trigger.recurrence);
  while (due < props.until) {
    await sleepUntil(due, clock);
    if (conditionsHold(workflow, props)) {
      const run = await runWorkflow(workflow, { ...props, trigger: { scheduledTime: due } });
      yield {
        ...run,
        billable: {
          executions: run.billable.executions + skippedOccurrences,
          executionsWithLoopCycles: run.billable.executionsWithLoopCycles + skippedOccurrences,
        },
        scheduledTime: due,
        skippedOccurrences,
      };
      skippedOccurrences = 0;
    } else {
      skippedOccurrences++;
    }
    // The first occurrence that fell into the run has waited for its end; the rest are skipped.
    due = upcoming;
    upcoming = next(due, trigger.recurrence);
    while (upcoming <= clock.now()) {
      skippedOccurrences += upcoming < props.until ? 1 : 0;
      upcoming = next(upcoming, trigger.recurrence);
    }
  }
}

async function sleepUntil(instant: Date, clock: Clock): Promise<void> {
  const ms = instant.getTime() - clock.now().getTime();
  if (ms > 0) {
    await clock.sleep(ms);
  }
}

/** A start time that lies in the past counts, but what it missed does not. */
function firstOccurrence(recurrence: Recurrence, now: Date): Date {
  let due = recurrence.startTime ?? now;
  while (due < now) {
    due = next(due, recurrence);
  }
  return due;
}

const unitMs = {
  Second: 1000,
  Minute: 60_000,
  Hour: 3_600_000,
  Day: 86_400_000,
  Week: 7 * 86_400_000,
} as const;

function next(due: Date, { frequency, interval }: Recurrence): Date {
  if (frequency !== "Month") {
    return new Date(due.getTime() + unitMs[frequency] * interval);
  }
  const later = new Date(due);
  later.setUTCMonth(later.getUTCMonth() + interval);
  return later;
}

function conditionsHold({ trigger }: Workflow, { host, options }: RecurrenceProps): boolean {
  const evaluation = new RunEvaluation(
    {
      options: { ...defaultEngineOptions, ...options },
      clientTrackingId: "",
      parameters: new Map(),
      trigger: null,
      workflow: null,
      now: () => host.clock.now(),
      random: () => host.random(),
      readVariable: () => null,
    },
    new Frame(),
  );
  try {
    return trigger!.conditions.every((condition) =>
      truth(condition.evaluate(evaluation), "conditions"),
    );
  } catch (error) {
    if (error instanceof ExpressionError) {
      return false;
    }
    throw error;
  }
}
