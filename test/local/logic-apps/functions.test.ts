import { describe, expect, test } from "vitest";
import { type Json, stringifyJson } from "../../../local/json.ts";
import { ExpressionError } from "../../../local/logic-apps/evaluation.ts";
import { findFunction, whyForeign } from "../../../local/logic-apps/functions.ts";
import { evaluate } from "./evaluate.ts";

// Examples of https://learn.microsoft.com/azure/logic-apps/expression-functions-reference, and edges.

const parameters = {
  abc: ["a", "b", "c"],
  empty: [],
  object: { first: 1, second: [2] },
  people: [{ age: 41 }, { age: 7 }, { age: 23 }],
  nothing: null,
  surrogate: "\ud800",
};

const value = (expression: string) => evaluate(`@${expression}`, { parameters });

/** Each expression with its value; a float that is whole is written with `.0`. */
function gives(cases: readonly (readonly [expression: string, expected: Json | RegExp])[]) {
  test.each(cases)("%s", (expression, expected) => {
    if (expected instanceof RegExp) {
      expect(value(expression)).toMatch(expected);
    } else {
      expect(stringifyJson(value(expression))).toBe(stringifyJson(expected));
    }
  });
}

function fails(cases: readonly (readonly [expression: string, message: string])[]) {
  test.each(cases)("%s fails", (expression, message) => {
    expect(() => value(expression)).toThrow(new ExpressionError(message));
  });
}

const invalid = (name: string, reason: string) =>
  `The template language function '${name}' was invoked with a parameter that is not valid. ${reason}`;
const wrongType = (name: string, index: string, expected: string, type: string) =>
  `The template language function '${name}' expects its ${index} parameter to be ${expected}. The provided value is of type '${type}'. Please see https://aka.ms/logicexpressions#${name} for usage details.`;

// https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#alphabetical-list
test("every function of the reference is there, or said to be missing", () => {
  const documented = `
    action actions add addDays addHours addMinutes addProperty addSeconds addToTime and array
    base64 base64ToBinary base64ToString binary body bool chunk coalesce concat contains
    convertFromUtc convertTimeZone convertToUtc createArray dataUri dataUriToBinary dataUriToString
    dateDifference dayOfMonth dayOfWeek dayOfYear decimal decodeBase64 decodeDataUri
    decodeUriComponent div encodeUriComponent empty endsWith equals first float formatDateTime
    formDataMultiValues formDataValue formatNumber getFutureTime getPastTime greater
    greaterOrEquals guid if indexOf int isFloat isInt item items iterationIndexes json intersection
    join last lastIndexOf length less lessOrEquals listCallbackUrl max min mod mul multipartBody not
    nthIndexOf or outputs parameters parseDateTime rand range removeProperty replace result reverse
    setProperty skip slice sort split startOfDay startOfHour startOfMonth startsWith string sub
    substring subtractFromTime take ticks toLower toUpper trigger triggerBody
    triggerFormDataMultiValues triggerFormDataValue triggerMultipartBody triggerOutputs trim union
    uriComponent uriComponentToBinary uriComponentToString uriHost uriPath uriPathAndQuery uriPort
    uriQuery uriScheme utcNow variables workflow xml xpath`.match(/\w+/g)!;
  const implemented = documented.filter((name) => findFunction(name));
  const missing = documented.filter((name) => whyForeign(name) !== undefined);
  expect(missing).toEqual(["listCallbackUrl", "multipartBody", "triggerMultipartBody"]);
  expect([...implemented, ...missing].sort()).toEqual([...documented].sort());
});

