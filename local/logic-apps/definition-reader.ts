import { isJsonObject, type Json, type JsonObject, stringifyJson } from "../json.ts";
import { durationMs } from "./duration.ts";
import { WorkflowDefinitionError } from "./workflow-definition-error.ts";

/** A value for an error message, shortened. */
export function shown(value: Json | undefined): string {
  if (value === undefined) {
    return "nothing";
  }
  const text = typeof value === "string" ? `'${value}'` : stringifyJson(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Throws `InvalidTemplate`, the service's code for most of what is wrong with a definition. */
export function invalid(path: string, reason: string): never {
  throw new WorkflowDefinitionError("InvalidTemplate", path, reason);
}

/** Throws for what the service knows and this engine does not. */
export function unsupported(path: string, reason: string): never {
  throw new WorkflowDefinitionError("NotSupportedLocally", path, reason);
}

/** The value as an object. */
export function readObject(value: Json | undefined, path: string): JsonObject {
  return isJsonObject(value) ? value : invalid(path, `must be an object, got ${shown(value)}`);
}

/** The value as an object with no members but the given ones. */
export function readMembers(
  value: Json | undefined,
  path: string,
  known: readonly string[],
  foreign: readonly string[] = [],
): JsonObject {
  const object = readObject(value, path);
  for (const key of Object.keys(object)) {
    if (!known.includes(key)) {
      if (foreign.includes(key)) {
        unsupported(`${path}.${key}`, "is not supported by the local engine");
      }
      invalid(`${path}.${key}`, `is not a known member; known are ${known.join(", ")}`);
    }
  }
  return object;
}

/** The value as a string. */
export function readText(value: Json | undefined, path: string): string {
  return typeof value === "string" ? value : invalid(path, `must be a string, got ${shown(value)}`);
}

/** The value as a text without expressions. */
export function readLiteral(value: Json | undefined, path: string): string {
  const text = readText(value, path);
  return text.startsWith("@") || text.includes("@{")
    ? invalid(path, `must be a literal, got the expression ${shown(text)}`)
    : text;
}

/** The value as one of the given texts, in the spelling of the list; case does not matter. */
export function readChoice<T extends string>(
  value: Json | undefined,
  path: string,
  choices: readonly T[],
  code = "InvalidTemplate",
): T {
  const choice =
    typeof value === "string"
      ? choices.find((candidate) => candidate.toLowerCase() === value.toLowerCase())
      : undefined;
  if (choice === undefined) {
    throw new WorkflowDefinitionError(
      code,
      path,
      `must be one of ${choices.join(", ")}, got ${shown(value)}`,
    );
  }
  return choice;
}

/** The value as a whole number from `least` to `most`. */
export function readCount(
  value: Json | undefined,
  path: string,
  least: number,
  most: number,
  code = "InvalidTemplate",
): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    throw new WorkflowDefinitionError(
      code,
      path,
      `must be a whole number from ${least} to ${most}, got ${shown(value)}`,
    );
  }
  return value;
}

/** The value as a duration in milliseconds from `leastMs` to `mostMs`. */
export function readDuration(
  value: Json | undefined,
  path: string,
  leastMs: number,
  mostMs: number,
  code = "InvalidTemplate",
): number {
  const ms = typeof value === "string" ? durationMs(value) : undefined;
  if (ms === undefined || ms < leastMs || ms > mostMs) {
    throw new WorkflowDefinitionError(
      code,
      path,
      `must be an ISO 8601 duration from ${leastMs / 1000} s to ${mostMs / 1000} s, got ${shown(value)}`,
    );
  }
  return ms;
}

/** The options of a comma-separated `operationOptions`; those of `foreign` are unsupported. */
export function readOptions(
  value: Json | undefined,
  path: string,
  known: readonly string[],
  foreign: readonly string[] = [],
): ReadonlySet<string> {
  if (value === undefined) {
    return new Set();
  }
  const options = readText(value, path)
    .split(",")
    .map((option) => readChoice(option.trim(), path, [...known, ...foreign]));
  const unknown = options.find((option) => foreign.includes(option));
  if (unknown !== undefined) {
    unsupported(path, `must not be ${unknown} locally`);
  }
  return new Set(options);
}
