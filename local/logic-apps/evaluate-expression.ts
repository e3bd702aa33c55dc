import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { compileExpression } from "./compile-expression.ts";
import { defaultEngineOptions, type EngineOptions } from "./engine-options.ts";
import { type Evaluation, ExpressionError } from "./evaluation.ts";
import { type Expression, ExpressionSyntaxError, parseTemplateString } from "./expression.ts";
import { dateOf, parseTimestamp } from "./timestamp.ts";

/** What an expression outside of a run can see. */
export interface ExpressionContext {
  readonly parameters?: JsonObject;
  readonly variables?: JsonObject;
  /** By name: `status`, `outputs` and whatever else `actions()` is to give. */
  readonly actions?: { readonly [name: string]: JsonObject };
  /** The current item of every loop. */
  readonly item?: Json;
  /**
   * @default the time of this computer
   */
  readonly utcNow?: Date;
}

/** Reads a context from JSON. Fails with one sentence on the first member that does not fit. */
export function readExpressionContext(value: Json): ExpressionContext {
  const known = ["variables", "parameters", "actions", "item", "utcNow"];
  if (!isJsonObject(value)) {
    throw new Error(`context must be an object with members of ${known.join(", ")}`);
  }
  const unknown = Object.keys(value).find((member) => !known.includes(member));
  if (unknown !== undefined) {
    throw new Error(`context must have members of ${known.join(", ")}, got ${unknown}`);
  }
  const { variables, parameters, actions, item, utcNow } = value;
  for (const [name, member] of Object.entries({ variables, parameters, actions })) {
    if (member !== undefined && !isJsonObject(member)) {
      throw new Error(`context.${name} must be an object of values by name`);
    }
  }
  for (const [name, action] of Object.entries(isJsonObject(actions) ? actions : {})) {
    if (!isJsonObject(action)) {
      throw new Error(`context.actions.${name} must be an object with status and outputs`);
    }
  }
  const instant = typeof utcNow === "string" ? parseTimestamp(utcNow) : undefined;
  if (utcNow !== undefined && !instant) {
    throw new Error("context.utcNow must be a time such as 2026-01-14T00:00:00Z");
  }
  return {
    ...(isJsonObject(variables) && { variables }),
    ...(isJsonObject(parameters) && { parameters }),
    ...(isJsonObject(actions) && { actions: actions as ExpressionContext["actions"] & object }),
    ...(item !== undefined && { item }),
    ...(instant && { utcNow: dateOf(instant) }),
  };
}

/**
 * The value of one expression, with or without its `@`, or of a text with `@{…}` in it. Fails with an
 * `ExpressionSyntaxError` or `ExpressionError`.
 */
export function evaluateExpression(
  text: string,
  context: ExpressionContext = {},
  options: Partial<EngineOptions> = {},
): Json {
  return compileExpression(parse(text))(new ContextEvaluation(context, options));
}

function parse(text: string): Expression {
  if (text.startsWith("@")) {
    return parseTemplateString(text);
  }
  try {
    return parseTemplateString(`@${text}`);
  } catch (error) {
    if (error instanceof ExpressionSyntaxError && text.includes("@{")) {
      return parseTemplateString(text);
    }
    throw error;
  }
}

class ContextEvaluation implements Evaluation {
  readonly options: EngineOptions;

  constructor(
    private readonly context: ExpressionContext,
    options: Partial<EngineOptions>,
  ) {
    this.options = { ...defaultEngineOptions, ...options };
  }

  readonly now = (): Date => this.context.utcNow ?? new Date();

  readonly random = (): number => Math.random();

  parameter(name: string): Json | undefined {
    return this.context.parameters?.[name];
  }

  variable(name: string): Json {
    const { variables = {} } = this.context;
    const key = Object.keys(variables).find((each) => each.toLowerCase() === name.toLowerCase());
    return key === undefined ? missing(`variable '${name}'`) : variables[key]!;
  }

  action(name: string): Json {
    return { name, ...(this.context.actions?.[name] ?? missing(`action '${name}'`)) };
  }

  outputs(name: string): Json | undefined {
    return (this.context.actions?.[name] ?? missing(`action '${name}'`))["outputs"];
  }

  /** Of a scope whose `outputs` are given as an array. */
  result(name: string): Json {
    const outputs = this.outputs(name);
    return isJsonArray(outputs) ? outputs : missing(`results of '${name}'`);
  }

  item(): Json {
    return this.context.item === undefined ? missing("item") : this.context.item;
  }

  items(): Json {
    return this.item();
  }

  trigger(): Json {
    return missing("trigger");
  }

  workflow(): Json {
    return missing("workflow");
  }

  self(): Json {
    return missing("action of its own");
  }

  iterationIndex(loop: string): number {
    return missing(`iteration of '${loop}'`);
  }
}

function missing(what: string): never {
  throw new ExpressionError(`The context has no ${what}.`);
}
