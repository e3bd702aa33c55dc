import { afterEach, describe, expect, test, vi } from "vitest";
import type { Environment } from "../../config/environment.ts";
import { tenantNames, workspaceId } from "../../config/names.ts";
import { VirtualClock } from "../../local/clock.ts";
import { dispatch } from "../../local/cloud.ts";
import {
  deployTenant,
  localClientSecret,
  type DeployedTenant,
  type DeployedTenantProps,
} from "../../local/deployed-tenant.ts";
import { BlobStorage } from "../../local/blob-storage.ts";
import { Directory } from "../../local/directory.ts";
import { adoptedWorkspace, fixtureEnvironment, synthTenantStack } from "../stacks/fixtures.ts";
import type { Block, Synthesized } from "../synth.ts";

const now = new Date("2026-01-14T00:00:00Z");
const deploy = (environment: Environment, props: Partial<DeployedTenantProps> = {}) =>
  deployTenant({
    environment,
    tenantName: "contoso",
    clock: new VirtualClock(now),
    seed: 1,
    ...props,
  });
const text = ({ parameters }: DeployedTenant, name: string) => parameters[name]!.value as string;

/** Settings of the tenant contoso that lead to another set of roles. */
const kinds: [string, Record<string, unknown>][] = [
  ["a client secret", {}],
  ["a managed identity", { credential: "managed-identity" }],
  ["a client secret and DLP", { contentTypes: ["Audit.General", "DLP.All"] }],
];

/** Every resource of a type, with what its links to others say. */
const resources = ({ resource }: Synthesized, type: string): Block[] =>
  Object.values(resource?.[type] ?? {});

