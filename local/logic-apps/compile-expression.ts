import { isJsonArray, isJsonObject, stringifyJson, type Json, type JsonObject } from "../json.ts";
import {
  contentText,
  type Evaluate,
  ExpressionError,
  limitText,
  textOf,
  typeName,
} from "./evaluation.ts";
import {
  type Expression,
  ExpressionSyntaxError,
  ForeignFunctionError,
  parseTemplateString,
} from "./expression.ts";
import { findFunction, whyForeign } from "./functions.ts";
import { isFloat, isNumber, toDouble } from "./numbers.ts";

/**
 * Turns a parsed expression into a function, so that a run does not parse again. Throws
 * `ExpressionSyntaxError` for an unknown function or a wrong number of arguments.
 */
export function compileExpression(expression: Expression): Evaluate {
  switch (expression.kind) {
    case "literal": {
      const { value } = expression;
      return () => value;
    }
    case "call":
      return shared(expression, compileCall(expression.name, expression.args));
    case "member":
      return shared(expression, compileMember(expression));
    case "interpolation": {
      const parts = expression.parts.map((part) =>
        typeof part === "string" ? part : compileExpression(part),
      );
      return (evaluation) =>
        limitText(
          parts
            .map((part) =>
              typeof part === "string" ? part : contentText(part(evaluation), evaluation),
            )
            .join(""),
          evaluation,
          "an interpolation",
        );
    }
  }
}

/** Functions that can give something else within one action. */
const varying = new Set(["item", "utcnow", "guid", "rand", "getpasttime", "getfuturetime"]);
/** Calls in an expression from which on looking its value up is cheaper than finding it again. */
const leastCalls = 3;

/** What is known of a part of an expression, wherever it is written. */
interface Part {
  /** The same for the same text. */
  readonly id: number;
  readonly calls: number;
  /** Whether its value stays the same while one action is carried out. */
  readonly isConstant: boolean;
}

const ids = new Map<string, number>();
const parts = new WeakMap<Expression, Part>();

function partOf(expression: Expression): Part {
  const known = parts.get(expression);
  if (known) {
    return known;
  }
  const [text, members, own] = describe(expression);
  const isConstant =
    members.every((member) => member.isConstant) &&
    !(expression.kind === "call" && varying.has(expression.name.toLowerCase()));
  const id = ids.get(text) ?? ids.size;
  ids.set(text, id);
  const calls = members.reduce((sum, member) => sum + member.calls, own);
  const part = { id, calls, isConstant };
  parts.set(expression, part);
  return part;
}

