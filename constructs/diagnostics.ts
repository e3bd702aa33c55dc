import { MonitorDiagnosticSetting } from "@cdktf/provider-azurerm/lib/monitor-diagnostic-setting/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

export interface DiagnosticsProps {
  /** Resource id of the workspace that the logs go to. */
  readonly workspaceId: string;
  /** Resources by construct id. */
  readonly targets: Readonly<Record<string, DiagnosticsTarget>>;
}

export interface DiagnosticsTarget {
  readonly resourceId: string;
  /** Log categories to keep. */
  readonly categories: readonly string[];
  /** What creates the resource, where `resourceId` does not refer to it. */
  readonly after?: ITerraformDependable;
}

/**
 * What resources log about themselves, kept in the workspace.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/reference/supported-logs/logs-index
 */
export class Diagnostics extends Construct {
  constructor(scope: Construct, id: string, props: DiagnosticsProps) {
    super(scope, id);

    const { workspaceId, targets } = props;

    for (const [target, { resourceId, categories, after }] of Object.entries(targets)) {
      new MonitorDiagnosticSetting(this, target, {
        name: "to-workspace",
        targetResourceId: resourceId,
        logAnalyticsWorkspaceId: workspaceId,
        enabledLog: categories.map((category) => ({ category })),
        dependsOn: after === undefined ? undefined : [after],
      });
    }
  }
}
