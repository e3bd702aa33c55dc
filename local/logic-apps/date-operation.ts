import type { Json, JsonObject } from "../json.ts";
import { type Evaluation, ExpressionError } from "./evaluation.ts";
import { findFunction } from "./functions.ts";

/** Each kind of an Expression action: the function that it calls, and its inputs in that order. */
export const dateOperations = {
  CurrentTime: { calls: "utcNow", inputs: [] },
  AddToTime: { calls: "addToTime", inputs: ["baseTime", "interval", "timeUnit"] },
  SubtractFromTime: { calls: "subtractFromTime", inputs: ["baseTime", "interval", "timeUnit"] },
  GetFutureTime: { calls: "getFutureTime", inputs: ["interval", "timeUnit"] },
  GetPastTime: { calls: "getPastTime", inputs: ["interval", "timeUnit"] },
  ConvertTimeZone: {
    calls: "convertTimeZone",
    inputs: ["baseTime", "sourceTimeZone", "destinationTimeZone", "formatString"],
  },
} as const;

/** A kind of an Expression action. */
export type DateOperation = keyof typeof dateOperations;

/** The time that an Expression action computes. Fails with an `ExpressionError`. */
export function operateOnDate(
  kind: DateOperation,
  inputs: JsonObject,
  evaluation: Evaluation,
): Json {
  const { calls, inputs: names } = dateOperations[kind];
  const called = findFunction(calls)!;
  if (!("call" in called)) {
    throw new ExpressionError(`The kind '${kind}' cannot be carried out.`);
  }
  return called.call(
    names.filter((name) => inputs[name] !== undefined).map((name) => inputs[name]!),
    evaluation,
  );
}