// https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#string-functions
describe("string functions", () => {
  gives([
    ["concat('Hello', 'World')", "HelloWorld"],
    ["concat('a', 1, true, null, json('[1]'))", "a1True[1]"],
    ["substring('hello world', 6, 5)", "world"],
    ["substring('hello', 5)", ""],
    ["slice('Hello World', 2)", "llo World"],
    ["slice('Hello World', 30)", ""],
    ["slice('Hello World', -2)", "ld"],
    ["slice('Hello World', 3, -1)", "lo Worl"],
    ["slice('Hello World', 3, 3)", ""],
    ["slice('Hello World', 10, 2)", ""],
    ["slice('Hello World', 0)", "Hello World"],
    ["slice('Hello World', 2, 5)", "llo"],
    ["slice('Hello World', 6, 20)", "World"],
    ["replace('the old string', 'old', 'new')", "the new string"],
    ["replace('aXbX', 'X', '$&')", "a$&b$&"],
    ["replace('the old string', 'Old', 'new')", "the old string"],
    ["replace('....', '..', '$&')", "$&$&"],
    ["replace('...', '..', 'a')", "a."],
    ["replace('', 'a', 'b')", ""],
    ["toLower('Hello World')", "hello world"],
    ["toUpper('Hello World')", "HELLO WORLD"],
    ["trim(' Hello World ')", "Hello World"],
    ["indexOf('hello world', 'world')", 6],
    ["indexOf('hello WORLD', 'world')", 6],
    ["indexOf('hello', 'x')", -1],
    ["lastIndexOf('hello world hello world', 'world')", 18],
    ["lastIndexOf('hello world hello world', '')", 22],
    ["lastIndexOf('', 'a')", -1],
    ["lastIndexOf('', '')", 0],
    ["nthIndexOf('123456789123465789', '1', 1)", 0],
    ["nthIndexOf('123456789123465789', '1', 2)", 9],
    ["nthIndexOf('123456789123465789', '12', 2)", 9],
    ["nthIndexOf('123456789123465789', '6', 4)", -1],
    ["nthIndexOf('123456789123465789', '12', -1)", 9],
    ["nthIndexOf('123456789123465789', '1', 3)", -1],
    ["startsWith('hello world', 'HELLO')", true],
    ["startsWith('hello world', 'greeting')", false],
    ["endsWith('hello world', 'universe')", false],
    ["endsWith('hello world', 'World')", true],
    ["split('a;b;c', ';')", ["a", "b", "c"]],
    ["split('', ';')", [""]],
    ["split('a_b_c', '_')", ["a", "b", "c"]],
    ["split('a_b_c', ' ')", ["a_b_c"]],
    ["isInt('10')", true],
    ["isInt('10.5')", false],
    ["isFloat('10,000.5')", true],
    ["isFloat('abc')", false],
    ["isFloat('10.000,00', 'de-DE')", true],
    ["isFloat('10.000,00')", false],
    ["formatNumber(1234567890, '0.00')", "1234567890.00"],
    ["formatNumber(17.355, 'N1')", "17.4"],
    ["formatNumber(5, 'D3')", "005"],
    ["formatNumber(1234567890, '#,##0.00', 'en-US')", "1,234,567,890.00"],
    ["formatNumber(1234567890, '#,##0.00', 'is-IS')", "1.234.567.890,00"],
    ["formatNumber(17.35, 'C2')", "$17.35"],
    ["formatNumber(17.35, 'C2', 'is-IS')", "17,35 kr"],
    ["formatNumber(9007199254740993, 'N0')", "9,007,199,254,740,993"],
    ["formatNumber(-5, 'D3')", "-005"],
    ["formatNumber(255, 'X4')", "00FF"],
    ["formatNumber(-1, 'x')", "ffffffffffffffff"],
    ["formatNumber(1234.5, 'E2')", "1.23E+003"],
    ["formatNumber(0.125, 'P1')", "12.5%"],
    ["formatNumber(1234.5, 'G')", "1234.5"],
    ["formatNumber(2.5, 'F0')", "3"],
    ["formatNumber(0.5, '#.##')", ".5"],
    ["formatNumber(7, '000')", "007"],
    ["formatNumber(1234567, '0,,\\M')", "1M"],
    ["formatNumber(0.25, '0%')", "25%"],
    ["formatNumber(-12, '0.0;(0.0);zero 0')", "(12.0)"],
    ["formatNumber(0, '0.0;(0.0);zero 0')", "zero 0"],
    ["chunk('abcde', 2)", ["ab", "cd", "e"]],
    ["chunk('abcdefghijklmnopqrstuvwxyz', 10)", ["abcdefghij", "klmnopqrst", "uvwxyz"]],
    ["guid()", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ["guid('N')", /^[0-9a-f]{32}$/],
    ["guid('P')", /^\([0-9a-f-]{36}\)$/],
    [
      "guid('X')",
      /^\{0x[0-9a-f]{8},0x[0-9a-f]{4},0x[0-9a-f]{4},\{(0x[0-9a-f]{2},){7}0x[0-9a-f]{2}\}\}$/,
    ],
  ]);
  fails([
    [
      "substring('hello', 3, 3)",
      invalid(
        "substring",
        "The 'start index' and 'length' parameters must refer to a location within the string.",
      ),
    ],
    ["toLower(null)", wrongType("toLower", "first", "a string", "Null")],
    ["startsWith('a', 1)", wrongType("startsWith", "second", "a string", "Integer")],
    ["replace('a', '', 'b')", invalid("replace", "String cannot be of zero length.")],
    ["formatNumber(1, 'Q')", invalid("formatNumber", "The format 'Q' is not valid.")],
    ["formatNumber(1.5, 'D')", invalid("formatNumber", "The format 'D' is not valid.")],
    ["formatNumber(1, '0#')", invalid("formatNumber", "The format '0#' is not valid.")],
    [
      "formatNumber(1, 'N', 'xx-YY')",
      invalid(
        "formatNumber",
        "The provided locale 'xx-YY' is not valid or does not have an associated culture.",
      ),
    ],
    ["guid('Z')", invalid("guid", "The format 'Z' is not valid.")],
  ]);
});

// https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#collection-functions
describe("collection functions", () => {
  gives([
    ["contains('hello world', 'world')", true],
    ["contains('hello world', 'World')", false],
    ["contains('hello world', 'universe')", false],
    ["contains(parameters('abc'), 'b')", true],
    ["contains(parameters('abc'), 'B')", false],
    ["contains(parameters('object'), 'first')", true],
    ["contains(parameters('object'), 'First')", false],
    ["length('abcd')", 4],
    ["length(parameters('abc'))", 3],
    ["empty('')", true],
    ["empty(parameters('abc'))", false],
    ["empty(null)", true],
    ["empty(json('{}'))", true],
    ["first('hello')", "h"],
    ["first(createArray(0, 1, 2))", 0],
    ["first(parameters('empty'))", null],
    ["first('')", ""],
    ["last('abcd')", "d"],
    ["last(createArray(0, 1, 2, 3))", 3],
    ["take('abcde', 3)", "abc"],
    ["take(createArray(0, 1, 2, 3, 4), 3)", [0, 1, 2]],
    ["take(createArray(0), 9)", [0]],
    ["skip(createArray(0, 1, 2, 3), 1)", [1, 2, 3]],
    ["skip(createArray(0), 9)", []],
    ["join(createArray('a', 'b', 'c'), '.')", "a.b.c"],
    ["sort(createArray(2, 1, 10))", [1, 2, 10]],
    ["sort(createArray(2, 1, 0, 3))", [0, 1, 2, 3]],
    [
      `sort(createArray(json('{ "first": "Amalie", "last": "Rose" }'), json('{ "first": "Elise", "last": "Renee" }')), 'last')`,
      [
        { first: "Elise", last: "Renee" },
        { first: "Amalie", last: "Rose" },
      ],
    ],
    ["sort(createArray('b', 'a'))", ["a", "b"]],
    ["sort(createArray(true, false))", [false, true]],
    ["sort(parameters('people'), 'age')", [{ age: 7 }, { age: 23 }, { age: 41 }]],
    ["reverse(createArray(0, 1, 2, 3))", [3, 2, 1, 0]],
    ["union(createArray(1, 2, 3), createArray(1, 2, 10, 101))", [1, 2, 3, 10, 101]],
    ['union(json(\'{"a":1}\'), json(\'{"a":2,"b":3}\'))', { a: 2, b: 3 }],
    ["union(createArray('1'), createArray(1, null, false, ''))", ["1", 1, null, false, ""]],
    ["union(createArray('a', 'b', 'a', json('{}'), json('{}')))", ["a", "b", {}]],
    [
      "createArray(length(union(parameters('people'), json('[]'))), length(union(union(parameters('people'), json('[]')), createArray('b'))), length(union(parameters('people'), json('[]'))))",
      [3, 4, 3],
    ],
    [
      "intersection(createArray(1, 2, 3), createArray(101, 2, 1, 10), createArray(6, 8, 1, 2))",
      [1, 2],
    ],
    ['intersection(json(\'{"a":1,"b":2}\'), json(\'{"b":2,"c":3}\'))', { b: 2 }],
    [
      "chunk(createArray(1, 2, 3, 4, 5, 6, 7, 8), 3)",
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8],
      ],
    ],
  ]);
  fails([
    ["length(null)", wrongType("length", "first", "an array or a string", "Null")],
    ["empty(1)", wrongType("empty", "first", "an object, an array or a string", "Integer")],
    ["take(json('{}'), 1)", wrongType("take", "first", "an array or a string", "Object")],
    ["skip('a', 1.5)", wrongType("skip", "second", "an integer", "Float")],
    ["union(createArray(1), 'a')", wrongType("union", "second", "an array", "String")],
    ["chunk('a', 0)", invalid("chunk", "The chunk length must be positive.")],
    [
      "sort(createArray('a', 1))",
      invalid("sort", "The items must be all numbers, all strings or all Booleans."),
    ],
  ]);

  test("join() makes at most 104,857,600 characters", () => {
    const list = ["x".repeat(52_428_800), "x".repeat(52_428_799)];
    const joined = (separator: string) =>
      evaluate(`@length(join(parameters('list'), '${separator}'))`, { parameters: { list } });
    expect(joined("-")).toBe(104_857_600);
    expect(() => joined("--")).toThrow(
      new ExpressionError(
        invalid("join", "The result has 104857601 characters, more than the limit of 104857600."),
      ),
    );
  });

  test("contains() finds in a large array what is there, from the first call on", () => {
    const list = Array.from({ length: 1000 }, (_, index) => `id-${index}`);
    const has = (id: string) =>
      evaluate(`@contains(parameters('list'), '${id}')`, { parameters: { list } });
    for (let call = 0; call < 4; call++) {
      expect([has("id-0"), has("id-999"), has("id-1000"), has("ID-1")]).toEqual([
        true,
        true,
        false,
        false,
      ]);
    }
  });
});

