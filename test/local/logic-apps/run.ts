import type { Json } from "../../../local/json.ts";
import { VirtualClock } from "../../../local/clock.ts";
import { loadWorkflow } from "../../../local/logic-apps/load-workflow.ts";
import {
  type Host,
  type Run,
  type RunOptions,
  runWorkflow,
} from "../../../local/logic-apps/run-workflow.ts";

/** When every test begins. */
export const start = new Date("2026-01-05T10:00:00Z");

/** Seconds that an instant lies after that. */
export const secondsAfterStart = (instant: Date) => (instant.getTime() - start.getTime()) / 1000;

/** A definition with a Recurrence trigger around the given actions. */
export function definition(actions: object, more: object = {}) {
  return {
    $schema:
      "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
    contentVersion: "1.0.0.0",
    parameters: {},
    triggers: {
      Every_quarter_of_an_hour: {
        type: "Recurrence",
        recurrence: { frequency: "Minute", interval: 15 },
        runtimeConfiguration: { concurrency: { runs: 1 } },
      },
    },
    actions,
    ...more,
  };
}

/** A host on a virtual clock; unless told otherwise nothing answers. */
export function testHost(
  send: (request: Request, clock: VirtualClock) => Promise<Response> | Response = () => {
    throw new Error("nobody listens");
  },
) {
  const clock = new VirtualClock(start);
  let runs = 0;
  const host: Host = {
    clock,
    send: async (request) => send(request, clock),
    managedIdentityToken: async (identity, audience) => `${identity ?? "system"}@${audience}`,
    random: () => 0.5,
    newRunId: () => `run-${++runs}`,
    workflow: {
      name: "Get-O365Data",
      id: "/subscriptions/00000000-0000-0000-0000-000000000001/workflows/Get-O365Data",
      location: "westeurope",
    },
  };
  return { clock, host };
}

/** Loads and runs actions once. */
export async function runActions(
  actions: object,
  {
    send,
    options,
    parameters = {},
    more,
  }: {
    send?: Parameters<typeof testHost>[0];
    options?: RunOptions;
    parameters?: Record<string, { value: Json }>;
    more?: object;
  } = {},
): Promise<Run> {
  const { clock, host } = testHost(send);
  const workflow = loadWorkflow(definition(actions, more));
  return clock.run(() => runWorkflow(workflow, { parameters, host, options }));
}

/** The record of an action that ran once. */
export function recordOf(run: Run, name: string) {
  const records = run.actions.filter((record) => record.name === name);
  if (records.length !== 1) {
    throw new Error(`${name} has ${records.length} records`);
  }
  return records[0]!;
}

/** The statuses of all actions by name; an action in a loop has that of its last iteration. */
export function statuses(run: Run): Record<string, string> {
  return Object.fromEntries(run.actions.map(({ name, status }) => [name, status]));
}
