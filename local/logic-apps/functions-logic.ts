import { jsonEquals } from "../json.ts";
import { ExpressionError, typeName } from "./evaluation.ts";
import { compareNumbers, isNumber, toDouble } from "./numbers.ts";
import {
  booleanArg,
  type FunctionGroup,
  many,
  type WorkflowFunction,
  wrongType,
} from "./workflow-function.ts";

const lazyNotes = "whether it evaluates what cannot matter is the option `eagerLogic`";

/**
 * Logical comparison functions.
 * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#logical-comparison-functions
 */
export const logicFunctions: FunctionGroup = {
  if: {
    arity: [3, 3],
    notes: lazyNotes,
    compile:
      ([condition, then, otherwise]) =>
      (evaluation) => {
        const holds = booleanArg("if", [condition!(evaluation)], 0);
        if (evaluation.options.eagerLogic) {
          (holds ? otherwise! : then!)(evaluation);
        }
        return (holds ? then! : otherwise!)(evaluation);
      },
  },
  and: connective("and", false),
  or: connective("or", true),
  not: { arity: [1, 1], call: (args) => !booleanArg("not", args, 0) },
  equals: {
    arity: [2, 2],
    notes: "`true` equals 1; whether null equals an empty text is the option `nullEqualsEmptyText`",
    call: ([a, b], { options }) => {
      if (typeof a === "boolean" && isNumber(b!)) {
        return toDouble(b) === Number(a);
      }
      if (typeof b === "boolean" && isNumber(a!)) {
        return toDouble(a) === Number(b);
      }
      return jsonEquals(
        options.nullEqualsEmptyText && a === null ? "" : a!,
        options.nullEqualsEmptyText && b === null ? "" : b!,
      );
    },
  },
  less: comparison("less", (sign) => sign < 0),
  lessOrEquals: comparison("lessOrEquals", (sign) => sign <= 0),
  greater: comparison("greater", (sign) => sign > 0),
  greaterOrEquals: comparison("greaterOrEquals", (sign) => sign >= 0),
};

/** `and` ends at the first false, `or` at the first true. */
function connective(name: string, ends: boolean): WorkflowFunction {
  return {
    arity: [1, many],
    notes: lazyNotes,
    compile: (args) => (evaluation) => {
      if (evaluation.options.eagerLogic) {
        const values = args.map((arg) => arg(evaluation));
        return values.map((_, index) => booleanArg(name, values, index)).includes(ends) === ends;
      }
      for (let index = 0; index < args.length; index++) {
        const value = args[index]!(evaluation);
        if (typeof value !== "boolean") {
          throw wrongType(name, index, "a boolean", value);
        }
        if (value === ends) {
          return ends;
        }
      }
      return !ends;
    },
  };
}

function comparison(name: string, holds: (sign: number) => boolean): WorkflowFunction {
  return {
    arity: [2, 2],
    notes: "of two numbers or two strings by their code units; null fails",
    call: ([a, b]) => {
      if (isNumber(a!) && isNumber(b!)) {
        return holds(compareNumbers(a, b));
      }
      if (typeof a === "string" && typeof b === "string") {
        return holds(a < b ? -1 : a > b ? 1 : 0);
      }
      throw new ExpressionError(
        `The template language function '${name}' expects two parameters of matching types: both numbers or both strings. The provided values are of type '${typeName(a!)}' and '${typeName(b!)}'. Please see https://aka.ms/logicexpressions#${name} for usage details.`,
      );
    },
  };
}
