import { describe, expect, test } from "vitest";
import {
  errorOf,
  group,
  LocalAzure,
  subscription,
  subscriptionId,
  table,
  tableBody,
  tenantId,
  workspace,
} from "./local-azure.ts";

const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv-test`;

describe("ResourceManager refuses", () => {
  test("who has no token, a broken one, or one of another tenant", async () => {
    const azure = new LocalAzure();
    const url = `https://management.azure.com${group}?api-version=2023-07-01`;
    expect(errorOf(await azure.send(url))).toMatchObject({
      status: 401,
      code: "AuthenticationFailed",
    });
    const headers = { authorization: "Bearer a.b.c" };
    expect(errorOf(await azure.send(url, { headers }))).toMatchObject({
      status: 401,
      code: "InvalidAuthenticationToken",
    });
    const foreign = { id: subscriptionId, tenantId: "00000000-0000-4000-8000-000000000102" };
    expect(errorOf(await new LocalAzure(foreign).call("GET", group))).toMatchObject({
      status: 401,
      code: "InvalidAuthenticationTokenTenant",
    });
  });

  test("a subscription that nobody has", async () => {
    const answer = await new LocalAzure().call("GET", "/subscriptions/another/resourceGroups/g");
    expect(errorOf(answer)).toEqual({
      status: 404,
      code: "SubscriptionNotFound",
      message: "The subscription 'another' could not be found.",
    });
  });

  test("what a role does not allow", async () => {
    const azure = await new LocalAzure().withWorkspace();
    const reader = azure.principal("Reader");
    const outsider = azure.principal("Owner", `${subscription}/resourceGroups/another`);
    expect((await azure.call("GET", workspace, undefined, reader)).status).toBe(200);
    const written = await azure.call("PUT", group, { location: "westeurope" }, reader);
    expect(errorOf(written)).toEqual({
      status: 403,
      code: "AuthorizationFailed",
      message: `The client with object id '${reader}' does not have authorization to perform action 'Microsoft.Resources/subscriptions/resourceGroups/write' over scope '${group}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    });
    expect((await azure.call("POST", `${workspace}/sharedKeys`, {}, reader)).status).toBe(403);
    expect((await azure.call("GET", workspace, undefined, outsider)).status).toBe(403);
    const contributor = azure.principal("Contributor");
    const role = `${group}/providers/Microsoft.Authorization/roleAssignments/r`;
    expect((await azure.call("PUT", role, {}, contributor)).status).toBe(403);
  });

  test("a namespace that is not registered, until it is", async () => {
    const azure = new LocalAzure({ registered: ["Microsoft.Storage"] });
    await azure.call("PUT", group, { location: "westeurope" });
    const put = () => azure.call("PUT", workspace, { location: "westeurope" });
    expect(errorOf(await put())).toMatchObject({
      status: 409,
      code: "MissingSubscriptionRegistration",
    });
    const provider = `${subscription}/providers/Microsoft.OperationalInsights`;
    expect((await azure.call("GET", provider)).body["registrationState"]).toBe("NotRegistered");
    await azure.call("POST", `${provider}/register`);
    expect((await azure.call("GET", provider)).body["registrationState"]).toBe("Registered");
    expect((await put()).status).toBe(201);
  });

  test("what is in nothing, elsewhere, or of no known kind", async () => {
    const azure = new LocalAzure();
    const body = { location: "westeurope" };
    expect(errorOf(await azure.call("PUT", workspace, body))).toEqual({
      status: 404,
      code: "ResourceGroupNotFound",
      message: "Resource group 'rg-test' could not be found.",
    });
    expect(errorOf(await azure.call("GET", group)).code).toBe("ResourceGroupNotFound");
    await azure.call("PUT", group, body);
    expect(errorOf(await azure.call("GET", workspace)).code).toBe("ResourceNotFound");
    expect(errorOf(await azure.call("PUT", table("A_CL"), tableBody())).code).toBe(
      "ParentResourceNotFound",
    );
    expect(errorOf(await azure.call("PUT", group, { location: "northeurope" })).code).toBe(
      "InvalidResourceLocation",
    );
    const unknown = `${group}/providers/Microsoft.Compute/virtualMachines/vm`;
    expect(errorOf(await azure.call("PUT", unknown, body)).code).toBe("InvalidResourceType");
    const url = `https://management.azure.com${group}`;
    const token = azure.token(azure.owner, "https://management.azure.com");
    const headers = { authorization: `Bearer ${token}` };
    expect(errorOf(await azure.send(url, { headers })).code).toBe("MissingApiVersionParameter");
  });
});