// https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#logical-comparison-functions
describe("logical comparison functions", () => {
  gives([
    ["if(equals(1, 1), 'yes', 'no')", "yes"],
    ["and(true, equals(1, 2))", false],
    ["and(true, true)", true],
    ["and(false, true)", false],
    ["and(equals(1, 1), equals(2, 2))", true],
    ["or(true, false)", true],
    ["or(false, false)", false],
    ["or(equals(1, 2), equals(1, 3))", false],
    ["not(equals(1, 2))", true],
    ["not(true)", false],
    ["or(false, equals(1, 1))", true],
    ["not(false)", true],
    ["equals('abc', 'abcd')", false],
    ["equals('abc', 'ABC')", false],
    ["equals(true, 1)", true],
    ["equals(0, false)", true],
    ["equals(true, 2)", false],
    ["equals(1, 1.0)", true],
    ["equals(null, '')", false],
    ['equals(json(\'{"a":1,"b":[2]}\'), json(\'{"b":[2],"a":1}\'))', true],
    ["less(5, 10)", true],
    ["less('banana', 'apple')", false],
    ["lessOrEquals('apply', 'apple')", false],
    ["greater('apple', 'banana')", false],
    ["greaterOrEquals(5, 5)", true],
    ["greaterOrEquals('apple', 'banana')", false],
    ["lessOrEquals(10, 10)", true],
    ["greater(10, 5)", true],
    ["greater(9007199254740993, 9007199254740992)", true],
    ["greaterOrEquals(5, 10)", false],
  ]);
  fails([
    ["and(1, true)", wrongType("and", "first", "a boolean", "Integer")],
    ["not(null)", wrongType("not", "first", "a boolean", "Null")],
    ["if(null, 1, 2)", wrongType("if", "first", "a boolean", "Null")],
    [
      "less(null, 1)",
      "The template language function 'less' expects two parameters of matching types: both numbers or both strings. The provided values are of type 'Null' and 'Integer'. Please see https://aka.ms/logicexpressions#less for usage details.",
    ],
  ]);

  const broken = "first(null)";

  test("do not evaluate what cannot matter", () => {
    expect(value(`if(true, 1, ${broken})`)).toBe(1);
    expect(value(`and(false, ${broken})`)).toBe(false);
    expect(value(`or(true, ${broken})`)).toBe(true);
  });

  test.each([`if(true, 1, ${broken})`, `and(false, ${broken})`, `or(true, ${broken})`])(
    "evaluate all of %s when told to",
    (expression) => {
      expect(() => evaluate(`@${expression}`, { parameters }, { eagerLogic: true })).toThrow(
        new ExpressionError(wrongType("first", "first", "an array or a string", "Null")),
      );
    },
  );

  test("take null for an empty text when told to", () => {
    expect(evaluate("@equals(null, '')", {}, { nullEqualsEmptyText: true })).toBe(true);
  });
});

