import { describe, expect, test } from "vitest";
import { loadWorkflow } from "../../../local/logic-apps/load-workflow.ts";
import type { RunOptions } from "../../../local/logic-apps/run-workflow.ts";
import { runRecurrence, type ScheduledRun } from "../../../local/logic-apps/schedule.ts";
import { WorkflowDefinitionError } from "../../../local/logic-apps/workflow-definition-error.ts";
import { definition, start, testHost } from "./run.ts";

const minutes = (instant: Date) => (instant.getTime() - start.getTime()) / 60_000;

interface Schedule {
  readonly actions?: object;
  readonly trigger?: object;
  readonly forMinutes?: number;
  readonly options?: RunOptions;
}

/** The runs of a while after `start`, a quarter of an hour apart unless told otherwise. */
async function runs({ actions = {}, trigger = {}, forMinutes = 60, options = {} }: Schedule) {
  const { clock, host } = testHost();
  const workflow = loadWorkflow(
    definition(actions, {
      triggers: {
        T: {
          type: "Recurrence",
          recurrence: { frequency: "Minute", interval: 15 },
          runtimeConfiguration: { concurrency: { runs: 1 } },
          ...trigger,
        },
      },
    }),
  );
  const until = new Date(start.getTime() + forMinutes * 60_000);
  const found: ScheduledRun[] = [];
  await clock.run(async () => {
    for await (const run of runRecurrence(workflow, { parameters: {}, host, until, options })) {
      found.push(run);
    }
  });
  return found;
}

const wait = (count: unknown) => ({
  W: { type: "Wait", inputs: { interval: { count, unit: "Minute" } } },
});
const starts = (found: readonly ScheduledRun[]) => found.map(({ startTime }) => minutes(startTime));

