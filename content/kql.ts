import { readdirSync } from "node:fs";
import { basename } from "node:path";

import { loadText } from "./load.ts";

/** Files of all queries, such as `functions/m365-audit.kql`, sorted. */
export function kqlFiles(): string[] {
  return readdirSync(new URL("./", import.meta.url), { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".kql"))
    .sort();
}

/** A function saved in the workspace: queries call it by its name, without parentheses. */
export interface SavedFunction {
  readonly name: string;
  readonly body: string;
}

/** Reads every function below `functions/`; `m365-audit.kql` is `M365Audit`. */
export function loadFunctions(): SavedFunction[] {
  return kqlFiles()
    .filter((file) => file.startsWith("functions/"))
    .map((file) => ({
      name: basename(file, ".kql").replace(/(?:^|-)(.)/g, (_, letter: string) =>
        letter.toUpperCase(),
      ),
      body: loadText(file),
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
