import { MonitorDataCollectionEndpoint } from "@cdktf/provider-azurerm/lib/monitor-data-collection-endpoint/index.js";
import { MonitorDataCollectionRule } from "@cdktf/provider-azurerm/lib/monitor-data-collection-rule/index.js";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import { describe, expect, test } from "vitest";
import { Collection } from "../../constructs/collection.ts";
import type { Table } from "../../content/tables.ts";
import { only, synth } from "../synth.ts";

const table: Table = {
  name: "Things_CL",
  columns: [{ name: "TimeGenerated", type: "datetime", description: "When" }],
  stream: {
    name: "Custom-Things",
    columns: [
      { name: "At", type: "datetime", description: "When" },
      { name: "Ok", type: "bool", description: "Whether" },
    ],
  },
};
const synthesized = synth((stack) => {
  new Collection(stack, "collection", {
    endpointName: "dce",
    ruleName: "dcr",
    resourceGroup: new ResourceGroup(stack, "group", { name: "rg", location: "westeurope" }),
    location: "northeurope",
    workspaceId: "/workspace",
    flows: [{ table, transformation: 'source | where A != "%{x}"' }],
  });
});

describe("Collection", () => {
  test("is where the workspace is", () => {
    for (const type of [MonitorDataCollectionEndpoint, MonitorDataCollectionRule]) {
      expect(only(synthesized, type).location).toBe("northeurope");
    }
  });

  test("takes the stream, spells its types as streams do, and fills the table", () => {
    expect(only(synthesized, MonitorDataCollectionRule)).toMatchObject({
      data_collection_endpoint_id: expect.stringMatching(
        /^\$\{azurerm_monitor_data_collection_endpoint\.\w+\.id\}$/,
      ) as string,
      stream_declaration: [
        {
          stream_name: "Custom-Things",
          column: [
            { name: "At", type: "datetime" },
            { name: "Ok", type: "boolean" },
          ],
        },
      ],
      destinations: {
        log_analytics: [{ name: "workspace", workspace_resource_id: "/workspace" }],
      },
      data_flow: [
        {
          streams: ["Custom-Things"],
          destinations: ["workspace"],
          output_stream: "Custom-Things_CL",
          transform_kql: 'source | where A != "%%{x}"',
        },
      ],
    });
  });

  test("has no kind, since the provider knows none that fits", () => {
    expect(only(synthesized, MonitorDataCollectionRule)).not.toHaveProperty("kind");
  });
});
