import {
  designerFunctions,
  type FunctionGroup,
  many,
  objectArg,
  textArg,
  wrongValue,
} from "./workflow-function.ts";

/**
 * Functions that change objects, and `coalesce`.
 * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#manipulation-functions
 */
export const manipulationFunctions: FunctionGroup = {
  coalesce: { arity: [1, many], call: (args) => args.find((value) => value !== null) ?? null },
  addProperty: {
    arity: [3, 3],
    call: (args) => {
      const object = objectArg("addProperty", args, 0);
      const name = textArg("addProperty", args, 1);
      if (Object.hasOwn(object, name)) {
        throw wrongValue("addProperty", `The object already has the property '${name}'.`);
      }
      return { ...object, [name]: args[2]! };
    },
  },
  setProperty: {
    arity: [3, 3],
    call: (args) => ({
      ...objectArg("setProperty", args, 0),
      [textArg("setProperty", args, 1)]: args[2]!,
    }),
  },
  removeProperty: {
    arity: [2, 2],
    call: (args) => {
      const removed = textArg("removeProperty", args, 1);
      return Object.fromEntries(
        Object.entries(objectArg("removeProperty", args, 0)).filter(([name]) => name !== removed),
      );
    },
  },
  mergeObjects: {
    arity: [2, 2],
    source: designerFunctions,
    call: (args) => ({
      ...objectArg("mergeObjects", args, 0),
      ...objectArg("mergeObjects", args, 1),
    }),
  },
};
