import { isJsonArray, isJsonObject, type Json } from "../json.ts";
import { isFloat, isNumber } from "./numbers.ts";

/** Types that a variable can be declared with. */
export const variableTypes = ["Array", "Boolean", "Float", "Integer", "Object", "String"] as const;

/** A type of a variable. */
export type VariableType = (typeof variableTypes)[number];

/** Whether a variable of the type can hold the value: null fits into strings and arrays only. */
export function fitsVariable(type: VariableType, value: Json): boolean {
  switch (type) {
    case "Array":
      return value === null || isJsonArray(value);
    case "Boolean":
      return typeof value === "boolean";
    case "Float":
      return isNumber(value);
    case "Integer":
      return isNumber(value) && !isFloat(value);
    case "Object":
      return isJsonObject(value);
    case "String":
      return value === null || typeof value === "string";
  }
}
