import { describe, expect, test } from "vitest";
import { type Json, stringifyJson } from "../../../local/json.ts";
import { ExpressionError } from "../../../local/logic-apps/evaluation.ts";
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
    ["replace('the old string', 'old', 'new')", "the new string"],
    ["replace('aXbX', 'X', '$&')", "a$&b$&"],
    ["toLower('Hello World')", "hello world"],
    ["toUpper('Hello World')", "HELLO WORLD"],
    ["trim(' Hello World ')", "Hello World"],
    ["indexOf('hello world', 'world')", 6],
    ["indexOf('hello WORLD', 'world')", 6],
    ["indexOf('hello', 'x')", -1],
    ["lastIndexOf('hello world hello world', 'world')", 18],
    ["nthIndexOf('123456789123465789', '1', 2)", 9],
    ["nthIndexOf('123456789123465789', '12', -1)", 9],
    ["nthIndexOf('123456789123465789', '1', 3)", -1],
    ["startsWith('hello world', 'HELLO')", true],
    ["startsWith('hello world', 'greeting')", false],
    ["endsWith('hello world', 'World')", true],
    ["split('a;b;c', ';')", ["a", "b", "c"]],
    ["split('', ';')", [""]],
    ["isInt('10')", true],
    ["isInt('10.5')", false],
    ["isFloat('10,000.5')", true],
    ["isFloat('abc')", false],
    ["formatNumber(1234567890, '0.00')", "1234567890.00"],
    ["formatNumber(17.355, 'N1')", "17.4"],
    ["formatNumber(5, 'D3')", "005"],
    ["chunk('abcde', 2)", ["ab", "cd", "e"]],
    ["guid()", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ["guid('N')", /^[0-9a-f]{32}$/],
    ["guid('P')", /^\([0-9a-f-]{36}\)$/],
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
    ["guid('Z')", invalid("guid", "The format 'Z' is not valid.")],
  ]);
});

describe("collection functions", () => {
  gives([
    ["contains('hello world', 'world')", true],
    ["contains('hello world', 'World')", false],
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
    ["sort(createArray('b', 'a'))", ["a", "b"]],
    ["sort(parameters('people'), 'age')", [{ age: 7 }, { age: 23 }, { age: 41 }]],
    ["reverse(createArray(0, 1, 2, 3))", [3, 2, 1, 0]],
    ["union(createArray(1, 2, 3), createArray(1, 2, 10, 101))", [1, 2, 3, 10, 101]],
    ['union(json(\'{"a":1}\'), json(\'{"a":2,"b":3}\'))', { a: 2, b: 3 }],
    ["union(createArray('1'), createArray(1, null, false, ''))", ["1", 1, null, false, ""]],
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
  ]);

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

describe("logical comparison functions", () => {
  gives([
    ["if(equals(1, 1), 'yes', 'no')", "yes"],
    ["and(true, equals(1, 2))", false],
    ["or(false, equals(1, 1))", true],
    ["not(false)", true],
    ["equals('abc', 'abcd')", false],
    ["equals('abc', 'ABC')", false],
    ["equals(1, 1.0)", true],
    ["equals(null, '')", false],
    ['equals(json(\'{"a":1,"b":[2]}\'), json(\'{"b":[2],"a":1}\'))', true],
    ["less(5, 10)", true],
    ["less('banana', 'apple')", false],
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

describe("conversion functions", () => {
  gives([
    ["json('[1, 2, 3]')", [1, 2, 3]],
    ["string(10)", "10"],
    ["string(null)", ""],
    ["string(false)", "False"],
    ["string(json('{ \"a\": [1.50] }'))", '{"a":[1.50]}'],
    ["int('10')", 10],
    ["int(' -7 ')", -7],
    ["bool('TRUE')", true],
    ["bool(0)", false],
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
    ["decodeUriComponent('a%20b')", "a b"],
  ]);
  test("float() gives a float even for a whole number", () => {
    expect(stringifyJson(value("float('10')"))).toBe("10.0");
    expect(value("float('10,000.333')")).toBe(10000.333);
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
    ["min(1, 2, 3)", 1],
    ["max(createArray(1, 2, 3))", 3],
    ["rand(1, 5)", 3],
    ["range(1, 4)", [1, 2, 3, 4]],
  ]);
  test("a float stays one, and 64-bit integers are exact", () => {
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
    ["range(0, 100001)", invalid("range", "The 'count' parameter must be from 1 to 100,000.")],
    ["rand(5, 5)", invalid("rand", "The first parameter must be less than the second one.")],
  ]);
});

describe("date and time functions", () => {
  gives([
    ["utcNow()", "2026-01-05T10:20:30.4560000Z"],
    ["utcNow('D')", "Monday, January 5, 2026"],
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
  test("ticks() counts 100 ns since the year 1, exactly", () => {
    expect(stringifyJson(value("ticks('2018-01-01T00:00:00.0000001Z')"))).toBe(
      "636503616000000001",
    );
  });
  fails([
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
      "convertFromUtc('2018-01-01T08:00:00Z', 'Pacific Standard Time')",
      invalid(
        "convertFromUtc",
        "The local engine knows no time zone but UTC, got 'Pacific Standard Time'.",
      ),
    ],
    [
      "formatDateTime('2018-01-01', 'D', 'fr-fr')",
      invalid("formatDateTime", "The local engine knows no locale but en-US."),
    ],
  ]);
});

describe("manipulation functions", () => {
  gives([
    ["coalesce(null, true, false)", true],
    ["coalesce(null, '')", ""],
    ["coalesce(null, null)", null],
    ["addProperty(json('{\"a\":1}'), 'b', 2)", { a: 1, b: 2 }],
    ["setProperty(json('{\"a\":1}'), 'a', 2)", { a: 2 }],
    ["removeProperty(json('{\"a\":1,\"b\":2}'), 'b')", { a: 1 }],
    ["removeProperty(json('{\"a\":1}'), 'x')", { a: 1 }],
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

describe("URI functions", () => {
  const uri = "'https://www.localhost.com:8080/catalog/shown.htm?date=today'";
  gives([
    [`uriHost(${uri})`, "www.localhost.com"],
    [`uriPath(${uri})`, "/catalog/shown.htm"],
    [`uriPathAndQuery(${uri})`, "/catalog/shown.htm?date=today"],
    [`uriPort(${uri})`, 8080],
    ["uriPort('https://example.org/')", 443],
    [`uriQuery(${uri})`, "?date=today"],
    [`uriScheme(${uri})`, "https"],
  ]);
  fails([["uriHost('nothing')", invalid("uriHost", "The value is not a valid absolute URI.")]]);
});
