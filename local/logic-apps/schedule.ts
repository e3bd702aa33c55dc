import type { Clock } from "../clock.ts";
import { truth } from "./condition.ts";
import { defaultEngineOptions, type EngineOptions } from "./engine-options.ts";
import { ExpressionError } from "./evaluation.ts";
import { limits } from "./limits.ts";
import { Frame, RunEvaluation } from "./run-evaluation.ts";
import { type Run, type RunProps, runWorkflow } from "./run-workflow.ts";
import type { Recurrence, Trigger, Workflow } from "./workflow.ts";
import { WorkflowDefinitionError } from "./workflow-definition-error.ts";

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
 * Fires the Recurrence trigger of a workflow and gives its runs as they end. As many run at a time as
 * the trigger allows; what is due meanwhile waits, or is skipped where too much waits already. Every
 * firing is billed. Has to be consumed within the clock; throws for a trigger of another type.
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
  const options = { ...defaultEngineOptions, ...props.options };
  const { clock } = props.host;
  const schedule = new Schedule(workflow, trigger.concurrentRuns ?? Infinity, options, props);
  checkStart(trigger, clock.now());
  let due = firstOccurrence(trigger.recurrence, clock.now());
  for (;;) {
    // Later firings are counted from this one, so that their times drift where it was late.
    const fires = new Date(due.getTime() + options.firingDelayMs);
    if (due < props.until && fires <= clock.now()) {
      schedule.fire(due);
      due = next(fires, trigger.recurrence);
    } else if (schedule.ended.length > 0) {
      yield schedule.ended.shift()!;
      schedule.startWaiting();
    } else if (due < props.until) {
      await Promise.race([sleepUntil(fires, clock), schedule.someRun()]);
    } else if (schedule.isActive) {
      await schedule.someRun();
    } else {
      return;
    }
  }
}

/** The runs of a schedule that are active or wait. */
class Schedule {
  /** Runs that have ended, to be given away. */
  readonly ended: ScheduledRun[] = [];
  private readonly waiting: Date[] = [];
  private readonly active = new Set<Promise<void>>();
  private skipped = 0;

  constructor(
    private readonly workflow: Workflow,
    private readonly concurrentRuns: number,
    private readonly options: EngineOptions,
    private readonly props: RecurrenceProps,
  ) {}

  get isActive(): boolean {
    return this.active.size > 0;
  }

  /** Waits until a run has ended; for ever without one. */
  someRun(): Promise<unknown> {
    return this.isActive ? Promise.race(this.active) : new Promise(() => undefined);
  }

  fire(due: Date): void {
    const { waitingRuns } = this.options;
    if (!conditionsHold(this.workflow.trigger!, this.options, this.props)) {
      this.skipped++;
    } else if (this.hasRoom) {
      this.start(due);
    } else if (this.waiting.length < waitingRuns) {
      this.waiting.push(due);
    } else {
      this.skipped++;
    }
  }

  /** Starts what waits for the end of a run. */
  startWaiting(): void {
    while (this.waiting.length > 0 && this.hasRoom) {
      this.start(this.waiting.shift()!);
    }
  }

  /** Whoever takes the runs may do something between them, so one that ended is active until then. */
  private get hasRoom(): boolean {
    return this.active.size + this.ended.length < this.concurrentRuns;
  }

  private start(scheduledTime: Date): void {
    const skippedOccurrences = this.skipped;
    this.skipped = 0;
    const run = runWorkflow(this.workflow, { ...this.props, trigger: { scheduledTime } });
    const active: Promise<void> = run.then(({ billable, ...ended }) => {
      this.active.delete(active);
      this.ended.push({
        ...ended,
        billable: {
          executions: billable.executions + skippedOccurrences,
          executionsWithLoopCycles: billable.executionsWithLoopCycles + skippedOccurrences,
        },
        scheduledTime,
        skippedOccurrences,
      });
    });
    // Reported by whoever waits for it, not as unhandled while nobody does.
    active.catch(() => undefined);
    this.active.add(active);
  }
}

async function sleepUntil(instant: Date, clock: Clock): Promise<void> {
  const ms = instant.getTime() - clock.now().getTime();
  if (ms > 0) {
    await clock.sleep(ms);
  }
}

/** https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#recurrence-trigger */
function checkStart({ name, recurrence }: Trigger, now: Date): void {
  const { most } = limits.startYears;
  const latest = new Date(now);
  latest.setUTCFullYear(latest.getUTCFullYear() + most);
  if (recurrence?.startTime && recurrence.startTime > latest) {
    throw new WorkflowDefinitionError(
      "InvalidTemplate",
      `triggers.${name}.recurrence.startTime`,
      `must be at most ${most} years ahead, got ${recurrence.startTime.toISOString()}`,
    );
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

function conditionsHold(
  { conditions }: Trigger,
  options: EngineOptions,
  { host }: RecurrenceProps,
): boolean {
  const evaluation = new RunEvaluation(
    {
      options,
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
    return conditions.every((condition) => truth(condition.evaluate(evaluation), "conditions"));
  } catch (error) {
    if (error instanceof ExpressionError) {
      return false;
    }
    throw error;
  }
}