// https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#conversion-functions
describe("conversion functions", () => {
  gives([
    ["json('[1, 2, 3]')", [1, 2, 3]],
    ["string(10)", "10"],
    ["decimal('1.2345678912312131')", 1.234567891231213],
    ["add(decimal('1.2345678912312131'), decimal('1.2345678912312131'))", 2.469135782462426],
    ["string(null)", ""],
    ["string(float('5.0'))", "5"],
    ["concat(2.50, ' ', 3.0)", "2.5 3"],
    ["string(createArray(float('5.0')))", "[5.0]"],
    ["string(false)", "False"],
    ["string(json('{ \"a\": [1.50] }'))", '{"a":[1.50]}'],
    ["int('10')", 10],
    ["int(' -7 ')", -7],
    ["bool('TRUE')", true],
    ["bool(0)", false],
    ["bool(1)", true],
    ["bool(-1)", true],
    ["bool('false')", false],
    ["array('hello')", ["hello"]],
    ["createArray('a', 1, null)", ["a", 1, null]],
    ["base64('hello')", "aGVsbG8="],
    ["base64ToString('aGVsbG8=')", "hello"],
    ["decodeBase64('w6k=')", "é"],
    [
      "base64ToBinary('aGVsbG8=')",
      { "$content-type": "application/octet-stream", $content: "aGVsbG8=" },
    ],
    ["binary('hello')", { "$content-type": "application/octet-stream", $content: "aGVsbG8=" }],
    ["dataUri('hello')", "data:text/plain;charset=utf-8;base64,aGVsbG8="],
    ["dataUriToString('data:text/plain;charset=utf-8;base64,aGVsbG8=')", "hello"],
    ["uriComponent('https://contoso.com/(x)')", "https%3A%2F%2Fcontoso.com%2F%28x%29"],
    ["encodeUriComponent('a b$c')", "a%20b%24c"],
    ["uriComponentToString('https%3A%2F%2Fcontoso.com')", "https://contoso.com"],
    [
      "uriComponentToBinary('https%3A%2F%2Fcontoso.com')",
      { "$content-type": "application/octet-stream", $content: "aHR0cHM6Ly9jb250b3NvLmNvbQ==" },
    ],
    [
      "dataUriToBinary('data:text/plain;charset=utf-8;base64,aGVsbG8=')",
      { "$content-type": "text/plain;charset=utf-8", $content: "aGVsbG8=" },
    ],
    [
      "decodeDataUri('data:,a%20b')",
      { "$content-type": "text/plain;charset=US-ASCII", $content: "YSBi" },
    ],
    ["decodeUriComponent('a%20b')", "a b"],
  ]);
  test("float() gives a float even for a whole number", () => {
    expect(stringifyJson(value("float('10')"))).toBe("10.0");
  });
  test.each([
    ["'10,000.333'", 10000.333],
    ["'10.000,333', 'de-DE'", 10000.333],
    ["'10\u202f000,333', 'fr-FR'", 10000.333],
    ["'12,3,4,5678'", 12345678],
    ["'1234567,8+'", 12345678],
    ["'12345,6,78,-'", -12345678],
    ["'-12,345,678,'", -12345678],
    ["'12345678.-'", -12345678],
    ["'.12345678'", 0.12345678],
  ])("float(%s) is %d", (args, expected) => {
    expect(Number(stringifyJson(value(`float(${args})`)))).toBe(expected);
  });

  const root = (content: string) => `json(xml('<?xml version="1.0"?> <root> ${content} </root>'))`;
  const person = (id: number, name: string) =>
    `<person id="${id}"> <name>${name}</name> <occupation>Engineer</occupation> </person>`;
  const shown = (id: string, name: string) => ({ "@id": id, name, occupation: "Engineer" });
  gives([
    [
      root(person(1, "Sophia Owen")),
      { "?xml": { "@version": "1.0" }, root: { person: shown("1", "Sophia Owen") } },
    ],
    [
      root(person(1, "Sophia Owen") + person(2, "John Doe")),
      {
        "?xml": { "@version": "1.0" },
        root: { person: [shown("1", "Sophia Owen"), shown("2", "John Doe")] },
      },
    ],
    // https://github.com/ScoreUnder/IllogicApps
    ["json(xml('<root>Testing</root>'))", { root: "Testing" }],
    ["json(xml('<root>   </root>'))", { root: "" }],
    ["json(xml('<a><a/>t<a/></a>'))", { a: { a: [null, null], "#text": "t" } }],
    [
      "json(xml('<r><e></e><c><![CDATA[x]]></c></r>'))",
      { r: { e: null, c: { "#cdata-section": "x" } } },
    ],
  ]);

  test("content with its media type is an object, or what it holds when told so", () => {
    const unwrapped = (expression: string) =>
      evaluate(expression, {}, { envelopesAsText: "content" });
    const json = '{"$content-type":"application/octet-stream","$content":"WzFd"}';
    for (const text of ["@string(binary('[1]'))", "@{binary('[1]')}", "@concat(binary('[1]'))"]) {
      expect(evaluate(text)).toBe(json);
      expect(unwrapped(text)).toBe("[1]");
    }
    expect(unwrapped("@join(createArray(binary('[1]'), 2), '-')")).toBe("[1]-2");
    expect(unwrapped("@json(binary('[1]'))")).toEqual([1]);
  });
  const notConvertible = "The value cannot be converted to the target type.";
  fails([
    ["int('10.5')", invalid("int", notConvertible)],
    ["int(1.5)", invalid("int", notConvertible)],
    ["float('x')", invalid("float", notConvertible)],
    ["bool('yes')", invalid("bool", notConvertible)],
    ["json('{')", invalid("json", "The provided value cannot be parsed: it is not valid JSON.")],
    ["json(null)", wrongType("json", "first", "a string", "Null")],
    ["json(binary('{}'))", wrongType("json", "first", "a string", "Object")],
    ["base64ToString('a')", invalid("base64ToString", "The value is not a valid base64 string.")],
    [
      "uriComponentToString('%')",
      invalid("uriComponentToString", "The value is not a valid percent-encoded string."),
    ],
    [
      "uriComponent(parameters('surrogate'))",
      invalid("uriComponent", "The text holds half of a character outside the basic plane."),
    ],
  ]);
});