describe("ResourceManager", () => {
  test("keeps what it is told, without regard to the case of ids", async () => {
    const azure = new LocalAzure();
    const tags = { project: "p" };
    expect((await azure.call("PUT", group, { location: "westeurope", tags })).status).toBe(201);
    const found = await azure.call("GET", group.toLowerCase());
    expect(found.body).toEqual({
      id: group,
      name: "rg-test",
      type: "Microsoft.Resources/resourceGroups",
      location: "westeurope",
      tags,
      properties: { provisioningState: "Succeeded" },
    });
    const changed = { tags: { other: "o", project: null } };
    const patched = await azure.call("PATCH", group, changed);
    expect(patched).toMatchObject({ status: 200, body: { tags: { other: "o" } } });
    expect(patched.body["tags"]).not.toHaveProperty("project");
  });

  test("deletes a group with all that is in it, in an operation", async () => {
    const azure = await new LocalAzure().withWorkspace();
    const resources = `${group}/resources`;
    expect((await azure.call("GET", resources)).body["value"]).toMatchObject([{ id: workspace }]);
    const { status, headers } = await azure.call("DELETE", group);
    expect(status).toBe(202);
    expect(azure.manager.store.all()).toEqual([]);
    const looks: unknown[] = [];
    for (let look = 0; look < 3; look++) {
      const answer = await azure.call("GET", new URL(headers.get("location")!).pathname);
      looks.push(answer.status);
      expect(answer.headers.get("retry-after")).toBe(answer.status === 202 ? "1" : null);
    }
    expect(looks).toEqual([202, 202, 200]);
    expect((await azure.call("DELETE", workspace)).status).toBe(204);
    expect(errorOf(await azure.call("DELETE", group)).code).toBe("ResourceGroupNotFound");
  });

  test("lists the resources of one type", async () => {
    const azure = await new LocalAzure().withWorkspace();
    const filtered = (type: string) =>
      azure.call("GET", `${subscription}/resources?$filter=resourceType eq '${type}'`);
    expect((await filtered("Microsoft.KeyVault/vaults")).body["value"]).toEqual([]);
    expect(
      (await filtered("microsoft.operationalinsights/workspaces")).body["value"],
    ).toMatchObject([{ name: "log-test" }]);
  });
});

describe("Workspaces", () => {
  const body = { location: "westeurope", properties: { sku: { name: "PerGB2018" } } };
  const deleted = `${subscription}/providers/Microsoft.OperationalInsights/deletedWorkspaces`;

  test("come back as they were within 14 days after they were deleted", async () => {
    const azure = await new LocalAzure().withWorkspace();
    await azure.call("PUT", table("A_CL"), tableBody(["TimeGenerated", "dateTime"]));
    const before = await azure.call("GET", workspace);
    await azure.call("DELETE", workspace);
    expect((await azure.call("GET", table("A_CL"))).status).toBe(404);
    expect((await azure.call("GET", deleted)).body["value"]).toMatchObject([{ id: workspace }]);
    const after = await azure.call("PUT", workspace, body);
    expect(idOf(after.body)).toBe(idOf(before.body));
    expect((await azure.call("GET", table("A_CL"))).status).toBe(200);
    expect((await azure.call("GET", deleted)).body["value"]).toEqual([]);

    await azure.call("DELETE", workspace);
    await azure.pass(14 * 24 * 3_600_000);
    expect((await azure.call("GET", deleted)).body["value"]).toEqual([]);
    expect(idOf((await azure.call("PUT", workspace, body)).body)).not.toBe(idOf(before.body));
  });

  test("are gone at once when they are deleted for good", async () => {
    const azure = await new LocalAzure().withWorkspace();
    await azure.call("DELETE", `${workspace}?force=true`);
    expect((await azure.call("GET", deleted)).body["value"]).toEqual([]);
  });

  test("hold their name against another group", async () => {
    const azure = await new LocalAzure().withWorkspace();
    await azure.call("DELETE", workspace);
    const other = `${subscription}/resourceGroups/rg-other`;
    await azure.call("PUT", other, { location: "westeurope" });
    const taken = await azure.call("PUT", workspace.replace(group, other), body);
    expect(errorOf(taken)).toEqual({
      status: 409,
      code: "Conflict",
      message: `The workspace name 'log-test' is taken by a deleted workspace in '${workspace}'.`,
    });
  });
});

