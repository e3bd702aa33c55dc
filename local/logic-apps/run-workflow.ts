import type { Clock } from "../clock.ts";
import { jsonEquals, type Json, type JsonObject } from "../json.ts";
import { Cancellation } from "./cancellation.ts";
import { shown } from "./definition-reader.ts";
import { defaultEngineOptions, type EngineOptions } from "./engine-options.ts";
import { limits } from "./limits.ts";
import { checkParameterValue } from "./load-workflow.ts";
import type { ActionRecord, Iteration, RunError } from "./run-history.ts";
import { type RunStatus, RunStopped, WorkflowRun } from "./workflow-run.ts";
import { Throughput } from "./throughput.ts";
import { roundTrip } from "./timestamp.ts";
import type { ActionStatus, Workflow } from "./workflow.ts";
import { WorkflowDefinitionError } from "./workflow-definition-error.ts";

/** What surrounds the runs of a workflow. */
export interface Host {
  readonly clock: Clock;
  /** Sends a request; rejects when there is no connection. Waits under the clock, or within `busy`. */
  send(request: Request): Promise<Response>;
  /** A token of the user-assigned identity with that resource id, or of the system's. */
  managedIdentityToken(identity: string | undefined, audience: string): Promise<string>;
  /** A number from 0 (included) to 1 (excluded). */
  random(): number;
  newRunId(): string;
  readonly workflow: { readonly name: string; readonly id: string; readonly location: string };
}

/** An action that starts or has ended, as a run reports it while it goes on. */
export interface ActionEvent {
  readonly phase: "started" | "ended";
  readonly name: string;
  readonly iteration: readonly Iteration[];
  /** Once it has ended. */
  readonly status: ActionStatus | undefined;
}

/** How a workflow is run. */
export interface RunOptions extends Partial<EngineOptions> {
  /**
   * Whether the run keeps a record of every action, with its inputs and outputs.
   *
   * @default true
   */
  readonly keepHistory?: boolean;
  /**
   * What all runs on the host together may do in any five minutes; what the first run says holds for
   * those after it.
   *
   * @default the service's own limits
   */
  readonly fiveMinutes?: { readonly actions?: number; readonly contentBytes?: number };
  /**
   * Outbound calls that all runs on the host together may have open, likewise.
   *
   * @default the service's own limit
   */
  readonly concurrentCalls?: number;
  /** Cancels the run, as an operator would, when it is aborted. */
  readonly cancelAt?: AbortSignal;
  /** Called as each action starts and ends; what it aborts takes effect at once. */
  readonly onAction?: (event: ActionEvent) => void;
}

/** What a run needs besides its definition. */
export interface RunProps {
  /** Values as in the `parameters` of the workflow resource, by name. */
  readonly parameters: Readonly<Record<string, { readonly value: Json }>>;
  readonly host: Host;
  readonly options?: RunOptions;
  /** What the trigger gives the run: nothing for a Recurrence. */
  readonly trigger?: { readonly outputs?: JsonObject; readonly scheduledTime?: Date };
}

/** How often the service charges for a run, its trigger included. */
export interface Billable {
  /** A loop counts once. */
  readonly executions: number;
  /** A loop counts once more for every iteration: the other reading of the pricing page. */
  readonly executionsWithLoopCycles: number;
}

/** A run that has ended. */
export interface Run {
  readonly id: string;
  readonly status: RunStatus;
  readonly error: RunError | undefined;
  readonly startTime: Date;
  readonly endTime: Date;
  /** In the order in which they ended; empty without `keepHistory`. */
  readonly actions: readonly ActionRecord[];
  /** https://learn.microsoft.com/azure/logic-apps/logic-apps-pricing */
  readonly billable: Billable;
  /** What a Response action answered. */
  readonly response: Json | undefined;
}

/**
 * Runs a workflow once. A failure of the workflow is in the result; rejects only for parameters
 * that do not fit (`WorkflowDefinitionError`) and for errors of the engine itself.
 */
export async function runWorkflow(workflow: Workflow, props: RunProps): Promise<Run> {
  const { host, options = {}, trigger = {} } = props;
  const parameters = parameterValues(workflow, props.parameters);
  const id = host.newRunId();
  const startTime = host.clock.now();
  const cancellation = new Cancellation();
  const cancel = () => cancellation.cancel(new RunStopped("Cancelled"));
  if (options.cancelAt?.aborted) {
    cancel();
  }
  options.cancelAt?.addEventListener("abort", cancel);
  const run = new WorkflowRun({
    id,
    host,
    cancellation,
    parameters,
    options: { ...defaultEngineOptions, ...options },
    keepHistory: options.keepHistory ?? true,
    onAction: options.onAction,
    trigger: workflow.trigger
      ? {
          name: workflow.trigger.name,
          ...trigger,
          scheduledTime: roundTrip(trigger.scheduledTime ?? startTime),
          startTime: roundTrip(startTime),
          endTime: roundTrip(startTime),
          originHistoryName: id,
          code: "OK",
          status: "Succeeded",
        }
      : null,
    clientTrackingId: workflow.trigger?.clientTrackingId,
    throughput: throughputOf(host, options),
  });
  try {
    const { status, error } = await run.carryOut(workflow.actions);
    const { executions, loopCycles } = run;
    const triggered = workflow.trigger ? 1 : 0;
    return {
      id,
      status,
      error,
      startTime,
      endTime: host.clock.now(),
      actions: run.records,
      billable: {
        executions: executions + triggered,
        executionsWithLoopCycles: executions + loopCycles + triggered,
      },
      response: run.response,
    };
  } finally {
    options.cancelAt?.removeEventListener("abort", cancel);
  }
}

const throughputs = new WeakMap<Host["workflow"], Throughput>();

/** The one that all runs of a deployed workflow share, since the service limits it and not a run. */
function throughputOf(host: Host, { fiveMinutes = {}, concurrentCalls }: RunOptions): Throughput {
  const known = throughputs.get(host.workflow);
  if (known) {
    return known;
  }
  const throughput = new Throughput(host.clock, {
    actions: fiveMinutes.actions ?? limits.actionsPerFiveMinutes.most,
    contentBytes: fiveMinutes.contentBytes ?? limits.contentBytesPerFiveMinutes.most,
    calls: concurrentCalls ?? limits.concurrentCalls.most,
  });
  throughputs.set(host.workflow, throughput);
  return throughput;
}

function parameterValues(
  { parameters }: Workflow,
  given: RunProps["parameters"],
): ReadonlyMap<string, Json> {
  for (const name of Object.keys(given)) {
    if (!parameters.has(name)) {
      throw new WorkflowDefinitionError(
        "InvalidTemplate",
        `properties.parameters.${name}`,
        "is not declared in the definition",
      );
    }
  }
  return new Map(
    [...parameters].map(([name, { type, defaultValue, allowedValues }]) => {
      const path = `properties.parameters.${name}.value`;
      const value = given[name] ? given[name].value : defaultValue;
      if (value === undefined) {
        throw new WorkflowDefinitionError(
          "InvalidTemplate",
          path,
          "must be given: the parameter has no default value",
        );
      }
      checkParameterValue(path, type, value);
      if (allowedValues && !allowedValues.some((allowed) => jsonEquals(allowed, value))) {
        throw new WorkflowDefinitionError(
          "InvalidTemplate",
          path,
          `must be one of ${allowedValues.map(shown).join(", ")}`,
        );
      }
      return [name, value];
    }),
  );
}
