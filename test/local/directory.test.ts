import { describe, expect, test } from "vitest";

import { VirtualClock } from "../../local/clock.ts";
import { Directory, SignInError, type Claims } from "../../local/directory.ts";

const TENANT = "11111111-2222-3333-4444-555555555555";
const APP = "aaaaaaaa-0000-4000-8000-000000000001";
const PRINCIPAL = "aaaaaaaa-0000-4000-8000-000000000002";
const PLAYBOOK = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Logic/workflows/get";
const AUDIT = "https://manage.office.com";
const VAULT = "https://vault.azure.net";

function setUp() {
  const clock = new VirtualClock(new Date("2026-03-01T00:00:00Z"));
  const directory = new Directory({ clock });
  directory.addTenant(TENANT);
  const application = directory.addApplication({
    clientId: APP,
    tenantId: TENANT,
    principalId: PRINCIPAL,
  });
  application.secrets.push({
    value: "the-secret",
    expires: new Date("2026-06-01T00:00:00Z"),
    keyId: "1",
  });
  const signIn = (changes: Partial<Parameters<Directory["signIn"]>[0]> = {}) =>
    directory.signIn({
      tenantId: TENANT,
      clientId: APP,
      audience: AUDIT,
      secret: "the-secret",
      ...changes,
    });
  const failure = (changes: Partial<Parameters<Directory["signIn"]>[0]>) => {
    try {
      signIn(changes);
    } catch (error) {
      return error instanceof SignInError ? [error.code, error.message] : error;
    }
    return undefined;
  };
  return { clock, directory, application, signIn, failure };
}

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as Claims;

describe("Directory tokens", () => {
  test("name tenant, principal, application and the granted roles, for 3,599 seconds", () => {
    const { directory, signIn } = setUp();
    directory.grantAppRole(PRINCIPAL, "ActivityFeed.Read");
    const now = Date.parse("2026-03-01T00:00:00Z") / 1000;
    expect(claimsOf(signIn())).toEqual({
      aud: AUDIT,
      iss: `https://sts.windows.net/${TENANT}/`,
      tid: TENANT,
      oid: PRINCIPAL,
      appid: APP,
      roles: ["ActivityFeed.Read"],
      iat: now,
      nbf: now,
      exp: now + 3599,
    });
  });

  test("carry only roles of their own audience, and none that were taken back", () => {
    const { directory, signIn } = setUp();
    directory.grantAppRole(PRINCIPAL, "ActivityFeed.Read");
    expect(claimsOf(signIn({ audience: VAULT }))).not.toHaveProperty("roles");
    directory.revokeAppRole(PRINCIPAL, "ActivityFeed.Read");
    expect(claimsOf(signIn())).not.toHaveProperty("roles");
    expect(() => directory.grantAppRole(PRINCIPAL, "Sites.Read.All")).toThrow(
      "appRole must be one of ActivityFeed.Read, ActivityFeed.ReadDlp, Application.Read.All, Application.ReadWrite.All, Application.ReadWrite.OwnedBy, AppRoleAssignment.ReadWrite.All, got Sites.Read.All",
    );
  });

  test("are issued by each tenant that an application is in", () => {
    const { directory, signIn } = setUp();
    const other = directory.addTenant("99999999-2222-3333-4444-555555555555").id;
    const there = directory.addApplication({ clientId: APP, tenantId: other });
    there.assertions.add("the-assertion");
    const token = directory.signIn({
      ...{ tenantId: other, clientId: APP, audience: AUDIT, assertion: "the-assertion" },
    });
    expect(claimsOf(token)).toMatchObject({ tid: other, oid: there.principalId });
    expect(claimsOf(signIn())).toMatchObject({ tid: TENANT, oid: PRINCIPAL });
    directory.removeApplication(APP, TENANT);
    expect(() => signIn()).toThrow("was not found in the directory");
    expect(directory.application(APP)).toBe(there);
  });

  test("are accepted until they expire, for their audience", async () => {
    const { clock, directory, signIn } = setUp();
    const header = `Bearer ${signIn()}`;
    expect(directory.verifyToken(header, AUDIT).claims?.appid).toBe(APP);
    expect(directory.verifyToken(header, [VAULT, AUDIT]).claims?.appid).toBe(APP);
    expect(directory.verifyToken(header, VAULT).problem).toBe("audience");
    await clock.run(() => clock.sleep(3_598_999));
    expect(directory.verifyToken(header, AUDIT).problem).toBeUndefined();
    await clock.run(() => clock.sleep(1));
    expect(directory.verifyToken(header, AUDIT).problem).toBe("expired");
  });

  test("are refused when absent, mangled, altered or signed by another directory", () => {
    const { directory, signIn } = setUp();
    const [header, , signature] = signIn().split(".");
    const forged = Buffer.from(JSON.stringify({ ...claimsOf(signIn()), oid: "me" }));
    expect(directory.verifyToken(null, AUDIT).problem).toBe("missing");
    expect(directory.verifyToken("Basic abc", AUDIT).problem).toBe("missing");
    expect(directory.verifyToken("Bearer abc", AUDIT).problem).toBe("malformed");
    expect(
      directory.verifyToken(`Bearer ${header}.${forged.toString("base64url")}.${signature}`, AUDIT)
        .problem,
    ).toBe("signature");
    expect(directory.verifyToken(`Bearer ${setUp().signIn()}`, AUDIT).problem).toBe("signature");
  });
});

