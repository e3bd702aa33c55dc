import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

import { loadFunctions, readKql } from "../../content/kql.ts";
import { loadTable, loadTables } from "../../content/tables.ts";

/** Where the SQL of each query lies: `<name>.sql` for `content/<name>.kql`. */
export const sqlFolder = new URL("../sql/", import.meta.url);

const translator = ["requirements.txt", "translate-kql.py"].map((file) =>
  readFileSync(new URL(`../../tools/${file}`, import.meta.url), "utf8"),
);

/** Everything that the SQL of a query follows from. */
export interface Translation {
  /** Name of the query, such as `functions/m365-audit`. */
  readonly name: string;
  readonly kql: string;
  /** Names of the columns of each table that the query may read. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  /** Saved functions that the query may call, as KQL definitions. */
  readonly functions: readonly string[];
}

/** What a query is translated from; a transformation reads `source`, the stream of its table. */
export function translationOf(name: string): Translation {
  const [folder, file] = name.split("/") as [string, string];
  const kql = readKql(name);
  const columnNames = (columns: readonly { name: string }[]) =>
    columns.map((column) => column.name);
  if (folder === "transformations") {
    const source = columnNames(loadTable(file).stream.columns);
    return { name, kql, tables: { source }, functions: [] };
  }
  return {
    name,
    kql,
    tables: Object.fromEntries(
      loadTables().map((table) => [table.name, columnNames(table.columns)]),
    ),
    functions: loadFunctions()
      .filter(({ body }) => body !== kql)
      .map((saved) => `function ${saved.name}() { ${saved.body}\n}`),
  };
}

/** The comment at the head of the SQL file: a changed query, table, function or translator alters it. */
export function sqlHeader(translation: Translation): string {
  const inputs = sha256(JSON.stringify({ ...translation, translator }));
  return (
    `-- Translated from content/${translation.name}.kql by npm run translate. Do not edit.\n` +
    `-- kql: ${kqlHash(translation.kql)}\n` +
    `-- inputs: ${inputs}\n`
  );
}

let sqlByHash: Map<string, string> | undefined;

/**
 * The DuckDB SQL of a query, found by the hash of its text. Fails for a query that was not translated
 * beforehand, since KQL cannot be translated without Python.
 */
export function translatedSql(kql: string): string {
  sqlByHash ??= new Map(
    sqlFiles().map((file) => {
      const text = readFileSync(new URL(file, sqlFolder), "utf8");
      return [/^-- kql: (\w+)$/m.exec(text)?.[1] ?? "", text.replace(/^(?:--.*\n)*/, "")];
    }),
  );
  const sql = sqlByHash.get(kqlHash(kql));
  if (sql === undefined) {
    throw new Error(
      `query must be one that local/sql holds, got\n${kql.trim()}\n` +
        "save it below content/ and run npm run translate",
    );
  }
  return sql;
}

/** Every SQL file below `local/sql`, such as `functions/m365-audit.sql`, sorted. */
export function sqlFiles(folder = sqlFolder): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".sql"))
    .sort();
}

/** Hash of a query's text without regard to line ends and to blanks at its end. */
const kqlHash = (kql: string) => sha256(kql.replaceAll("\r\n", "\n").trimEnd());

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
