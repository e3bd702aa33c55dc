import { describe, expect, test } from "vitest";
import { stringifyJson } from "../../../local/json.ts";
import { ExpressionError } from "../../../local/logic-apps/evaluation.ts";
import { evaluate } from "./evaluate.ts";

const parameters = {
  produce:
    '<?xml version="1.0"?><produce><item><name>Gala</name><count>20</count></item><item><name>Honeycrisp</name><count>10</count></item></produce>',
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

  test("fails on what is no path, and on what is no XML", () => {
    expect(() => value("xpath(xml(parameters('produce')), '//[')")).toThrow(
      new ExpressionError(
        "The template language function 'xpath' was invoked with a parameter that is not valid. '//[' is not a valid XPath expression.",
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

  test("fails without a single root, and on broken XML", () => {
    const invalid = (reason: string) =>
      new ExpressionError(
        `The template language function 'xml' was invoked with a parameter that is not valid. ${reason}`,
      );
    expect(() => value("xml(parameters('two'))")).toThrow(
      invalid("The object must have exactly one property, the root of the document."),
    );
    expect(() => value("xml('<a>')")).toThrow(invalid("The value cannot be read as XML."));
  });
});
