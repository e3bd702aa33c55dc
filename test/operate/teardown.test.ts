import { describe, expect, test } from "vitest";
import type { Environment } from "../../config/environment.ts";
import { startFeed } from "../../feed/start-feed.ts";
import { dispatch } from "../../local/cloud.ts";
import { localHttpClient } from "../../local/http-client.ts";
import type { Service } from "../../local/service.ts";
import { teardown, type TeardownProps } from "../../operate/teardown.ts";
import { localFeed } from "../feed/local-feed.ts";
import { aPlan } from "../plan/a-plan.ts";
import { fakeTerraform, type FakeStack } from "../plan/fake-terraform.ts";
import { LocalAzure, subscription } from "../local/azure/local-azure.ts";

const destroys = (...types: string[]) =>
  aPlan(...types.map((type) => ({ type, actions: ["delete"], before: { a: 1 } })));

const collector = destroys("azurerm_storage_container", "azurerm_role_assignment");
const gone = aPlan();

interface Given {
  readonly tenant?: FakeStack;
  readonly workspace?: FakeStack;
  /** Names of content that was set aside. */
  readonly setAside?: readonly string[];
  readonly protection?: Environment["protection"];
}

/** An environment whose feed is collected, and what takes it down. */
async function collecting(given: Given = {}) {
  const local = localFeed();
  await startFeed(local.tenantFeed, { dryRun: false, wait: true }, local.report);
  local.lines();
  const azure = new LocalAzure();
  // The workspace's storage, of which only the list is asked for.
  const storage: Service = {
    serves: (host) => host.startsWith("stdevaudit"),
    handle: async () => blobList(given.setAside ?? []),
  };
  const services = [...local.services, ...azure.azure.services, storage];
  const graph = azure.principal("Reader");
  azure.directory.grantAppRole(graph, "Application.Read.All");
  const operator = {
    getToken: async (scopes: string | string[]) => {
      const [scope] = [scopes].flat() as [string];
      const audience = scope.replace("/.default", "");
      return /management|graph/.test(audience)
        ? { token: azure.token(graph, audience), expiresOnTimestamp: Date.now() + 3_600_000 }
        : local.credential.getToken(scope);
    },
  };
  const { done, props } = fakeTerraform({
    "dev-workspace": given.workspace ?? { plans: [destroys("azurerm_storage_container")] },
    "dev-contoso": given.tenant ?? { plans: [collector] },
  });
  const { protection = "test" } = given;
  const environment: Environment = { ...local.environment, protection };
  const takeDown = async (changes: Partial<TeardownProps> = {}) => {
    const isGone = await teardown(
      {
        ...props,
        ...{ environment, environments: [environment] },
        ...{ tenants: ["contoso"], operator, accepted: "" },
        ...{ leaveSetAside: false, leaveSubscriptions: false },
        ...{
          httpClient: localHttpClient((request) => dispatch(services, request)),
          retryDelayMs: 1,
        },
        ...changes,
      },
      local.report,
    );
    return {
      isGone,
      lines: local.lines(),
      done: done().filter((line) => !line.startsWith("plan")),
    };
  };
  return { azure, done, local, takeDown };
}

const blobList = (names: readonly string[]) =>
  new Response(
    `<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>${names
      .map((name) => `<Blob><Name>${name}</Name><Properties/></Blob>`)
      .join("")}</Blobs><NextMarker/></EnumerationResults>`,
    { headers: { "content-type": "application/xml" } },
  );

describe("teardown", () => {
  test("leaves the feed, then takes the tenants away, and the workspace last", async () => {
    const { local, takeDown } = await collecting();
    expect(await takeDown()).toEqual({
      isGone: true,
      lines: [
        ...["contoso: paused", "contoso Audit.General: turned off"],
        ...["dev-contoso: destroyed", "dev-workspace: destroyed", "dev: nothing else is left"],
      ],
      done: ["apply dev-contoso", "apply dev-workspace"],
    });
    expect(await local.isOn("Audit.General")).toBe(false);
  });

  test("does nothing at all while content is set aside, also where the collector is gone", async () => {
    const { done, local, takeDown } = await collecting({
      setAside: ["contoso/a"],
      tenant: { plans: [gone] },
    });
    const { isGone, lines } = await takeDown();
    expect(isGone).toBe(false);
    expect(lines[0]).toContain("contoso: content that was set aside must be replayed first, got 1");
    expect(done().filter((line) => line.startsWith("apply"))).toEqual([]);
    expect(await local.isOn("Audit.General")).toBe(true);
    expect((await takeDown({ leaveSetAside: true })).done).toContain("apply dev-workspace");
  });

  test("is repeated after it stopped half way", async () => {
    const failure = { severity: "error", summary: "busy", detail: "" };
    const { takeDown } = await collecting({
      tenant: {
        plans: [collector, destroys("azurerm_role_assignment"), gone],
        applies: [failure, null],
      },
    });
    const first = await takeDown();
    expect(first.isGone).toBe(false);
    expect(first.lines).toContain(
      "dev-contoso: terraform apply failed: busy; run the same again when this is mended",
    );
    expect(first.lines.at(-1)).toMatch(/^dev-workspace: not begun, since dev-contoso failed/);
    const second = await takeDown();
    expect(second.lines[0]).toBe("contoso: its collector is gone already, or half gone");
    expect(second.lines).toContain("dev-workspace: destroyed");
  });

  test("destroys nothing when the feed cannot be left", async () => {
    const { local, takeDown } = await collecting();
    local.feed.before = async ({ url }) =>
      url.includes("/stop") ? new Response("", { status: 503 }) : undefined;
    const { isGone, done } = await takeDown();
    expect({ isGone, done }).toEqual({ isGone: false, done: [] });
  });

  test("of production waits until what would be lost is accepted", async () => {
    const { takeDown } = await collecting({ protection: "production" });
    const { isGone, done, lines } = await takeDown();
    expect({ isGone, done }).toEqual({ isGone: false, done: [] });
    expect(lines[0]).toContain("write Accept-data-loss: dev-contoso azurerm_storage_container.one");
  });

  test("tells what is left in Azure", async () => {
    const { azure, local, takeDown } = await collecting();
    const { resourceGroup } = local.tenantFeed.names;
    await azure.call("PUT", `${subscription}/resourceGroups/${resourceGroup}`, {
      location: "westeurope",
    });
    const { isGone, lines } = await takeDown();
    expect(isGone).toBe(false);
    expect(lines.at(-1)).toContain(`the resource group ${resourceGroup} is still there`);
  });
});
