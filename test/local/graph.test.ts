import { describe, expect, test } from "vitest";
import { feedApplication } from "../../config/feed-permissions.ts";
import { VirtualClock } from "../../local/clock.ts";
import { Directory, SignInError, type Claims } from "../../local/directory.ts";
import { Graph } from "../../local/graph.ts";

const tenantId = "00000000-0000-4000-8000-000000000101";
const audit = "https://manage.office.com";
const everything = [
  "Application.ReadWrite.OwnedBy",
  "Application.Read.All",
  "AppRoleAssignment.ReadWrite.All",
];

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

class LocalGraph {
  readonly clock = new VirtualClock(new Date("2026-01-14T12:00:00Z"));
  readonly directory = new Directory({ clock: this.clock });
  readonly graph = new Graph({ clock: this.clock, directory: this.directory });
  readonly deployer: string;

  constructor(permissions: readonly string[] = everything) {
    this.directory.addTenant(tenantId);
    this.deployer = this.principal(permissions);
  }

  /** The object id of a new principal with permissions. */
  principal(permissions: readonly string[]): string {
    const clientId = crypto.randomUUID();
    const { principalId } = this.directory.addApplication({ clientId, tenantId });
    permissions.forEach((each) => this.directory.grantAppRole(principalId, each));
    return principalId;
  }

