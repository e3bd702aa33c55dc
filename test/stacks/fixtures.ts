import type { Environment } from "../../config/environment.ts";
import { readEnvironments } from "../../config/environment.ts";
import { TenantStack } from "../../stacks/tenant-stack.ts";
import { WorkspaceStack } from "../../stacks/workspace-stack.ts";
import { configFolder, environmentFile, tenantFile } from "../config/environment-files.ts";
import { synthStack } from "../synth.ts";
import type { Synthesized } from "../synth.ts";

/** An environment `dev` with the one tenant contoso, each with changes. */
export function fixtureEnvironment(
  changes: Record<string, unknown> = {},
  tenantChanges: Record<string, unknown> = {},
): Environment {
  const tenants = { contoso: tenantFile(tenantChanges) };
  const file = environmentFile({ tenants, ...changes });
  const [environment] = readEnvironments(configFolder({ "dev.json": file }));
  if (environment === undefined) {
    throw new Error("the fixture must be an environment, got none");
  }
  return environment;
}

/** What an environment in production differs in. */
export const production = {
  protection: "production",
  deployerVaultRole: "by-administrator",
  stateBackend: { type: "azurerm", storageAccount: "ststate", container: "tfstate" },
};

export const adoptedWorkspaceId =
  "/subscriptions/00000000-0000-4000-8000-000000000009/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces/log-soc";

/** A workspace that somebody else made, with changes. */
export function adoptedWorkspace(changes: Record<string, unknown> = {}) {
  const resourceId = adoptedWorkspaceId;
  const location = "northeurope";
  return { mode: "adopt", resourceId, location, sentinelIsOn: true, ownsTables: true, ...changes };
}

/** The workspace stack of an environment. */
export function synthWorkspaceStack(changes?: Record<string, unknown>): Synthesized {
  return synthStack((app) => new WorkspaceStack(app, fixtureEnvironment(changes)));
}

/** The stack of the tenant contoso. */
export function synthTenantStack(
  tenantChanges?: Record<string, unknown>,
  changes?: Record<string, unknown>,
): Synthesized {
  const environment = fixtureEnvironment(changes, tenantChanges);
  return synthStack((app) => {
    const tenant = environment.tenants.contoso;
    if (tenant === undefined) {
      throw new Error("the fixture must have the tenant contoso, got none");
    }
    return new TenantStack(app, environment, "contoso", tenant);
  });
}

/** A stack with the name of a content file's text in its place: such a change shows in that file. */
export function withoutContent(synthesized: Synthesized): unknown {
  return JSON.parse(JSON.stringify(synthesized), (key, value: unknown) => {
    if (key === "column") {
      return "columns of content/tables";
    }
    if (key === "transform_kql" || key === "query") {
      return "text of content";
    }
    if (key === "template_content") {
      return JSON.parse(String(value), (member, inner: unknown) =>
        member === "definition" ? "content/playbooks" : inner,
      ) as unknown;
    }
    return value;
  });
}
