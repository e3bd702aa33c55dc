import { isLosslessNumber, LosslessNumber, parse, stringify } from "lossless-json";

/** Any JSON value; a `LosslessNumber` stands for a number that a double would alter. */
export type Json =
  | string
  | number
  | boolean
  | null
  | LosslessNumber
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/**
 * Numbers that `JSON.parse` may not give back as they were written: 16 or more digits, an exponent,
 * zeros at the end of the fraction, minus zero.
 */
const delicateNumber =
  /(?:^|[[:,\s])-?(?:\d[\d.]{15,}|\d+(?:\.\d+)?[eE]|\d+\.\d*0(?=[\s,\]}]|$)|0\.0{6}|0(?<=-0)(?![\d.]))/;

/** Strings, of which many look as if they held such a number: `"19:29e1…"` names a thread of Teams. */
const strings = /"[^"\\]*(?:\\.[^"\\]*)*"/g;

const hasDelicateNumber = (text: string) =>
  delicateNumber.test(text) && delicateNumber.test(text.replace(strings, '""'));

/** Parses JSON so that `stringifyJson` writes every number as it was; throws a SyntaxError. */
export function parseJson(text: string): Json {
  if (text.length < rememberedLength) {
    return parseAnew(text);
  }
  if (text !== parsedLast?.text) {
    parsedLast = { text, value: parseAnew(text) };
  }
  return parsedLast.value;
}

/** A list of blobs is read again for every round. */
let parsedLast: { readonly text: string; readonly value: Json } | undefined;
const rememberedLength = 100_000;

function parseAnew(text: string): Json {
  if (!hasDelicateNumber(text)) {
    return JSON.parse(text) as Json;
  }
  return parse(text, null, {
    parseNumber: (digits) => {
      const value = Number(digits);
      return String(value) === digits ? value : new LosslessNumber(digits);
    },
    onDuplicateKey: ({ newValue }) => newValue,
  }) as Json;
}

/** Writes a JSON value without white space, numbers that a double cannot hold included. */
export function stringifyJson(value: Json): string {
  const text = JSON.stringify(value);
  // The native writer is several times faster, and only ever wrong about these objects.
  return text.includes('"isLosslessNumber":true') ? stringify(value)! : text;
}

/** Whether a value is a JSON object: not an array, not null, not a lossless number. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !isLosslessNumber(value)
  );
}

/** Whether a value is a JSON array. */
export function isJsonArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Whether a value is a number, be it of the double or of the lossless kind. */
export function isJsonNumber(value: Json | undefined): value is number | LosslessNumber {
  return typeof value === "number" || isLosslessNumber(value);
}

/** Whether two JSON values are the same: numbers by value, objects in any order of members. */
export function jsonEquals(a: Json, b: Json): boolean {
  if (a === b) {
    return true;
  }
  if (typeof a !== "object" && typeof b !== "object") {
    return false;
  }
  if (isJsonNumber(a) && isJsonNumber(b)) {
    return numbersEqual(String(a), String(b));
  }
  if (isJsonArray(a)) {
    return (
      isJsonArray(b) &&
      a.length === b.length &&
      a.every((item, index) => jsonEquals(item, b[index]!))
    );
  }
  if (isJsonObject(a) && isJsonObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && jsonEquals(a[key]!, b[key]!))
    );
  }
  return false;
}

function numbersEqual(a: string, b: string): boolean {
  const whole = /^-?\d+$/;
  return whole.test(a) && whole.test(b) ? BigInt(a) === BigInt(b) : Number(a) === Number(b);
}

const sizes = new WeakMap<object, number>();
/** Smaller values are counted again: looking after millions of them costs more than counting. */
const rememberedBytes = 3000;

/** Bytes of a value as compact JSON in UTF-8, escapes not counted; remembered where they are many. */
export function jsonBytes(value: Json): number {
  if (typeof value === "string") {
    return Buffer.byteLength(value) + 2;
  }
  if (typeof value !== "object" || value === null) {
    return String(value).length;
  }
  if (isLosslessNumber(value)) {
    return value.value.length;
  }
  let bytes = sizes.get(value);
  if (bytes === undefined) {
    bytes = 1;
    if (isJsonArray(value)) {
      for (const item of value) {
        bytes += jsonBytes(item) + 1;
      }
    } else {
      for (const [key, member] of Object.entries(value)) {
        bytes += Buffer.byteLength(key) + 4 + jsonBytes(member);
      }
    }
    if (bytes >= rememberedBytes) {
      sizes.set(value, bytes);
    }
  }
  return bytes;
}
