import { MonitorActionGroup } from "@cdktf/provider-azurerm/lib/monitor-action-group/index.js";
import { MonitorMetricAlert } from "@cdktf/provider-azurerm/lib/monitor-metric-alert/index.js";
import { MonitorScheduledQueryRulesAlertV2 } from "@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2/index.js";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import { describe, expect, test } from "vitest";
import { CollectorAlerts } from "../../constructs/collector-alerts.ts";
import { PlaybookIdentity } from "../../constructs/playbook-identity.ts";
import { Playbook } from "../../constructs/playbook.ts";
import { all, only, synth } from "../synth.ts";

const synthAlerts = ({ hasSecret = true, auditTableIsBasic = false } = {}) =>
  synth((stack) => {
    const resourceGroup = new ResourceGroup(stack, "group", { name: "rg", location: "westeurope" });
    const identity = new PlaybookIdentity(stack, "identity", {
      name: "id",
      resourceGroup,
      subscriptionId: "sub",
    });
    const playbook = new Playbook(stack, "playbook", {
      name: "logic",
      resourceGroup,
      identity,
      identityId: "/identity",
      definition: { parameters: {}, triggers: {}, actions: {} },
      parameters: {},
    });
    new CollectorAlerts(stack, "alerts", {
      resourceGroup,
      actionGroupName: "ag",
      alertName: (subject) => `alert-${subject}`,
      receivers: [{ name: "soc", email: "soc@example.org" }],
      playbook,
      playbookId: "/playbook",
      collectionRuleId: "/rule",
      workspaceId: "/workspace",
      workspaceLocation: "northeurope",
      collector: "prod-fabrikam",
      hasSecret,
      auditTableIsBasic,
    });
  });
const queryAlerts = (...props: Parameters<typeof synthAlerts>) =>
  all(synthAlerts(...props), MonitorScheduledQueryRulesAlertV2).map(({ name }) => name);
const metricAlert = (subject: string) =>
  all(synthAlerts(), MonitorMetricAlert).find(({ name }) => name === `alert-${subject}`);

describe("CollectorAlerts", () => {
  test("tell the receivers", () => {
    expect(only(synthAlerts(), MonitorActionGroup).email_receiver).toEqual([
      { name: "soc", email_address: "soc@example.org", use_common_alert_schema: true },
    ]);
  });

  test("tell of every run that fails", () => {
    expect(metricAlert("runs-failed")).toMatchObject({
      scopes: ["/playbook"],
      criteria: [
        {
          metric_namespace: "Microsoft.Logic/workflows",
          metric_name: "RunsFailed",
          aggregation: "Total",
          operator: "GreaterThan",
          threshold: 0,
        },
      ],
      action: [
        { action_group_id: expect.stringContaining("azurerm_monitor_action_group") as string },
      ],
      depends_on: [expect.stringMatching(/^azurerm_resource_group_template_deployment\.playbook_/)],
    });
  });

  test("tell of rows that were taken and dropped", () => {
    expect(metricAlert("rows-dropped")).toMatchObject({
      scopes: ["/rule"],
      criteria: [
        {
          metric_namespace: "Microsoft.Insights/datacollectionrules",
          metric_name: "RowsDropped_Count",
          aggregation: "Total",
          operator: "GreaterThan",
          threshold: 0,
        },
      ],
      action: [
        { action_group_id: expect.stringContaining("azurerm_monitor_action_group") as string },
      ],
    });
  });

  test("tell of silence, of what is missing and of a secret that expires", () => {
    const rules = all(synthAlerts(), MonitorScheduledQueryRulesAlertV2);
    expect(rules.map(({ name, window_duration }) => [name, window_duration])).toEqual([
      ["alert-gap", "P2D"],
      ["alert-no-successful-run", "PT2H"],
      ["alert-nothing-arrives", "P1D"],
      ["alert-secret-expires", "P1D"],
      ["alert-shortfall", "P2D"],
    ]);
    for (const rule of rules) {
      expect(rule).toMatchObject({
        location: "northeurope",
        scopes: ["/workspace"],
        skip_query_validation: true,
        criteria: [
          {
            query: expect.stringContaining('\nlet collector = "prod-fabrikam";\n') as string,
            time_aggregation_method: "Count",
            operator: "GreaterThan",
            threshold: 0,
          },
        ],
        action: {
          action_groups: [expect.stringContaining("azurerm_monitor_action_group") as string],
        },
      });
    }
  });

  test("know that a managed identity has no secret", () => {
    expect(queryAlerts({ hasSecret: false })).not.toContain("alert-secret-expires");
  });

  test("query no table on the Basic plan", () => {
    expect(queryAlerts({ auditTableIsBasic: true })).not.toContain("alert-shortfall");
  });
});