/** An expression in terms of its members, those members, and the calls that it adds to theirs. */
function describe(expression: Expression): [text: string, members: Part[], calls: number] {
  switch (expression.kind) {
    case "literal":
      return [`literal ${stringifyJson(expression.value)}`, [], 0];
    case "call": {
      const args = expression.args.map(partOf);
      const name = expression.name.toLowerCase();
      return [`${name}(${args.map(({ id }) => `#${id}`).join(",")})`, args, 1];
    }
    case "member": {
      const members = [partOf(expression.target), partOf(expression.key)];
      const mark = expression.optional ? "?" : "";
      return [`#${members[0]!.id}${mark}[#${members[1]!.id}]`, members, 0];
    }
    case "interpolation": {
      const members = expression.parts.filter((each) => typeof each !== "string").map(partOf);
      const texts = expression.parts.map((each) =>
        typeof each === "string" ? JSON.stringify(each) : `#${partOf(each).id}`,
      );
      return [`interpolation ${texts.join("+")}`, members, 1];
    }
  }
}

/**
 * Evaluates a part of an expression once for each action. A workflow has no other names for values than
 * its actions, so that definitions write long parts again and again.
 */
function shared(expression: Expression, evaluate: Evaluate): Evaluate {
  const { id, calls, isConstant } = partOf(expression);
  if (!isConstant || calls < leastCalls) {
    return evaluate;
  }
  return (evaluation) => {
    const { found } = evaluation;
    if (!found) {
      return evaluate(evaluation);
    }
    const known = found.get(id);
    if (known !== undefined) {
      return known;
    }
    const value = evaluate(evaluation);
    found.set(id, value);
    return value;
  };
}

function compileCall(name: string, source: readonly Expression[]): Evaluate {
  const known = findFunction(name);
  if (!known) {
    const reason = whyForeign(name);
    if (reason !== undefined) {
      throw new ForeignFunctionError(name, reason);
    }
    throw new ExpressionSyntaxError(`The template function '${name}' is not defined or not valid.`);
  }
  const [least, most] = known.arity;
  if (source.length < least || source.length > most) {
    const expected =
      least === most
        ? `${least}`
        : most === Number.POSITIVE_INFINITY
          ? `at least ${least}`
          : `${least} to ${most}`;
    throw new ExpressionSyntaxError(
      `The template function '${name}' expects ${expected} parameter(s), got ${source.length}.`,
    );
  }
  const args = source.map(compileExpression);
  if ("compile" in known) {
    return known.compile(args, source);
  }
  const { call } = known;
  const [first, second] = args;
  switch (args.length) {
    case 1:
      return (evaluation) => call([first!(evaluation)], evaluation);
    case 2:
      return (evaluation) => call([first!(evaluation), second!(evaluation)], evaluation);
    default:
      return (evaluation) =>
        call(
          args.map((arg) => arg(evaluation)),
          evaluation,
        );
  }
}

function compileMember(expression: Expression & { kind: "member" }): Evaluate {
  const { optional, source } = expression;
  const target = compileExpression(expression.target);
  const key = compileExpression(expression.key);
  return (evaluation) =>
    select(
      target(evaluation),
      key(evaluation),
      optional,
      source,
      evaluation.options.memberNames === "exact",
    );
}

function select(target: Json, key: Json, optional: boolean, source: string, exact: boolean): Json {
  if (target === null) {
    if (optional) {
      return null;
    }
    throw cannot(
      source,
      `property '${textOf(key)}' cannot be selected. Please check the parent of it, which is null`,
    );
  }
  if (isJsonArray(target)) {
    if (!isNumber(key) || isFloat(key)) {
      throw cannot(
        source,
        `property '${textOf(key)}' cannot be selected. Array elements can only be selected using an integer index`,
      );
    }
    const item = target[toDouble(key)];
    if (item === undefined && !optional) {
      throw cannot(
        source,
        `array index '${textOf(key)}' is outside bounds (0, ${target.length - 1}) of array`,
      );
    }
    return item ?? null;
  }
  if (!isJsonObject(target)) {
    throw cannot(
      source,
      `property '${textOf(key)}' cannot be selected. Property selection is not supported on values of type '${typeName(target)}'`,
    );
  }
  if (typeof key !== "string") {
    throw cannot(source, `property '${textOf(key)}' must be a string, got ${typeName(key)}`);
  }
  const name = memberName(target, key, exact);
  if (name !== undefined) {
    return target[name]!;
  }
  if (optional) {
    return null;
  }
  throw cannot(
    source,
    `property '${key}' doesn't exist, available properties are '${Object.keys(target).join(", ")}'`,
  );
}

/** The member of that name, else, unless names are exact, one that differs in case only. */
function memberName(target: JsonObject, key: string, exact: boolean): string | undefined {
  if (Object.hasOwn(target, key)) {
    return key;
  }
  if (exact) {
    return undefined;
  }
  const lower = key.toLowerCase();
  for (const name of Object.keys(target)) {
    if (name.length === key.length && name.toLowerCase() === lower) {
      return name;
    }
  }
  return undefined;
}

const cannot = (source: string, reason: string) =>
  new ExpressionError(
    `The template language expression '${source}' cannot be evaluated because ${reason}. Please see https://aka.ms/logicexpressions for usage details.`,
  );

/** A JSON value whose strings are expressions, ready to be evaluated. */
export interface Template {
  readonly evaluate: Evaluate;
  /** Whether the value has no expression in it. */
  readonly constant: boolean;
}

/**
 * Compiles every string of a JSON value. `inspect` is called with each expression that is not a
 * mere text and with its JSON path; syntax errors are reported with the path by `fail`.
 */
export function compileTemplate(
  value: Json,
  path: string,
  inspect: (expression: Expression, path: string) => void,
  fail: (error: ExpressionSyntaxError, path: string) => never,
): Template {
  if (typeof value === "string") {
    const { expression, evaluate } = compileText(value, path, inspect, fail);
    return { evaluate, constant: expression.kind === "literal" };
  }
  if (isJsonArray(value)) {
    const items = value.map((item, index) =>
      compileTemplate(item, `${path}[${index}]`, inspect, fail),
    );
    return items.every((item) => item.constant)
      ? constantTemplate(items.map((item) => constantOf(item)))
      : {
          evaluate: (evaluation) => items.map((item) => item.evaluate(evaluation)),
          constant: false,
        };
  }
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(([key, member]) => ({
      key: compileTemplate(key, `${path}.${key}`, inspect, fail),
      member: compileTemplate(member, `${path}.${key}`, inspect, fail),
    }));
    if (members.every(({ key, member }) => key.constant && member.constant)) {
      return constantTemplate(
        Object.fromEntries(
          members.map(({ key, member }) => [constantOf(key) as string, constantOf(member)]),
        ),
      );
    }
    const build = members.map(({ key, member }) => ({
      name: key.constant ? (constantOf(key) as string) : undefined,
      key: key.evaluate,
      member: member.evaluate,
    }));
    return {
      evaluate: (evaluation) => {
        const object: Record<string, Json> = {};
        for (const { name, key, member } of build) {
          object[name ?? textOf(key(evaluation))] = member(evaluation);
        }
        return object;
      },
      constant: false,
    };
  }
  return constantTemplate(value);
}

function compileText(
  text: string,
  path: string,
  inspect: (expression: Expression, path: string) => void,
  fail: (error: ExpressionSyntaxError, path: string) => never,
): { expression: Expression; evaluate: Evaluate } {
  try {
    const expression = parseTemplateString(text);
    const evaluate = compileExpression(expression);
    if (expression.kind !== "literal") {
      inspect(expression, path);
    }
    return { expression, evaluate };
  } catch (error) {
    if (error instanceof ExpressionSyntaxError) {
      return fail(error, path);
    }
    throw error;
  }
}

function constantTemplate(value: Json): Template {
  return { evaluate: () => value, constant: true };
}

/** The value of a template without expressions. */
export function constantOf(template: Template): Json {
  // A constant never looks at the evaluation.
  return template.evaluate(undefined as never);
}