  async call(
    method: string,
    path: string,
    body?: object,
    principalId = this.deployer,
  ): Promise<Answer> {
    const principal = { clientId: principalId, principalId, tenantId };
    const token = this.directory.issueToken(principal, "https://graph.microsoft.com");
    const response = await this.graph.handle(
      new Request(`https://graph.microsoft.com/${path.startsWith("beta") ? "" : "v1.0/"}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    return {
      status: response.status,
      body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  }

  async pass(seconds: number): Promise<void> {
    await this.clock.run(() => this.clock.sleep(seconds * 1000));
  }

  /** An application with its service principal, as the stacks declare it. */
  async application() {
    const { body } = await this.call("POST", "applications", { displayName: "app-test" });
    const { id, appId } = body as { id: string; appId: string };
    await this.pass(3);
    const principal = await this.call("POST", "servicePrincipals", { appId });
    await this.pass(3);
    return { id, appId, principalId: principal.body["id"] as string };
  }

  /** The id of Microsoft's service principal of the audit API, and of its permission. */
  async api() {
    const { body } = await this.call(
      "GET",
      `servicePrincipals?$filter=appId eq '${feedApplication.clientId}'`,
    );
    const [api] = body["value"] as { id: string; appRoles: { id: string; value: string }[] }[];
    return {
      id: api!.id,
      roleId: api!.appRoles.find(({ value }) => value === "ActivityFeed.Read")!.id,
    };
  }

  signIn(clientId: string, secret: string): Claims {
    const token = this.directory.signIn({ tenantId, clientId, audience: audit, secret });
    return JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as Claims;
  }
}

const errorOf = ({ status, body }: Answer) => ({
  status,
  code: (body["error"] as { code: string }).code,
});

describe("Graph", () => {
  test("lists what was created a few seconds later, and finds it by its id at once", async () => {
    const local = new LocalGraph();
    const { body } = await local.call("POST", "applications", { displayName: "app-test" });
    const path = `applications/${body["id"] as string}`;
    const list = async () =>
      (await local.call("GET", "applications?$filter=displayName eq 'app-test'")).body["value"];
    expect(await list()).toEqual([]);
    expect((await local.call("PATCH", path, { notes: "x" })).status).toBe(204);
    expect((await local.call("GET", path)).status).toBe(200);
    await local.pass(3);
    expect(await list()).toHaveLength(1);
  });

  test("shows what was created and deleted a few seconds later, where ids lag as well", async () => {
    const local = new LocalGraph();
    local.graph.idsLag = true;
    const { status, body } = await local.call("POST", "applications", { displayName: "app-test" });
    expect(status).toBe(201);
    const path = `applications/${body["id"] as string}`;
    const look = async () => (await local.call("GET", path)).status;
    expect(await look()).toBe(404);
    expect((await local.call("PATCH", path, { displayName: "renamed" })).status).toBe(404);
    await local.pass(3);
    expect(await look()).toBe(200);
    expect((await local.call("PATCH", path, { displayName: "renamed" })).status).toBe(204);
    const beta = await local.call("GET", `beta/${path}?$select=displayName`);
    expect(beta.body).toMatchObject({ displayName: "renamed", appId: body["appId"] });
    expect((await local.call("DELETE", path)).status).toBe(204);
    expect(await look()).toBe(200);
    expect((await local.call("DELETE", path)).status).toBe(404);
    await local.pass(3);
    expect(await look()).toBe(404);
  });

  test("finds by application id, and refuses filters that it does not know", async () => {
    const local = new LocalGraph();
    const { appId, id } = await local.application();
    const list = async (filter: string) =>
      (await local.call("GET", `applications?$filter=${filter}`)).body["value"];
    expect(await list(`appId eq '${appId}'`)).toMatchObject([{ id }]);
    expect(await list("appId eq 'x'")).toEqual([]);
    expect(errorOf(await local.call("GET", "applications?$filter=startswith(id, 'x')"))).toEqual({
      status: 400,
      code: "Request_UnsupportedQuery",
    });
  });

  test("makes secrets that work until they are removed, and shows each once", async () => {
    const local = new LocalGraph();
    const { appId, id } = await local.application();
    const add = async (displayName: string) => {
      const passwordCredential = { displayName, endDateTime: "2026-07-01T00:00:00Z" };
      const made = await local.call("POST", `applications/${id}/addPassword`, {
        passwordCredential,
      });
      return made.body as { keyId: string; secretText: string };
    };
    const [even, odd] = [await add("even"), await add("odd")];
    expect(local.signIn(appId, even.secretText)).toMatchObject({ appid: appId });
    const shown = await local.call("GET", `applications/${id}`);
    expect(shown.body["passwordCredentials"]).toMatchObject([
      { displayName: "even", endDateTime: "2026-07-01T00:00:00Z", secretText: null },
      { displayName: "odd" },
    ]);
    expect(JSON.stringify(shown)).not.toContain(odd.secretText);
    const { keyId } = even;
    await local.call("POST", `applications/${id}/removePassword`, { keyId });
    expect(() => local.signIn(appId, even.secretText)).toThrow(SignInError);
    expect(local.signIn(appId, odd.secretText)).toMatchObject({ appid: appId });
  });

  test("grants the audit API's permission, until it is taken away", async () => {
    const local = new LocalGraph();
    const { appId, id, principalId } = await local.application();
    const api = await local.api();
    const { body } = await local.call("POST", `applications/${id}/addPassword`, {});
    const roles = () => local.signIn(appId, body["secretText"] as string).roles;
    expect(roles()).toBeUndefined();
    const path = `servicePrincipals/${api.id}/appRoleAssignedTo`;
    const grant = { principalId, resourceId: api.id, appRoleId: api.roleId };
    const granted = await local.call("POST", path, grant);
    expect(granted.status).toBe(201);
    expect(roles()).toEqual(["ActivityFeed.Read"]);
    expect(errorOf(await local.call("POST", path, grant)).code).toBe("Request_BadRequest");
    expect((await local.call("GET", path)).body["value"]).toMatchObject([grant]);
    await local.call("DELETE", `${path}/${granted.body["id"] as string}`);
    expect(roles()).toBeUndefined();
  });

  test("ends an application with its service principal and its grants", async () => {
    const local = new LocalGraph();
    const { appId, id, principalId } = await local.application();
    const api = await local.api();
    const { body } = await local.call("POST", `applications/${id}/addPassword`, {});
    const grant = { principalId, resourceId: api.id, appRoleId: api.roleId };
    const path = `servicePrincipals/${api.id}/appRoleAssignedTo`;
    await local.call("POST", path, grant);
    await local.call("DELETE", `applications/${id}`);
    expect(() => local.signIn(appId, body["secretText"] as string)).toThrow("was not found");
    expect((await local.call("GET", path)).body["value"]).toEqual([]);
  });

  test("has the audit API's service principal where the tenant has it, and lets nobody touch it", async () => {
    const local = new LocalGraph();
    const { id } = await local.api();
    expect((await local.call("DELETE", `servicePrincipals/${id}`)).status).toBe(404);
    local.directory.tenant(tenantId)!.auditApi = "missing";
    expect((await local.call("GET", `servicePrincipals/${id}`)).status).toBe(404);
  });

  test("refuses what is not permitted", async () => {
    const local = new LocalGraph();
    const { id, appId } = await local.application();
    const as = async (permissions: string[], method: string, path: string, body?: object) =>
      (await local.call(method, path, body, local.principal(permissions))).status;
    const application = `applications/${id}`;
    const change = { displayName: "x" };
    expect(await as([], "GET", application)).toBe(403);
    expect(await as(["Application.Read.All"], "GET", application)).toBe(200);
    expect(await as(["Application.Read.All"], "POST", "applications", change)).toBe(403);
    // What somebody else owns.
    expect(await as(["Application.ReadWrite.OwnedBy"], "PATCH", application, change)).toBe(403);
    expect(await as(["Application.ReadWrite.All"], "PATCH", application, change)).toBe(204);
    expect(
      await as(["Application.ReadWrite.OwnedBy"], "POST", "servicePrincipals", { appId }),
    ).toBe(403);
    const path = `servicePrincipals/${(await local.api()).id}/appRoleAssignedTo`;
    expect(await as(["Application.ReadWrite.All"], "POST", path, {})).toBe(403);
    const response = await local.graph.handle(
      new Request(`https://graph.microsoft.com/v1.0/${application}`),
    );
    expect(response.status).toBe(401);
  });

  test("lets a deployer that owns no more what it made no longer change it", async () => {
    const local = new LocalGraph();
    const { id } = await local.application();
    const path = `applications/${id}/owners`;
    expect((await local.call("GET", path)).body["value"]).toMatchObject([{ id: local.deployer }]);
    expect((await local.call("DELETE", `${path}/${local.deployer}/$ref`)).status).toBe(204);
    expect((await local.call("PATCH", `applications/${id}`, {})).status).toBe(403);
    const other = local.principal(["Application.ReadWrite.All"]);
    const owner = {
      "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${local.deployer}`,
    };
    await local.call("POST", `${path}/$ref`, owner, other);
    expect((await local.call("PATCH", `applications/${id}`, {})).status).toBe(204);
  });
});
