import type { Json } from "../../../local/json.ts";
import { compileExpression } from "../../../local/logic-apps/compile-expression.ts";
import {
  defaultEngineOptions,
  type EngineOptions,
} from "../../../local/logic-apps/engine-options.ts";
import type { Evaluation } from "../../../local/logic-apps/evaluation.ts";
import { parseTemplateString } from "../../../local/logic-apps/expression.ts";

/** What the expressions of a test can see. */
export interface TestData {
  readonly parameters?: Readonly<Record<string, Json>>;
  readonly now?: Date;
  readonly random?: number;
}

/** An evaluation outside of any run. */
export function testEvaluation(
  { parameters = {}, now = new Date("2026-01-05T10:20:30.456Z"), random = 0.5 }: TestData,
  options: Partial<EngineOptions> = {},
): Evaluation {
  const none = (): never => {
    throw new Error("the test has no run");
  };
  return {
    options: { ...defaultEngineOptions, ...options },
    now: () => now,
    random: () => random,
    parameter: (name) => parameters[name],
    variable: none,
    trigger: none,
    workflow: none,
    action: none,
    outputs: none,
    self: none,
    result: none,
    items: none,
    item: none,
    iterationIndex: none,
  };
}

/** The value of a string of a definition. */
export function evaluate(
  text: string,
  data: TestData = {},
  options: Partial<EngineOptions> = {},
): Json {
  return compileExpression(parseTemplateString(text))(testEvaluation(data, options));
}
