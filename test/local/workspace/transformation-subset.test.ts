import { describe, expect, test } from "vitest";

import { checkTransformation } from "../../../local/workspace/transformation-subset.ts";

const columns = [
  { name: "TimeGenerated", type: "datetime" },
  { name: "Text", type: "string" },
  { name: "Record", type: "dynamic" },
];
const check =
  (kql: string, table = columns) =>
  () =>
    checkTransformation(kql, columns, table);
const refusal = (...problems: string[]) =>
  new Error(["transformation must be one that the rule can run, got", ...problems].join("\n"));

describe("checkTransformation", () => {
  test.each([
    "source",
    'source | where Text has "x" and Text !contains_cs "y" or Text matches regex "z+"',
    "source | where Text in ('a', 'b') | extend Text = strcat(Text, '-', tostring(Record.a[0]['b c']))",
    "let n = 64; let half = (a: long) { a / 2 }; source | where strlen(Text) > half(n)",
    'source | parse Text with "a=" A: long " b=" B | project-away A, B',
    "source | project-rename Line = Text | extend Text = Line, Record = parse_json('{}') | project-away L*",
    "source | extend TimeGenerated = datetime_add('day', -1, now()) - 1h, Text = iif(isnull(TimeGenerated), '', 'x')",
  ])("takes %s", (kql) => {
    expect(check(kql)).not.toThrow();
  });

  test.each([
    ["source | summarize count() by Text", ["SummarizeOperator: summarize count() by Text"]],
    ["source | join kind=inner source on Text", ["JoinOperator: join kind=inner source on Text"]],
    ["source | union source", ["UnionOperator: union source"]],
    ["source | mv-expand Record", ["MvExpandOperator: mv-expand Record"]],
    ["source | sort by Text asc", ["SortOperator: sort by Text asc"]],
    ["source | take 1", ["TakeOperator: take 1"]],
    ["source | distinct Text", ["DistinctOperator: distinct Text"]],
    ["source | project-keep *", ["ProjectKeepOperator: project-keep *"]],
    ["source | where Text in~ ('x')", ["InCsExpression: Text in~ ('x')"]],
    ["source | where Text !in~ ('x')", ["NotInCsExpression: Text !in~ ('x')"]],
    ["source | where Text has_any ('x')", ["HasAnyExpression: Text has_any ('x')"]],
    ["source | where Text has_all ('x')", ["HasAllExpression: Text has_all ('x')"]],
    ["source | where * has 'x'", ["StarExpression: *"]],
    ["source | where 1 between (0 .. 2)", ["BetweenExpression: 1 between (0 .. 2)"]],
    ["source | extend Record = dynamic({})", ["DynamicExpression: dynamic({})"]],
    ["source | extend Record = bag_pack('a', 1)", ["function bag_pack"]],
    ["source | where not(isempty(Text))", ["function not"]],
    ["source | extend Text = coalesce(Text, iff(true, 'a', 'b'))", ["coalesce", "iff"]],
    ["source | extend Text = toscalar(source | count | project '')", ["ToScalarExpression"]],
    ["set notruncation; source", ["SetOptionStatement: set notruncation"]],
    ["source | invoke f()", ["InvokeOperator: invoke f()"]],
  ])("refuses %s", (kql, problems) => {
    for (const problem of problems) {
      expect(check(kql)).toThrow(problem);
    }
    expect(check(kql)).toThrow("transformation must be one that the rule can run, got\n");
  });

  test("refuses a table other than the stream", () => {
    expect(check("M365Audit_CL")).toThrow(
      "1:1 KS142 Error The name 'M365Audit_CL' does not refer to any known column, table, variable or function.",
    );
  });

  test("refuses a control command", () => {
    expect(check(".show tables")).toThrow("a control command");
  });

  test("refuses to parse into more than ten columns", () => {
    const names = Array.from({ length: 11 }, (_, index) => `A${index} " "`);
    const parse = (count: number) =>
      `source | parse Text with ${names.slice(0, count).join(" ")} | project-away A*`;
    expect(check(parse(10))).not.toThrow();
    expect(check(parse(11))).toThrow(refusal("parse into 11 columns, more than 10"));
  });

  test("refuses columns that are not the table's, by name and by type", () => {
    const table = [...columns, { name: "Size", type: "long" }];
    expect(check("source | extend Size = strlen(Text)", table)).not.toThrow();
    expect(check("source | extend Size = strlen(Text)")).toThrow(
      refusal("column Size:long, which the table does not have"),
    );
    expect(check("source | extend size = 1, Text = 2", table)).toThrow(
      refusal(
        "no column Text:string",
        "no column Size:long",
        "column Text:long, which the table does not have",
        "column size:long, which the table does not have",
      ),
    );
  });
});
