import { isJsonObject, type Json } from "../json.ts";
import { type Evaluation, ExpressionError } from "./evaluation.ts";
import type { Expression } from "./expression.ts";
import type { FunctionGroup, WorkflowFunction } from "./workflow-function.ts";

/**
 * Functions that see the run. Their argument is a name and has to be a literal: `loadWorkflow`
 * refuses anything else, and names that do not exist.
 * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#workflow-functions
 */
export const workflowFunctions: FunctionGroup = {
  trigger: plain((evaluation) => evaluation.trigger()),
  triggeroutputs: plain((evaluation) => memberOf(evaluation.trigger(), "outputs")),
  triggerbody: plain((evaluation) => memberOf(memberOf(evaluation.trigger(), "outputs"), "body")),
  workflow: plain((evaluation) => evaluation.workflow()),
  action: plain((evaluation) => evaluation.self()),
  item: plain((evaluation) => evaluation.item()),
  actions: named((evaluation, name) => evaluation.action(name) ?? null),
  outputs: named((evaluation, name) => evaluation.outputs(name) ?? null),
  body: named((evaluation, name) => memberOf(evaluation.outputs(name) ?? null, "body")),
  result: named((evaluation, name) => evaluation.result(name)),
  items: named((evaluation, name) => evaluation.items(name)),
  iterationindexes: named((evaluation, name) => evaluation.iterationIndex(name)),
  variables: named((evaluation, name) => evaluation.variable(name)),
  parameters: named((evaluation, name) => {
    const value = evaluation.parameter(name);
    if (value === undefined) {
      throw new ExpressionError(`The workflow parameter '${name}' is not found.`);
    }
    return value;
  }),
};

/** The name that a call of a workflow function refers to, or `undefined` when it is no literal. */
export function literalName(args: readonly Expression[]): string | undefined {
  const [name] = args;
  return name?.kind === "literal" && typeof name.value === "string" ? name.value : undefined;
}

function plain(read: (evaluation: Evaluation) => Json): WorkflowFunction {
  return { arity: [0, 0], compile: () => read };
}

function named(read: (evaluation: Evaluation, name: string) => Json): WorkflowFunction {
  return {
    arity: [1, 1],
    compile: (_args, source) => {
      const name = literalName(source) ?? "";
      return (evaluation) => read(evaluation, name);
    },
  };
}

function memberOf(value: Json, name: string): Json {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name]! : null;
}