const idOf = (body: Record<string, unknown>) =>
  (body["properties"] as { customerId: string }).customerId;

describe("Tables", () => {
  test("have the workspace's retention unless they are told another", async () => {
    const azure = await new LocalAzure().withWorkspace();
    const columns = tableBody(["TimeGenerated", "dateTime"], ["Record", "string"]);
    const { status, body } = await azure.call("PUT", table("A_CL"), columns);
    expect(status).toBe(202);
    expect(body["properties"]).toMatchObject({
      ...{ plan: "Analytics", retentionInDays: 90, retentionInDaysAsDefault: true },
      ...{ totalRetentionInDays: 90, totalRetentionInDaysAsDefault: true },
      schema: { name: "A_CL", columns: columns.properties.schema.columns },
    });
    const { properties } = columns;
    const longer = { properties: { ...properties, retentionInDays: 200 } };
    expect((await azure.call("PUT", table("A_CL"), longer)).body["properties"]).toMatchObject({
      ...{ retentionInDays: 200, retentionInDaysAsDefault: false },
      ...{ totalRetentionInDays: 200, totalRetentionInDaysAsDefault: true },
    });
  });

  test.each([
    ["A", tableBody(["TimeGenerated", "dateTime"]), "the name of a custom table must end with _CL"],
    [
      "A_CL",
      tableBody(["Record", "string"]),
      "the column TimeGenerated of type DateTime is mandatory (MSG 1005)",
    ],
    [
      "A_CL",
      tableBody(["TimeGenerated", "dateTime"], ["Type", "string"]),
      "Type cannot be the name of a column",
    ],
    [
      "A_CL",
      tableBody(["TimeGenerated", "dateTime"], ["1st", "string"]),
      "1st cannot be the name of a column",
    ],
    [
      "Kept_CL",
      tableBody(["TimeGenerated", "dateTime"], ["Record", "dynamic"]),
      "the type of column Record cannot change",
    ],
  ])("%s is refused: %#", async (name, body, what) => {
    const azure = await new LocalAzure().withWorkspace();
    const kept = tableBody(["TimeGenerated", "dateTime"], ["Record", "string"]);
    await azure.call("PUT", table("Kept_CL"), kept);
    expect(errorOf(await azure.call("PUT", table(name), body))).toEqual({
      status: 400,
      code: "InvalidParameter",
      message: `Table '${name}' is not valid: ${what}.`,
    });
  });
});

