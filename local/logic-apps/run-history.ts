import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { actionTypes } from "./action-types.ts";
import type { Attempt } from "./http-action.ts";
import { roundTrip } from "./timestamp.ts";
import type { Action, ActionStatus } from "./workflow.ts";

/** What the history shows in place of secured inputs or outputs. */
export const hiddenContent = "Content not shown due to security configuration.";

/** What the history shows in place of an Authorization header. */
const sanitized = "*sanitized*";

/** Why an action or run did not succeed. */
export interface RunError {
  readonly code: string;
  readonly message: string;
}

/** Which iteration of a loop an action belongs to. */
export interface Iteration {
  readonly loop: string;
  readonly index: number;
}

/** An action that has ended, with everything that expressions may ask for. */
export interface ActionState {
  readonly action: Action;
  readonly status: ActionStatus;
  readonly code: string;
  readonly error: RunError | undefined;
  readonly startTime: Date;
  readonly endTime: Date;
  readonly trackingId: string;
  readonly inputs: Json | undefined;
  readonly outputs: Json | undefined;
  readonly attempts: readonly Attempt[];
  readonly trackedProperties: Json | undefined;
}

/** An action of one iteration as the run history shows it to an operator. */
export interface ActionRecord {
  readonly name: string;
  /** Where it is in the definition. */
  readonly path: string;
  /** The loops around it, outermost first. */
  readonly iteration: readonly Iteration[];
  readonly status: ActionStatus;
  readonly code: string;
  readonly error: RunError | undefined;
  readonly startTime: Date;
  readonly endTime: Date;
  readonly attempts: readonly Attempt[];
  readonly inputs: Json | undefined;
  readonly outputs: Json | undefined;
  readonly trackedProperties: Json | undefined;
}

/**
 * Turns the state of an action into what the history shows: secured data is replaced, and so are
 * inputs that use secured outputs directly.
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#obfuscate
 */
export function recordOf(state: ActionState, iteration: readonly Iteration[]): ActionRecord {
  const { action, inputs, outputs } = state;
  const hidesInputs = action.secureInputs || action.usesSecuredOutputs;
  const together = !actionTypes[action.type].secures.includes("outputs");
  const hidesOutputs = action.secureOutputs || (hidesInputs && together);
  return {
    name: action.name,
    path: action.path,
    iteration,
    status: state.status,
    code: state.code,
    error: state.error,
    startTime: state.startTime,
    endTime: state.endTime,
    attempts: state.attempts,
    inputs: inputs !== undefined && hidesInputs ? hiddenContent : withoutAuthorization(inputs),
    outputs: outputs !== undefined && hidesOutputs ? hiddenContent : outputs,
    trackedProperties: state.trackedProperties,
  };
}

function withoutAuthorization(inputs: Json | undefined): Json | undefined {
  if (!isJsonObject(inputs) || !isJsonObject(inputs.headers)) {
    return inputs;
  }
  const headers = Object.fromEntries(
    Object.entries(inputs.headers).map(([name, value]) => [
      name,
      name.toLowerCase() === "authorization" ? sanitized : value,
    ]),
  );
  return { ...inputs, headers };
}

/**
 * An action as `actions()` and `result()` give it to expressions, secured data included.
 * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#result
 */
export function viewOf(state: ActionState, clientTrackingId: string): JsonObject {
  const { action, inputs, outputs, error, status, code, trackingId } = state;
  return {
    name: action.name,
    ...(inputs !== undefined && { inputs }),
    ...(outputs !== undefined && { outputs }),
    startTime: roundTrip(state.startTime),
    endTime: roundTrip(state.endTime),
    trackingId,
    clientTrackingId,
    code,
    status,
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}
