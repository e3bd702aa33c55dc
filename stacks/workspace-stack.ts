import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import { SentinelLogAnalyticsWorkspaceOnboarding } from "@cdktf/provider-azurerm/lib/sentinel-log-analytics-workspace-onboarding/index.js";
import type { Construct } from "constructs";
import type { Environment } from "../config/environment.ts";
import {
  replayedPrefix,
  workspaceContainers,
  workspaceId,
  workspaceNames,
  workspaceStackId,
} from "../config/names.ts";
import { AuditTables } from "../constructs/audit-tables.ts";
import { Diagnostics } from "../constructs/diagnostics.ts";
import { KeylessStorage } from "../constructs/keyless-storage.ts";
import { SentinelWorkspace } from "../constructs/sentinel-workspace.ts";
import { loadFunctions } from "../content/kql.ts";
import { loadTable } from "../content/tables.ts";
import { EnvironmentStack } from "./environment-stack.ts";

/** Addresses of what a workspace stack declares or not, as its configuration says. */
const optional = {
  workspace: "azurerm_log_analytics_workspace.sentinel_workspace_CF2D84CF",
  ownOnboarding: "azurerm_sentinel_log_analytics_workspace_onboarding.sentinel_onboarding_651ACB7A",
  adoptedOnboarding: "azurerm_sentinel_log_analytics_workspace_onboarding.onboarding",
  auditTable: "azurerm_log_analytics_workspace_table_custom_log.tables_audit_CEE3B8E9",
  healthTable: "azurerm_log_analytics_workspace_table_custom_log.tables_health_9913A1FB",
};

/** What outlives every collector of an environment: the workspace, its tables, and storage. */
export class WorkspaceStack extends EnvironmentStack {
  constructor(scope: Construct, environment: Environment) {
    super(scope, workspaceStackId(environment), environment);

    const { protect, tags } = this;
    const { workspace } = environment;
    const names = workspaceNames(environment);

    const resourceGroup = new ResourceGroup(this, "resource-group", {
      name: names.resourceGroup,
      location: environment.location,
      tags,
    });

    const resourceId =
      workspace.mode === "create"
        ? new SentinelWorkspace(this, "sentinel", {
            name: names.workspace,
            resourceGroup,
            retentionDays: workspace.retentionDays,
            dailyCapGb: workspace.dailyCapGb,
            protect,
          }).resourceId
        : workspace.sentinelIsOn
          ? workspaceId(environment)
          : new SentinelLogAnalyticsWorkspaceOnboarding(this, "onboarding", {
              workspaceId: workspaceId(environment),
            }).workspaceId;

    if (workspace.mode === "create" || workspace.ownsTables) {
      new AuditTables(this, "tables", {
        workspaceId: resourceId,
        tables: {
          audit: {
            table: loadTable("m365-audit"),
            plan: workspace.mode === "create" ? workspace.tablePlan : undefined,
          },
          // Always Analytics: alerts query it, and cannot query a table on the Basic plan.
          health: { table: loadTable("m365-audit-health") },
        },
        functions: loadFunctions(),
        leaveSettings: workspace.mode === "adopt",
        protect,
      });
    }

    // What is no longer declared, Terraform destroys, prevent_destroy or not. That must not happen to
    // logs because a workspace or its tables went to somebody else's care, and never to Sentinel in an
    // adopted workspace, because sentinelIsOn now tells the truth.
    const adopts = workspace.mode === "adopt";
    this.forget([
      ...(protect && adopts ? [optional.workspace, optional.ownOnboarding] : []),
      ...(protect && adopts && !workspace.ownsTables
        ? [optional.auditTable, optional.healthTable]
        : []),
      ...(adopts && !workspace.sentinelIsOn ? [] : [optional.adoptedOnboarding]),
    ]);

    const storage = new KeylessStorage(this, "storage", {
      name: names.storageAccount,
      resourceGroup,
      containers: Object.values(workspaceContainers),
      // Long enough to see that rows of it were dropped.
      expiries: { [`${workspaceContainers.setAside}/${replayedPrefix}`]: 30 },
      protect,
    });
    new Diagnostics(this, "diagnostics", {
      workspaceId: resourceId,
      targets: {
        storage: {
          resourceId: `${storage.account.id}/blobServices/default`,
          categories: ["StorageRead", "StorageWrite", "StorageDelete"],
        },
      },
    });
  }
}
