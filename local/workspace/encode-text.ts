/**
 * Lets translated SQL encode any text in base64. duckdb-kql 1.1.2 casts a text to bytes, which DuckDB
 * refuses for characters outside ASCII; `encode` gives the bytes in UTF-8, as KQL does. Fails for a
 * text that is not simply a column, for which the query must give the text a name first.
 */
export function encodeText(sql: string): string {
  const encoded = sql.replace(/CAST\(("\w+") AS BLOB\)/g, "encode($1)");
  if (encoded.includes(" AS BLOB)")) {
    throw new Error(
      "base64_encodestring must be given a column, got an expression: extend it first",
    );
  }
  return encoded;
}
