import { isJsonArray, isJsonObject, type Json } from "../json.ts";
import type { Template } from "./compile-expression.ts";
import { invalid, readMembers, shown } from "./definition-reader.ts";
import { type Evaluate, ExpressionError, typeName } from "./evaluation.ts";
import { findFunction } from "./functions.ts";

const comparisons = [
  "equals",
  "contains",
  "startsWith",
  "endsWith",
  "less",
  "lessOrEquals",
  "greater",
  "greaterOrEquals",
];

/**
 * Loads the condition of an If: a Boolean expression, or a tree of `and`, `or`, `not` and
 * comparisons.
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#if-action
 */
export function loadCondition(
  value: Json,
  path: string,
  compile: (value: Json, path: string) => Template,
): Template {
  if (typeof value === "string") {
    if (!value.startsWith("@") || value.startsWith("@{") || value.startsWith("@@")) {
      invalid(path, `must be a Boolean expression, got ${shown(value)}`);
    }
    return compile(value, path);
  }
  return { evaluate: loadTree(value, path, compile), constant: false };
}

function loadTree(
  value: Json,
  path: string,
  compile: (value: Json, path: string) => Template,
): Evaluate {
  if (typeof value === "string") {
    return compile(value, path).evaluate;
  }
  const tree = readMembers(value, path, ["and", "or", "not", ...comparisons]);
  const [operator, ...others] = Object.keys(tree);
  if (operator === undefined || others.length > 0 || !isJsonObject(value)) {
    return invalid(path, `must have one operator, got ${Object.keys(tree).length}`);
  }
  const at = `${path}.${operator}`;
  const operands = tree[operator]!;
  if (operator === "not") {
    const operand = loadTree(operands, at, compile);
    return (evaluation) => !truth(operand(evaluation), "not");
  }
  if (!isJsonArray(operands) || operands.length === 0) {
    return invalid(at, `must be an array of operands, got ${shown(operands)}`);
  }
  if (operator === "and" || operator === "or") {
    const parts = operands.map((operand, index) => loadTree(operand, `${at}[${index}]`, compile));
    const known = findFunction(operator)!;
    return "compile" in known ? known.compile(parts, []) : invalid(at, "is not an operator");
  }
  if (operands.length !== 2) {
    return invalid(at, `must have two operands, got ${operands.length}`);
  }
  const [a, b] = operands.map((operand, index) => compile(operand, `${at}[${index}]`).evaluate);
  const compare = findFunction(operator)!;
  if (!("call" in compare)) {
    return invalid(at, "is not a comparison");
  }
  return (evaluation) => compare.call([a!(evaluation), b!(evaluation)], evaluation);
}

/** The value of a condition, which has to be Boolean. */
export function truth(value: Json, what: string): boolean {
  if (typeof value !== "boolean") {
    throw new ExpressionError(
      `The result of '${what}' must be a Boolean, got a value of type '${typeName(value)}'.`,
    );
  }
  return value;
}
