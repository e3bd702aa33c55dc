import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";

import type { ColumnType } from "../../../content/tables.ts";
import { jsonRows, wholeCharacters } from "../../../local/workspace/json-rows.ts";

async function readAs(type: ColumnType, ...values: string[]): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const rows = values.map((value) => `{${value && `"Value":${value}`}}`).join(",");
  const select = jsonRows([{ name: "Value", type }], "$1");
  const reader = await connection.runAndReadAll(`SELECT Value::VARCHAR FROM (${select})`, [
    `[${rows}]`,
  ]);
  connection.closeSync();
  return reader.getRows().map(([value]) => value);
}

describe("jsonRows", () => {
  test("a string is never null", async () => {
    expect(await readAs("string", '"a"', "", "null", "7", "true", '{"a":[1]}')).toEqual([
      ...["a", "", "", "7", "true", '{"a":[1]}'],
    ]);
  });

  test("a whole number may be written as text, and nothing is rounded to one", async () => {
    expect(await readAs("int", "25", '"25"', "1.7", '"x"', "true", "2147483648", "")).toEqual([
      ...["25", "25", null, null, null, null, null],
    ]);
    expect(await readAs("long", "9007199254740993", "9223372036854775808")).toEqual([
      ...["9007199254740993", null],
    ]);
  });

  test("a real takes any number, and no truth value", async () => {
    expect(await readAs("real", "1.5", '"2.5"', '"x"', "true", "null")).toEqual([
      ...["1.5", "2.5", null, null, null],
    ]);
  });

  test("a bool takes true and false, as text too", async () => {
    expect(await readAs("bool", "true", '"False"', "1", '"yes"', "")).toEqual([
      ...["true", "false", null, null, null],
    ]);
  });

  test("a datetime without an offset is UTC, and one with an offset is turned into UTC", async () => {
    const texts = ["2026-01-02T03:04:05", "2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05+02:00"];
    expect(
      await readAs("datetime", ...texts.map((text) => `"${text}"`), '"yesterday"', "20260102"),
    ).toEqual([
      ...["2026-01-02 03:04:05", "2026-01-02 03:04:05.678", "2026-01-02 01:04:05", null, null],
    ]);
  });

  test("a dynamic value keeps its text, numbers beyond a double included", async () => {
    const value = '{"n":123456789012345678901234567890,"a":[null,"ä"]}';
    expect(await readAs("dynamic", value, '"a"', "null", "")).toEqual([value, '"a"', null, null]);
  });

  test("names are taken to the letter, and properties without a column left out", async () => {
    expect(await readAs("string", '"a","value":"b","Other":"c"')).toEqual(["a"]);
    expect(await readAs("string", '"x"'.replace('"x"', 'null,"value":"b"'))).toEqual([""]);
  });
});

describe("wholeCharacters", () => {
  test.each([
    [String.raw`"\ud83d\ude00"`, String.raw`"\ud83d\ude00"`],
    [String.raw`"cut \ud83d"`, String.raw`"cut \ufffd"`],
    [String.raw`"\ude00\uD83D\uDE00"`, String.raw`"\ufffd\uD83D\uDE00"`],
    [String.raw`"\\ud83d is text"`, String.raw`"\\ud83d is text"`],
    [String.raw`"\\\ud83d"`, String.raw`"\\\ufffd"`],
  ])("turns %s into %s", (json, whole) => {
    expect(wholeCharacters(json)).toBe(whole);
  });
});
