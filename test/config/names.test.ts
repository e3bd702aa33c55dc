import { describe, expect, test } from "vitest";
import type { Environment } from "../../config/environment.ts";
import { readEnvironments } from "../../config/environment.ts";
import {
  tenantNames,
  tenantStackId,
  workspaceId,
  workspaceLocation,
  workspaceNames,
  workspaceStackId,
} from "../../config/names.ts";
import { configFolder, environmentFile } from "./environment-files.ts";

function environment(name: string, changes: Record<string, unknown> = {}): Environment {
  const [loaded] = readEnvironments(configFolder({ [`${name}.json`]: environmentFile(changes) }));
  if (loaded === undefined) {
    throw new Error("no environment was loaded");
  }
  return loaded;
}

const environmentNames = ["dv", "dev", "prod", "p2345678"];
const tenantKeys = [
  "co",
  "contoso",
  "contoso-eu",
  "a-b-c-d-e-f-g-h",
  "a2345678901-345678",
  "a23456789-12345678",
  "a23456789012345678",
];
const pairs = environmentNames.flatMap((name) => tenantKeys.map((tenant) => ({ name, tenant })));

describe("names", () => {
  test("follow from environment and tenant", () => {
    const dev = environment("dev");
    expect(workspaceStackId(dev)).toBe("dev-workspace");
    expect(tenantStackId(dev, "contoso")).toBe("dev-contoso");
    expect(workspaceNames(dev)).toMatchObject({
      resourceGroup: "rg-m365audit-dev",
      workspace: "log-m365audit-dev",
    });
    expect(tenantNames(dev, "contoso")).toMatchObject({
      resourceGroup: "rg-m365audit-dev-contoso",
      collector: "dev-contoso",
      playbook: "logic-m365audit-dev-contoso",
      identityId:
        "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-m365audit-dev-contoso/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-m365audit-dev-contoso",
    });
    expect(tenantNames(dev, "contoso").alert("runs-failed")).toBe(
      "alert-m365audit-dev-contoso-runs-failed",
    );
  });

  test.each(pairs)("fit every service: $name, $tenant", ({ name, tenant }) => {
    const env = environment(name);
    const names = tenantNames(env, tenant);
    expect(names.vault).toMatch(/^(?!.*--)[a-z][a-z0-9-]{1,22}[a-z0-9]$/);
    expect(names.vault).toMatch(/-[0-9a-f]{6}$/);
    for (const account of [names.storageAccount, workspaceNames(env).storageAccount]) {
      expect(account).toMatch(/^[a-z0-9]{3,24}$/);
      expect(account).toMatch(/[0-9a-f]{6}$/);
    }
    expect(names.collectionEndpoint).toMatch(/^[a-zA-Z0-9-]{3,44}$/);
    expect(names.collectionRule).toMatch(/^[a-zA-Z0-9-]{3,64}$/);
    expect(names.playbook).toMatch(/^[a-zA-Z0-9-]{1,43}$/);
    expect(names.identity).toMatch(/^[a-zA-Z0-9-]{3,128}$/);
    expect(names.resourceGroup).toMatch(/^[a-z0-9-]{1,90}$/);
    expect(workspaceNames(env).workspace).toMatch(/^[a-z][a-z0-9-]{2,61}[a-z0-9]$/);
  });

  test("that are unique in the world differ between subscriptions, environments and tenants", () => {
    const other = { subscriptionId: "00000000-0000-4000-8000-000000000002" };
    const unique = [
      ...pairs.map(({ name, tenant }) => tenantNames(environment(name), tenant)),
      tenantNames(environment("dev", other), "contoso"),
    ];
    expect(new Set(unique.map(({ vault }) => vault)).size).toBe(unique.length);
    expect(new Set(unique.map(({ storageAccount }) => storageAccount)).size).toBe(unique.length);
  });

  test("do not depend on how the subscription's id is written", () => {
    const upper = { subscriptionId: "00000000-0000-4000-8000-00000000000A" };
    const lower = { subscriptionId: "00000000-0000-4000-8000-00000000000a" };
    expect(tenantNames(environment("dev", upper), "contoso").vault).toBe(
      tenantNames(environment("dev", lower), "contoso").vault,
    );
  });

  test("never change, since a changed name replaces what has it", () => {
    const dev = environment("dev");
    expect(workspaceNames(dev).storageAccount).toBe("stdevauditd230ff");
    expect(tenantNames(dev, "contoso").vault).toBe("kv-dev-contoso-9852db");
    expect(tenantNames(dev, "contoso").storageAccount).toBe("stdevcontoso9852db");
  });

  test("carry the hosts of the Azure cloud", () => {
    const government = environment("dev", {
      azureCloud: "usgovernment",
      location: "usgovvirginia",
      tenants: {},
    });
    expect(tenantNames(environment("dev"), "contoso")).toMatchObject({
      secretUri: expect.stringMatching(
        /^https:\/\/kv-dev-contoso-[0-9a-f]{6}\.vault\.azure\.net\/secrets\/feed-client-secret$/,
      ) as string,
      checkpointUri: expect.stringMatching(
        /^https:\/\/stdevcontoso[0-9a-f]{6}\.blob\.core\.windows\.net\/checkpoint$/,
      ) as string,
    });
    expect(tenantNames(government, "contoso")).toMatchObject({
      secretUri: expect.stringContaining(".vault.usgovcloudapi.net/") as string,
      checkpointUri: expect.stringContaining(".blob.core.usgovcloudapi.net/") as string,
    });
    expect(workspaceNames(government)).toMatchObject({
      setAsideUri: expect.stringMatching(/\.blob\.core\.usgovcloudapi\.net\/set-aside$/) as string,
      originalsUri: expect.stringMatching(/\.blob\.core\.usgovcloudapi\.net\/originals$/) as string,
    });
  });
});

describe("the workspace", () => {
  test("is the environment's own", () => {
    const dev = environment("dev");
    expect(workspaceId(dev)).toBe(
      "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-m365audit-dev/providers/Microsoft.OperationalInsights/workspaces/log-m365audit-dev",
    );
    expect(workspaceLocation(dev)).toBe("westeurope");
  });

  test("or an adopted one, wherever that is", () => {
    const resourceId =
      "/subscriptions/00000000-0000-4000-8000-000000000009/resourceGroups/rg-soc/providers/Microsoft.OperationalInsights/workspaces/log-soc";
    const dev = environment("dev", {
      workspace: {
        mode: "adopt",
        resourceId,
        location: "northeurope",
        sentinelIsOn: true,
        ownsTables: false,
      },
    });
    expect(workspaceId(dev)).toBe(resourceId);
    expect(workspaceLocation(dev)).toBe("northeurope");
  });
});
