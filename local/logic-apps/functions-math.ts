import type { Json } from "../json.ts";
import { limits } from "./limits.ts";
import { calculate, compareNumbers, toDouble } from "./numbers.ts";
import {
  type FunctionGroup,
  integerArg,
  many,
  numberArg,
  type WorkflowFunction,
  wrongValue,
} from "./workflow-function.ts";

/**
 * Math functions.
 * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#math-functions
 */
export const mathFunctions: FunctionGroup = {
  add: arithmetic("add"),
  sub: arithmetic("sub"),
  mul: arithmetic("mul"),
  div: arithmetic("div"),
  mod: arithmetic("mod"),
  min: extreme("min", -1),
  max: extreme("max", 1),
  rand: {
    arity: [2, 2],
    call: (args, evaluation) => {
      const least = integerArg("rand", args, 0);
      const limit = integerArg("rand", args, 1);
      if (limit <= least) {
        throw wrongValue("rand", "The first parameter must be less than the second one.");
      }
      return least + Math.floor(evaluation.random() * (limit - least));
    },
  },
  range: {
    arity: [2, 2],
    call: (args) => {
      const start = integerArg("range", args, 0);
      const length = integerArg("range", args, 1);
      if (length < 1 || length > limits.rangeItems.most) {
        throw wrongValue("range", "The 'count' parameter must be from 1 to 100,000.");
      }
      if (start + length > 2_147_483_647) {
        throw wrongValue("range", "The sum of both parameters must not exceed 2,147,483,647.");
      }
      return Array.from({ length }, (_, index) => start + index);
    },
  },
};

function arithmetic(name: "add" | "sub" | "mul" | "div" | "mod"): WorkflowFunction {
  return {
    arity: [2, 2],
    call: (args) => {
      const a = numberArg(name, args, 0);
      const b = numberArg(name, args, 1);
      if ((name === "div" || name === "mod") && toDouble(b) === 0) {
        throw wrongValue(name, "Attempted to divide by zero.");
      }
      try {
        return calculate(name, a, b);
      } catch (error) {
        throw wrongValue(name, (error as Error).message);
      }
    },
  };
}

function extreme(name: "min" | "max", sign: 1 | -1): WorkflowFunction {
  return {
    arity: [1, many],
    call: (args) => {
      const values: readonly Json[] = args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
      if (values.length === 0) {
        throw wrongValue(name, "The array must not be empty.");
      }
      let found = numberArg(name, values, 0);
      for (let index = 1; index < values.length; index++) {
        const value = numberArg(name, values, index);
        if (compareNumbers(value, found) * sign > 0) {
          found = value;
        }
      }
      return found;
    },
  };
}
