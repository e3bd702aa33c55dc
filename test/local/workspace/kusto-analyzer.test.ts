import { describe, expect, test } from "vitest";

import { KustoAnalyzer } from "../../../local/workspace/kusto-analyzer.ts";

const analyzer = new KustoAnalyzer(
  [
    {
      name: "Audit_CL",
      columns: [
        { name: "UserId", type: "string" },
        { name: "Members", type: "dynamic" },
      ],
    },
  ],
  [
    {
      name: "Guests",
      parameters: [],
      body: 'Audit_CL | where UserId has "#EXT#" // ends in a comment',
    },
  ],
);

describe("KustoAnalyzer", () => {
  test("tells the columns that come out of a saved function", () => {
    const { kind, diagnostics, columns } = analyzer.analyze("Guests | project UserId, N = 1");
    expect({ kind, diagnostics, columns }).toEqual({
      kind: "Query",
      diagnostics: [],
      columns: [
        { name: "UserId", type: "string" },
        { name: "N", type: "long" },
      ],
    });
  });

  test("says where a name is wrong", () => {
    expect(analyzer.analyze("Audit_CL\n| where UserID == 'x'").diagnostics).toEqual([
      "2:9 KS142 Error The name 'UserID' does not refer to any known column, table, variable or function.",
    ]);
  });

  test("tells a control command from a query", () => {
    expect(analyzer.analyze(".drop table Audit_CL").kind).toBe("Command");
  });

  test("names the functions that are called", () => {
    const { nodes } = analyzer.analyze("Audit_CL | extend N = strlen(tolower(UserId))");
    expect(nodes.flatMap(({ calledFunction }) => calledFunction ?? [])).toEqual([
      "strlen",
      "tolower",
    ]);
  });
});
