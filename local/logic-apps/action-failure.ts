import type { Json } from "../json.ts";
import type { ActionStatus } from "./workflow.ts";

/** Thrown to end an action with a code and a message, as the run history shows them. */
export class ActionFailure extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: ActionStatus = "Failed",
    readonly outputs?: Json,
  ) {
    super(message);
  }
}
