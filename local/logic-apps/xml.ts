import { type Document, DOMParser, type Element, type Node } from "@xmldom/xmldom";
import type { Json } from "../json.ts";
import { type Envelope, isEnvelope } from "./evaluation.ts";
import { wrongValue } from "./workflow-function.ts";

/** The media type of XML that `xml()` makes. */
export const xmlContentType = "application/xml;charset=utf-8";

/** Whether a value is an XML document as `xml()` or a response gives it. */
export function isXml(value: Json): value is Envelope & { readonly [key: string]: Json } {
  return isEnvelope(value) && /^(application|text)\/(.+\+)?xml\b/i.test(value["$content-type"]);
}

/** What was read last: an action asks one document for several things. */
let last: { readonly text: string; readonly document: Document } | undefined;

/** Reads a text as XML for the function of that name, to be left as it is; throws when it is none. */
export function parseXml(name: string, text: string): Document {
  if (last?.text === text) {
    return last.document;
  }
  try {
    const document = new DOMParser({
      onError: (_level, message) => {
        throw new Error(message);
      },
    }).parseFromString(text, "text/xml");
    last = { text, document };
    return document;
  } catch {
    throw wrongValue(name, "The value cannot be read as XML.");
  }
}

/**
 * An XML document as JSON, as Newtonsoft.Json makes it: attributes begin with `@`, an element that
 * comes again becomes an array, one with text alone a string and an empty one null.
 * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#json
 */
export function jsonOfXml(name: string, { $content }: Envelope): Json {
  const document = parseXml(name, Buffer.from($content, "base64").toString("utf8"));
  const members = new Members();
  for (const node of document.childNodes) {
    if (node.nodeType === node.PROCESSING_INSTRUCTION_NODE && node.nodeName === "xml") {
      const attributes = [...(node.nodeValue ?? "").matchAll(/([\w-]+)\s*=\s*["']([^"']*)["']/g)];
      members.add(
        "?xml",
        Object.fromEntries(attributes.map(([, key, value]) => [`@${key!}`, value!])),
      );
    } else if (node.nodeType === node.ELEMENT_NODE) {
      members.add(node.nodeName, valueOf(node as Element));
    }
  }
  return members.object();
}

function valueOf(element: Element): Json {
  const members = new Members();
  for (const { name, value } of element.attributes) {
    members.add(`@${name}`, value);
  }
  for (const node of element.childNodes as Iterable<Node>) {
    if (node.nodeType === node.ELEMENT_NODE) {
      members.add(node.nodeName, valueOf(node as Element));
    } else if (node.nodeType === node.CDATA_SECTION_NODE) {
      members.add("#cdata-section", node.nodeValue ?? "");
    } else if (node.nodeType === node.TEXT_NODE && node.nodeValue?.trim()) {
      members.add("#text", node.nodeValue);
    }
  }
  const { only } = members;
  if (only?.name === "#text") {
    return only.value;
  }
  return members.isEmpty ? (element.childNodes.length > 0 ? "" : null) : members.object();
}

/** Members of an object, where a name that comes again makes an array. */
class Members {
  private readonly values = new Map<string, Json[]>();

  get isEmpty(): boolean {
    return this.values.size === 0;
  }

  /** The single member, when there is but one. */
  get only(): { readonly name: string; readonly value: Json } | undefined {
    const [[name, values] = ["", []], ...others] = this.values;
    return others.length === 0 && values.length === 1 ? { name, value: values[0]! } : undefined;
  }

  add(name: string, value: Json): void {
    const values = this.values.get(name) ?? [];
    values.push(value);
    this.values.set(name, values);
  }

  object(): Json {
    return Object.fromEntries(
      [...this.values].map(([name, values]) => [name, values.length > 1 ? values : values[0]!]),
    );
  }
}
