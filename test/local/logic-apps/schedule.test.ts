import { describe, expect, test } from "vitest";
import { loadWorkflow } from "../../../local/logic-apps/load-workflow.ts";
import { runRecurrence, type ScheduledRun } from "../../../local/logic-apps/schedule.ts";
import { definition, start, testHost } from "./run.ts";

const minutes = (instant: Date) => (instant.getTime() - start.getTime()) / 60_000;

interface Schedule {
  readonly actions?: object;
  readonly trigger?: object;
  readonly forMinutes?: number;
}

/** The runs of a while after `start`, a quarter of an hour apart unless told otherwise. */
async function runs({ actions = {}, trigger = {}, forMinutes = 60 }: Schedule) {
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
    for await (const run of runRecurrence(workflow, { parameters: {}, host, until })) {
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

  test("has to be limited to one run at a time", async () => {
    await expect(runs({ trigger: { runtimeConfiguration: {} } })).rejects.toThrow(
      new Error(
        "triggers.T.runtimeConfiguration.concurrency.runs must be 1 to be scheduled locally, got nothing",
      ),
    );
  });

  test("is of a Recurrence trigger", async () => {
    await expect(runs({ trigger: { type: "Request", recurrence: undefined } })).rejects.toThrow(
      new Error("the trigger must be a Recurrence to be scheduled"),
    );
  });
});
