import type { Column, ColumnType } from "../../content/tables.ts";

/** Quotes a name for SQL. */
export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** DuckDB's types for the types of columns; a JSON column keeps the text of its value. */
export const sqlTypes: Readonly<Record<ColumnType, string>> = {
  string: "VARCHAR",
  int: "INTEGER",
  long: "BIGINT",
  real: "DOUBLE",
  bool: "BOOLEAN",
  datetime: "TIMESTAMP",
  dynamic: "JSON",
};

/**
 * SQL that reads a JSON array of objects, given as SQL, as rows of these columns. The array may be a
 * column of the table `from`; the rows then have its columns `carried`, too. Properties without a
 * column are left out. A missing value or one of another type is null, and a string is never null
 * but empty, as in https://learn.microsoft.com/en-us/azure/data-explorer/kusto/management/data-ingestion/;
 * for Log Analytics nothing is documented.
 */
export function jsonRows(
  columns: readonly Pick<Column, "name" | "type">[],
  array: string,
  { from, carried = [] }: { readonly from?: string; readonly carried?: readonly string[] } = {},
): string {
  const shape = JSON.stringify([Object.fromEntries(columns.map(({ name }) => [name, "JSON"]))]);
  const values = columns.map(
    ({ name, type }) => `${valueReaders[type](quoted(name))} AS ${quoted(name)}`,
  );
  const objects = `unnest(json_transform(${array}, '${shape.replaceAll("'", "''")}'), recursive := true)`;
  return (
    `SELECT ${[...values, ...carried.map(quoted)].join(", ")} FROM ` +
    `(SELECT ${[objects, ...carried.map(quoted)].join(", ")}${from ? ` FROM ${from}` : ""})`
  );
}

/** SQL for the value of each type, from a JSON value. */
const valueReaders: Readonly<Record<ColumnType, (json: string) => string>> = {
  string: (json) => `coalesce(${json} ->> '$', '')`,
  int: (json) => wholeNumber(json, "INTEGER"),
  long: (json) => wholeNumber(json, "BIGINT"),
  real: (json) =>
    `CASE WHEN json_type(${json}) <> 'BOOLEAN' THEN TRY_CAST(${json} ->> '$' AS DOUBLE) END`,
  bool: (json) => `CASE lower(${json} ->> '$') WHEN 'true' THEN true WHEN 'false' THEN false END`,
  // Without an offset the text is UTC, which is the time zone of every connection.
  datetime: (json) =>
    `CASE WHEN json_type(${json}) = 'VARCHAR' ` +
    `THEN TRY_CAST(${json} ->> '$' AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END`,
  dynamic: (json) => json,
};

// A cast alone would round 1.7 to 2.
const wholeNumber = (json: string, type: string) =>
  `CASE WHEN regexp_full_match(${json} ->> '$', '[+-]?[0-9]+') THEN TRY_CAST(${json} ->> '$' AS ${type}) END`;

/**
 * Replaces halves of surrogate pairs, which DuckDB refuses, by U+FFFD: a feed that cuts a text after a
 * number of UTF-16 units can leave them.
 */
export function wholeCharacters(json: string): string {
  if (!/\\u[dD][89a-fA-F]/.test(json)) {
    return json;
  }
  const escape =
    /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)/g;
  return json.replace(escape, (found, half: string | undefined) => (half ? "\\ufffd" : found));
}
