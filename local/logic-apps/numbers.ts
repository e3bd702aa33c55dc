import { LosslessNumber } from "lossless-json";
import type { Json } from "../json.ts";

/** A number of the Workflow Definition Language: a 64-bit integer or a float. */
export type WorkflowNumber = number | LosslessNumber;

const wholeText = /^-?\d+$/;
const largest = 2n ** 63n - 1n;
const smallest = -(2n ** 63n);

/** Whether a number is a float: written with a fraction or exponent, or beyond 64 bits. */
export function isFloat(value: WorkflowNumber): boolean {
  if (typeof value === "number") {
    return !Number.isInteger(value);
  }
  return !wholeText.test(value.value) || !inRange(BigInt(value.value));
}

/** A 64-bit integer as a JSON number; throws a RangeError beyond 64 bits. */
export function integer(value: bigint): WorkflowNumber {
  if (!inRange(value)) {
    throw new RangeError("Value was either too large or too small for an Int64.");
  }
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : new LosslessNumber(String(value));
}

/** A float as a JSON number, written with a fraction even when it is whole. */
export function float(value: number): WorkflowNumber {
  if (!Number.isFinite(value)) {
    throw new RangeError("Value was either too large or too small for a Double.");
  }
  return Number.isSafeInteger(value) ? new LosslessNumber(`${value}.0`) : value;
}

/** Reads an integer as .NET does: sign and digits, white space around them; else `undefined`. */
export function parseInteger(text: string): WorkflowNumber | undefined {
  const digits = text.trim();
  return /^[+-]?\d+$/.test(digits) && inRange(BigInt(digits)) ? integer(BigInt(digits)) : undefined;
}

/**
 * Reads a float with the separators of a culture, those of the invariant one unless told otherwise:
 * separators of thousands are allowed anywhere, and the sign may stand at the end; else `undefined`.
 * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#float
 */
export function parseFloatText(
  text: string,
  { groupSeparator, decimalSeparator }: NumberSeparators = invariant,
): WorkflowNumber | undefined {
  const digits = Array.from(text.trim(), (character) => {
    if (character === decimalSeparator) {
      return ".";
    }
    return character === groupSeparator ? "," : /[.,]/.test(character) ? "?" : character;
  }).join("");
  const found = /^([+-]?)(\d[\d,]*\.?\d*|\.\d+)((?:[eE][+-]?\d+)?)([+-]?)$/.exec(digits);
  if (!found || (found[1] && found[4])) {
    return undefined;
  }
  const value = Number(found[2]!.replaceAll(",", "") + found[3]!);
  const negative = found[1] === "-" || found[4] === "-";
  return Number.isFinite(value) ? float(negative ? -value : value) : undefined;
}

interface NumberSeparators {
  readonly groupSeparator: string;
  readonly decimalSeparator: string;
}

const invariant: NumberSeparators = { groupSeparator: ",", decimalSeparator: "." };

/** The value as a double, which may lose digits of a large integer. */
export function toDouble(value: WorkflowNumber): number {
  return typeof value === "number" ? value : Number(value.value);
}

/** The sign of `a - b`. */
export function compareNumbers(a: WorkflowNumber, b: WorkflowNumber): number {
  if (typeof a === "number" && typeof b === "number") {
    return a - b;
  }
  if (isFloat(a) || isFloat(b)) {
    return toDouble(a) - toDouble(b);
  }
  const [x, y] = [toBigInt(a), toBigInt(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The operations that expressions have on two numbers. */
export type Operation = "add" | "sub" | "mul" | "div" | "mod";

/** Computes with 64-bit integers, or with floats as soon as one operand is a float. */
export function calculate(
  operation: Operation,
  a: WorkflowNumber,
  b: WorkflowNumber,
): WorkflowNumber {
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) {
    const result = onDoubles(operation, a as number, b as number);
    if (Number.isSafeInteger(result)) {
      return result === 0 ? 0 : result;
    }
  }
  if (isFloat(a) || isFloat(b)) {
    const [x, y] = [toDouble(a), toDouble(b)];
    return float(operation === "div" ? x / y : onDoubles(operation, x, y));
  }
  const [x, y] = [toBigInt(a), toBigInt(b)];
  switch (operation) {
    case "add":
      return integer(x + y);
    case "sub":
      return integer(x - y);
    case "mul":
      return integer(x * y);
    case "div":
      return integer(x / y);
    case "mod":
      return integer(x % y);
  }
}

function onDoubles(operation: Operation, a: number, b: number): number {
  switch (operation) {
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "div":
      return Math.trunc(a / b);
    case "mod":
      return a % b;
  }
}

/** Whether a value is a number. */
export function isNumber(value: Json): value is WorkflowNumber {
  return typeof value === "number" || value instanceof LosslessNumber;
}

/** An integer of the language as a BigInt. */
export function toBigInt(value: WorkflowNumber): bigint {
  return BigInt(typeof value === "number" ? value : value.value);
}

const inRange = (value: bigint) => value >= smallest && value <= largest;
