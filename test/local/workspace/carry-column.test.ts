import { DuckDBInstance } from "@duckdb/node-api";
import { expect, test } from "vitest";

import { carryColumn } from "../../../local/workspace/carry-column.ts";

const query = `WITH _s0 AS (SELECT * FROM "source"),
     _s1 AS (SELECT *, "n" + 1 AS "m" FROM _s0),
     _s2 AS (SELECT "m" AS "o" FROM (SELECT *, "m" AS "again" FROM _s1)),
     _s3 AS (SELECT _s2.* FROM _s2 WHERE "o" > 2)
SELECT * FROM _s3`;

test("carryColumn hands a column of the source on, once in each step", async () => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(
    `CREATE TABLE source AS SELECT n, n * 10 AS "call ""x""" FROM range(4) t(n)`,
  );
  const carried = await connection.runAndReadAll(carryColumn(query, 'call "x"'));
  expect(carried.columnNames()).toEqual(['call "x"', "o"]);
  expect(carried.getRowsJson()).toEqual([
    ["20", "3"],
    ["30", "4"],
  ]);
  connection.closeSync();
});
