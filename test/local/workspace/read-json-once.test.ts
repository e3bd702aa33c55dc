import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";

import { loadText } from "../../../content/load.ts";
import { readJsonOnce } from "../../../local/workspace/read-json-once.ts";
import { translatedSql } from "../../../local/workspace/translation.ts";

const query = `WITH _s0 AS (SELECT * FROM "source"),
     _s1 AS (SELECT "Record", "Record" AS "Audit" FROM _s0),
     _s2 AS (SELECT json_extract("Audit", '$.a') AS "a", json_extract("Audit", '$.b') ->> '$' AS "b", concat(json_extract("Audit", '$.a'), json_extract("Record", '$.c')) AS "c", 2 * 3 AS "d" FROM _s1)
SELECT * FROM _s2`;

describe("readJsonOnce", () => {
  test("lets a step read each JSON column once", () => {
    expect(readJsonOnce(query)).toBe(`WITH _s0 AS (SELECT * FROM "source"),
     _s1 AS (SELECT "Record", "Record" AS "Audit" FROM _s0),
     _s2 AS (SELECT "Audit values"[1] AS "a", "Audit texts"[1] AS "b", concat("Audit values"[1], "Record values"[1]) AS "c", 2 * 3 AS "d" FROM (SELECT *, json_extract("Audit", ['$.a']) AS "Audit values", json_extract_string("Audit", ['$.b']) AS "Audit texts", json_extract("Record", ['$.c']) AS "Record values" FROM _s1))
SELECT * FROM _s2`);
  });

  test("gives the same rows", async () => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run(`CREATE TABLE source AS SELECT unnest([
      '{"a":1,"b":"x","c":[2]}', '{"b":null,"c":null}', '{}', '[1]', '"a"', NULL])::JSON AS Record`);
    const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
    const read = await rows(readJsonOnce(query));
    expect(read).toHaveLength(6);
    expect(read).toEqual(await rows(query));
    connection.closeSync();
  });

  test.each([
    `_s1 AS (SELECT *, json_extract("Audit", '$.a') AS "a" FROM _s0)`,
    `_s1 AS (SELECT json_extract("Audit", '$.a') AS "a", * EXCLUDE ("b") FROM _s0)`,
    `_s1 AS (SELECT _s0.*, json_extract("Audit", '$.a') AS "a" FROM _s0)`,
  ])("leaves a step alone that hands on all columns: %s", (star) => {
    expect(readJsonOnce(star)).toBe(star);
  });

  test("finds the fields of the shipped transformation", () => {
    const sql = translatedSql(loadText("transformations/m365-audit.kql"));
    expect(sql).toContain('"Audit texts"[20]');
    expect(sql).not.toContain(`json_extract("Audit", '`);
  });
});
