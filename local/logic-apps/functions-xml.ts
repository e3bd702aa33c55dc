import { createRequire } from "node:module";
import { type Document, type Node, XMLSerializer } from "@xmldom/xmldom";
import { LosslessNumber } from "lossless-json";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { ExpressionError } from "./evaluation.ts";
import { float } from "./numbers.ts";
import { type FunctionGroup, textArg, wrongType, wrongValue } from "./workflow-function.ts";
import { parseXml, xmlContentType } from "./xml.ts";

// The package's own types bring in those of a browser, which contradict Node.js's.
const { select } = createRequire(import.meta.url)("xpath") as {
  readonly select: (path: string, document: Document) => unknown;
};

/**
 * `xml()` and `xpath()`. XML is an envelope of `$content-type` and `$content`, as everywhere in the
 * language; an object becomes XML as Newtonsoft.Json makes it: one root, an array repeats its element.
 * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#xpath
 */
export const xmlFunctions: FunctionGroup = {
  xml: {
    arity: [1, 1],
    notes: "names of members have to be names of elements",
    call: ([value]) => {
      if (typeof value !== "string" && !isJsonObject(value)) {
        throw wrongType("xml", 0, "a string or an object", value!);
      }
      const text = typeof value === "string" ? value : document(value);
      parseXml("xml", text);
      return { "$content-type": xmlContentType, $content: Buffer.from(text).toString("base64") };
    },
  },
  xpath: {
    arity: [2, 2],
    notes:
      "XPath 1.0; several readings of a single node are documented, here it is an array of one",
    call: (args) => {
      const xml = args[0]!;
      if (!isJsonObject(xml) || typeof xml["$content"] !== "string") {
        throw wrongType("xpath", 0, "an XML document", xml);
      }
      const text = Buffer.from(xml["$content"], "base64").toString("utf8");
      const path = textArg("xpath", args, 1);
      let result;
      try {
        result = select(path, parseXml("xpath", text));
      } catch (error) {
        throw error instanceof ExpressionError
          ? error
          : wrongValue("xpath", `'${path}' is not a valid XPath expression.`);
      }
      if (Number.isNaN(result)) {
        throw wrongValue("xpath", `'${path}' is not a number for this document.`);
      }
      return toJson(result);
    },
  },
};

function document(object: JsonObject): string {
  const [root, ...others] = Object.entries(object);
  if (!root || others.length > 0 || isJsonArray(root[1])) {
    throw wrongValue("xml", "The object must have exactly one property, the root of the document.");
  }
  return element(...root);
}

function element(name: string, value: Json): string {
  if (isJsonArray(value)) {
    return value.map((item) => element(name, item)).join("");
  }
  if (!/^[A-Za-z_][\w.-]*$/.test(name)) {
    throw wrongValue("xml", `'${name}' cannot be the name of an element.`);
  }
  const content =
    isJsonObject(value) && !(value instanceof LosslessNumber)
      ? Object.entries(value)
          .map(([key, member]) => element(key, member))
          .join("")
      : escape(value === null ? "" : String(value));
  return `<${name}>${content}</${name}>`;
}

const escape = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function toJson(result: unknown): Json {
  if (typeof result === "number") {
    return float(result);
  }
  if (typeof result === "string" || typeof result === "boolean") {
    return result;
  }
  const serializer = new XMLSerializer();
  return (result as Node[]).map((node) =>
    node.nodeType === node.ELEMENT_NODE || node.nodeType === node.DOCUMENT_NODE
      ? {
          "$content-type": xmlContentType,
          $content: Buffer.from(serializer.serializeToString(node)).toString("base64"),
        }
      : (node.nodeValue ?? ""),
  );
}
