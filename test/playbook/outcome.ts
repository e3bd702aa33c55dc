import type { Run } from "../../local/logic-apps/run-workflow.ts";

/** How a run ended, as its history shows it. */
export const outcome = ({ status, error }: Run) => ({ status, error });

/** The outcome of a run that knows of nothing undone. */
export const ok = { status: "Succeeded", error: undefined };

/** The outcome of a run that knows of something undone, told in its message. */
export const undone = (message: string) => ({
  status: "Failed",
  error: { code: "SomethingIsUndone", message },
});
