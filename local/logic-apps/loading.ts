import { isJsonArray, type Json } from "../json.ts";
import type { Template } from "./compile-expression.ts";
import { invalid, readChoice, readMembers, readText, shown } from "./definition-reader.ts";
import type { Expression } from "./expression.ts";
import { limits } from "./limits.ts";
import type { Action } from "./workflow.ts";
import { WorkflowDefinitionError } from "./workflow-definition-error.ts";

/** An expression and where it stands: what the checks of references look at. */
export interface ExpressionUse {
  readonly expression: Expression;
  readonly path: string;
  /** `undefined` for an expression of the trigger. */
  readonly action: Action | undefined;
  /** `item` for the parts of a Select or Query, `until` and `tracked` see the action's own results. */
  readonly place: "inputs" | "item" | "until" | "tracked" | "trigger";
}

/** What the loading of one definition collects for the checks that need the whole of it. */
export interface Loading {
  readonly uses: ExpressionUse[];
  readonly actions: Map<string, Action>;
  compile(
    value: Json,
    path: string,
    action: Action | undefined,
    place: ExpressionUse["place"],
  ): Template;
}

/**
 * The parts of the data that are hidden.
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#obfuscate
 */
export function loadSecureData(
  value: Json | undefined,
  path: string,
  allowed: readonly string[],
  owner: string,
): ReadonlySet<string> {
  if (value === undefined) {
    return new Set();
  }
  const { properties } = readMembers(value, path, ["properties"]);
  if (!isJsonArray(properties)) {
    return invalid(`${path}.properties`, `must be an array, got ${shown(properties)}`);
  }
  return new Set(
    properties.map((property, index) => {
      const at = `${path}.properties[${index}]`;
      const name = readChoice(property, at, ["inputs", "outputs"]);
      return allowed.includes(name)
        ? name
        : invalid(at, `must not be '${name}': it cannot be secured on ${owner}`);
    }),
  );
}

/** Throws unless a trigger or action may have the name. */
export function checkName(name: string, path: string): void {
  if (name.length === 0 || name.length > limits.nameCharacters.most) {
    invalid(path, `must have a name of 1 to 80 characters, got ${name.length}`);
  }
  const forbidden = /[<>%&\\?/]/.exec(name)?.[0];
  if (forbidden) {
    invalid(path, `must have a name without '${forbidden}'`);
  }
}

/** Throws for a description that is too long. */
export function checkDescription(value: Json | undefined, path: string): void {
  if (
    value !== undefined &&
    readText(value, `${path}.description`).length > limits.descriptionCharacters.most
  ) {
    throw new WorkflowDefinitionError(
      "ActionDescriptionTooLong",
      `${path}.description`,
      `must have at most 256 characters, got ${(value as string).length}`,
    );
  }
}