describe("Role assignments", () => {
  const reader = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`;
  const assignment = (name: string) =>
    `${group}/providers/Microsoft.Authorization/roleAssignments/${name}`;

  test("work a minute after they were given, until they are taken away", async () => {
    const azure = await new LocalAzure().withWorkspace();
    const principalId = azure.principal("Reader", `${subscription}/resourceGroups/another`);
    const properties = { roleDefinitionId: reader, principalId };
    const given = await azure.call("PUT", assignment("a"), { properties });
    expect(given).toMatchObject({
      status: 201,
      body: { properties: { scope: group, principalType: "ServicePrincipal" } },
    });
    const read = async () => (await azure.call("GET", workspace, undefined, principalId)).status;
    expect(await read()).toBe(403);
    await azure.pass(60_000);
    expect(await read()).toBe(200);
    await azure.call("DELETE", assignment("a"));
    expect(await read()).toBe(403);
  });

  test("are refused twice, for nobody, for no role, and for another principal", async () => {
    const azure = await new LocalAzure().withWorkspace();
    const code = async (name: string, properties: object) => {
      const answer = await azure.call("PUT", assignment(name), { properties });
      return answer.status < 300 ? answer.status : errorOf(answer).code;
    };
    const principalId = azure.principal("Reader");
    const other = azure.principal("Reader");
    expect(await code("a", { roleDefinitionId: reader, principalId })).toBe(201);
    expect(await code("b", { roleDefinitionId: reader, principalId })).toBe("RoleAssignmentExists");
    expect(await code("a", { roleDefinitionId: reader, principalId: other })).toBe(
      "RoleAssignmentUpdateNotPermitted",
    );
    expect(await code("c", { roleDefinitionId: reader, principalId: tenantId })).toBe(
      "PrincipalNotFound",
    );
    expect(await code("c", { roleDefinitionId: `${reader}0`, principalId: other })).toBe(
      "RoleDefinitionDoesNotExist",
    );
  });
});

describe("Vaults", () => {
  const body = (properties: object = {}) => ({
    location: "westeurope",
    properties: { tenantId, sku: { family: "A", name: "standard" }, ...properties },
  });
  const deleted = `${subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-test`;

  test("hold their name after they were deleted, until they are purged", async () => {
    const azure = await new LocalAzure().withWorkspace();
    expect((await azure.call("GET", deleted)).status).toBe(404);
    const made = await azure.call("PUT", vault, body());
    expect(made).toMatchObject({
      status: 201,
      body: { properties: { vaultUri: "https://kv-test.vault.azure.net/" } },
    });
    expect([...azure.manager.hosts.keys()]).toEqual(["kv-test.vault.azure.net"]);
    await azure.call("DELETE", vault);
    expect([...azure.manager.hosts.keys()]).toEqual([]);
    expect((await azure.call("GET", deleted)).body).toMatchObject({
      properties: { vaultId: vault, scheduledPurgeDate: "2026-04-14T12:00:00.000Z" },
    });
    expect(errorOf(await azure.call("PUT", vault, body()))).toMatchObject({
      status: 409,
      code: "ConflictError",
    });
    const purged = await azure.call("POST", `${deleted}/purge`);
    expect(purged.status).toBe(202);
    const operation = new URL(purged.headers.get("azure-asyncoperation")!).pathname;
    const states = [];
    for (let look = 0; look < 3; look++) {
      states.push((await azure.call("GET", operation)).body["status"]);
    }
    expect(states).toEqual(["InProgress", "InProgress", "Succeeded"]);
    expect((await azure.call("GET", deleted)).status).toBe(404);
    expect((await azure.call("PUT", vault, body())).status).toBe(201);
  });

  test("come back with their secrets", async () => {
    const azure = await new LocalAzure().withWorkspace();
    await azure.call("PUT", vault, body());
    const data = azure.manager.hosts.get("kv-test.vault.azure.net");
    await azure.call("DELETE", group);
    await azure.call("PUT", group, { location: "westeurope" });
    await azure.call("PUT", vault, body({ createMode: "recover" }));
    expect(azure.manager.hosts.get("kv-test.vault.azure.net")).toBe(data);
  });

  test("keep their protection, which refuses a purge", async () => {
    const azure = await new LocalAzure().withWorkspace();
    await azure.call("PUT", vault, body({ enablePurgeProtection: true }));
    expect(errorOf(await azure.call("PUT", vault, body()))).toEqual({
      status: 400,
      code: "BadRequest",
      message:
        'The property "enablePurgeProtection" has been set already and it can\'t be modified.',
    });
    const shorter = body({ enablePurgeProtection: true, softDeleteRetentionInDays: 7 });
    expect(errorOf(await azure.call("PUT", vault, shorter)).code).toBe("BadRequest");
    await azure.call("DELETE", vault);
    expect((await azure.call("POST", `${deleted}/purge`)).status).toBe(403);
  });

  test("let those read secrets who have the role, on the vault or above", async () => {
    const azure = await new LocalAzure().withWorkspace();
    await azure.call("PUT", vault, body());
    const host = azure.manager.hosts.get("kv-test.vault.azure.net")!;
    const list = async (principalId: string) => {
      const token = azure.token(principalId, "https://vault.azure.net");
      const headers = { authorization: `Bearer ${token}` };
      const url = "https://kv-test.vault.azure.net/secrets?api-version=7.4";
      return (await host.handle(new Request(url, { headers }))).status;
    };
    expect(await list(azure.principal("Key Vault Secrets User", vault))).toBe(200);
    expect(await list(azure.principal("Key Vault Secrets Officer", group))).toBe(200);
    expect(await list(azure.owner)).toBe(403);
  });

  test("have names that nobody else in the world has", async () => {
    const azure = await new LocalAzure().withWorkspace();
    await azure.call("PUT", vault, body());
    const other = `${subscription}/resourceGroups/rg-other`;
    await azure.call("PUT", other, { location: "westeurope" });
    const taken = await azure.call("PUT", vault.replace(group, other), body());
    expect(errorOf(taken)).toMatchObject({ status: 409, code: "VaultAlreadyExists" });
    const invalid = await azure.call("PUT", `${vault}--x`, body());
    expect(errorOf(invalid)).toMatchObject({ status: 400, code: "VaultNameNotValid" });
  });
});
