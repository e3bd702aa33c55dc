import { isLosslessNumber } from "lossless-json";
import { isJsonArray, isJsonObject, type Json, type JsonObject, stringifyJson } from "../json.ts";
import type { EngineOptions } from "./engine-options.ts";
import { isFloat } from "./numbers.ts";

/** What an expression can see while it is evaluated. */
export interface Evaluation {
  readonly options: EngineOptions;
  /** Values of parts of expressions that stay the same, by a number for each; none are kept without it. */
  readonly found?: Map<number, Json>;
  /** The instant of the evaluation. */
  now(): Date;
  /** A number from 0 (included) to 1 (excluded). */
  random(): number;
  /** `undefined` for a parameter without a value. */
  parameter(name: string): Json | undefined;
  variable(name: string): Json;
  trigger(): Json;
  workflow(): Json;
  /** The action as `actions()` shows it, or `undefined` when it has not run in this iteration. */
  action(name: string): Json | undefined;
  /** What the action put out, or `undefined` when it has not run in this iteration. */
  outputs(name: string): Json | undefined;
  /** The action that is being carried out. */
  self(): Json;
  /** The results of the members of a Scope, Foreach or Until. */
  result(name: string): Json;
  /** The current item of the named Foreach. */
  items(loop: string): Json;
  /** The current item of the innermost Select, Query or Foreach. */
  item(): Json;
  /** The index of the current iteration of the named Until. */
  iterationIndex(loop: string): number;
}

/** A compiled expression. */
export type Evaluate = (evaluation: Evaluation) => Json;

/** Thrown when an expression cannot be evaluated; the action that holds it fails. */
export class ExpressionError extends Error {}

/** The name that the service's error texts give to the type of a value. */
export function typeName(value: Json): string {
  if (value === null) {
    return "Null";
  }
  if (isJsonArray(value)) {
    return "Array";
  }
  switch (typeof value) {
    case "string":
      return "String";
    case "boolean":
      return "Boolean";
    case "number":
      return isFloat(value) ? "Float" : "Integer";
    default:
      return isLosslessNumber(value) ? (isFloat(value) ? "Float" : "Integer") : "Object";
  }
}

/**
 * A value as text, as `string()`, `concat()` and interpolation write it: null is empty, Booleans
 * read `True` and `False`, a float that is whole has no fraction, arrays and objects are JSON.
 */
export function textOf(value: Json): string {
  switch (typeof value) {
    case "string":
      return value;
    case "boolean":
      return value ? "True" : "False";
    case "number":
      return String(value);
    default:
      return value === null
        ? ""
        : isLosslessNumber(value)
          ? value.value.replace(/\.0+$/, "")
          : stringifyJson(value);
  }
}

/** A value as text, where content with its media type may stand for what it holds. */
export function contentText(value: Json, { options }: Evaluation): string {
  return options.envelopesAsText === "content" && isEnvelope(value)
    ? Buffer.from(value.$content, "base64").toString("utf8")
    : textOf(value);
}

/** Content as the service hands it on when it is not JSON: base64 with its media type. */
export interface Envelope {
  readonly "$content-type": string;
  readonly $content: string;
}

/** Whether a value is content with its media type rather than data. */
export function isEnvelope(value: Json | undefined): value is Envelope & JsonObject {
  return (
    isJsonObject(value) &&
    typeof value["$content-type"] === "string" &&
    typeof value["$content"] === "string"
  );
}

/** Checks a text that `string()`, `concat()`, `base64()` or an interpolation has built. */
export function limitText(text: string, evaluation: Evaluation, builder: string): string {
  const { stringLimit } = evaluation.options;
  if (text.length > stringLimit) {
    throw new ExpressionError(
      `The result of ${builder} has ${text.length} characters, more than the limit of ${stringLimit}.`,
    );
  }
  return text;
}