describe("Directory sign-in", () => {
  test("tells wrong tenant, application, secret and audience apart", () => {
    const { failure } = setUp();
    const other = "99999999-2222-3333-4444-555555555555";
    expect(failure({ tenantId: other })).toEqual([
      90002,
      `Tenant '${other}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
    ]);
    expect(failure({ clientId: other })).toEqual([
      700016,
      `Application with identifier '${other}' was not found in the directory '${TENANT}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
    ]);
    expect(failure({ secret: "wrong" })).toEqual([
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${APP}'.`,
    ]);
    expect(failure({ secret: undefined })).toEqual([
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ]);
    expect(failure({ audience: "https://vault.azure.net/" })).toEqual([
      500011,
      `The resource principal named https://vault.azure.net/ was not found in the tenant named ${TENANT}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
    ]);
  });

  test("refuses an application of another tenant", () => {
    const { directory, failure } = setUp();
    const other = directory.addTenant("99999999-2222-3333-4444-555555555555").id;
    expect(failure({ tenantId: other })).toMatchObject([700016, expect.any(String)]);
  });

  test("refuses a secret from the instant of its expiry and takes either of two", async () => {
    const { clock, application, signIn, failure } = setUp();
    application.secrets.push({ value: "next", expires: new Date("2026-09-01"), keyId: "2" });
    await clock.run(() => clock.sleep(Date.parse("2026-06-01") - clock.now().getTime()));
    expect(failure({})).toEqual([
      7000222,
      `The provided client secret keys for app '${APP}' are expired. Visit the Azure portal to create new keys for your app.`,
    ]);
    expect(claimsOf(signIn({ secret: "next" })).appid).toBe(APP);
  });

  test("takes a planted assertion in place of a secret", () => {
    const { application, signIn, failure } = setUp();
    application.assertions.add("workflow-token");
    const withAssertion = { secret: undefined, assertion: "workflow-token" };
    expect(claimsOf(signIn(withAssertion)).appid).toBe(APP);
    expect(failure({ ...withAssertion, assertion: "other" })).toEqual([
      700213,
      `No matching federated identity record found for presented assertion of application '${APP}'.`,
    ]);
  });

  test("knows tenants whose audit API is disabled or missing", () => {
    const { directory, signIn, failure } = setUp();
    directory.tenant(TENANT)!.auditApi = "disabled";
    expect(failure({})).toEqual([
      500014,
      "The service principal for resource 'https://manage.office.com' is disabled. This indicate that a subscription within the tenant has lapsed, or that the administrator for this tenant has disabled the application, preventing tokens from being issued for it.",
    ]);
    directory.tenant(TENANT)!.auditApi = "missing";
    expect(failure({})).toMatchObject([500011, expect.any(String)]);
    expect(claimsOf(signIn({ audience: VAULT })).aud).toBe(VAULT);
  });
});

describe("Directory managed identities", () => {
  test("get tokens for audiences registered to the character", () => {
    const { directory } = setUp();
    const identity = directory.addManagedIdentity({ resourceId: PLAYBOOK, tenantId: TENANT });
    directory.grantAppRole(identity.principalId, "ActivityFeed.Read");
    const claims = claimsOf(directory.managedIdentityToken(PLAYBOOK.toUpperCase(), AUDIT));
    expect(claims).toMatchObject({ oid: identity.principalId, roles: ["ActivityFeed.Read"] });
    expect(claims.exp - claims.iat).toBe(86_400);
    for (const audience of ["https://storage.azure.com/", "https://storage.azure.com"]) {
      expect(claimsOf(directory.managedIdentityToken(PLAYBOOK, audience)).aud).toBe(audience);
    }
    expect(() => directory.managedIdentityToken(PLAYBOOK, "https://vault.azure.net/")).toThrow(
      "The resource principal named https://vault.azure.net/ was not found",
    );
    expect(() => directory.managedIdentityToken("/none", VAULT)).toThrow(
      "resourceId must have a managed identity, got /none",
    );
  });
});

describe("Directory role assignments", () => {
  const HOST = "stexample.blob.core.windows.net";
  const assignment = { principalId: PRINCIPAL, role: "Storage Blob Data Reader", scope: HOST };
  const holds = (directory: Directory, scope: string, role = assignment.role) =>
    directory.hasRole(PRINCIPAL, [role], scope);

  test("hold at their scope and below", () => {
    const { directory } = setUp();
    expect(holds(directory, HOST)).toBe(false);
    directory.assignRole({ ...assignment, scope: `${HOST}/checkpoint` });
    expect(holds(directory, HOST)).toBe(false);
    expect(holds(directory, `${HOST}/checkpoint`)).toBe(true);
    expect(holds(directory, `${HOST}/checkpoint2`)).toBe(false);
    directory.assignRole(assignment);
    expect(holds(directory, `${HOST}/checkpoint2`)).toBe(true);
    expect(holds(directory, `${HOST}/checkpoint`, "Storage Blob Data Owner")).toBe(false);
    expect(directory.hasRole("somebody", [assignment.role], HOST)).toBe(false);
  });

  test("end when they are removed", () => {
    const { directory } = setUp();
    directory.assignRole(assignment);
    directory.assignRole({ ...assignment, role: "Storage Blob Data Owner" });
    directory.removeRole(assignment);
    expect(holds(directory, HOST)).toBe(false);
    expect(holds(directory, HOST, "Storage Blob Data Owner")).toBe(true);
  });
});
