import { basename } from "node:path";

import { describe, expect, test } from "vitest";

import {
  kqlFiles,
  loadFunctions,
  parametersOf,
  withDeclarations,
  withLet,
} from "../../content/kql.ts";
import { loadText } from "../../content/load.ts";
import { loadTable, loadTables } from "../../content/tables.ts";
import { KustoAnalyzer } from "../../local/workspace/kusto-analyzer.ts";
import { checkTransformation } from "../../local/workspace/transformation-subset.ts";

const files = kqlFiles();
const folder = (name: string) => files.filter((file) => file.startsWith(`${name}/`));
const written = (columns: readonly { name: string; type: string }[]) =>
  columns.map(({ name, type }) => `${name}:${type}`);
const workspace = new KustoAnalyzer(loadTables(), loadFunctions());

describe("the shipped queries", () => {
  test.each(files)("%s begins with a comment on what it is", (file) => {
    expect(loadText(file)).toMatch(/^\/\/ \S/);
  });

  test.each(files.filter((file) => !file.startsWith("transformations/")))(
    "%s has no fault that Microsoft's parser sees",
    (file) => {
      const { kind, diagnostics, columns } = workspace.analyze(withDeclarations(loadText(file)));
      expect(diagnostics).toEqual([]);
      expect(kind).toBe("Query");
      expect(columns).not.toEqual([]);
    },
  );

  test.each(folder("transformations"))(
    "%s gives the columns of its table by what a data collection rule supports",
    (file) => {
      const { columns, stream } = loadTable(basename(file, ".kql"));
      expect(() => checkTransformation(loadText(file), stream.columns, columns)).not.toThrow();
    },
  );

  // The alert rows-dropped takes every dropped row for a loss.
  test.each(folder("transformations"))("%s leaves no row out on purpose", (file) => {
    expect(loadText(file)).not.toMatch(/\|\s*where\b/);
  });

  test.each(["functions/m365-audit.kql", "functions/teams-audit.kql"])(
    "%s returns the columns of the audit table, in order",
    (file) => {
      const { columns } = workspace.analyze(loadText(file));
      expect(written(columns)).toEqual(written(loadTable("m365-audit").columns));
    },
  );

  test.each(loadFunctions())("$name is called by what it declares", ({ name, parameters }) => {
    const values = parameters.map(({ type }) => `${type}(null)`);
    const diagnostics = (...given: string[]) =>
      workspace.analyze(`${name}(${given.join(", ")})`).diagnostics;
    expect(diagnostics(...values)).toEqual([]);
    expect(diagnostics(...values, "1")).toEqual([expect.stringMatching(/ Error /)]);
  });

  test.each(folder("queries"))("%s takes the collector from whoever asks", (file) => {
    expect(parametersOf(loadText(file))[0]).toEqual({ name: "Collector_", type: "string" });
  });

  test.each(folder("alerts"))("%s names the collector in one place", (file) => {
    expect(withLet(loadText(file), "collector", "prod-fabrikam")).toContain(
      '\nlet collector = "prod-fabrikam";\n',
    );
    expect(loadText(file).match(/dev-contoso/g)).toHaveLength(1);
  });
});

test("loadFunctions names a function after its file", () => {
  expect(loadFunctions().map(({ name }) => name)).toEqual([
    "M365AuditCompleteness",
    "M365AuditShortfall",
    "M365Audit",
    "TeamsAudit",
  ]);
});

describe("parametersOf", () => {
  test("reads what the first line declares", () => {
    expect(parametersOf("// Name(since: datetime, user: string): what it gives\nT")).toEqual([
      { name: "since", type: "datetime" },
      { name: "user", type: "string" },
    ]);
    expect(parametersOf("// Name: what it gives (in short): all\nT")).toEqual([]);
    expect(parametersOf("T\n// Name(since: datetime): text")).toEqual([]);
  });

  test("fails for what is written in another way", () => {
    expect(() => parametersOf("// Name(since: datetime,user: string): text")).toThrow(
      new Error("parameter must be written <name>: <type>, got since: datetime,user: string"),
    );
  });
});

test("withDeclarations declares parameters where there are any", () => {
  const query = "// Name(since: datetime, user: string): text\nT";
  expect(withDeclarations(query)).toBe(
    `declare query_parameters(since:datetime, user:string);\n${query}`,
  );
  expect(withDeclarations("T")).toBe("T");
});

describe("withLet", () => {
  const query = 'let collector = "dev-contoso";\nT | where Collector == collector';

  test("escapes the value as a KQL string", () => {
    const set = withLet(query, "collector", 'a"b\\c$&');
    expect(set).toBe('let collector = "a\\"b\\\\c$&";\nT | where Collector == collector');
    expect(withLet(set, "collector", "dev-contoso")).toBe(query);
  });

  test.each([
    ["none", "T", 0],
    ["two", `${query}\n${query}`, 2],
  ])("fails with %s", (_, kql, got) => {
    expect(() => withLet(kql, "collector", "x")).toThrow(
      `query must have one line let collector = "…";, got ${got}`,
    );
  });
});
