import { describe, expect, test } from "vitest";
import type { Json } from "../../../local/json.ts";
import {
  evaluateExpression,
  readExpressionContext,
} from "../../../local/logic-apps/evaluate-expression.ts";
import { ExpressionError } from "../../../local/logic-apps/evaluation.ts";
import { ExpressionSyntaxError } from "../../../local/logic-apps/expression.ts";

const context = readExpressionContext({
  variables: { Count: 3 },
  parameters: { tenant: "contoso" },
  actions: {
    Get: { status: "Failed", outputs: { statusCode: 404, body: { code: "AF20050" } } },
    Scope: { status: "Succeeded", outputs: [{ name: "A" }] },
  },
  item: { Id: "1" },
  utcNow: "2026-01-14T10:00:00Z",
});

describe("an expression outside of a run", () => {
  test.each<[string, Json]>([
    ["add(1, 2)", 3],
    ["@add(1, 2)", 3],
    ["@{add(1, 2)}", "3"],
    ["at @{utcNow('HH:mm')} sharp", "at 10:00 sharp"],
    ["concat('@{', '}')", "@{}"],
    ["variables('count')", 3],
    ["parameters('tenant')", "contoso"],
    ["body('Get')?['code']", "AF20050"],
    ["outputs('Get')['statusCode']", 404],
    ["actions('Get')['status']", "Failed"],
    ["actions('Get')['name']", "Get"],
    ["result('Scope')[0].name", "A"],
    ["item()['Id']", "1"],
    ["items('Any')?['Id']", "1"],
  ])("%s is %j", (text, expected) => {
    expect(evaluateExpression(text, context)).toEqual(expected);
  });

  test("sees the time of this computer and a random number when told nothing", () => {
    expect(evaluateExpression("greater(utcNow(), '2026-01-01')")).toBe(true);
    expect(evaluateExpression("rand(0, 1)")).toBe(0);
  });

  test("takes another reading when told so", () => {
    const text = "startsWith('ABC', 'a')";
    expect(evaluateExpression(text)).toBe(true);
    expect(evaluateExpression(text, {}, { searchIgnoresCase: false })).toBe(false);
  });

  test.each([
    ["variables('other')", "The context has no variable 'other'."],
    ["body('Other')", "The context has no action 'Other'."],
    ["actions('Other')", "The context has no action 'Other'."],
    ["result('Get')", "The context has no results of 'Get'."],
    ["trigger()", "The context has no trigger."],
    ["workflow()", "The context has no workflow."],
    ["action()", "The context has no action of its own."],
    ["iterationIndexes('U')", "The context has no iteration of 'U'."],
    ["parameters('other')", "The workflow parameter 'other' is not found."],
  ])("%s fails", (text, message) => {
    expect(() => evaluateExpression(text, context)).toThrow(new ExpressionError(message));
  });

  test("has no item without one", () => {
    expect(() => evaluateExpression("item()")).toThrow(
      new ExpressionError("The context has no item."),
    );
  });

  test("has to be one", () => {
    expect(() => evaluateExpression("just text")).toThrow(
      new ExpressionSyntaxError(
        "Unable to parse template language expression 'just text': expected token 'LeftParenthesis' and actual 'Identifier'.",
      ),
    );
  });
});

test.each<[Json, string]>([
  [[], "context must be an object with members of variables, parameters, actions, item, utcNow"],
  [
    { now: "x" },
    "context must have members of variables, parameters, actions, item, utcNow, got now",
  ],
  [{ variables: [] }, "context.variables must be an object of values by name"],
  [{ actions: { A: 1 } }, "context.actions.A must be an object with status and outputs"],
  [{ utcNow: "noon" }, "context.utcNow must be a time such as 2026-01-14T00:00:00Z"],
])("the context %j is refused", (value, message) => {
  expect(() => readExpressionContext(value)).toThrow(new Error(message));
});
