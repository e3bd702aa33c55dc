import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { kqlFiles } from "../../../content/kql.ts";
import { loadText } from "../../../content/load.ts";
import {
  sqlFiles,
  sqlFolder,
  sqlHeader,
  translatedSql,
  translationOf,
} from "../../../local/workspace/translation.ts";

describe("local/sql", () => {
  test("holds the SQL of every query and nothing else", () => {
    expect(sqlFiles()).toEqual(kqlFiles().map((file) => file.replace(/kql$/, "sql")));
  });

  // Translate again with npm run translate.
  test.each(kqlFiles())("was translated from %s as it is now", (file) => {
    const sql = readFileSync(new URL(file.replace(/kql$/, "sql"), sqlFolder), "utf8");
    expect(sql.slice(0, sql.search(/^(?!--)/m))).toBe(sqlHeader(translationOf(file)));
  });
});

describe("sqlHeader", () => {
  const translation = translationOf("functions/teams-audit.kql");
  const inputs = (changes: object) =>
    /-- inputs: (\w{64})\n/.exec(sqlHeader({ ...translation, ...changes }))?.[1];

  test.each([
    ["the query", { kql: `${translation.kql} ` }],
    ["a table's columns", { tables: { ...translation.tables, M365Audit_CL: ["RecordId"] } }],
    ["a function", { functions: ["function M365Audit() { M365Audit_CL }"] }],
  ])("changes with %s", (_, changes) => {
    expect(inputs(changes)).not.toBe(inputs({}));
  });
});

describe("translationOf", () => {
  test("lets a function call the others, by their names", () => {
    const { functions } = translationOf("functions/teams-audit.kql");
    expect(functions).toHaveLength(3);
    expect(functions).toContain(
      `function M365Audit() { ${loadText("functions/m365-audit.kql")}\n}`,
    );
    expect(functions).toContain(
      `function M365AuditCompleteness(startTime:datetime, endTime:datetime) { ${loadText("functions/m365-audit-completeness.kql")}\n}`,
    );
  });

  test("declares what a query takes", () => {
    const file = "queries/shortfall.kql";
    expect(translationOf(file).kql).toBe(
      `declare query_parameters(Collector_:string, Since_:datetime, Told_:datetime, Ran_:datetime, Next_:datetime, Before_:datetime);\n${loadText(file)}`,
    );
  });

  test("lets a transformation read its stream alone", () => {
    const { tables, functions } = translationOf("transformations/m365-audit.kql");
    expect(Object.keys(tables)).toEqual(["source"]);
    expect(tables["source"]).toContain("OriginalBlob");
    expect(functions).toEqual([]);
  });
});

describe("translatedSql", () => {
  test("finds the SQL by the query's text, line ends and blanks at its end aside", () => {
    const kql = loadText("alerts/nothing-arrives.kql");
    expect(translatedSql(`${kql.trimEnd().replaceAll("\n", "\r\n")}\r\n\r\n`)).toBe(
      translatedSql(kql),
    );
    expect(translatedSql(loadText("queries/shortfall.kql"))).toContain("$kqlp0");
    expect(translatedSql(kql)).toMatch(/^WITH _s0 AS \(SELECT \* FROM "M365AuditHealth_CL"\)/);
  });

  test("fails for a query that was not translated", () => {
    expect(() => translatedSql("M365Audit_CL | count\n")).toThrow(
      "query must be one that local/sql holds, got\nM365Audit_CL | count\n" +
        "save it below content/ and run npm run translate",
    );
  });
});
