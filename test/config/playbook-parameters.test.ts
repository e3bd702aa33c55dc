import { describe, expect, test } from "vitest";
import { playbookParameters } from "../../config/playbook-parameters.ts";
import { loadPlaybook } from "../../content/load.ts";
import { adoptedWorkspace, adoptedWorkspaceId, fixtureEnvironment } from "../stacks/fixtures.ts";
import { homeTenantId } from "./environment-files.ts";

const assigned = {
  clientId: "00000000-0000-4000-8000-0000000000c1",
  ingestionEndpoint: "https://dce.example.org",
  dataCollectionRuleId: "dcr-0",
};
const parameters = (tenant: Record<string, unknown> = {}, environment = {}) =>
  playbookParameters(fixtureEnvironment(environment, tenant), "contoso", assigned);

describe("playbookParameters", () => {
  test("gives every address and audience of the public cloud", () => {
    const tenantId = "00000000-0000-4000-8000-00000000000b";
    expect(parameters({ tenantId })).toEqual({
      feedUri: "https://manage.office.com",
      feedAudience: "https://manage.office.com",
      loginAuthority: "https://login.microsoftonline.com/",
      m365TenantId: tenantId,
      clientId: "00000000-0000-4000-8000-0000000000c1",
      publisherId: homeTenantId,
      contentTypes: ["Audit.General"],
      keepWorkloads: [],
      keepRecordTypes: [],
      secretUri: expect.stringMatching(
        /^https:\/\/kv-dev-contoso-[0-9a-f]{6}\.vault\.azure\.net\/secrets\/feed-client-secret$/,
      ) as string,
      vaultAudience: "https://vault.azure.net",
      checkpointUri: expect.stringMatching(
        /^https:\/\/stdevcontoso[0-9a-f]{6}\.blob\.core\.windows\.net\/checkpoint$/,
      ) as string,
      setAsideUri: expect.stringMatching(
        /^https:\/\/stdevaudit[0-9a-f]{6}\.blob\.core\.windows\.net\/set-aside$/,
      ) as string,
      originalsUri: expect.stringMatching(
        /^https:\/\/stdevaudit[0-9a-f]{6}\.blob\.core\.windows\.net\/originals$/,
      ) as string,
      storageAudience: "https://storage.azure.com/",
      ingestionEndpoint: "https://dce.example.org",
      dataCollectionRuleId: "dcr-0",
      ingestionAudience: "https://monitor.azure.com",
      queryEndpoint:
        "https://api.loganalytics.azure.com/v1/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-m365audit-dev/providers/Microsoft.OperationalInsights/workspaces/log-m365audit-dev",
      queryAudience: "https://api.loganalytics.io",
      recurrenceMinutes: 15,
      requestsPerMinute: 1900,
      collector: "dev-contoso",
    });
  });

  test.each([
    ["gcc", "public", "https://manage-gcc.office.com", "com", "vault.azure.net"],
    ["gcc-high", "usgovernment", "https://manage.office365.us", "us", "vault.usgovcloudapi.net"],
    ["dod", "usgovernment", "https://manage.protection.apps.mil", "us", "vault.usgovcloudapi.net"],
  ])("follows the clouds of a tenant in %s", (cloud, azureCloud, feedUri, login, vault) => {
    const location = azureCloud === "public" ? "westeurope" : "usgovvirginia";
    const found = parameters({ cloud }, { azureCloud, location });
    expect(found).toMatchObject({
      feedUri,
      feedAudience: feedUri,
      loginAuthority: `https://login.microsoftonline.${login}/`,
      vaultAudience: `https://${vault}`,
      ingestionAudience:
        azureCloud === "public" ? "https://monitor.azure.com" : "https://monitor.azure.us",
      queryEndpoint: expect.stringMatching(
        azureCloud === "public"
          ? /^https:\/\/api\.loganalytics\.azure\.com\/v1\/subscriptions\//
          : /^https:\/\/api\.loganalytics\.us\/v1\/subscriptions\//,
      ) as string,
      queryAudience:
        azureCloud === "public" ? "https://api.loganalytics.io" : "https://api.loganalytics.us",
    });
    const storage =
      azureCloud === "public" ? "blob.core.windows.net" : "blob.core.usgovcloudapi.net";
    expect(found["secretUri"]).toContain(`.${vault}/secrets/`);
    for (const uri of ["checkpointUri", "setAsideUri", "originalsUri"]) {
      expect(found[uri]).toContain(`.${storage}/`);
    }
  });

  test("passes on what the tenant's configuration chooses", () => {
    const chosen = {
      publisherId: "00000000-0000-4000-8000-0000000000f1",
      contentTypes: ["Audit.General", "DLP.All"],
      keepWorkloads: ["MicrosoftTeams"],
      keepRecordTypes: [25, 47],
      recurrenceMinutes: 5,
      requestsPerMinute: 3600,
    };
    expect(parameters(chosen)).toMatchObject(chosen);
    expect(parameters()["publisherId"]).toBe(homeTenantId);
  });

  test("asks the workspace that is adopted", () => {
    expect(parameters({}, { workspace: adoptedWorkspace() })["queryEndpoint"]).toBe(
      `https://api.loganalytics.azure.com/v1${adoptedWorkspaceId}`,
    );
  });

  test("names no secret when the playbook signs in with its identity", () => {
    expect(parameters({ credential: "managed-identity" })["secretUri"]).toBe("");
  });

  test("has values for what the playbook declares, and for nothing else", () => {
    const declared = loadPlaybook("get-o365-data", {
      recurrence: { frequency: "Minute", interval: 15 },
      feedCredential: "client-secret",
    }).parameters as Record<string, { defaultValue?: unknown }>;
    const given = Object.keys(parameters());
    expect(Object.keys(declared)).toEqual(expect.arrayContaining(given));
    const required = Object.keys(declared).filter(
      (name) => declared[name]!.defaultValue === undefined,
    );
    expect(given).toEqual(expect.arrayContaining(required));
  });

  test("fails for a tenant that the environment does not have", () => {
    expect(() => playbookParameters(fixtureEnvironment(), "fabrikam", assigned)).toThrow(
      new Error("tenant must be one of contoso, got fabrikam"),
    );
  });
});
