import { LogAnalyticsWorkspace } from "@cdktf/provider-azurerm/lib/log-analytics-workspace/index.js";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import { SentinelLogAnalyticsWorkspaceOnboarding } from "@cdktf/provider-azurerm/lib/sentinel-log-analytics-workspace-onboarding/index.js";
import { TerraformOutput } from "cdktf";
import { describe, expect, test } from "vitest";
import { SentinelWorkspace } from "../../constructs/sentinel-workspace.ts";
import type { SentinelWorkspaceProps } from "../../constructs/sentinel-workspace.ts";
import { only, synth } from "../synth.ts";

const synthWorkspace = (props: Partial<SentinelWorkspaceProps> = {}) =>
  synth((stack) => {
    const resourceGroup = new ResourceGroup(stack, "group", { name: "rg", location: "westeurope" });
    const { resourceId } = new SentinelWorkspace(stack, "sentinel", {
      name: "log",
      resourceGroup,
      ...props,
    });
    new TerraformOutput(stack, "id", { value: resourceId });
  });
const workspace = (props?: Partial<SentinelWorkspaceProps>) =>
  only(synthWorkspace(props), LogAnalyticsWorkspace);

describe("SentinelWorkspace", () => {
  test("keeps logs for 90 days unless told otherwise", () => {
    expect(workspace().retention_in_days).toBe(90);
    expect(workspace({ retentionDays: 30 }).retention_in_days).toBe(30);
  });

  test.each([29, 731, 45.5])("fails on a retention of %s days", (retentionDays) => {
    expect(() => synthWorkspace({ retentionDays })).toThrow(
      `retentionDays must be a whole number from 30 to 730, got ${retentionDays}`,
    );
  });

  test("has no cap unless told otherwise", () => {
    expect(workspace()).not.toHaveProperty("daily_quota_gb");
    expect(workspace({ dailyCapGb: 0.5 }).daily_quota_gb).toBe(0.5);
  });

  test("is protected unless told otherwise", () => {
    expect(workspace().lifecycle).toEqual({ prevent_destroy: true });
    expect(workspace({ protect: false }).lifecycle).toEqual({ prevent_destroy: false });
  });

  test("takes no shared keys", () => {
    expect(workspace().local_authentication_enabled).toBe(false);
  });

  test("is handed on by the onboarding, so that others wait for Sentinel", () => {
    const synthesized = synthWorkspace();
    expect(only(synthesized, SentinelLogAnalyticsWorkspaceOnboarding).workspace_id).toMatch(
      /^\$\{azurerm_log_analytics_workspace\.\w+\.id\}$/,
    );
    expect(JSON.stringify(synthesized.output)).toContain(
      "azurerm_sentinel_log_analytics_workspace_onboarding.sentinel_onboarding",
    );
  });
});
