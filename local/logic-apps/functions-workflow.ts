import { isJsonObject, type Json } from "../json.ts";
import { type Evaluation, ExpressionError, isEnvelope } from "./evaluation.ts";
import type { Expression } from "./expression.ts";
import {
  type FunctionGroup,
  textArg,
  type WorkflowFunction,
  wrongValue,
} from "./workflow-function.ts";

/**
 * Functions that see the run. Their argument is a name and has to be a literal: `loadWorkflow`
 * refuses anything else, and names that do not exist.
 * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#workflow-functions
 */
export const workflowFunctions: FunctionGroup = {
  trigger: plain((evaluation) => evaluation.trigger()),
  triggerOutputs: plain((evaluation) => memberOf(evaluation.trigger(), "outputs")),
  triggerBody: plain((evaluation) => memberOf(memberOf(evaluation.trigger(), "outputs"), "body")),
  workflow: plain((evaluation) => evaluation.workflow()),
  action: { ...plain((evaluation) => evaluation.self()), notes: "in `trackedProperties` only" },
  item: plain((evaluation) => evaluation.item()),
  formDataValue: formData("formDataValue", (evaluation, name) => evaluation.outputs(name)),
  formDataMultiValues: formData("formDataMultiValues", (evaluation, name) =>
    evaluation.outputs(name),
  ),
  triggerFormDataValue: formData("triggerFormDataValue"),
  triggerFormDataMultiValues: formData("triggerFormDataMultiValues"),
  actions: named((evaluation, name) => evaluation.action(name) ?? null),
  outputs: named((evaluation, name) => evaluation.outputs(name) ?? null),
  body: named((evaluation, name) => memberOf(evaluation.outputs(name) ?? null, "body")),
  result: {
    ...named((evaluation, name) => evaluation.result(name)),
    notes: "what it gives for a loop is the option `loopResults`",
  },
  items: named((evaluation, name) => evaluation.items(name)),
  iterationIndexes: named((evaluation, name) => evaluation.iterationIndex(name)),
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

/** A function on the form fields that an action, or else the trigger, put out. */
function formData(
  name: string,
  outputs?: (evaluation: Evaluation, action: string) => Json | undefined,
): WorkflowFunction {
  const count = outputs ? 2 : 1;
  return {
    arity: [count, count],
    notes: "of `application/x-www-form-urlencoded` only",
    compile: (args, source) => (evaluation) => {
      const given = outputs
        ? (outputs(evaluation, literalName(source) ?? "") ?? null)
        : memberOf(evaluation.trigger(), "outputs");
      const body = memberOf(given, "body");
      if (
        !isEnvelope(body) ||
        !/^application\/x-www-form-urlencoded\b/i.test(body["$content-type"])
      ) {
        throw wrongValue(name, "The content is not form-encoded.");
      }
      const fields = new URLSearchParams(Buffer.from(body.$content, "base64").toString("utf8"));
      const key = textArg(name, [args.at(-1)!(evaluation)], 0);
      const values = fields.getAll(key);
      if (name.endsWith("MultiValues")) {
        return values;
      }
      if (values.length > 1) {
        throw wrongValue(name, `There is more than one value of '${key}'.`);
      }
      return values[0] ?? null;
    },
  };
}

function memberOf(value: Json, name: string): Json {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name]! : null;
}
