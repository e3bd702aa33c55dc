import { cultureArg } from "./culture.ts";
import { contentText, type Evaluation, limitText } from "./evaluation.ts";
import { formatNumber } from "./number-format.ts";
import { parseFloatText, parseInteger } from "./numbers.ts";
import {
  designerFunctions,
  type FunctionGroup,
  integerArg,
  many,
  numberArg,
  textArg,
  wrongValue,
} from "./workflow-function.ts";

const stringLimitNotes = "the length of the result is limited by the option `stringLimit`";
const searchNotes = "ignores case as documented, or not, by the option `searchIgnoresCase`";

/**
 * String functions.
 * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#string-functions
 */
export const stringFunctions: FunctionGroup = {
  concat: {
    arity: [1, many],
    notes: stringLimitNotes,
    call: (args, evaluation) =>
      limitText(args.map((arg) => contentText(arg, evaluation)).join(""), evaluation, "concat()"),
  },
  substring: {
    arity: [2, 3],
    call: (args) => {
      const text = textArg("substring", args, 0);
      const start = integerArg("substring", args, 1);
      const length = args.length > 2 ? integerArg("substring", args, 2) : text.length - start;
      if (start < 0 || length < 0 || start + length > text.length) {
        throw wrongValue(
          "substring",
          "The 'start index' and 'length' parameters must refer to a location within the string.",
        );
      }
      return text.slice(start, start + length);
    },
  },
  slice: {
    arity: [2, 3],
    call: (args) =>
      textArg("slice", args, 0).slice(
        integerArg("slice", args, 1),
        args.length > 2 ? integerArg("slice", args, 2) : undefined,
      ),
  },
  replace: {
    arity: [3, 3],
    call: (args) => {
      const old = textArg("replace", args, 1);
      if (old === "") {
        throw wrongValue("replace", "String cannot be of zero length.");
      }
      const text = textArg("replace", args, 0);
      const times = text.length / old.length;
      // Definitions have no other way to repeat a text than to replace a part of a row of the same.
      if (Number.isInteger(times) && text.startsWith(old) && text === old.repeat(times)) {
        return textArg("replace", args, 2).repeat(times);
      }
      const parts = text.split(old);
      // Unlike replaceAll it knows no patterns, and needs no function to say so.
      return parts.length === 1 ? parts[0]! : parts.join(textArg("replace", args, 2));
    },
  },
  guid: {
    arity: [0, 1],
    call: (args, evaluation) => {
      const digits = Array.from({ length: 32 }, (_, index) =>
        (index === 12
          ? 4
          : index === 16
            ? 8 + Math.floor(evaluation.random() * 4)
            : Math.floor(evaluation.random() * 16)
        ).toString(16),
      ).join("");
      const dashed = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
      const format = args.length > 0 ? textArg("guid", args, 0) : "D";
      switch (format.toUpperCase()) {
        case "D":
        case "":
          return dashed;
        case "N":
          return digits;
        case "B":
          return `{${dashed}}`;
        case "P":
          return `(${dashed})`;
        case "X": {
          const [, a, b, c, d] = /^(.{8})(.{4})(.{4})(.{16})$/.exec(digits)!;
          const bytes = d!.match(/../g)!.map((byte) => `0x${byte}`);
          return `{0x${a!},0x${b!},0x${c!},{${bytes.join(",")}}}`;
        }
        default:
          throw wrongValue("guid", `The format '${format}' is not valid.`);
      }
    },
  },
  toLower: { arity: [1, 1], call: (args) => textArg("toLower", args, 0).toLowerCase() },
  toUpper: { arity: [1, 1], call: (args) => textArg("toUpper", args, 0).toUpperCase() },
  trim: { arity: [1, 1], call: (args) => textArg("trim", args, 0).trim() },
  trimByteOrderMark: {
    arity: [1, 1],
    source: designerFunctions,
    call: (args) => textArg("trimByteOrderMark", args, 0).replace(/^\uFEFF/, ""),
  },
  indexOf: {
    arity: [2, 2],
    notes: searchNotes,
    call: (args, evaluation) => {
      const [text, searched] = searchArgs("indexOf", args, evaluation);
      return text.indexOf(searched);
    },
  },
  lastIndexOf: {
    arity: [2, 2],
    notes: searchNotes,
    call: (args, evaluation) => {
      const [text, searched] = searchArgs("lastIndexOf", args, evaluation);
      // An empty text is found at the last character, as documented, not behind it.
      return searched === "" ? Math.max(0, text.length - 1) : text.lastIndexOf(searched);
    },
  },
  nthIndexOf: {
    arity: [3, 3],
    call: (args, evaluation) => {
      const [text, searched] = searchArgs("nthIndexOf", args, evaluation);
      const occurrence = integerArg("nthIndexOf", args, 2);
      if (searched === "" || occurrence === 0) {
        return occurrence === 0 ? -1 : 0;
      }
      const found: number[] = [];
      for (let at = text.indexOf(searched); at >= 0; at = text.indexOf(searched, at + 1)) {
        found.push(at);
      }
      return found.at(occurrence > 0 ? occurrence - 1 : occurrence) ?? -1;
    },
  },
  startsWith: {
    arity: [2, 2],
    notes: searchNotes,
    call: (args, evaluation) => {
      const [text, searched] = searchArgs("startsWith", args, evaluation);
      return text.startsWith(searched);
    },
  },
  endsWith: {
    arity: [2, 2],
    notes: searchNotes,
    call: (args, evaluation) => {
      const [text, searched] = searchArgs("endsWith", args, evaluation);
      return text.endsWith(searched);
    },
  },
  split: {
    arity: [2, 2],
    call: (args) => {
      const separator = textArg("split", args, 1);
      const text = textArg("split", args, 0);
      return separator === "" ? [text] : text.split(separator);
    },
  },
  isInt: {
    arity: [1, 1],
    call: (args) => parseInteger(textArg("isInt", args, 0)) !== undefined,
  },
  isFloat: {
    arity: [1, 2],
    call: (args) =>
      parseFloatText(textArg("isFloat", args, 0), cultureArg("isFloat", args, 1)) !== undefined,
  },
  formatNumber: {
    arity: [2, 3],
    notes:
      "`C D E F G N P X` and patterns with text before and after the digits; currencies of some regions",
    call: (args) => {
      const value = numberArg("formatNumber", args, 0);
      const format = textArg("formatNumber", args, 1);
      const text = formatNumber(value, format, cultureArg("formatNumber", args, 2));
      if (text === undefined) {
        throw wrongValue("formatNumber", `The format '${format}' is not valid.`);
      }
      return text;
    },
  },
};

function searchArgs(
  name: string,
  args: Parameters<typeof textArg>[1],
  evaluation: Evaluation,
): [string, string] {
  const text = textArg(name, args, 0);
  const searched = textArg(name, args, 1);
  return evaluation.options.searchIgnoresCase
    ? [lowerCase(text), searched.toLowerCase()]
    : [text, searched];
}

// A Select searches the same long text again and again.
let lastText = "";
let lastLowerCase = "";

function lowerCase(text: string): string {
  if (text !== lastText) {
    lastText = text;
    lastLowerCase = text.toLowerCase();
  }
  return lastLowerCase;
}
