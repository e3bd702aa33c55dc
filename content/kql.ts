import { readdirSync, readFileSync } from "node:fs";

const content = new URL("./", import.meta.url);

/** Names of all queries, such as `functions/m365-audit`: folder and file below `content/`, sorted. */
export function kqlNames(): string[] {
  return readdirSync(content, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".kql"))
    .map((file) => file.replaceAll("\\", "/").replace(/\.kql$/, ""))
    .sort();
}

/** Reads one query, such as `functions/m365-audit`. */
export function readKql(name: string): string {
  return readFileSync(new URL(`${name}.kql`, content), "utf8");
}

/** A function saved in the workspace: queries call it by its name, without parentheses. */
export interface SavedFunction {
  readonly name: string;
  readonly body: string;
}

/** Reads every function below `functions/`; `m365-audit.kql` is `M365Audit`. */
export function loadFunctions(): SavedFunction[] {
  return kqlNames()
    .filter((name) => name.startsWith("functions/"))
    .map((file) => ({
      name: file
        .replace("functions/", "")
        .replace(/(?:^|-)(.)/g, (_, first: string) => first.toUpperCase()),
      body: readKql(file),
    }));
}

/**
 * Sets the text of `let <name> = "…";`, the named place for a value that differs between deployments;
 * the file keeps a value of its own, so that it can be pasted into the portal as it is.
 */
export function withLet(kql: string, name: string, value: string): string {
  const statement = new RegExp(`^let ${name} = "(?:[^"\\\\\\r\\n]|\\\\.)*";$`, "gm");
  const places = kql.match(statement)?.length ?? 0;
  if (places !== 1) {
    throw new Error(`query must have one line let ${name} = "…";, got ${places}`);
  }
  // JSON escapes a string as KQL does: https://learn.microsoft.com/en-us/kusto/query/scalar-data-types/string
  return kql.replace(statement, () => `let ${name} = ${JSON.stringify(value)};`);
}
