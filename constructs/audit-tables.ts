import { LogAnalyticsSavedSearch } from "@cdktf/provider-azurerm/lib/log-analytics-saved-search/index.js";
import { LogAnalyticsWorkspaceTableCustomLog } from "@cdktf/provider-azurerm/lib/log-analytics-workspace-table-custom-log/index.js";
import { Construct } from "constructs";
import type { SavedFunction } from "../content/kql.ts";
import { escapeForTerraform } from "../content/load.ts";
import { tableColumnType } from "../content/tables.ts";
import type { Table } from "../content/tables.ts";

export interface AuditTablesProps {
  /** Resource id of the workspace. */
  readonly workspaceId: string;
  /** Tables by construct id, with the plan of each; without a plan, Analytics. */
  readonly tables: Readonly<Record<string, { table: Table; plan?: "Analytics" | "Basic" }>>;
  /** Functions in an order in which each calls only earlier ones. */
  readonly functions: readonly SavedFunction[];
  /**
   * Whether plan and retention of the tables stay as whoever runs the workspace sets them later.
   *
   * @default false
   */
  readonly leaveSettings?: boolean;
  /**
   * Whether Terraform refuses to destroy or replace the tables.
   *
   * @default true
   */
  readonly protect?: boolean;
}

/** The tables that collectors fill, and the functions that people and rules query instead of them. */
export class AuditTables extends Construct {
  constructor(scope: Construct, id: string, props: AuditTablesProps) {
    super(scope, id);

    const { workspaceId, tables, functions, leaveSettings = false, protect = true } = props;
    const settings = ["plan", "retention_in_days", "total_retention_in_days"];

    const resources = Object.entries(tables).map(
      ([tableId, { table, plan = "Analytics" }]) =>
        new LogAnalyticsWorkspaceTableCustomLog(this, tableId, {
          name: table.name,
          workspaceId,
          plan,
          column: table.columns.map(({ name, type, description }) => ({
            name,
            type: tableColumnType(type),
            description,
          })),
          lifecycle: {
            preventDestroy: protect,
            ...(leaveSettings ? { ignoreChanges: settings } : {}),
          },
        }),
    );

    // A function names tables and other functions in its text, where Terraform sees no dependency.
    let previous: LogAnalyticsSavedSearch | undefined;
    for (const { name, parameters, body } of functions) {
      previous = new LogAnalyticsSavedSearch(this, name, {
        name,
        logAnalyticsWorkspaceId: workspaceId,
        category: "M365 audit",
        displayName: name,
        functionAlias: name,
        functionParameters:
          parameters.length === 0
            ? undefined
            : parameters.map((parameter) => `${parameter.name}:${parameter.type}`),
        query: escapeForTerraform(body),
        dependsOn: previous === undefined ? resources : [previous],
      });
    }
  }
}
