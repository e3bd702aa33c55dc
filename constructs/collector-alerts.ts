import { MonitorActionGroup } from "@cdktf/provider-azurerm/lib/monitor-action-group/index.js";
import { MonitorMetricAlert } from "@cdktf/provider-azurerm/lib/monitor-metric-alert/index.js";
import { MonitorScheduledQueryRulesAlertV2 } from "@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2/index.js";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import { Construct } from "constructs";
import { withLet } from "../content/kql.ts";
import { escapeForTerraform, loadText } from "../content/load.ts";
import type { Playbook } from "./playbook.ts";

export interface CollectorAlertsProps {
  readonly resourceGroup: ResourceGroup;
  readonly actionGroupName: string;
  /** Name of the alert rule on a subject such as `runs-failed`. */
  readonly alertName: (subject: string) => string;
  readonly receivers: readonly { readonly name: string; readonly email: string }[];
  readonly playbook: Playbook;
  /** Resource id of the playbook's workflow. */
  readonly playbookId: string;
  /** Resource id of the data collection rule. */
  readonly collectionRuleId: string;
  /** Resource id and region of the workspace that holds the health table. */
  readonly workspaceId: string;
  readonly workspaceLocation: string;
  /** What the collector calls itself in the health table. */
  readonly collector: string;
  /** Whether there is a client secret that can expire. */
  readonly hasSecret: boolean;
  /**
   * Whether the audit table is on the Basic plan, so that no alert can query it:
   * https://learn.microsoft.com/azure/azure-monitor/logs/logs-table-plans
   */
  readonly auditTableIsBasic: boolean;
}

/** Tells people when a collector is in trouble, in noise or in silence. */
export class CollectorAlerts extends Construct {
  constructor(scope: Construct, id: string, props: CollectorAlertsProps) {
    super(scope, id);

    const { resourceGroup, actionGroupName, alertName, receivers, playbook, playbookId } = props;
    const { collectionRuleId, workspaceId, workspaceLocation, collector, hasSecret } = props;
    const { auditTableIsBasic } = props;
    const common = { resourceGroupName: resourceGroup.name, tags: resourceGroup.tagsInput };

    const actionGroup = new MonitorActionGroup(this, "receivers", {
      name: actionGroupName,
      ...common,
      shortName: "m365audit",
      emailReceiver: receivers.map(({ name, email }) => ({
        name,
        emailAddress: email,
        useCommonAlertSchema: true,
      })),
    });

    // A metric and not a query: it works when nothing reaches the workspace.
    new MonitorMetricAlert(this, "runs-failed", {
      name: alertName("runs-failed"),
      ...common,
      description: `A run of the playbook of ${collector} failed.`,
      severity: 2,
      scopes: [playbookId],
      frequency: "PT5M",
      windowSize: "PT15M",
      criteria: [
        {
          metricNamespace: "Microsoft.Logic/workflows",
          metricName: "RunsFailed",
          aggregation: "Total",
          operator: "GreaterThan",
          threshold: 0,
        },
      ],
      action: [{ actionGroupId: actionGroup.id }],
      dependsOn: [playbook.deployment],
    });

    // The service answers 204 to rows that it drops later, so that the playbook cannot know, and
    // neither transformation leaves a row out on purpose:
    // https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-monitor
    new MonitorMetricAlert(this, "rows-dropped", {
      name: alertName("rows-dropped"),
      ...common,
      description: `Azure Monitor dropped rows that ${collector} had handed over: see DCRLogErrors.`,
      severity: 1,
      scopes: [collectionRuleId],
      frequency: "PT5M",
      windowSize: "PT15M",
      criteria: [
        {
          metricNamespace: "Microsoft.Insights/datacollectionrules",
          metricName: "RowsDropped_Count",
          aggregation: "Total",
          operator: "GreaterThan",
          threshold: 0,
          // A rule has no metric before its first row.
          skipMetricValidation: true,
        },
      ],
      action: [{ actionGroupId: actionGroup.id }],
    });

    const alertOnRow = (
      subject: string,
      description: string,
      evaluationFrequency: string,
      windowDuration: string,
    ) =>
      new MonitorScheduledQueryRulesAlertV2(this, subject, {
        name: alertName(subject),
        ...common,
        location: workspaceLocation,
        description,
        severity: 1,
        scopes: [workspaceId],
        evaluationFrequency,
        windowDuration,
        criteria: [
          {
            query: escapeForTerraform(
              withLet(loadText(`alerts/${subject}.kql`), "collector", collector),
            ),
            timeAggregationMethod: "Count",
            operator: "GreaterThan",
            threshold: 0,
          },
        ],
        autoMitigationEnabled: true,
        // The service can take a quarter of an hour to know a new table, and refuses until then.
        skipQueryValidation: true,
        action: { actionGroups: [actionGroup.id] },
      });

    alertOnRow(
      "no-successful-run",
      `No run of the playbook of ${collector} has succeeded for two hours.`,
      "PT30M",
      "PT2H",
    );
    alertOnRow(
      "nothing-arrives",
      `The collector ${collector} has brought nothing for a day.`,
      "PT1H",
      "P1D",
    );
    alertOnRow(
      "gap",
      `Content of the tenant of ${collector} is not in the table: see its rows of the kinds gap and setAside.`,
      "PT30M",
      "P2D",
    );
    if (!auditTableIsBasic) {
      alertOnRow(
        "shortfall",
        `Rows that ${collector} handed over are not in the table: see M365AuditShortfall.`,
        "PT1H",
        "P2D",
      );
    }
    if (hasSecret) {
      alertOnRow(
        "secret-expires",
        `The client secret of ${collector} is about to expire: deploy its environment, which renews it.`,
        "PT6H",
        "P1D",
      );
    }
  }
}
