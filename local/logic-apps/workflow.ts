import type { Json, JsonObject } from "../json.ts";
import type { Template } from "./compile-expression.ts";
import type { DateOperation } from "./date-operation.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import type { VariableType } from "./variable-type.ts";

/** Statuses of an action that has ended. */
export type ActionStatus = "Succeeded" | "Failed" | "Skipped" | "TimedOut" | "Cancelled";

/** A checked and compiled workflow definition. */
export interface Workflow {
  readonly parameters: ReadonlyMap<string, ParameterDeclaration>;
  readonly trigger: Trigger | undefined;
  readonly actions: readonly Action[];
}

/** A parameter that the definition declares. */
export interface ParameterDeclaration {
  readonly type: string;
  readonly defaultValue: Json | undefined;
  readonly allowedValues: readonly Json[] | undefined;
}

/** What starts the runs of a workflow. */
export interface Trigger {
  readonly name: string;
  readonly type: "Recurrence" | "Request";
  readonly recurrence: Recurrence | undefined;
  /** All have to hold, else the trigger is skipped. */
  readonly conditions: readonly Template[];
  /** How many runs there may be at a time; `undefined` is any number. */
  readonly concurrentRuns: number | undefined;
  readonly clientTrackingId: Template | undefined;
  readonly secureInputs: boolean;
  readonly secureOutputs: boolean;
}

/** How often a Recurrence trigger fires. */
export interface Recurrence {
  readonly frequency: "Second" | "Minute" | "Hour" | "Day" | "Week" | "Month";
  readonly interval: number;
  readonly startTime: Date | undefined;
}

/** What every action has. */
export interface ActionBase {
  readonly name: string;
  /** Where it is in the definition. */
  readonly path: string;
  readonly runAfter: ReadonlyMap<string, readonly ActionStatus[]>;
  /** The action that this one is a member of. */
  readonly parent: Action | undefined;
  /** The actions of the same container, this one included. */
  readonly siblings: readonly Action[];
  readonly secureInputs: boolean;
  readonly secureOutputs: boolean;
  /** Whether the history hides the inputs because they use secured outputs directly. */
  readonly usesSecuredOutputs: boolean;
  /** Whether some expression asks for `result()` of this action. */
  readonly resultWanted: boolean;
  readonly trackedProperties: Template | undefined;
}

/** An action by type. */
export type Action = ActionBase &
  (
    | HttpAction
    | { readonly type: "Compose"; readonly inputs: Template }
    | { readonly type: "ParseJson"; readonly content: Template; readonly schema: JsonObject }
    | { readonly type: "Select"; readonly from: Template; readonly select: Template }
    | { readonly type: "Query"; readonly from: Template; readonly where: Template }
    | { readonly type: "Join"; readonly from: Template; readonly joinWith: Template }
    | {
        readonly type: "Table";
        readonly format: "CSV" | "HTML";
        readonly from: Template;
        /** `undefined` for those that the items themselves have. */
        readonly columns:
          readonly { readonly header: Template; readonly value: Template }[] | undefined;
      }
    | { readonly type: "Expression"; readonly kind: DateOperation; readonly inputs: Template }
    | {
        readonly type: "If";
        readonly condition: Template;
        readonly then: readonly Action[];
        readonly otherwise: readonly Action[];
      }
    | {
        readonly type: "Switch";
        readonly value: Template;
        readonly cases: readonly { readonly value: Json; readonly actions: readonly Action[] }[];
        readonly otherwise: readonly Action[];
      }
    | { readonly type: "Scope"; readonly actions: readonly Action[] }
    | {
        readonly type: "Foreach";
        readonly items: Template;
        /** The expression as written, for the error text. */
        readonly source: string;
        readonly actions: readonly Action[];
        readonly concurrency: number;
      }
    | {
        readonly type: "Until";
        readonly condition: Template;
        readonly actions: readonly Action[];
        readonly count: number;
        readonly timeoutMs: number;
        readonly failWhenLimitsReached: boolean;
      }
    | { readonly type: "Wait"; readonly inputs: Template }
    | {
        readonly type: "Terminate";
        readonly runStatus: "Succeeded" | "Failed" | "Cancelled";
        readonly runError: Template | undefined;
      }
    | { readonly type: "Response"; readonly inputs: Template }
    | {
        readonly type: "InitializeVariable";
        readonly variable: string;
        readonly variableType: VariableType;
        readonly value: Template | undefined;
      }
    | {
        readonly type:
          | "SetVariable"
          | "AppendToArrayVariable"
          | "AppendToStringVariable"
          | "IncrementVariable"
          | "DecrementVariable";
        readonly variable: string;
        readonly value: Template;
        /** Whether iterations of a parallel Foreach may update the variable at the same time. */
        readonly parallel: boolean;
      }
  );

/** An action that calls an HTTP endpoint. */
export interface HttpAction {
  readonly type: "Http";
  /** `method`, `uri`, `headers`, `queries`, `body` and `authentication`. */
  readonly inputs: Template;
  readonly retryPolicy: RetryPolicy;
  /** `SystemAssigned` or the resource id of the managed identity that it authenticates with. */
  readonly identity: string | undefined;
  readonly asyncPattern: boolean;
  readonly workflowHeaders: boolean;
  readonly timeoutMs: number | undefined;
}

/** The actions that an action contains, of all its branches. */
export function membersOf(action: Action): readonly Action[] {
  switch (action.type) {
    case "If":
      return [...action.then, ...action.otherwise];
    case "Switch":
      return [...action.cases.flatMap((one) => one.actions), ...action.otherwise];
    case "Scope":
    case "Foreach":
    case "Until":
      return action.actions;
    default:
      return [];
  }
}

/** The action and those around it, innermost first. */
export function containersOf(action: Action | undefined): Action[] {
  const containers: Action[] = [];
  for (let container = action; container; container = container.parent) {
    containers.push(container);
  }
  return containers;
}

/** Whether an action repeats what it contains. */
export function isLoop(action: Action): boolean {
  return action.type === "Foreach" || action.type === "Until";
}
