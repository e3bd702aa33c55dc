import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";

/** The object at a key, or an empty one. */
export const objectAt = (body: JsonObject, key: string): JsonObject => {
  const value = body[key];
  return isJsonObject(value) ? value : {};
};

/** The text at a key, or none. */
export const textAt = (body: JsonObject, key: string): string | undefined => {
  const value = body[key];
  return typeof value === "string" ? value : undefined;
};

/** The objects of the array at a key, or none. */
export const objectsAt = (body: JsonObject, key: string): readonly JsonObject[] => {
  const value: Json | undefined = body[key];
  return isJsonArray(value) ? value.filter(isJsonObject) : [];
};

/** The properties of a resource. */
export const propertiesOf = (body: JsonObject): JsonObject => objectAt(body, "properties");

/** Columns of a table or stream. */
export const columnsOf = (body: JsonObject): { name: string; type: string }[] =>
  objectsAt(body, "columns").map((column) => ({
    name: textAt(column, "name") ?? "",
    type: textAt(column, "type") ?? "",
  }));

/** The name of a region as ids have it: `West Europe` is `westeurope`. */
export const regionOf = (location: string): string => location.replaceAll(" ", "").toLowerCase();
