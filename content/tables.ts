import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";

/** Types of columns as KQL spells them. */
export const columnTypes = [
  "string",
  "int",
  "long",
  "real",
  "bool",
  "datetime",
  "dynamic",
] as const;

/** One of KQL's types that both a table and a stream can have. */
export type ColumnType = (typeof columnTypes)[number];

/** One column of a table or of a stream. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly description: string;
}

/** A custom table of the workspace and the stream that a collector posts to fill it. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly stream: { readonly name: string; readonly columns: readonly Column[] };
}

/**
 * Names of columns that a custom table may not use, in lower case:
 * https://learn.microsoft.com/en-us/azure/azure-monitor/logs/create-custom-table
 */
export const reservedNames: ReadonlySet<string> = new Set([
  "id",
  "billedsize",
  "isbillable",
  "invalidtimegenerated",
  "tenantid",
  "title",
  "type",
  "uniqueid",
  "_itemid",
  "_resourcegroup",
  "_resourceid",
  "_subscriptionid",
  "_timereceived",
]);

/** What a column may be called, but for the names that are reserved; after the same page. */
export const columnName = /^[A-Za-z][A-Za-z0-9_]{1,44}$/;

const columnSchema = z.strictObject({
  name: z
    .string()
    .regex(columnName, {
      error: ({ input }) =>
        `must be 2 to 45 letters, digits or underscores, the first a letter, got ${String(input)}`,
    })
    .refine((name) => !reservedNames.has(name.toLowerCase()), {
      error: ({ input }) => `must not be a name that Azure reserves, got ${String(input)}`,
    }),
  type: z.enum(columnTypes),
  description: z.string().min(1),
});

const columnsSchema = z
  .array(columnSchema)
  .min(1)
  .max(500)
  .superRefine((columns, context) => {
    const seen = new Set<string>();
    for (const { name } of columns) {
      if (seen.has(name.toLowerCase())) {
        context.addIssue({
          code: "custom",
          message: `must name each column once, got ${name} again`,
        });
      }
      seen.add(name.toLowerCase());
    }
  });

const tableSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_]*_CL$/, {
    error: ({ input }) => `must end in _CL, got ${String(input)}`,
  }),
  columns: columnsSchema.refine(
    ([first]) => first?.name === "TimeGenerated" && first.type === "datetime",
    { error: "must begin with TimeGenerated of the type datetime" },
  ),
  stream: z.strictObject({
    name: z.string().regex(/^Custom-[A-Za-z0-9_]+$/, {
      error: ({ input }) => `must begin with Custom-, got ${String(input)}`,
    }),
    /** Absent where the stream has the table's own columns. */
    columns: columnsSchema.optional(),
  }),
});

/** Checks the content of one file of `tables/`; `file` is named in errors. */
export function parseTable(json: unknown, file: string): Table {
  const result = tableSchema.safeParse(json);
  if (!result.success) {
    const problems = result.error.issues.map(
      ({ path, message }) => `${file}: ${path.join(".")} ${message}`,
    );
    throw new Error(problems.join("\n"));
  }
  const { name, columns, stream } = result.data;
  return { name, columns, stream: { name: stream.name, columns: stream.columns ?? columns } };
}

/** Reads one table by its file, such as `m365-audit`. */
export function loadTable(file: string): Table {
  const text = readFileSync(new URL(`tables/${file}.json`, import.meta.url), "utf8");
  return parseTable(JSON.parse(text), `tables/${file}.json`);
}

/** Reads every table, in the order of the files' names. */
export function loadTables(): Table[] {
  return readdirSync(new URL("tables/", import.meta.url))
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => loadTable(file.replace(/\.json$/, "")));
}

/**
 * The spelling in a custom table, case-sensitive:
 * https://github.com/hashicorp/terraform-provider-azurerm/blob/v4.55.0/website/docs/r/log_analytics_workspace_table_custom_log.html.markdown
 */
export function tableColumnType(type: ColumnType): string {
  return type === "datetime" ? "dateTime" : type === "bool" ? "boolean" : type;
}

/**
 * The spelling in the stream of a data collection rule, case-sensitive:
 * https://learn.microsoft.com/en-us/azure/azure-monitor/data-collection/data-collection-rule-structure
 */
export function streamColumnType(type: ColumnType): string {
  return type === "bool" ? "boolean" : type;
}
