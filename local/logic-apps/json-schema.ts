import { isJsonArray, isJsonObject, type Json, jsonEquals, type JsonObject } from "../json.ts";
import { readChoice, readObject, shown, unsupported } from "./definition-reader.ts";
import { textOf } from "./evaluation.ts";
import { isFloat, isNumber, toDouble } from "./numbers.ts";

const types = ["object", "array", "string", "number", "integer", "boolean", "null"] as const;
const annotations = ["$schema", "$id", "title", "description", "examples", "default"];

/**
 * Throws for a schema of a ParseJson action with anything but `type`, `properties`, `required`,
 * `items`, `additionalProperties`, `enum` and annotations: a keyword is never skipped.
 */
export function checkJsonSchema(schema: JsonObject, path: string): void {
  for (const [keyword, value] of Object.entries(schema)) {
    const at = `${path}.${keyword}`;
    switch (keyword) {
      case "type":
        for (const type of isJsonArray(value) ? value : [value]) {
          readChoice(type, at, types);
        }
        break;
      case "properties":
        for (const [name, member] of Object.entries(readObject(value, at))) {
          checkJsonSchema(readObject(member, `${at}.${name}`), `${at}.${name}`);
        }
        break;
      case "items":
        checkJsonSchema(readObject(value, at), at);
        break;
      case "additionalProperties":
        if (typeof value !== "boolean") {
          checkJsonSchema(readObject(value, at), at);
        }
        break;
      case "required":
      case "enum":
        if (!isJsonArray(value)) {
          unsupported(at, `must be an array, got ${shown(value)}`);
        }
        break;
      default:
        if (!annotations.includes(keyword)) {
          unsupported(at, "is a keyword that the local engine does not know");
        }
    }
  }
}

/** What is wrong with a value by a checked schema: a sentence, or `undefined` when nothing is. */
export function violation(schema: JsonObject, value: Json, path = ""): string | undefined {
  const { type, properties, required, items, additionalProperties } = schema;
  const allowed = type === undefined ? undefined : isJsonArray(type) ? type : [type];
  if (allowed && !allowed.some((one) => isOfType(one as (typeof types)[number], value))) {
    return `Invalid type. Expected ${allowed.map(textOf).join(", ")}. Path '${path}'.`;
  }
  if (isJsonArray(schema.enum) && !schema.enum.some((one) => jsonEquals(one, value))) {
    return `The value is not one of those that are allowed. Path '${path}'.`;
  }
  if (isJsonObject(value)) {
    for (const name of isJsonArray(required) ? required : []) {
      if (!Object.hasOwn(value, name as string)) {
        return `Required properties are missing from object: ${name as string}. Path '${path}'.`;
      }
    }
    for (const [name, member] of Object.entries(value)) {
      const at = path ? `${path}.${name}` : name;
      const own = isJsonObject(properties) && Object.hasOwn(properties, name);
      const rule = own ? properties[name] : additionalProperties;
      if (rule === false) {
        return `Property '${name}' has not been defined and the schema does not allow additional properties. Path '${at}'.`;
      }
      const found = isJsonObject(rule) ? violation(rule, member, at) : undefined;
      if (found) {
        return found;
      }
    }
  }
  if (isJsonArray(value) && isJsonObject(items)) {
    for (const [index, item] of value.entries()) {
      const found = violation(items, item, `${path}[${index}]`);
      if (found) {
        return found;
      }
    }
  }
  return undefined;
}

function isOfType(type: (typeof types)[number], value: Json): boolean {
  switch (type) {
    case "object":
      return isJsonObject(value);
    case "array":
      return isJsonArray(value);
    case "number":
      return isNumber(value);
    case "integer":
      return isNumber(value) && (!isFloat(value) || Number.isInteger(toDouble(value)));
    case "null":
      return value === null;
    default:
      return typeof value === type;
  }
}
