import { MonitorDataCollectionEndpoint } from "@cdktf/provider-azurerm/lib/monitor-data-collection-endpoint/index.js";
import { MonitorDataCollectionRule } from "@cdktf/provider-azurerm/lib/monitor-data-collection-rule/index.js";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import { Construct } from "constructs";
import type { Flow } from "../content/flows.ts";
import { escapeForTerraform } from "../content/load.ts";
import { streamColumnType } from "../content/tables.ts";

export interface CollectionProps {
  readonly endpointName: string;
  readonly ruleName: string;
  readonly resourceGroup: ResourceGroup;
  /** Region of the workspace, where endpoint and rule must be too. */
  readonly location: string;
  /** Resource id of the workspace that holds the tables. */
  readonly workspaceId: string;
  /** Tables with the query that turns a row of the table's stream into a row of the table. */
  readonly flows: readonly Flow[];
}

/** Where rows are posted, and the rule that puts them into the tables of a workspace. */
export class Collection extends Construct {
  public readonly endpoint: MonitorDataCollectionEndpoint;
  public readonly rule: MonitorDataCollectionRule;

  constructor(scope: Construct, id: string, props: CollectionProps) {
    super(scope, id);

    const { endpointName, ruleName, resourceGroup, location, workspaceId, flows } = props;
    const common = {
      resourceGroupName: resourceGroup.name,
      location,
      tags: resourceGroup.tagsInput,
    };

    // A rule with an endpoint of its own (kind Direct) is refused by the provider, 4.81 too.
    this.endpoint = new MonitorDataCollectionEndpoint(this, "endpoint", {
      name: endpointName,
      ...common,
    });
    this.rule = new MonitorDataCollectionRule(this, "rule", {
      name: ruleName,
      ...common,
      dataCollectionEndpointId: this.endpoint.id,
      streamDeclaration: flows.map(({ table }) => ({
        streamName: table.stream.name,
        column: table.stream.columns.map(({ name, type }) => ({
          name,
          type: streamColumnType(type),
        })),
      })),
      destinations: {
        logAnalytics: [{ name: "workspace", workspaceResourceId: workspaceId }],
      },
      dataFlow: flows.map(({ table, transformation }) => ({
        streams: [table.stream.name],
        destinations: ["workspace"],
        outputStream: `Custom-${table.name}`,
        transformKql: escapeForTerraform(transformation),
      })),
    });
  }
}
