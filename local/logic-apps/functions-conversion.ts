import { isJsonArray, type Json, type JsonObject, parseJson } from "../json.ts";
import { cultureArg } from "./culture.ts";
import { contentText, isEnvelope, limitText } from "./evaluation.ts";
import { isXml, jsonOfXml } from "./xml.ts";
import {
  float,
  isFloat,
  isNumber,
  parseFloatText,
  parseInteger,
  toDouble,
  type WorkflowNumber,
} from "./numbers.ts";
import {
  type FunctionGroup,
  many,
  textArg,
  type WorkflowFunction,
  wrongValue,
} from "./workflow-function.ts";

const envelopeNotes = "what becomes of content with its media type is the option `envelopesAsText`";

/**
 * Conversion functions.
 * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#conversion-functions
 */
export const conversionFunctions: FunctionGroup = {
  json: {
    arity: [1, 1],
    notes: `fails on null, for which the reference promises an empty object; ${envelopeNotes}`,
    call: ([value], evaluation) => {
      if (isXml(value!)) {
        return jsonOfXml("json", value);
      }
      const unwraps = evaluation.options.envelopesAsText === "content" && isEnvelope(value);
      const text = unwraps ? contentText(value, evaluation) : textArg("json", [value!], 0);
      try {
        return parseJson(text);
      } catch (error) {
        if (error instanceof SyntaxError) {
          throw wrongValue("json", "The provided value cannot be parsed: it is not valid JSON.");
        }
        throw error;
      }
    },
  },
  string: {
    arity: [1, 1],
    notes: envelopeNotes,
    call: ([value], evaluation) =>
      limitText(contentText(value!, evaluation), evaluation, "string()"),
  },
  int: {
    arity: [1, 1],
    call: ([value]) => {
      const number = typeof value === "string" ? parseInteger(value) : wholeNumber(value!);
      if (number === undefined) {
        throw notConvertible("int");
      }
      return number;
    },
  },
  float: { arity: [1, 2], call: (args) => toFloat("float", args) },
  decimal: {
    arity: [1, 1],
    notes: "a float: digits behind the 17th are lost",
    call: (args) => toFloat("decimal", args),
  },
  bool: {
    arity: [1, 1],
    call: ([value]) => {
      if (typeof value === "boolean") {
        return value;
      }
      if (isNumber(value!)) {
        return toDouble(value) !== 0;
      }
      if (typeof value === "string" && /^\s*(true|false)\s*$/i.test(value)) {
        return value.trim().toLowerCase() === "true";
      }
      throw notConvertible("bool");
    },
  },
  array: {
    arity: [1, 1],
    call: ([value]) => (isJsonArray(value) ? value : [value!]),
  },
  createArray: { arity: [1, many], call: (args) => args },
  base64: {
    arity: [1, 1],
    notes: "the length of the result is limited by the option `stringLimit`",
    call: (args, evaluation) =>
      limitText(encodeBase64(textArg("base64", args, 0)), evaluation, "base64()"),
  },
  base64ToString: base64ToText("base64ToString"),
  decodeBase64: base64ToText("decodeBase64"),
  base64ToBinary: {
    arity: [1, 1],
    call: (args) => binaryEnvelope(encodeBase64(decodeBase64("base64ToBinary", args))),
  },
  binary: {
    arity: [1, 1],
    call: (args) => binaryEnvelope(encodeBase64(textArg("binary", args, 0))),
  },
  dataUri: {
    arity: [1, 1],
    notes: "of a string only",
    call: (args) =>
      `data:text/plain;charset=utf-8;base64,${encodeBase64(textArg("dataUri", args, 0))}`,
  },
  dataUriToString: {
    arity: [1, 1],
    call: (args) => decodeDataUri("dataUriToString", args).content.toString("utf8"),
  },
  dataUriToBinary: dataUriToBinary("dataUriToBinary"),
  decodeDataUri: dataUriToBinary("decodeDataUri"),
  uriComponent: encodeUri("uriComponent"),
  encodeUriComponent: encodeUri("encodeUriComponent"),
  uriComponentToString: decodeUri("uriComponentToString"),
  decodeUriComponent: decodeUri("decodeUriComponent"),
  uriComponentToBinary: {
    arity: [1, 1],
    call: (args) =>
      binaryEnvelope(encodeBase64(unescapeUri("uriComponentToBinary", textArg("", args, 0)))),
  },
};

/** Content as the service hands it on when it is not JSON: base64 with its media type. */
export function envelope(contentType: string, base64: string): JsonObject {
  return { "$content-type": contentType, $content: base64 };
}

const binaryEnvelope = (base64: string) => envelope("application/octet-stream", base64);

const encodeBase64 = (content: string | Buffer) => Buffer.from(content).toString("base64");

const notConvertible = (name: string) =>
  wrongValue(name, "The value cannot be converted to the target type.");

function wholeNumber(value: Json): WorkflowNumber | undefined {
  return isNumber(value) && !isFloat(value) ? value : undefined;
}

function toFloat(name: string, args: readonly Json[]): WorkflowNumber {
  const value = args[0]!;
  const number =
    typeof value === "string" ? parseFloatText(value, cultureArg(name, args, 1)) : value;
  if (number === undefined || !isNumber(number)) {
    throw notConvertible(name);
  }
  return isFloat(number) ? number : float(toDouble(number));
}

function decodeBase64(name: string, args: readonly Json[]): Buffer {
  const text = textArg(name, args, 0);
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw wrongValue(name, "The value is not a valid base64 string.");
  }
  return Buffer.from(text, "base64");
}

function base64ToText(name: string): WorkflowFunction {
  return { arity: [1, 1], call: (args) => decodeBase64(name, args).toString("utf8") };
}

function decodeDataUri(name: string, args: readonly Json[]) {
  const parts = /^data:([^,]*?)(;base64)?,(.*)$/s.exec(textArg(name, args, 0));
  if (!parts) {
    throw wrongValue(name, "The value is not a valid data URI.");
  }
  const content = parts[2]
    ? decodeBase64(name, [parts[3]!])
    : Buffer.from(unescapeUri(name, parts[3]!));
  return { contentType: parts[1] || "text/plain;charset=US-ASCII", content };
}

function dataUriToBinary(name: string): WorkflowFunction {
  return {
    arity: [1, 1],
    call: (args) => {
      const { contentType, content } = decodeDataUri(name, args);
      return envelope(contentType, encodeBase64(content));
    },
  };
}

/** Percent-encodes everything but unreserved characters, as .NET does. */
export function escapeUri(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function encodeUri(name: string): WorkflowFunction {
  return {
    arity: [1, 1],
    call: (args) => {
      try {
        return escapeUri(textArg(name, args, 0));
      } catch (error) {
        if (error instanceof URIError) {
          throw wrongValue(name, "The text holds half of a character outside the basic plane.");
        }
        throw error;
      }
    },
  };
}

function decodeUri(name: string): WorkflowFunction {
  return { arity: [1, 1], call: (args) => unescapeUri(name, textArg(name, args, 0)) };
}

function unescapeUri(name: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrongValue(name, "The value is not a valid percent-encoded string.");
  }
}
