import { isLosslessNumber } from "lossless-json";
import { isJsonArray, isJsonObject, type Json, jsonEquals, stringifyJson } from "../json.ts";
import { contentText } from "./evaluation.ts";
import { limits } from "./limits.ts";
import { compareNumbers, isNumber } from "./numbers.ts";
import {
  arrayArg,
  type FunctionGroup,
  integerArg,
  many,
  textArg,
  wrongType,
  wrongValue,
} from "./workflow-function.ts";

/**
 * Collection functions.
 * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#collection-functions
 */
export const collectionFunctions: FunctionGroup = {
  contains: {
    arity: [2, 2],
    call: ([collection, value]) => {
      if (typeof collection === "string") {
        return collection.includes(textArg("contains", [collection, value!], 1));
      }
      if (isJsonArray(collection)) {
        return arrayContains(collection, value!);
      }
      if (isJsonObject(collection)) {
        return Object.hasOwn(collection, textArg("contains", [collection, value!], 1));
      }
      throw wrongType("contains", 0, "an array, an object or a string", collection!);
    },
  },
  length: {
    arity: [1, 1],
    call: ([collection]) => {
      if (typeof collection === "string" || isJsonArray(collection)) {
        return collection.length;
      }
      throw wrongType("length", 0, "an array or a string", collection!);
    },
  },
  empty: {
    arity: [1, 1],
    call: ([collection]) => {
      if (collection === null) {
        return true;
      }
      if (typeof collection === "string" || isJsonArray(collection)) {
        return collection.length === 0;
      }
      if (isJsonObject(collection)) {
        return Object.keys(collection).length === 0;
      }
      throw wrongType("empty", 0, "an object, an array or a string", collection!);
    },
  },
  first: { arity: [1, 1], call: ([collection]) => end("first", collection!, 0) },
  last: { arity: [1, 1], call: ([collection]) => end("last", collection!, -1) },
  take: {
    arity: [2, 2],
    call: (args) => {
      const count = integerArg("take", args, 1);
      return part("take", args[0]!, (collection) => collection.slice(0, Math.max(0, count)));
    },
  },
  skip: {
    arity: [2, 2],
    call: (args) => {
      const count = integerArg("skip", args, 1);
      return part("skip", args[0]!, (collection) => collection.slice(Math.max(0, count)));
    },
  },
  join: {
    arity: [2, 2],
    call: (args, evaluation) => {
      const text = arrayArg("join", args, 0)
        .map((item) => contentText(item, evaluation))
        .join(textArg("join", args, 1));
      if (text.length > limits.joinCharacters.most) {
        throw wrongValue(
          "join",
          `The result has ${text.length} characters, more than the limit of ${limits.joinCharacters.most}.`,
        );
      }
      return text;
    },
  },
  sort: {
    arity: [1, 2],
    call: (args) => {
      const by = args.length > 1 ? textArg("sort", args, 1) : undefined;
      return arrayArg("sort", args, 0)
        .map((item) => ({ item, key: by === undefined ? item : memberOf(item, by) }))
        .sort((a, b) => compareKeys(a.key, b.key))
        .map(({ item }) => item);
    },
  },
  reverse: { arity: [1, 1], call: (args) => [...arrayArg("reverse", args, 0)].reverse() },
  union: {
    arity: [1, many],
    call: (args) => {
      if (args.every(isJsonObject)) {
        return Object.assign({}, ...args) as Json;
      }
      const arrays = args.map((_, index) => arrayArg("union", args, index));
      const [first, ...more] = arrays;
      const isAlone = more.every(({ length }) => length === 0);
      const known = isAlone ? distinctItems.get(first!) : undefined;
      if (known) {
        return known;
      }
      const distinct: Json[] = [];
      const texts = new Set<Json>();
      const others = new Set<string>();
      for (const items of arrays) {
        for (const item of items) {
          // Long lists are lists of texts, which need no key.
          const isText = typeof item === "string";
          if (addsTo<Json>(isText ? texts : others, isText ? item : itemKey(item))) {
            distinct.push(item);
          }
        }
      }
      lookups.set(distinct, texts);
      distinctItems.set(distinct, distinct);
      if (isAlone) {
        distinctItems.set(first!, distinct);
      }
      return distinct;
    },
  },
  intersection: {
    arity: [1, many],
    call: (args) => {
      const [first, ...others] = args;
      if (isJsonObject(first) && others.every(isJsonObject)) {
        return Object.fromEntries(
          Object.entries(first).filter(([key, value]) =>
            others.every((other) => Object.hasOwn(other, key) && jsonEquals(other[key]!, value)),
          ),
        );
      }
      const shared = args
        .slice(1)
        .map((_, index) => new Set(arrayArg("intersection", args, index + 1).map(itemKey)));
      const distinct = new Map(
        arrayArg("intersection", args, 0).map((item) => [itemKey(item), item] as const),
      );
      return [...distinct]
        .filter(([key]) => shared.every((keys) => keys.has(key)))
        .map(([, item]) => item);
    },
  },
  chunk: {
    arity: [2, 2],
    call: (args) => {
      const length = integerArg("chunk", args, 1);
      if (length < 1) {
        throw wrongValue("chunk", "The chunk length must be positive.");
      }
      const collection = args[0]!;
      if (typeof collection !== "string" && !isJsonArray(collection)) {
        throw wrongType("chunk", 0, "an array or a string", collection);
      }
      return Array.from({ length: Math.ceil(collection.length / length) }, (_, index) =>
        collection.slice(index * length, (index + 1) * length),
      );
    },
  },
};

