import { LogAnalyticsWorkspace } from "@cdktf/provider-azurerm/lib/log-analytics-workspace/index.js";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import { SentinelLogAnalyticsWorkspaceOnboarding } from "@cdktf/provider-azurerm/lib/sentinel-log-analytics-workspace-onboarding/index.js";
import { Construct } from "constructs";

export interface SentinelWorkspaceProps {
  readonly name: string;
  readonly resourceGroup: ResourceGroup;
  /**
   * Days that logs stay searchable, 30 to 730.
   *
   * @default 90
   */
  readonly retentionDays?: number;
  /**
   * Gigabytes a day after which nothing more is taken until the next day.
   *
   * @default no cap
   */
  readonly dailyCapGb?: number;
  /**
   * Whether Terraform refuses to destroy or replace the workspace.
   *
   * @default true
   */
  readonly protect?: boolean;
}

/** A Log Analytics workspace with Microsoft Sentinel switched on. */
export class SentinelWorkspace extends Construct {
  /** Taken from the onboarding, so that whatever refers to it waits until Sentinel is on. */
  public readonly resourceId: string;

  constructor(scope: Construct, id: string, props: SentinelWorkspaceProps) {
    super(scope, id);

    const { name, resourceGroup, retentionDays = 90, dailyCapGb, protect = true } = props;
    if (!Number.isInteger(retentionDays) || retentionDays < 30 || retentionDays > 730) {
      throw new Error(`retentionDays must be a whole number from 30 to 730, got ${retentionDays}`);
    }

    const workspace = new LogAnalyticsWorkspace(this, "workspace", {
      name,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      tags: resourceGroup.tagsInput,
      sku: "PerGB2018",
      retentionInDays: retentionDays,
      dailyQuotaGb: dailyCapGb,
      localAuthenticationEnabled: false,
      lifecycle: { preventDestroy: protect },
    });
    const onboarding = new SentinelLogAnalyticsWorkspaceOnboarding(this, "onboarding", {
      workspaceId: workspace.id,
    });

    this.resourceId = onboarding.workspaceId;
  }
}
