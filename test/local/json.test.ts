import { LosslessNumber } from "lossless-json";
import { describe, expect, test } from "vitest";
import { jsonBytes, jsonEquals, parseJson, stringifyJson } from "../../local/json.ts";

describe("parseJson and stringifyJson", () => {
  test.each([
    "123456789012345678901",
    "-9007199254740993",
    "1.10",
    "0.1234567890123456789",
    "1e400",
    "2.5E-7",
    "-0",
    "0.0000001",
    "[1,-0,2.50]",
    '{"id":12345678901234567890,"list":[1.0,{"deep":1e5}]}',
    '[ 1.50, "1.50" ]',
    '{"thread":"19:29e1","quoted":"a\\"1.10","end":"\\\\","number":1.10}',
  ])("keep every number of %s as it was written", (text) => {
    expect(stringifyJson(parseJson(text))).toBe(text.replaceAll(" ", ""));
  });

  test("give plain numbers where a double holds them", () => {
    expect(parseJson('{"a":[1,-2,3.25,0,1234567890]}')).toEqual({
      a: [1, -2, 3.25, 0, 1234567890],
    });
    expect(parseJson('{"a":1,"b":1.0}')).toEqual({ a: 1, b: new LosslessNumber("1.0") });
  });

  test("leave texts alone that look like delicate numbers", () => {
    const text = '{"a":"x: 12345678901234567890","b":"1.10,2.20","c":"5e3a0000-1111"}';
    expect(stringifyJson(parseJson(text))).toBe(text);
  });

  test("keep the last of repeated members on both paths, as JSON.parse does", () => {
    expect(parseJson('{"a":1,"a":2}')).toEqual({ a: 2 });
    expect(parseJson('{"a":1,"a":2.50}')).toEqual({ a: new LosslessNumber("2.50") });
  });

  test("tell long texts apart, however often one comes again", () => {
    const long = (last: string) => `[${"1,".repeat(60_000)}${last}]`;
    for (const last of ["2", "2", "3", "2", "2.10"]) {
      expect(stringifyJson(parseJson(long(last)))).toBe(long(last));
    }
    expect(() => parseJson(long("x"))).toThrow(SyntaxError);
    expect(() => parseJson(long("x"))).toThrow(SyntaxError);
  });

  test("write an object that merely resembles a lossless number", () => {
    const text = '{"isLosslessNumber":true,"value":"1"}';
    expect(stringifyJson(parseJson(text))).toBe(text);
  });

  test("refuse broken JSON on both paths", () => {
    expect(() => parseJson('{"a":1')).toThrow(SyntaxError);
    expect(() => parseJson('{"a":1.10')).toThrow(SyntaxError);
  });
});

describe("jsonEquals", () => {
  test("compares numbers by value and objects in any order", () => {
    expect(
      jsonEquals(parseJson("[1.0,12345678901234567890]"), parseJson("[1,12345678901234567890]")),
    ).toBe(true);
    expect(jsonEquals(parseJson("12345678901234567890"), parseJson("12345678901234567891"))).toBe(
      false,
    );
    expect(jsonEquals({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true);
    expect(jsonEquals({ a: 1 }, { a: 1, b: null })).toBe(false);
    expect(jsonEquals([1, 2], [1])).toBe(false);
    expect(jsonEquals(null, "")).toBe(false);
    expect(jsonEquals({}, [])).toBe(false);
  });
});

describe("jsonBytes", () => {
  test.each(['"aé€"', "[1,2,3]", '{"a":"b","c":[true,null]}', "12345678901234567890"])(
    "is the size of %s in UTF-8, give or take a comma",
    (text) => {
      const difference = jsonBytes(parseJson(text)) - Buffer.byteLength(text);
      expect(Math.abs(difference)).toBeLessThanOrEqual(1);
    },
  );
});
