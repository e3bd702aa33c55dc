import { AppRoleAssignment } from "@cdktf/provider-azuread/lib/app-role-assignment/index.js";
import { Application } from "@cdktf/provider-azuread/lib/application/index.js";
import { KeyVault } from "@cdktf/provider-azurerm/lib/key-vault/index.js";
import { MonitorDataCollectionEndpoint } from "@cdktf/provider-azurerm/lib/monitor-data-collection-endpoint/index.js";
import { MonitorDataCollectionRule } from "@cdktf/provider-azurerm/lib/monitor-data-collection-rule/index.js";
import { MonitorScheduledQueryRulesAlertV2 } from "@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2/index.js";
import { ResourceGroupTemplateDeployment } from "@cdktf/provider-azurerm/lib/resource-group-template-deployment/index.js";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment/index.js";
import { StorageAccount } from "@cdktf/provider-azurerm/lib/storage-account/index.js";
import { UserAssignedIdentity } from "@cdktf/provider-azurerm/lib/user-assigned-identity/index.js";
import { describe, expect, test } from "vitest";
import { tenantNames, workspaceId, workspaceNames } from "../../config/names.ts";
import { builtInRoles } from "../../config/built-in-roles.ts";
import { loadPlaybook } from "../../content/load.ts";
import { all, only } from "../synth.ts";
import type { Synthesized } from "../synth.ts";
import {
  adoptedWorkspace,
  adoptedWorkspaceId,
  fixtureEnvironment,
  synthTenantStack,
  withoutContent,
} from "./fixtures.ts";

const government = {
  azureCloud: "usgovernment",
  location: "usgovvirginia",
  workspace: { mode: "create" },
};
const managedIdentity = { credential: "managed-identity" };

/** One value that the playbook is given, as Terraform's expression writes it. */
function parameter(name: string, synthesized: Synthesized): string | undefined {
  const content = String(only(synthesized, ResourceGroupTemplateDeployment).parameters_content);
  return new RegExp(`"${name}" = \\{"value" = ("[^"]*"|\\[[^\\]]*\\]|[^}]*)\\}`).exec(content)?.[1];
}

/** The workflow definition that is deployed. */
function deployedDefinition(synthesized: Synthesized): unknown {
  const template = String(only(synthesized, ResourceGroupTemplateDeployment).template_content);
  const { resources } = JSON.parse(
    template.replaceAll("$${", "${").replaceAll("%%{", "%{").replaceAll('"[[', '"['),
  ) as { resources: [{ properties: { definition: unknown } }] };
  return resources[0].properties.definition;
}

