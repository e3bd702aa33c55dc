import { quoted } from "./json-rows.ts";

/** A step of translated SQL that lists its columns; with a star it hands on all of them as it is. */
const listingStep = /\b(_s\d+ AS \(SELECT )(?!(?:\w+\.)?\*)/g;

/**
 * Lets every step of translated SQL hand on one more column of its source. The SQL stays what it was
 * where no step does so, and DuckDB then misses the column.
 */
export function carryColumn(sql: string, column: string): string {
  return sql.replace(listingStep, (_, start: string) => `${start}${quoted(column)}, `);
}
