import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";

import { readJsonOnce } from "../../../local/workspace/read-json-once.ts";

const query = `WITH _s0 AS (SELECT * FROM "source"),
     _s1 AS (SELECT "Record", "Record" AS "Audit" FROM _s0),
     _s2 AS (SELECT json_extract("Audit", '$.a') AS "a", json_extract("Audit", '$.b') ->> '$' AS "b", concat(json_extract("Audit", '$.a'), json_extract("Record", '$.c')) AS "c" FROM _s1)
SELECT * FROM _s2`;

describe("readJsonOnce", () => {
  test("lets a step read each JSON column once", () => {
    expect(readJsonOnce(query)).toBe(`WITH _s0 AS (SELECT * FROM "source"),
     _s1 AS (SELECT "Record", "Record" AS "Audit" FROM _s0),
     _s2 AS (SELECT "Audit fields"[1] AS "a", "Audit fields"[2] ->> '$' AS "b", concat("Audit fields"[1], "Record fields"[1]) AS "c" FROM (SELECT *, json_extract("Audit", ['$.a', '$.b']) AS "Audit fields", json_extract("Record", ['$.c']) AS "Record fields" FROM _s1))
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

  test("leaves a step alone that hands on all columns", () => {
    const star = `_s1 AS (SELECT *, json_extract("Audit", '$.a') AS "a" FROM _s0)`;
    expect(readJsonOnce(star)).toBe(star);
  });
});