// https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#math-functions
describe("math functions", () => {
  gives([
    ["add(1, 1.5)", 2.5],
    ["sub(10.5, 0.25)", 10.25],
    ["mul(3, 2)", 6],
    ["div(11, 5)", 2],
    ["div(-11, 5)", -2],
    ["div(11, 5.0)", 2.2],
    ["mod(3, 2)", 1],
    ["mod(-5, 3)", -2],
    ["mod(-5, 2)", -1],
    ["mod(4, -3)", 1],
    ["mul(1, 2)", 2],
    ["div(10, 5)", 2],
    ["max(1, 2, 3)", 3],
    ["min(createArray(1, 2, 3))", 1],
    ["min(1, 2, 3)", 1],
    ["max(createArray(1, 2, 3))", 3],
    ["rand(1, 5)", 3],
    ["range(1, 4)", [1, 2, 3, 4]],
  ]);
  test.each([
    [0, 1],
    [0.999, 4],
  ])("rand(1, 5) for the random number %d is %d", (random, expected) => {
    expect(evaluate("@rand(1, 5)", { random })).toBe(expected);
  });
  test("a number may begin or end with its point", () => {
    expect(stringifyJson(value("sub(10.3, .3)"))).toBe("10.0");
    expect(stringifyJson(value("add(1., -.5)"))).toBe("0.5");
  });
  test("a float stays one, and 64-bit integers are exact", () => {
    expect(stringifyJson(value("mul(1.5, 2)"))).toBe("3.0");
    expect(stringifyJson(value("div(11.0, 5)"))).toBe("2.2");
    expect(stringifyJson(value("mul(0.5, 2)"))).toBe("1.0");
    expect(stringifyJson(value("add(9007199254740992, 1)"))).toBe("9007199254740993");
    expect(stringifyJson(value("mul(3037000499, 3037000499)"))).toBe("9223372030926249001");
  });
  fails([
    ["div(1, 0)", invalid("div", "Attempted to divide by zero.")],
    [
      "add(9223372036854775807, 1)",
      invalid("add", "Value was either too large or too small for an Int64."),
    ],
    ["add('1', 1)", wrongType("add", "first", "an integer or a decimal number", "String")],
    ["range(0, 0)", invalid("range", "The 'count' parameter must be from 1 to 100,000.")],
    [
      "range(2147483600, 48)",
      invalid("range", "The sum of both parameters must not exceed 2,147,483,647."),
    ],
    ["range(0, 100001)", invalid("range", "The 'count' parameter must be from 1 to 100,000.")],
    ["rand(5, 5)", invalid("rand", "The first parameter must be less than the second one.")],
  ]);
});

