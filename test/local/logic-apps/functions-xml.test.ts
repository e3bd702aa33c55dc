import { describe, expect, test } from "vitest";
import { stringifyJson } from "../../../local/json.ts";
import { ExpressionError } from "../../../local/logic-apps/evaluation.ts";
import { evaluate } from "./evaluate.ts";

const parameters = {
  produce:
    '<?xml version="1.0"?><produce><item><name>Gala</name><count>20</count></item><item><name>Honeycrisp</name><count>10</count></item></produce>',
  file: '<?xml version="1.0"?> <file xmlns="https://contoso.com"> <location>Paris</location> </file>',
  counts: "<counts><n>1</n><n/></counts>",
  person: { person: { name: "Sophia Owen", city: "Seattle" } },
  notXml: { "$content-type": "application/xml", $content: "PGE=" },
  object: { root: { n: [1, 2.5, 4], text: "a<b&c" } },
  two: { a: 1, b: 2 },
};
const value = (expression: string) => evaluate(`@${expression}`, { parameters });
const envelope = (xml: string) => ({
  "$content-type": "application/xml;charset=utf-8",
  $content: Buffer.from(xml).toString("base64"),
});

// https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#xpath
describe("xpath()", () => {
  test.each([
    ["sum(/produce/item/count)", "30.0"],
    ["count(/produce/item)", "2.0"],
    ["string(/produce/item[2]/name)", '"Honeycrisp"'],
    ["boolean(/produce/item[name='Fuji'])", "false"],
    ["/produce/item/name/text()", '["Gala","Honeycrisp"]'],
    ["/produce/item/name[text()='Gala']", stringifyJson([envelope("<name>Gala</name>")])],
  ])("finds %s", (path, expected) => {
    const found = evaluate(`@xpath(xml(parameters('produce')), '${path.replaceAll("'", "''")}')`, {
      parameters,
    });
    expect(stringifyJson(found)).toBe(expected);
  });

  test("finds every node of a path, as XML", () => {
    expect(value("xpath(xml(parameters('produce')), '/produce/item/name')")).toEqual([
      envelope("<name>Gala</name>"),
      envelope("<name>Honeycrisp</name>"),
    ]);
    expect(value("xpath(xml(parameters('produce')), '/produce/pear')")).toEqual([]);
    expect(value("xpath(xml('<a id=\"7\"/>'), '/a/@id')")).toEqual(["7"]);
    expect(value("xpath(xml(parameters('counts')), '/')")).toEqual([
      envelope("<counts><n>1</n><n/></counts>"),
    ]);
  });

  test.each([
    ['/*[name()="file"]/*[name()="location"]', "node"],
    [
      '/*[local-name()="file" and namespace-uri()="https://contoso.com"]/*[local-name()="location"]',
      "node",
    ],
    ['string(/*[name()="file"]/*[name()="location"])', "Paris"],
    // A name without prefix is in no namespace.
    ["/file/location", []],
  ])("finds %s in a document with a namespace", (path, expected) => {
    const node = [envelope('<location xmlns="https://contoso.com">Paris</location>')];
    expect(value(`xpath(xml(parameters('file')), '${path}')`)).toEqual(
      expected === "node" ? node : expected,
    );
  });

  test("fails for a sum over what is no number, where XPath has NaN and JSON nothing", () => {
    expect(() => value("xpath(xml(parameters('counts')), 'sum(//n)')")).toThrow(
      new ExpressionError(
        "The template language function 'xpath' was invoked with a parameter that is not valid. 'sum(//n)' is not a number for this document.",
      ),
    );
    expect(stringifyJson(value("xpath(xml(parameters('counts')), 'sum(//none)')"))).toBe("0.0");
  });

  test("fails on what is no path, and on what is no XML", () => {
    expect(() => value("xpath(xml(parameters('produce')), '//[')")).toThrow(
      new ExpressionError(
        "The template language function 'xpath' was invoked with a parameter that is not valid. '//[' is not a valid XPath expression.",
      ),
    );
    expect(() => value("xpath(xml(parameters('file')), '/c:file')")).toThrow(
      new ExpressionError(
        "The template language function 'xpath' was invoked with a parameter that is not valid. '/c:file' is not a valid XPath expression.",
      ),
    );
    expect(() => value("xpath(parameters('notXml'), '/')")).toThrow(
      new ExpressionError(
        "The template language function 'xpath' was invoked with a parameter that is not valid. The value cannot be read as XML.",
      ),
    );
    expect(() => value("xpath(xml('<a/>'), 1)")).toThrow(
      new ExpressionError(
        "The template language function 'xpath' expects its second parameter to be a string. The provided value is of type 'Integer'. Please see https://aka.ms/logicexpressions#xpath for usage details.",
      ),
    );
    expect(() => value("xpath('x', '/')")).toThrow(
      new ExpressionError(
        "The template language function 'xpath' expects its first parameter to be an XML document. The provided value is of type 'String'. Please see https://aka.ms/logicexpressions#xpath for usage details.",
      ),
    );
  });
});

// https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#xml
describe("xml()", () => {
  test("makes an element of each member, and repeats it for an array", () => {
    expect(value("xml(parameters('object'))")).toEqual(
      envelope("<root><n>1</n><n>2.5</n><n>4</n><text>a&lt;b&amp;c</text></root>"),
    );
    expect(stringifyJson(value("xpath(xml(parameters('object')), 'sum(/root/n)')"))).toBe("7.5");
  });

  test("makes the document of a string, and of an object", () => {
    expect(value("xml('<name>Sophia Owen</name>')")).toEqual(envelope("<name>Sophia Owen</name>"));
    expect(value('xml(json(\'{ "name": "Sophia Owen" }\'))')).toEqual(
      envelope("<name>Sophia Owen</name>"),
    );
    expect(value("xml(parameters('person'))")).toEqual(
      envelope("<person><name>Sophia Owen</name><city>Seattle</city></person>"),
    );
    expect(value(`xml(json('{"a":{"none":null,"yes":true,"big":12345678901234567890}}'))`)).toEqual(
      envelope("<a><none></none><yes>true</yes><big>12345678901234567890</big></a>"),
    );
  });

  test("fails for other values, and without a single root, and on broken XML", () => {
    const invalid = (reason: string) =>
      new ExpressionError(
        `The template language function 'xml' was invoked with a parameter that is not valid. ${reason}`,
      );
    expect(() => value("xml(parameters('two'))")).toThrow(
      invalid("The object must have exactly one property, the root of the document."),
    );
    expect(() => value("xml(json('{\"a\":[1]}'))")).toThrow(
      invalid("The object must have exactly one property, the root of the document."),
    );
    // Attributes have a notation of their own, which is not documented.
    expect(() => value(`xml(json('{"a":{"@id":1}}'))`)).toThrow(
      invalid("'@id' cannot be the name of an element."),
    );
    for (const text of ["<a>", "", "text", "<a/><b/>", "<a>&unknown;</a>"]) {
      expect(() => value(`xml('${text}')`)).toThrow(invalid("The value cannot be read as XML."));
    }
    expect(() => value("xml(null)")).toThrow(
      new ExpressionError(
        "The template language function 'xml' expects its first parameter to be a string or an object. The provided value is of type 'Null'. Please see https://aka.ms/logicexpressions#xml for usage details.",
      ),
    );
  });
});
