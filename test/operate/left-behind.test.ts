import { describe, expect, test } from "vitest";
import { leftApplications, leftBehind } from "../../operate/left-behind.ts";
import { devEnvironment, localFeed } from "../feed/local-feed.ts";
import { LocalAzure, subscription, subscriptionId, tenantId } from "../local/azure/local-azure.ts";

const location = "westeurope";
const group = `${subscription}/resourceGroups/rg-gone`;
const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv-gone`;
const workspace = `${group}/providers/Microsoft.OperationalInsights/workspaces/log-gone`;

/** What is left of a group with a vault and a workspace after it was deleted. */
async function leftOf({ isProtected = false, keepsGroup = false } = {}) {
  const azure = new LocalAzure();
  await azure.call("PUT", group, { location });
  const properties = { tenantId, ...(isProtected && { enablePurgeProtection: true }) };
  await azure.call("PUT", vault, { location, properties });
  await azure.call("PUT", workspace, { location, properties: {} });
  await azure.call("DELETE", keepsGroup ? vault : group);
  const manager = {
    get: async (path: string) => {
      const { status, body } = await azure.call("GET", path);
      return status === 404 ? undefined : body;
    },
  };
  return leftBehind(manager, devEnvironment({}, { subscriptionId, location }), {
    ...{ resourceGroups: ["rg-gone"], vaults: ["kv-gone"], workspace: "log-gone" },
  });
}

describe("leftBehind", () => {
  test("finds what should be gone in a test environment", async () => {
    expect(await leftOf()).toEqual({
      kept: [],
      problems: [
        "Azure keeps the deleted vault kv-gone until 2026-04-14: purge it with az keyvault purge --name kv-gone",
        "Azure keeps the deleted workspace log-gone for 14 days, and a deployment before that takes it back with its logs",
      ],
    });
  });

  test("takes what Azure keeps of production as it is", async () => {
    const { kept, problems } = await leftOf({ isProtected: true });
    expect(kept).toEqual([
      "Azure keeps the deleted vault kv-gone until 2026-04-14, since it is protected; a deployment before that takes it back",
    ]);
    expect(problems).toHaveLength(1);
  });

  test("finds a group that others keep alive", async () => {
    expect((await leftOf({ keepsGroup: true })).problems[0]).toBe(
      "the resource group rg-gone is still there: delete what others put into it",
    );
  });
});

describe("leftApplications", () => {
  /** An application that is listed for some looks. */
  function listed(looks: number) {
    let left = looks;
    let waitedMs = 0;
    const graph = {
      get: async () => ({
        value: left-- > 0 ? [{ id: "i", appId: "a", passwordCredentials: [] }] : [],
      }),
    };
    const clock = { now: () => new Date(0), sleep: async (ms: number) => void (waitedMs += ms) };
    return { graph, clock, waitedMs: () => waitedMs };
  }

  test("waits until what was deleted is listed no more", async () => {
    const { graph, clock, waitedMs } = listed(2);
    expect(await leftApplications(localFeed().target, graph, clock)).toEqual([]);
    expect(waitedMs()).toBe(10_000);
  });

  test("tells what stays, and how it goes", async () => {
    const { target } = localFeed();
    const { graph, clock } = listed(Infinity);
    expect(await leftApplications(target, graph, clock)).toEqual([
      `the application ${target.names.application} (a) is still there in tenant ${target.tenant.tenantId}, as a deployment that was killed leaves it: delete it with az ad app delete --id a`,
    ]);
  });

  test("asks for none where there was none", async () => {
    const { target } = localFeed({ credential: "managed-identity" });
    const { graph, clock } = listed(Infinity);
    expect(await leftApplications(target, graph, clock)).toEqual([]);
  });
});