// https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#date-and-time-functions
describe("date and time functions", () => {
  gives([
    ["utcNow()", "2026-01-05T10:20:30.4560000Z"],
    ["utcNow('D')", "Monday, January 5, 2026"],
    ["utcNow('u')", "2026-01-05 10:20:30Z"],
    ["utcNow('U')", "Monday, January 5, 2026 10:20:30 AM"],
    ["utcNow('d')", "1/5/2026"],
    ["utcNow('t')", "10:20 AM"],
    ["utcNow('T')", "10:20:30 AM"],
    ["utcNow('y')", "January 2026"],
    ["utcNow('yyyy')", "2026"],
    ["utcNow('ddd, d MMM yyyy')", "Mon, 5 Jan 2026"],
    ["addMinutes('2018-03-15T00:10:00Z', 10)", "2018-03-15T00:20:00.0000000Z"],
    ["addHours('2018-03-15T15:00:00Z', -5)", "2018-03-15T10:00:00.0000000Z"],
    ["addSeconds('2018-03-15T00:00:00Z', 10)", "2018-03-15T00:00:10.0000000Z"],
    ["subtractFromTime('2018-01-02T00:00:00Z', 1, 'Day', 'D')", "Monday, January 1, 2018"],
    ["startOfMonth('2018-03-15T13:30:30Z')", "2018-03-01T00:00:00.0000000Z"],
    ["formatDateTime('01/31/2016', 'dddd MMMM d')", "Sunday January 31"],
    ["formatDateTime('01/31/2016', 'dddd MMMM d', 'fr-fr')", "dimanche janvier 31"],
    ["formatDateTime('01/31/2016', 'dddd MMMM d', 'fr-FR')", "dimanche janvier 31"],
    ["formatDateTime('01/31/2016', 'dddd MMMM d', 'es-es')", "domingo enero 31"],
    ["formatDateTime('01/31/2016', 's', 'es-es')", "2016-01-31T00:00:00"],
    ["parseDateTime('20/10/2014', 'fr-fr')", "2014-10-20T00:00:00.0000000"],
    ["parseDateTime('05/10/2014', 'fr-fr')", "2014-10-05T00:00:00.0000000"],
    ["parseDateTime('05/10/2014')", "2014-05-10T00:00:00.0000000"],
    ["parseDateTime('20 octobre 2010', 'fr-FR')", "2010-10-20T00:00:00.0000000"],
    ["parseDateTime('martes 20 octubre 2020', 'es-es')", "2020-10-20T00:00:00.0000000"],
    ["parseDateTime('21052019', 'fr-fr', 'ddMMyyyy')", "2019-05-21T00:00:00.0000000"],
    ["parseDateTime('20190521', 'fr-fr', 'yyyyMMdd')", "2019-05-21T00:00:00.0000000"],
    ["parseDateTime('10/20/2014 15h', 'en-US', 'MM/dd/yyyy HH\\h')", "2014-10-20T15:00:00.0000000"],
    ["parseDateTime('3 PM 1.2.49', 'en-US', 'h tt d.M.yy')", "2049-02-01T15:00:00.0000000"],
    [
      "parseDateTime('1 Feb 1950 12:00:00.5 +02:00', 'en-US', 'd MMM yyyy HH:mm:ss.f zzz')",
      "1950-02-01T10:00:00.5000000Z",
    ],
    [
      "convertFromUtc('2018-01-01T08:00:00.0000000Z', 'Pacific Standard Time')",
      "2018-01-01T00:00:00.0000000",
    ],
    [
      "convertFromUtc('2018-01-01T08:00:00.0000000Z', 'pacific standard time', 'D')",
      "Monday, January 1, 2018",
    ],
    [
      "convertFromUtc('2018-07-01T08:00:00.5Z', 'W. Europe Standard Time')",
      "2018-07-01T10:00:00.5000000",
    ],
    [
      "convertTimeZone('2018-01-01T08:00:00.0000000Z', 'UTC', 'Pacific Standard Time')",
      "2018-01-01T00:00:00.0000000",
    ],
    [
      "convertTimeZone('2018-03-25T01:59:59', 'W. Europe Standard Time', 'Tokyo Standard Time', 's')",
      "2018-03-25T09:59:59",
    ],
    [
      "convertToUtc('01/01/2018 00:00:00', 'Pacific Standard Time')",
      "2018-01-01T08:00:00.0000000Z",
    ],
    [
      "convertToUtc('01/01/2018 00:00:00', 'Pacific Standard Time', 'D')",
      "Monday, January 1, 2018",
    ],
    [
      "convertToUtc('2018-03-25T03:00:00', 'W. Europe Standard Time')",
      "2018-03-25T01:00:00.0000000Z",
    ],
    ["convertToUtc('2018-10-28T01:30:00', 'GMT Standard Time')", "2018-10-28T01:30:00.0000000Z"],
    ["addDays('2018-03-15T00:00:00Z', 10)", "2018-03-25T00:00:00.0000000Z"],
    ["addDays('2018-03-15T00:00:00Z', -5)", "2018-03-10T00:00:00.0000000Z"],
    ["addHours('2018-03-15T00:00:00Z', 10)", "2018-03-15T10:00:00.0000000Z"],
    ["addMinutes('2018-03-15T00:20:00Z', -5)", "2018-03-15T00:15:00.0000000Z"],
    ["addSeconds('2018-03-15T00:00:30Z', -5, 's')", "2018-03-15T00:00:25"],
    ["addToTime('2018-01-01T00:00:00Z', 1, 'Day')", "2018-01-02T00:00:00.0000000Z"],
    ["addToTime('2018-01-01T00:00:00Z', 1, 'Day', 'D')", "Tuesday, January 2, 2018"],
    ["addToTime('2024-01-31T12:00:00Z', 1, 'month')", "2024-02-29T12:00:00.0000000Z"],
    ["subtractFromTime('2018-01-02T00:00:00Z', 1, 'Day')", "2018-01-01T00:00:00.0000000Z"],
    ["getPastTime(5, 'Day')", "2025-12-31T10:20:30.4560000Z"],
    ["getFutureTime(1, 'Week', 'yyyy-MM-dd')", "2026-01-12"],
    ["formatDateTime('03/15/2018')", "2018-03-15T00:00:00.0000000"],
    ["formatDateTime('03/15/2018 12:00:00', 'yyyy-MM-ddTHH:mm:ss')", "2018-03-15T12:00:00"],
    ["formatDateTime('2016-01-31T05:06:07.1234567Z', 'dddd MMMM d')", "Sunday January 31"],
    ["formatDateTime('2016-01-31T05:06:07.1234567Z', 'yyyyMMdd')", "20160131"],
    [
      "formatDateTime('2016-01-31T05:06:07.1234567Z', 'yyyy-MM-ddTHH:mm:ss.fffffffK')",
      "2016-01-31T05:06:07.1234567Z",
    ],
    ["formatDateTime('2016-01-31T05:06:07.1234567Z', 'HH''h''mm \\h ss.ff')", "05h06 h 07.12"],
    ["formatDateTime('2016-01-31T15:06:07Z', 'ddd, dd MMM yy h:mm tt')", "Sun, 31 Jan 16 3:06 PM"],
    ["formatDateTime('2016-01-31T05:06:07+02:00')", "2016-01-31T03:06:07.0000000Z"],
    ["formatDateTime('2016-01-31T05:06:07')", "2016-01-31T05:06:07.0000000"],
    ["formatDateTime('Tue, 15 Nov 2022 12:45:26 GMT', 'r')", "Tue, 15 Nov 2022 12:45:26 GMT"],
    ["parseDateTime('2016-01-31T05:06:07Z')", "2016-01-31T05:06:07.0000000Z"],
    ["startOfHour('2018-03-15T13:30:30Z')", "2018-03-15T13:00:00.0000000Z"],
    ["startOfDay('2018-03-15T13:30:30Z')", "2018-03-15T00:00:00.0000000Z"],
    ["startOfMonth('2018-03-15T13:30:30Z', 'yyyy-MM-dd')", "2018-03-01"],
    ["dayOfWeek('2018-03-15T13:27:36Z')", 4],
    ["dayOfMonth('2018-03-15T13:27:36Z')", 15],
    ["dayOfYear('2018-03-15T13:27:36Z')", 74],
    ["div(sub(ticks('2018-01-01T00:01:00Z'), ticks('2018-01-01T00:00:00Z')), 10000000)", 60],
    ["dateDifference('2015-02-08', '2018-07-30')", "1268.00:00:00"],
    ["dateDifference('2018-01-01T10:00:00Z', '2018-01-01T09:59:59.5Z')", "-00:00:00.5000000"],
    ["convertFromUtc('2018-01-01T08:00:00Z', 'UTC')", "2018-01-01T08:00:00.0000000"],
    ["convertToUtc('2018-01-01T08:00:00', 'UTC')", "2018-01-01T08:00:00.0000000Z"],
    ["convertTimeZone('2018-01-01T08:00:00Z', 'UTC', 'UTC', 'D')", "Monday, January 1, 2018"],
  ]);
  test.each([
    ["getFutureTime(5, 'Day')", "2018-03-06T00:00:00.0000000Z"],
    ["getFutureTime(5, 'Day', 'D')", "Tuesday, March 6, 2018"],
    ["getPastTime(5, 'Day')", "2018-02-24T00:00:00.0000000Z"],
    ["getPastTime(28, 'Day', 'D')", "Thursday, February 1, 2018"],
  ])("%s is counted from now", (expression, expected) => {
    expect(evaluate(`@${expression}`, { now: new Date("2018-03-01T00:00:00Z") })).toBe(expected);
  });

  test("ticks() counts 100 ns since the year 1, exactly", () => {
    expect(stringifyJson(value("ticks('2018-01-01T00:00:00.0000001Z')"))).toBe(
      "636503616000000001",
    );
  });
  fails([
    [
      "addDays('2018-03-15T00:00:00Z', 1.5)",
      invalid("addDays", "The second parameter must be an integer."),
    ],
    [
      "addDays('yesterday', 1)",
      invalid(
        "addDays",
        "In function 'addDays', the value provided for date time string 'yesterday' was not valid. The datetime string must match ISO 8601 format.",
      ),
    ],
    [
      "formatDateTime('2018-02-30T00:00:00Z')",
      invalid(
        "formatDateTime",
        "In function 'formatDateTime', the value provided for date time string '2018-02-30T00:00:00Z' was not valid. The datetime string must match ISO 8601 format.",
      ),
    ],
    [
      "utcNow('q')",
      invalid("utcNow", "The value provided for date time format 'q' was not valid."),
    ],
    [
      "addDays('9999-12-31T00:00:00Z', 1)",
      invalid("addDays", "The resulting time is outside the years 1 to 9999."),
    ],
    [
      "getPastTime(1, 'Fortnight')",
      invalid(
        "getPastTime",
        "The time unit must be Second, Minute, Hour, Day, Week, Month or Year, got 'Fortnight'.",
      ),
    ],
    [
      "convertFromUtc('2018-01-01T08:00:00Z', 'Europe/Berlin')",
      invalid("convertFromUtc", "The time zone id 'Europe/Berlin' is not valid."),
    ],
    [
      "convertToUtc('2018-03-25T02:30:00', 'W. Europe Standard Time')",
      invalid(
        "convertToUtc",
        "The time '2018-03-25T02:30:00' does not exist in 'W. Europe Standard Time'.",
      ),
    ],
    [
      "formatDateTime('2018-01-01', 'D', 'fr-fr')",
      invalid("formatDateTime", "The value provided for date time format 'D' was not valid."),
    ],
    [
      "parseDateTime('tomorrow')",
      invalid("parseDateTime", "The date 'tomorrow' cannot be read in this format."),
    ],
    [
      "parseDateTime('21/05/2019', 'fr-fr', 'yyyyMMdd')",
      invalid("parseDateTime", "The date '21/05/2019' cannot be read in this format."),
    ],
  ]);
});