// https://learn.microsoft.com/azure/logic-apps/concepts-schedule-automated-recurring-tasks-workflows
describe("a recurrence", () => {
  test("fires at once and then after every interval", async () => {
    const found = await runs({});
    expect(starts(found)).toEqual([0, 15, 30, 45]);
    expect(found.map(({ id }) => id)).toEqual(["run-1", "run-2", "run-3", "run-4"]);
  });

  test("fires by its start time, and does not make up for what was before now", async () => {
    const at = (startTime: string) =>
      runs({ trigger: { recurrence: { frequency: "Minute", interval: 15, startTime } } });
    expect(starts(await at("2025-12-31T00:05:00Z"))).toEqual([5, 20, 35, 50]);
    expect(starts(await at("2026-01-05T10:40:00Z"))).toEqual([40, 55]);
    expect(starts(await at("2026-01-05T10:00:00Z"))).toEqual([0, 15, 30, 45]);
  });

  test("counts months by the calendar", async () => {
    const recurrence = { frequency: "Month", interval: 1 };
    const found = await runs({ trigger: { recurrence }, forMinutes: 60 * 24 * 60 });
    expect(found.map(({ scheduledTime }) => scheduledTime.toISOString())).toEqual([
      "2026-01-05T10:00:00.000Z",
      "2026-02-05T10:00:00.000Z",
      "2026-03-05T10:00:00.000Z",
    ]);
  });

  test("keeps one occurrence waiting while a run is active, skips more, and bills all", async () => {
    const found = await runs({ actions: wait(50), forMinutes: 120 });
    expect(starts(found)).toEqual([0, 50, 100, 150]);
    expect(found.map(({ scheduledTime }) => minutes(scheduledTime))).toEqual([0, 15, 60, 105]);
    expect(found.map(({ skippedOccurrences }) => skippedOccurrences)).toEqual([0, 2, 2, 0]);
    expect(found.map(({ billable }) => billable.executions)).toEqual([2, 4, 4, 2]);
  });

  test("returns to its times after a run that was too long", async () => {
    const once = {
      I: {
        type: "If",
        expression: "@less(utcNow(), '2026-01-05T10:01')",
        actions: wait(20),
      },
    };
    expect(starts(await runs({ actions: once }))).toEqual([0, 20, 30, 45]);
  });

  test("skips an occurrence whose conditions do not hold, and bills the trigger", async () => {
    const conditions = [{ expression: "@greater(utcNow(), '2026-01-05T10:20')" }];
    const found = await runs({ trigger: { conditions } });
    expect(starts(found)).toEqual([30, 45]);
    expect(found.map(({ billable }) => billable.executions)).toEqual([3, 1]);
  });

  test("skips an occurrence whose conditions cannot be evaluated, and bills the trigger", async () => {
    const conditions = [
      { expression: "@if(greater(utcNow(), '2026-01-05T10:20'), true, bool('x'))" },
    ];
    const found = await runs({ trigger: { conditions } });
    expect(found.map(({ billable }) => billable.executions)).toEqual([3, 1]);
  });

  // https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#change-trigger-concurrency
  test.each([
    ["any number of runs at a time unless limited", {}, [0, 15, 30, 45]],
    ["two at a time", { runtimeConfiguration: { concurrency: { runs: 2 } } }, [0, 15, 50]],
    ["one as a single instance", { operationOptions: "SingleInstance" }, [0, 50]],
  ])("has %s", async (_how, members, expected) => {
    const trigger = { runtimeConfiguration: undefined, ...members };
    expect(starts(await runs({ actions: wait(50), trigger }))).toEqual(expected);
  });

  test("gives parallel runs as they end, and an error of the engine at once", async () => {
    const actions = {
      I: {
        type: "If",
        expression: "@less(utcNow(), '2026-01-05T10:01')",
        actions: wait(40),
      },
    };
    const trigger = { runtimeConfiguration: undefined };
    expect(starts(await runs({ actions, trigger }))).toEqual([15, 30, 0, 45]);
    const onAction = () => {
      throw new Error("broken");
    };
    await expect(runs({ actions, trigger, options: { onAction } })).rejects.toThrow(
      new Error("broken"),
    );
  });

  // https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#change-waiting-runs
  test.each([
    [0, [0, 60], [0, 3]],
    [11, [0, 50, 100, 150, 200, 250, 300, 350], [0, 0, 0, 0, 0, 0, 0, 0]],
  ])("lets %d occurrences wait when told so", async (waitingRuns, starting, skipped) => {
    const found = await runs({ actions: wait(50), forMinutes: 120, options: { waitingRuns } });
    expect(starts(found)).toEqual(starting);
    expect(found.map(({ skippedOccurrences }) => skippedOccurrences)).toEqual(skipped);
  });

  test("drifts where each firing is late, since the next is counted from it", async () => {
    const found = await runs({ options: { firingDelayMs: 60_000 } });
    expect(starts(found)).toEqual([1, 17, 33, 49]);
    expect(found.map(({ scheduledTime }) => minutes(scheduledTime))).toEqual([0, 16, 32, 48]);
  });

  test("takes a start time without offset beside a time zone", async () => {
    const recurrence = {
      ...{ frequency: "Minute", interval: 15 },
      ...{ startTime: "2026-01-05T10:40:00", timeZone: "UTC" },
    };
    expect(starts(await runs({ trigger: { recurrence } }))).toEqual([40, 55]);
  });

  // https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#recurrence-trigger
  test("starts at most 49 years ahead", async () => {
    const from = (startTime: string) =>
      runs({ trigger: { recurrence: { frequency: "Minute", interval: 15, startTime } } });
    expect(await from("2075-01-05T10:00:00Z")).toEqual([]);
    await expect(from("2075-01-05T10:00:01Z")).rejects.toThrow(
      new WorkflowDefinitionError(
        "InvalidTemplate",
        "triggers.T.recurrence.startTime",
        "must be at most 49 years ahead, got 2075-01-05T10:00:01.000Z",
      ),
    );
  });

  test("is of a Recurrence trigger", async () => {
    await expect(runs({ trigger: { type: "Request", recurrence: undefined } })).rejects.toThrow(
      new Error("the trigger must be a Recurrence to be scheduled"),
    );
  });
});
