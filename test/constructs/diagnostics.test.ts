import { MonitorDiagnosticSetting } from "@cdktf/provider-azurerm/lib/monitor-diagnostic-setting/index.js";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import { expect, test } from "vitest";
import { Diagnostics } from "../../constructs/diagnostics.ts";
import { all, synth } from "../synth.ts";

test("Diagnostics keeps the categories of each target in the workspace", () => {
  const synthesized = synth((stack) => {
    const after = new ResourceGroup(stack, "group", { name: "rg", location: "westeurope" });
    new Diagnostics(stack, "diagnostics", {
      workspaceId: "/workspace",
      targets: {
        one: { resourceId: "/one", categories: ["A", "B"] },
        two: { resourceId: "/two", categories: ["C"], after },
      },
    });
  });
  expect(all(synthesized, MonitorDiagnosticSetting)).toMatchObject([
    {
      target_resource_id: "/one",
      log_analytics_workspace_id: "/workspace",
      enabled_log: [{ category: "A" }, { category: "B" }],
    },
    {
      target_resource_id: "/two",
      log_analytics_workspace_id: "/workspace",
      enabled_log: [{ category: "C" }],
      depends_on: ["azurerm_resource_group.group"],
    },
  ]);
});