// https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#manipulation-functions
describe("manipulation functions", () => {
  gives([
    ["coalesce(null, true, false)", true],
    ["coalesce(null, '')", ""],
    ["coalesce(null, null)", null],
    ["addProperty(json('{\"a\":1}'), 'b', 2)", { a: 1, b: 2 }],
    ["setProperty(json('{\"a\":1}'), 'a', 2)", { a: 2 }],
    ["removeProperty(json('{\"a\":1,\"b\":2}'), 'b')", { a: 1 }],
    ["removeProperty(json('{\"a\":1}'), 'x')", { a: 1 }],
    [
      `setProperty(json('{ "customerName": { "firstName": "Sophia", "surName": "Owen" } }'), 'customerName', addProperty(json('{ "customerName": { "firstName": "Sophia", "surName": "Owen" } }')['customerName'], 'middleName', 'Anne'))`,
      { customerName: { firstName: "Sophia", surName: "Owen", middleName: "Anne" } },
    ],
    [
      `removeProperty(json('{ "customerName": { "firstName": "Sophia", "middleName": "Anne" } }')['customerName'], 'middleName')`,
      { firstName: "Sophia" },
    ],
    ['mergeObjects(json(\'{"a":1,"b":1}\'), json(\'{"b":2}\'))', { a: 1, b: 2 }],
  ]);
  fails([
    [
      "addProperty(json('{\"a\":1}'), 'a', 2)",
      invalid("addProperty", "The object already has the property 'a'."),
    ],
    ["setProperty(null, 'a', 1)", wrongType("setProperty", "first", "an object", "Null")],
  ]);
});

// https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#uri-parsing-functions
describe("URI functions", () => {
  const uri = "'https://www.localhost.com:8080/catalog/shown.htm?date=today'";
  gives([
    [`uriHost(${uri})`, "www.localhost.com"],
    [`uriPath(${uri})`, "/catalog/shown.htm"],
    [`uriPathAndQuery(${uri})`, "/catalog/shown.htm?date=today"],
    [`uriPort(${uri})`, 8080],
    ["uriPort('https://example.org/')", 443],
    ["uriPort('http://example.org/')", 80],
    ["uriPath('https://www.contoso.com')", "/"],
    ["uriPathAndQuery('https://www.contoso.com')", "/"],
    [`uriQuery(${uri})`, "?date=today"],
    [`uriScheme(${uri})`, "https"],
  ]);
  fails([["uriHost('nothing')", invalid("uriHost", "The value is not a valid absolute URI.")]]);
});
