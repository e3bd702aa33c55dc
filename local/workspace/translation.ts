import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";

import { loadFunctions, withDeclarations } from "../../content/kql.ts";
import { loadText } from "../../content/load.ts";
import { loadTable, loadTables } from "../../content/tables.ts";
import { encodeText } from "./encode-text.ts";
import { readJsonOnce } from "./read-json-once.ts";

/** Where the SQL of each query lies, under the path that the query has below `content/`. */
export const sqlFolder = new URL("../sql/", import.meta.url);

const translator = ["translate-requirements.txt", "translate-kql.py"].map((file) =>
  readFileSync(new URL(`../../tools/${file}`, import.meta.url), "utf8"),
);

/** Everything that the SQL of a query follows from. */
export interface Translation {
  /** Path of the query below `content/`, such as `functions/m365-audit.kql`. */
  readonly file: string;
  /** The query, with its parameters declared. */
  readonly kql: string;
  /** Names of the columns of each table that the query may read. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  /** Saved functions that the query may call, as KQL definitions. */
  readonly functions: readonly string[];
}

/** What a query is translated from; a transformation reads `source`, the stream of its table. */
export function translationOf(file: string): Translation {
  const text = loadText(file);
  const kql = withDeclarations(text);
  const columnNames = (columns: readonly { name: string }[]) =>
    columns.map((column) => column.name);
  if (file.startsWith("transformations/")) {
    const source = columnNames(loadTable(basename(file, ".kql")).stream.columns);
    return { file, kql, tables: { source }, functions: [] };
  }
  return {
    file,
    kql,
    tables: Object.fromEntries(
      loadTables().map((table) => [table.name, columnNames(table.columns)]),
    ),
    functions: loadFunctions()
      .filter(({ body }) => body !== text)
      .map(({ name, parameters, body }) => {
        const declared = parameters.map((parameter) => `${parameter.name}:${parameter.type}`);
        return `function ${name}(${declared.join(", ")}) { ${body}\n}`;
      }),
  };
}

/** The comment at the head of the SQL file: a changed query, table, function or translator alters it. */
export function sqlHeader(translation: Translation): string {
  const inputs = sha256(JSON.stringify({ ...translation, translator }));
  return (
    `-- Translated from content/${translation.file} by npm run translate. Do not edit.\n` +
    `-- kql: ${kqlHash(translation.kql)}\n` +
    `-- inputs: ${inputs}\n`
  );
}

let sqlByHash: Map<string, string> | undefined;

/**
 * The DuckDB SQL of a query, found by the hash of its text; it takes the time as `$kqlnow` and the
 * query's parameters, in their order, as `$kqlp0`, `$kqlp1` and so on. Fails for a query that was not translated
 * beforehand, since KQL cannot be translated without Python.
 */
export function translatedSql(kql: string): string {
  sqlByHash ??= new Map(
    sqlFiles().map((file) => {
      const text = readFileSync(new URL(file, sqlFolder), "utf8");
      const sql = readJsonOnce(encodeText(text.replace(/^(?:--.*\n)*/, "")));
      return [/^-- kql: (\w+)$/m.exec(text)?.[1] ?? "", sql];
    }),
  );
  const sql = sqlByHash.get(kqlHash(withDeclarations(kql)));
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
