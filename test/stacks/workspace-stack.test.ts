import { LogAnalyticsSavedSearch } from "@cdktf/provider-azurerm/lib/log-analytics-saved-search/index.js";
import { LogAnalyticsWorkspace } from "@cdktf/provider-azurerm/lib/log-analytics-workspace/index.js";
import { LogAnalyticsWorkspaceTableCustomLog } from "@cdktf/provider-azurerm/lib/log-analytics-workspace-table-custom-log/index.js";
import { SentinelLogAnalyticsWorkspaceOnboarding } from "@cdktf/provider-azurerm/lib/sentinel-log-analytics-workspace-onboarding/index.js";
import { StorageAccount } from "@cdktf/provider-azurerm/lib/storage-account/index.js";
import { describe, expect, test } from "vitest";
import { workspaceId, workspaceNames } from "../../config/names.ts";
import { all, only } from "../synth.ts";
import type { Synthesized } from "../synth.ts";
import {
  adoptedWorkspace,
  adoptedWorkspaceId,
  fixtureEnvironment,
  production,
  synthWorkspaceStack,
  withoutContent,
} from "./fixtures.ts";

const tables = (changes?: Record<string, unknown>) =>
  all(synthWorkspaceStack(changes), LogAnalyticsWorkspaceTableCustomLog);

describe("WorkspaceStack", () => {
  test("is what it was", () => {
    expect(withoutContent(synthWorkspaceStack())).toMatchSnapshot();
  });

  test("has the names that other stacks compute", () => {
    const environment = fixtureEnvironment();
    const synthesized = synthWorkspaceStack();
    const names = workspaceNames(environment);
    const { name } = only(synthesized, LogAnalyticsWorkspace);
    expect(workspaceId(environment)).toBe(
      `/subscriptions/${environment.subscriptionId}/resourceGroups/${names.resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/${String(name)}`,
    );
    expect(only(synthesized, StorageAccount).name).toBe(names.storageAccount);
  });

  test("passes on what is configured", () => {
    const workspace = { mode: "create", retentionDays: 45, dailyCapGb: 2, tablePlan: "Basic" };
    const synthesized = synthWorkspaceStack({ workspace });
    expect(only(synthesized, LogAnalyticsWorkspace)).toMatchObject({
      retention_in_days: 45,
      daily_quota_gb: 2,
    });
    expect(tables({ workspace }).map(({ name, plan }) => [name, plan])).toEqual([
      ["M365Audit_CL", "Basic"],
      ["M365AuditHealth_CL", "Analytics"],
    ]);
  });

  test("keeps its hands off an adopted workspace", () => {
    const synthesized = synthWorkspaceStack({ workspace: adoptedWorkspace() });
    expect(all(synthesized, LogAnalyticsWorkspace)).toEqual([]);
    expect(all(synthesized, SentinelLogAnalyticsWorkspaceOnboarding)).toEqual([]);
    const adopted = all(synthesized, LogAnalyticsWorkspaceTableCustomLog);
    expect(adopted.map(({ workspace_id }) => workspace_id)).toEqual(
      Array(2).fill(adoptedWorkspaceId),
    );
  });

  test("switches Sentinel on in an adopted workspace where it is off", () => {
    const workspace = adoptedWorkspace({ sentinelIsOn: false });
    const synthesized = synthWorkspaceStack({ workspace });
    expect(only(synthesized, SentinelLogAnalyticsWorkspaceOnboarding)).toMatchObject({
      workspace_id: adoptedWorkspaceId,
    });
  });

  test("leaves tables and functions to the environment that owns them", () => {
    const workspace = adoptedWorkspace({ ownsTables: false });
    const synthesized = synthWorkspaceStack({ workspace });
    expect(all(synthesized, LogAnalyticsWorkspaceTableCustomLog)).toEqual([]);
    expect(all(synthesized, LogAnalyticsSavedSearch)).toEqual([]);
    expect(all(synthesized, StorageAccount)).toHaveLength(1);
  });

  describe("forgets instead of destroying", () => {
    const addresses = ({ resource = {} }: Synthesized) =>
      Object.entries(resource).flatMap(([type, blocks]) =>
        Object.keys(blocks).map((id) => `${type}.${id}`),
      );
    const of = (workspace: object, changes: object = production) => {
      const synthesized = synthWorkspaceStack({ ...changes, workspace });
      return {
        declared: addresses(synthesized),
        forgotten: (synthesized.removed ?? []).map(({ from }) => from),
      };
    };
    const created = of({ mode: "create" });
    const switchingOn = of(adoptedWorkspace({ sentinelIsOn: false }));

    /** What is declared before and not after, of the kinds that hold logs or somebody's settings. */
    const lost = (before: typeof created, after: typeof created) =>
      before.declared.filter(
        (address) =>
          !after.declared.includes(address) &&
          !after.forgotten.includes(address) &&
          !address.startsWith("azurerm_log_analytics_saved_search."),
      );

    test.each([
      ["the workspace is adopted from now on", created, adoptedWorkspace()],
      [
        "its tables go to another environment too",
        created,
        adoptedWorkspace({ ownsTables: false }),
      ],
      ["Sentinel is said to be on", switchingOn, adoptedWorkspace()],
      [
        "the tables go to another environment",
        switchingOn,
        adoptedWorkspace({ ownsTables: false }),
      ],
      ["a workspace of its own comes instead", switchingOn, { mode: "create" }],
    ])("in production when %s", (_, before, workspace) => {
      expect(lost(before, of(workspace))).toEqual([]);
    });

    test("Sentinel in an adopted workspace, in a test too", () => {
      const test = { protection: "test" };
      const before = of(adoptedWorkspace({ sentinelIsOn: false }), test);
      expect(lost(before, of(adoptedWorkspace(), test))).toEqual([]);
    });

    test("nothing that it declares", () => {
      for (const { declared, forgotten } of [created, switchingOn, of(adoptedWorkspace())]) {
        expect(forgotten.filter((address) => declared.includes(address))).toEqual([]);
      }
    });

    test("nothing of its own in a test, where everything goes", () => {
      expect(of(adoptedWorkspace({ ownsTables: false }), { protection: "test" }).forgotten).toEqual(
        ["azurerm_sentinel_log_analytics_workspace_onboarding.onboarding"],
      );
    });
  });

  test("leaves plan and retention of tables in an adopted workspace to its owner", () => {
    for (const table of tables({ workspace: adoptedWorkspace() })) {
      expect(table.lifecycle).toMatchObject({
        ignore_changes: ["plan", "retention_in_days", "total_retention_in_days"],
      });
    }
    for (const table of tables()) {
      expect(table.lifecycle).not.toHaveProperty("ignore_changes");
    }
  });

  test("keeps its state where the configuration says", () => {
    expect(synthWorkspaceStack().terraform.backend).toEqual({
      local: { path: "../../../terraform.dev-workspace.tfstate" },
    });
    expect(synthWorkspaceStack(production).terraform.backend).toEqual({
      azurerm: {
        storage_account_name: "ststate",
        container_name: "tfstate",
        key: "dev-workspace.tfstate",
        use_azuread_auth: true,
        tenant_id: "00000000-0000-4000-8000-00000000000a",
        environment: "public",
      },
    });
  });
});
