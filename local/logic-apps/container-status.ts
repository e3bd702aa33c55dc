import type { Action, ActionStatus } from "./workflow.ts";

/**
 * Whether a container succeeded: the actions at the end of its branches count, one that was
 * skipped with the status of its predecessors.
 * https://learn.microsoft.com/azure/logic-apps/error-exception-handling#get-context-and-results-for-failures
 */
export function containerSucceeded(
  actions: readonly Action[],
  statusOf: (action: Action) => ActionStatus,
): boolean {
  const byName = new Map(actions.map((action) => [action.name, action]));
  const followed = new Set(actions.flatMap((action) => [...action.runAfter.keys()]));
  const succeeded = (action: Action): boolean => {
    const status = statusOf(action);
    return status === "Skipped"
      ? [...action.runAfter.keys()].every((name) => succeeded(byName.get(name)!))
      : status === "Succeeded";
  };
  return actions.filter(({ name }) => !followed.has(name)).every(succeeded);
}