const builtInRoles: Readonly<Record<string, string>> = {
  "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
  "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
  "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
  "3b03c2da-16b3-4a49-8834-0f8130efdd3b": "Log Analytics Data Reader",
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe("deployTenant", () => {
  test.each(kinds)("grants the roles that the stack declares for %s", async (_, tenant) => {
    const assigned = vi.spyOn(Directory.prototype, "assignRole");
    const granted = vi.spyOn(Directory.prototype, "grantAppRole");
    const { identity } = await deploy(fixtureEnvironment({}, tenant));
    const stack = synthTenantStack(tenant);

    const declared = resources(stack, "azurerm_role_assignment")
      .filter((block) => JSON.stringify(block["principal_id"]).includes("user_assigned_identity"))
      .map((block) => builtInRoles[(block["role_definition_id"] as string).split("/").at(-1)!]);
    expect(assigned.mock.calls.map(([{ role }]) => role).sort()).toEqual(declared.sort());
    expect(new Set(assigned.mock.calls.map(([{ principalId }]) => principalId))).toEqual(
      new Set([identity.principalId]),
    );
    expect(granted.mock.calls.map(([, role]) => role).sort()).toEqual(
      resources(stack, "azuread_app_role_assignment")
        .map((block) => /"(ActivityFeed\.\w+)"/.exec(block["app_role_id"] as string)?.[1])
        .sort(),
    );
  });

  test("limits the roles to vault, rule, containers and workspace", async () => {
    const assigned = vi.spyOn(Directory.prototype, "assignRole");
    const deployed = await deploy(fixtureEnvironment());
    const path = (name: string) => text(deployed, name).replace("https://", "");
    expect(assigned.mock.calls.map(([{ scope }]) => scope).sort()).toEqual(
      [
        path("secretUri").split("/")[0],
        path("checkpointUri"),
        path("setAsideUri"),
        path("originalsUri"),
        text(deployed, "dataCollectionRuleId"),
        workspaceId(deployed.environment),
      ].sort(),
    );
  });

  test.each([
    ["the public cloud", {}, {}],
    ["GCC", {}, { cloud: "gcc" }],
    ["GCC High", { azureCloud: "usgovernment", location: "usgovvirginia" }, { cloud: "gcc-high" }],
    ["DoD", { azureCloud: "usgovernment", location: "usdodeast" }, { cloud: "dod" }],
  ])("answers under every address of the playbook in %s", async (_, environment, tenant) => {
    const deployed = await deploy(fixtureEnvironment(environment, tenant));
    for (const name of [
      ...["feedUri", "loginAuthority", "secretUri", "checkpointUri", "setAsideUri"],
      ...["originalsUri", "ingestionEndpoint", "queryEndpoint"],
    ]) {
      const { hostname } = new URL(text(deployed, name));
      expect([name, deployed.services.filter((service) => service.serves(hostname))]).toEqual([
        name,
        [expect.anything()],
      ]);
    }
  });

  test("has the ingestion endpoint where the workspace is", async () => {
    const environment = fixtureEnvironment({ workspace: adoptedWorkspace() });
    expect(text(await deploy(environment), "ingestionEndpoint")).toBe(
      "https://dce-m365audit-dev-contoso-0a1b.northeurope-1.ingest.monitor.azure.com",
    );
  });

  test.each(kinds)("gives the playbook the values that it declares with %s", async (_, tenant) => {
    const { parameters, workflow } = await deploy(fixtureEnvironment({}, tenant));
    const declared = [...workflow.parameters];
    expect(declared.map(([name]) => name)).toEqual(expect.arrayContaining(Object.keys(parameters)));
    const required = declared.filter(([, { defaultValue }]) => defaultValue === undefined);
    expect(Object.keys(parameters)).toEqual(expect.arrayContaining(required.map(([name]) => name)));
    expect(workflow.trigger?.recurrence).toMatchObject({ frequency: "Minute", interval: 15 });
  });

  test("keeps the secret in the vault, for half a year, with what the playbook needs to know", async () => {
    const tenantId = "00000000-0000-4000-8000-00000000000b";
    const deployed = await deploy(fixtureEnvironment({}, { tenantId }));
    const token = await deployed.host.managedIdentityToken(
      deployed.identity.resourceId.toUpperCase(),
      "https://vault.azure.net",
    );
    const read = (bearer: string) =>
      dispatch(
        deployed.services,
        new Request(`${text(deployed, "secretUri")}?api-version=7.4`, {
          headers: { authorization: `Bearer ${bearer}` },
        }),
      );
    expect(await (await read(token)).json()).toMatchObject({
      value: localClientSecret,
      attributes: { exp: Date.parse("2026-07-13T00:00:00Z") / 1000 },
      tags: {
        clientId: text(deployed, "clientId"),
        m365TenantId: tenantId,
      },
    });
    const { directory } = deployed;
    const reader = directory.application(text(deployed, "clientId"))!;
    expect((await read(directory.issueToken(reader, "https://vault.azure.net"))).status).toBe(401);
    expect(
      directory.signIn({
        tenantId,
        clientId: reader.clientId,
        audience: text(deployed, "feedAudience"),
        secret: localClientSecret,
      }),
    ).not.toBe("");
  });

  test("has neither application nor secret with a managed identity", async () => {
    const deployed = await deploy(fixtureEnvironment({}, { credential: "managed-identity" }));
    expect(text(deployed, "clientId")).toBe("");
    expect(deployed.directory.application("00000000-0000-4000-8000-0000000000c1")).toBeUndefined();
    const { directory, identity } = deployed;
    const { vault } = tenantNames(deployed.environment, "contoso");
    const role = ["Key Vault Secrets User"];
    expect(directory.hasRole(identity.principalId, role, `${vault}.vault.azure.net`)).toBe(false);
  });

  test("makes the tenant's storage account before the shared one, with their containers", async () => {
    const created: string[] = [];
    const deployed = await deploy(fixtureEnvironment(), {
      storage: async (accounts) =>
        accounts.map((account) => {
          const storage = new BlobStorage({ ...account, clock: new VirtualClock(now) });
          const { host } = account;
          const create = storage.createContainer.bind(storage);
          storage.createContainer = async (name) => {
            created.push(`https://${host}/${name}`);
            await create(name);
          };
          return storage;
        }),
    });
    expect(created).toEqual(
      ["checkpointUri", "setAsideUri", "originalsUri"].map((name) => text(deployed, name)),
    );
  });

  test("numbers its runs, and repeats what is random by its seed", async () => {
    const randoms = async (seed: number) => {
      const { host } = await deploy(fixtureEnvironment(), { seed });
      return [host.random(), host.random()];
    };
    expect(await randoms(5)).toEqual(await randoms(5));
    expect(await randoms(5)).not.toEqual(await randoms(6));
    const { host } = await deploy(fixtureEnvironment());
    expect([host.newRunId(), host.newRunId()]).toEqual([
      "08584000000000000000000000000001CU01",
      "08584000000000000000000000000002CU01",
    ]);
  });

  test.each([
    ["is not configured", "nobody", {}],
    ["is removed", "contoso", { state: "removed" }],
  ])("fails for a tenant that %s", async (_, tenantName, changes) => {
    const environment = fixtureEnvironment({}, changes);
    await expect(deploy(environment, { tenantName })).rejects.toThrow(
      new Error(`tenant must be one that dev collects, got ${tenantName}`),
    );
  });
});
