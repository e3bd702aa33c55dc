import { LogAnalyticsSavedSearch } from "@cdktf/provider-azurerm/lib/log-analytics-saved-search/index.js";
import { LogAnalyticsWorkspaceTableCustomLog } from "@cdktf/provider-azurerm/lib/log-analytics-workspace-table-custom-log/index.js";
import { describe, expect, test } from "vitest";
import { AuditTables } from "../../constructs/audit-tables.ts";
import type { AuditTablesProps } from "../../constructs/audit-tables.ts";
import type { Table } from "../../content/tables.ts";
import { all, only, synth } from "../synth.ts";

const table: Table = {
  name: "Things_CL",
  columns: [
    { name: "TimeGenerated", type: "datetime", description: "When" },
    { name: "Ok", type: "bool", description: "Whether" },
  ],
  stream: { name: "Custom-Things", columns: [] },
};
const synthTables = (props: Partial<AuditTablesProps> = {}) =>
  synth((stack) => {
    new AuditTables(stack, "tables", {
      workspaceId: "/workspace",
      tables: { things: { table } },
      functions: [],
      ...props,
    });
  });
const onlyTable = (props?: Partial<AuditTablesProps>) =>
  only(synthTables(props), LogAnalyticsWorkspaceTableCustomLog);

describe("AuditTables", () => {
  test("spells column types as tables do", () => {
    expect(onlyTable()).toMatchObject({
      name: "Things_CL",
      workspace_id: "/workspace",
      column: [
        { name: "TimeGenerated", type: "dateTime", description: "When" },
        { name: "Ok", type: "boolean", description: "Whether" },
      ],
    });
  });

  test("are on the Analytics plan unless told otherwise", () => {
    expect(onlyTable().plan).toBe("Analytics");
    expect(onlyTable({ tables: { things: { table, plan: "Basic" } } }).plan).toBe("Basic");
  });

  test("keep plan and retention as somebody set them when told so", () => {
    expect(onlyTable({ leaveSettings: true }).lifecycle).toEqual({
      prevent_destroy: true,
      ignore_changes: ["plan", "retention_in_days", "total_retention_in_days"],
    });
  });

  test("are protected unless told otherwise", () => {
    expect(onlyTable().lifecycle).toEqual({ prevent_destroy: true });
    expect(onlyTable({ protect: false }).lifecycle).toEqual({ prevent_destroy: false });
  });

  test("come before the functions, which come one after the other", () => {
    const functions = [
      { name: "First", parameters: [], body: "Things_CL" },
      { name: "Second", parameters: [], body: 'First | where A == "${x}"' },
    ];
    const [first, second] = all(synthTables({ functions }), LogAnalyticsSavedSearch);
    expect(first).toMatchObject({
      name: "First",
      function_alias: "First",
      query: "Things_CL",
      depends_on: [
        expect.stringMatching(/^azurerm_log_analytics_workspace_table_custom_log\.tables_things/),
      ],
    });
    expect(second).toMatchObject({
      query: 'First | where A == "$${x}"',
      depends_on: [expect.stringMatching(/^azurerm_log_analytics_saved_search\.tables_First/)],
    });
  });

  test("give each function what it takes, as the provider writes it", () => {
    const since = { name: "since", type: "datetime" };
    const functions = [
      { name: "First", parameters: [], body: "Things_CL" },
      { name: "Second", parameters: [since, { name: "user", type: "string" }], body: "First" },
    ];
    const [first, second] = all(synthTables({ functions }), LogAnalyticsSavedSearch);
    expect(first?.function_parameters).toBeUndefined();
    expect(second?.function_parameters).toEqual(["since:datetime", "user:string"]);
  });
});
