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

/** A value that a query takes; the type in KQL's spelling. */
export interface QueryParameter {
  readonly name: string;
  readonly type: string;
}

/** A function saved in the workspace: queries call it by its name, without parentheses if it takes nothing. */
export interface SavedFunction {
  readonly name: string;
  readonly parameters: readonly QueryParameter[];
  readonly body: string;
}

/** Reads every function below `functions/`; `m365-audit.kql` is `M365Audit`. */
export function loadFunctions(): SavedFunction[] {
  return kqlFiles()
    .filter((file) => file.startsWith("functions/"))
    .map((file) => {
      const body = loadText(file);
      const name = basename(file, ".kql").replace(/(?:^|-)(.)/g, (_, letter: string) =>
        letter.toUpperCase(),
      );
      return { name, parameters: parametersOf(body), body };
    });
}

/** What a query takes, as its first line declares it: `// Name(since: datetime, user: string): …`. */
export function parametersOf(kql: string): QueryParameter[] {
  const declared = /^\/\/ \w+\(([^)]+)\):/.exec(kql)?.[1];
  return (declared?.split(", ") ?? []).map((parameter) => {
    const [, name, type] = /^(\w+): (\w+)$/.exec(parameter) ?? [];
    if (name === undefined || type === undefined) {
      throw new Error(`parameter must be written <name>: <type>, got ${parameter}`);
    }
    return { name, type };
  });
}

/** The query with its parameters declared in KQL, for whatever reads it outside of a function. */
export function withDeclarations(kql: string): string {
  const declared = parametersOf(kql).map(({ name, type }) => `${name}:${type}`);
  return declared.length === 0 ? kql : `declare query_parameters(${declared.join(", ")});\n${kql}`;
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
