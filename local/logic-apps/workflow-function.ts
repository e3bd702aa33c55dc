import { type Json, isJsonArray, isJsonObject, type JsonObject } from "../json.ts";
import { type Evaluate, type Evaluation, ExpressionError, typeName } from "./evaluation.ts";
import type { Expression } from "./expression.ts";
import { isFloat, isNumber, toDouble, type WorkflowNumber } from "./numbers.ts";

/** A function of the Workflow Definition Language. */
export type WorkflowFunction = {
  /** How many arguments it takes at least and at most. */
  readonly arity: readonly [number, number];
  /** How far it goes, and which of several readings it takes: a phrase for the page on the engine. */
  readonly notes?: string;
  /** Where it is described, unless that is under its name in the function reference. */
  readonly source?: string;
} & (
  | {
      /** Computes the value from the values of all arguments. */
      readonly call: (args: readonly Json[], evaluation: Evaluation) => Json;
    }
  | {
      /** Builds the evaluation itself, where arguments are names or not always evaluated. */
      readonly compile: (args: readonly Evaluate[], source: readonly Expression[]) => Evaluate;
    }
);

/** A group of functions by documented name. */
export type FunctionGroup = Readonly<Record<string, WorkflowFunction>>;

/** Where functions are that the function reference leaves out. */
export const designerFunctions = "https://github.com/Azure/LogicAppsUX";

/** Any number of arguments. */
export const many = Number.POSITIVE_INFINITY;

const ordinals = ["first", "second", "third", "fourth"];

/** The error of an argument of the wrong type, in the service's words. */
export function wrongType(name: string, index: number, expected: string, value: Json) {
  return new ExpressionError(
    `The template language function '${name}' expects its ${ordinals[index] ?? `${index + 1}th`} parameter to be ${expected}. The provided value is of type '${typeName(value)}'. Please see https://aka.ms/logicexpressions#${name} for usage details.`,
  );
}

/** The error of an argument whose value is not allowed, in the service's words. */
export function wrongValue(name: string, reason: string) {
  return new ExpressionError(
    `The template language function '${name}' was invoked with a parameter that is not valid. ${reason}`,
  );
}

/** The argument as a string; anything else is an error. */
export function textArg(name: string, args: readonly Json[], index: number): string {
  const value = args[index]!;
  if (typeof value !== "string") {
    throw wrongType(name, index, "a string", value);
  }
  return value;
}

/** The argument as an integer of the double range; anything else is an error. */
export function integerArg(name: string, args: readonly Json[], index: number): number {
  const value = args[index]!;
  if (!isNumber(value) || isFloat(value)) {
    throw wrongType(name, index, "an integer", value);
  }
  return toDouble(value);
}

/** The argument as a number; anything else is an error. */
export function numberArg(name: string, args: readonly Json[], index: number): WorkflowNumber {
  const value = args[index]!;
  if (!isNumber(value)) {
    throw wrongType(name, index, "an integer or a decimal number", value);
  }
  return value;
}

/** The argument as a Boolean; anything else is an error. */
export function booleanArg(name: string, args: readonly Json[], index: number): boolean {
  const value = args[index]!;
  if (typeof value !== "boolean") {
    throw wrongType(name, index, "a boolean", value);
  }
  return value;
}

/** The argument as an array; anything else is an error. */
export function arrayArg(name: string, args: readonly Json[], index: number): readonly Json[] {
  const value = args[index]!;
  if (!isJsonArray(value)) {
    throw wrongType(name, index, "an array", value);
  }
  return value;
}

/** The argument as an object; anything else is an error. */
export function objectArg(name: string, args: readonly Json[], index: number): JsonObject {
  const value = args[index]!;
  if (!isJsonObject(value)) {
    throw wrongType(name, index, "an object", value);
  }
  return value;
}