/** Arrays without what comes again: definitions ask for the same again and again, since a union is never no array. */
const distinctItems = new WeakMap<readonly Json[], readonly Json[]>();

/** The texts of larger arrays, once they are known. */
const lookups = new WeakMap<readonly Json[], Set<Json> | "seen">();

/** Whether the set did not have the item. */
function addsTo<T>(set: Set<T>, item: T): boolean {
  const before = set.size;
  return set.add(item).size > before;
}

/** The second search in a larger array builds a set: a loop asks the same array for every item. */
function arrayContains(array: readonly Json[], value: Json): boolean {
  if (typeof value !== "string" || array.length < 16) {
    return array.some((item) => jsonEquals(item, value));
  }
  const lookup = lookups.get(array);
  if (lookup === undefined) {
    lookups.set(array, "seen");
    return array.includes(value);
  }
  if (lookup !== "seen") {
    return lookup.has(value);
  }
  const set = new Set(array);
  lookups.set(array, set);
  return set.has(value);
}

function end(name: string, collection: Json, index: 0 | -1): Json {
  if (typeof collection === "string") {
    return collection.at(index) ?? "";
  }
  if (isJsonArray(collection)) {
    return collection.at(index) ?? null;
  }
  throw wrongType(name, 0, "an array or a string", collection);
}

function part(
  name: string,
  collection: Json,
  slice: (collection: string | readonly Json[]) => string | readonly Json[],
): Json {
  if (typeof collection !== "string" && !isJsonArray(collection)) {
    throw wrongType(name, 0, "an array or a string", collection);
  }
  return slice(collection);
}

function memberOf(item: Json, name: string): Json {
  if (!isJsonObject(item)) {
    throw wrongValue("sort", `The array must hold objects to be sorted by '${name}'.`);
  }
  return Object.hasOwn(item, name) ? item[name]! : null;
}

function compareKeys(a: Json, b: Json): number {
  if (isNumber(a) && isNumber(b)) {
    return compareNumbers(a, b);
  }
  if (typeof a === "string" && typeof b === "string") {
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (typeof a === "boolean" && typeof b === "boolean") {
    return Number(a) - Number(b);
  }
  throw wrongValue("sort", "The items must be all numbers, all strings or all Booleans.");
}

/** A text that is the same for equal items only; members of objects count in any order. */
function itemKey(item: Json): string {
  if (typeof item !== "object" || item === null || isLosslessNumber(item)) {
    return isNumber(item) ? `n${Number(String(item))}${String(item)}` : stringifyJson(item);
  }
  const known = itemKeys.get(item);
  if (known !== undefined) {
    return known;
  }
  const key = isJsonArray(item)
    ? `[${item.map(itemKey).join(",")}]`
    : `{${Object.keys(item)
        .sort()
        .map((name) => `${JSON.stringify(name)}:${itemKey((item as Record<string, Json>)[name]!)}`)
        .join(",")}}`;
  itemKeys.set(item, key);
  return key;
}

/** Entries of a page are looked at for each page that follows. */
const itemKeys = new WeakMap<object, string>();