describe("TenantStack", () => {
  test("is what it was", () => {
    expect(withoutContent(synthTenantStack())).toMatchSnapshot();
  });

  test("deploys the playbook of the content folder with the settings of the tenant", () => {
    const { identityId } = tenantNames(fixtureEnvironment(), "contoso");
    expect(deployedDefinition(synthTenantStack({ recurrenceMinutes: 30 }))).toEqual(
      loadPlaybook("get-o365-data", {
        recurrence: { frequency: "Minute", interval: 30 },
        identityId,
        feedCredential: "client-secret",
      }),
    );
  });

  test("has the names that others compute", () => {
    const synthesized = synthTenantStack();
    const names = tenantNames(fixtureEnvironment(), "contoso");
    expect(only(synthesized, KeyVault).name).toBe(names.vault);
    expect(only(synthesized, StorageAccount).name).toBe(names.storageAccount);
    expect(only(synthesized, UserAssignedIdentity).name).toBe(names.identity);
    expect(only(synthesized, ResourceGroupTemplateDeployment).name).toBe(names.playbook);
  });

  test("gives the playbook what is configured", () => {
    const synthesized = synthTenantStack({
      contentTypes: ["Audit.General", "DLP.All"],
      keepWorkloads: ["MicrosoftTeams"],
      keepRecordTypes: [25, 26],
      publisherId: "00000000-0000-4000-8000-00000000000b",
    });
    expect(parameter("contentTypes", synthesized)).toBe('["Audit.General", "DLP.All"]');
    expect(parameter("keepWorkloads", synthesized)).toBe('["MicrosoftTeams"]');
    expect(parameter("keepRecordTypes", synthesized)).toBe("[25, 26]");
    expect(parameter("publisherId", synthesized)).toBe('"00000000-0000-4000-8000-00000000000b"');
    expect(parameter("collector", synthesized)).toBe('"dev-contoso"');
    expect(parameter("clientId", synthesized)).toMatch(/^azuread_application\.\w+\.client_id$/);
    expect(parameter("ingestionEndpoint", synthesized)).toMatch(
      /^azurerm_monitor_data_collection_endpoint\.\w+\.logs_ingestion_endpoint$/,
    );
    expect(parameter("dataCollectionRuleId", synthesized)).toMatch(
      /^azurerm_monitor_data_collection_rule\.\w+\.immutable_id$/,
    );
  });

  test.each([
    ["gcc", {}, "https://manage-gcc.office.com", "global"],
    ["gcc-high", government, "https://manage.office365.us", "usgovernment"],
    ["dod", government, "https://manage.protection.apps.mil", "dod"],
  ])("uses the hosts and audiences of %s", (cloud, changes, api, entra) => {
    const synthesized = synthTenantStack({ cloud }, changes);
    const isGovernment = changes === government;
    expect(parameter("feedUri", synthesized)).toBe(`"${api}"`);
    expect(parameter("feedAudience", synthesized)).toBe(`"${api}"`);
    expect(parameter("loginAuthority", synthesized)).toBe(
      isGovernment ? '"https://login.microsoftonline.us/"' : '"https://login.microsoftonline.com/"',
    );
    expect(parameter("vaultAudience", synthesized)).toBe(
      isGovernment ? '"https://vault.usgovcloudapi.net"' : '"https://vault.azure.net"',
    );
    expect(parameter("ingestionAudience", synthesized)).toBe(
      isGovernment ? '"https://monitor.azure.us"' : '"https://monitor.azure.com"',
    );
    expect(synthesized.provider).toMatchObject({
      azurerm: [{ environment: isGovernment ? "usgovernment" : "public" }],
      azuread: [{ environment: entra }],
    });
  });

  test("signs in to the Microsoft 365 tenant, and to Azure in the home tenant", () => {
    const tenantId = "00000000-0000-4000-8000-00000000000c";
    const { provider } = synthTenantStack({ tenantId });
    expect(provider).toMatchObject({
      azurerm: [{ tenant_id: "00000000-0000-4000-8000-00000000000a" }],
      azuread: [{ tenant_id: tenantId }],
    });
  });

  test("collects where an adopted workspace is", () => {
    const synthesized = synthTenantStack({}, { workspace: adoptedWorkspace() });
    expect(only(synthesized, MonitorDataCollectionEndpoint).location).toBe("northeurope");
    expect(only(synthesized, MonitorDataCollectionRule).location).toBe("northeurope");
  });

  test("grants the playbook's identity these roles and no others", () => {
    const environment = fixtureEnvironment();
    const shared = workspaceNames(environment);
    const granted = (synthesized: Synthesized) =>
      all(synthesized, RoleAssignment)
        .filter(({ principal_id }) => String(principal_id).includes("user_assigned_identity"))
        .map(({ role_definition_id, scope }) => [
          Object.entries(builtInRoles).find(([, { id }]) =>
            String(role_definition_id).endsWith(id),
          )?.[0],
          String(scope).replace(/^\$\{(\w+)\..*\}$/, "$1"),
        ]);
    const withIdentity = [
      ["monitoringMetricsPublisher", "azurerm_monitor_data_collection_rule"],
      ["storageBlobDataContributor", "azurerm_storage_container"],
      ["storageBlobDataContributor", shared.setAsideContainerId],
      ["storageBlobDataContributor", shared.originalsContainerId],
      ["logAnalyticsDataReader", workspaceId(environment)],
    ];
    expect(granted(synthTenantStack(managedIdentity)).sort()).toEqual(withIdentity.sort());
    expect(granted(synthTenantStack()).sort()).toEqual(
      [...withIdentity, ["keyVaultSecretsUser", "azurerm_key_vault"]].sort(),
    );
  });

  test("lets the playbook read two tables of the workspace, an adopted one of another subscription too", () => {
    const grants = (changes?: Record<string, unknown>) =>
      all(synthTenantStack({}, changes), RoleAssignment).filter(({ condition }) => condition);
    const table = "@Resource[Microsoft.OperationalInsights/workspaces/tables:name] StringEquals";
    const condition =
      "((!(ActionMatches{'Microsoft.OperationalInsights/workspaces/tables/data/read'})) OR " +
      `(${table} 'M365Audit_CL' OR ${table} 'M365AuditHealth_CL'))`;
    expect(grants()).toMatchObject([
      { scope: workspaceId(fixtureEnvironment()), condition, condition_version: "2.0" },
    ]);
    const { subscriptionId } = fixtureEnvironment();
    const subscriptions = (changes?: Record<string, unknown>) =>
      grants(changes).map(({ role_definition_id }) => String(role_definition_id).split("/")[2]);
    expect(subscriptions()).toEqual([subscriptionId]);
    expect(grants({ workspace: adoptedWorkspace() })).toMatchObject([
      { scope: adoptedWorkspaceId, condition },
    ]);
    expect(subscriptions({ workspace: adoptedWorkspace() })).toEqual([
      "00000000-0000-4000-8000-000000000009",
    ]);
  });

  test("compares the tables in an alert unless one is on the Basic plan", () => {
    const compares = (workspace: object) =>
      all(synthTenantStack({}, { workspace }), MonitorScheduledQueryRulesAlertV2).some(({ name }) =>
        String(name).endsWith("-shortfall"),
      );
    expect(compares({ mode: "create" })).toBe(true);
    expect(compares(adoptedWorkspace())).toBe(true);
    expect(compares({ mode: "create", tablePlan: "Basic" })).toBe(false);
  });

  test("leaves the consent to an administrator when told so", () => {
    expect(all(synthTenantStack(), AppRoleAssignment)).toHaveLength(1);
    for (const credential of ["client-secret", "managed-identity"]) {
      const synthesized = synthTenantStack({ credential, consent: "by-administrator" });
      expect(all(synthesized, AppRoleAssignment)).toEqual([]);
    }
  });

  // Where the deployer may not consent, all else has to be there for whoever may.
  test("starts the playbook when its roles and its secret are there, with consent or without", () => {
    const waitsFor = (synthesized: Synthesized) =>
      (only(synthesized, ResourceGroupTemplateDeployment).depends_on as string[])
        .map((address) => address.replace(/\..*/, ""))
        .sort();
    const roles = Array<string>(5).fill("azurerm_role_assignment");
    const identity = "azurerm_user_assigned_identity";
    expect(waitsFor(synthTenantStack())).toEqual(
      ["azurerm_key_vault_secret", ...roles, "azurerm_role_assignment", identity].sort(),
    );
    expect(waitsFor(synthTenantStack(managedIdentity))).toEqual([...roles, identity].sort());
  });

  test("has no application and no secret with a managed identity", () => {
    const synthesized = synthTenantStack(managedIdentity);
    expect(all(synthesized, Application)).toEqual([]);
    expect(all(synthesized, KeyVault)).toEqual([]);
    expect(only(synthesized, AppRoleAssignment).principal_object_id).toMatch(
      /^\$\{azurerm_user_assigned_identity\.\w+\.principal_id\}$/,
    );
    expect(parameter("clientId", synthesized)).toBe('""');
    expect(parameter("secretUri", synthesized)).toBe('""');
    expect(JSON.stringify(deployedDefinition(synthesized))).not.toContain("ActiveDirectoryOAuth");
  });

  test("of a removed tenant is empty, with the providers that destroy what was there", () => {
    const synthesized = synthTenantStack({ state: "removed" });
    expect(synthesized.resource).toBeUndefined();
    expect(synthesized.data).toBeUndefined();
    expect(Object.keys(synthesized.provider).sort()).toEqual(["azuread", "azurerm"]);
    expect(synthesized.terraform).toEqual(synthTenantStack().terraform);
  });
});
