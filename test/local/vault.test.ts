import { createHttpHeaders, type PipelineRequest } from "@azure/core-rest-pipeline";
import { SecretClient } from "@azure/keyvault-secrets";
import { describe, expect, test } from "vitest";

import { VirtualClock } from "../../local/clock.ts";
import { Directory } from "../../local/directory.ts";
import { Vault } from "../../local/vault.ts";

const TENANT = "11111111-2222-3333-4444-555555555555";
const HOST = "kv-example.vault.azure.net";
const AUDIENCE = "https://vault.azure.net";

function setUp(role?: string) {
  const clock = new VirtualClock(new Date("2026-03-01T00:00:00Z"));
  const directory = new Directory({ clock });
  directory.addTenant(TENANT);
  const caller = directory.addApplication({
    clientId: "aaaaaaaa-0000-4000-8000-000000000001",
    principalId: "aaaaaaaa-0000-4000-8000-000000000002",
    tenantId: TENANT,
  });
  if (role) {
    directory.assignRole({ principalId: caller.principalId, role, scope: HOST });
  }
  const vault = new Vault({ clock, directory, host: HOST, tenantId: TENANT });
  const call = async (
    path: string,
    { method = "GET", body, audience = AUDIENCE, version = "7.4" }: CallOptions = {},
  ) => {
    const response = await vault.handle(
      new Request(`https://${HOST}${path}?api-version=${version}`, {
        method,
        body: body && JSON.stringify(body),
        headers: { authorization: `Bearer ${directory.issueToken(caller, audience)}` },
      }),
    );
    const text = await response.text();
    return [response.status, text === "" ? undefined : (JSON.parse(text) as unknown)];
  };
  return { clock, directory, caller, vault, call };
}

interface CallOptions {
  method?: string;
  body?: object;
  audience?: string;
  version?: string;
}

describe("Vault", () => {
  test("answers under its own host name alone", () => {
    const { vault } = setUp();
    expect(vault.serves(HOST)).toBe(true);
    expect(vault.serves("kv-other.vault.azure.net")).toBe(false);
    const { clock, directory } = setUp();
    expect(
      () => new Vault({ clock, directory, host: "kv-example.example.org", tenantId: TENANT }),
    ).toThrow(
      "host must end in vault.azure.net or vault.usgovcloudapi.net, got kv-example.example.org",
    );
  });

  test("gives the newest version with tags, attributes and times in seconds", async () => {
    const { vault, call } = setUp("Key Vault Secrets User");
    vault.setSecret("feed-client-secret", { value: "old" });
    vault.setSecret("feed-client-secret", {
      value: "new",
      attributes: { exp: 1_790_000_000 },
      tags: { clientId: "app" },
    });
    const created = Date.parse("2026-03-01T00:00:00Z") / 1000;
    for (const version of ["7.4", "7.5", "7.6", "2025-07-01"]) {
      expect(await call("/secrets/feed-client-secret", { version })).toEqual([
        200,
        {
          value: "new",
          id: expect.stringMatching(
            new RegExp(`^https://${HOST}/secrets/feed-client-secret/[0-9a-f]{32}$`),
          ) as unknown,
          attributes: {
            enabled: true,
            exp: 1_790_000_000,
            created,
            updated: created,
            recoveryLevel: "Recoverable+Purgeable",
            recoverableDays: 90,
          },
          tags: { clientId: "app" },
        },
      ]);
    }
    expect(await call("/secrets/feed-client-secret/")).toMatchObject([200, { value: "new" }]);
  });

  test("lists secrets and versions without values, and gives each version", async () => {
    const { vault, call } = setUp("Key Vault Secrets User");
    vault.setSecret("feed-client-secret", { value: "old" });
    vault.setSecret("feed-client-secret", { value: "new" });
    const [, secrets] = (await call("/secrets")) as [number, { value: { id: string }[] }];
    expect(secrets.value.map(({ id }) => id)).toEqual([
      `https://${HOST}/secrets/feed-client-secret`,
    ]);
    const [, versions] = (await call("/secrets/feed-client-secret/versions")) as [
      number,
      { value: { id: string }[] },
    ];
    expect(JSON.stringify([secrets, versions])).not.toMatch(/"(old|new)"/);
    const paths = versions.value.map(({ id }) => new URL(id).pathname);
    expect(await call(paths[0]!)).toMatchObject([200, { value: "old" }]);
    expect(await call(paths[1]!)).toMatchObject([200, { value: "new" }]);
    expect(await call("/secrets/none/versions")).toMatchObject([
      404,
      { error: { code: "SecretNotFound" } },
    ]);
  });

  test("keeps a deleted secret, and its name, until it is recovered or purged", async () => {
    const { vault, call } = setUp("Key Vault Secrets Officer");
    const secret = "/secrets/feed-client-secret";
    const deleted = "/deletedsecrets/feed-client-secret";
    const put = () => call(secret, { method: "PUT", body: { value: "new" } });
    vault.setSecret("feed-client-secret", { value: "old" });
    expect(await call(secret, { method: "DELETE" })).toMatchObject([
      200,
      { recoveryId: `https://${HOST}${deleted}` },
    ]);
    expect(await call(secret)).toMatchObject([404, { error: { code: "SecretNotFound" } }]);
    expect(await call("/deletedsecrets")).toMatchObject([200, { value: [{}] }]);
    expect(await put()).toMatchObject([
      409,
      { error: { innererror: { code: "ObjectIsDeletedButRecoverable" } } },
    ]);
    expect(await call(`${deleted}/recover`, { method: "POST" })).toMatchObject([200, {}]);
    expect(await call(secret)).toMatchObject([200, { value: "old" }]);
    await call(secret, { method: "DELETE" });
    expect(await call(deleted, { method: "DELETE" })).toEqual([204, undefined]);
    expect(await call(deleted)).toMatchObject([404, {}]);
    expect(await put()).toMatchObject([200, { value: "new" }]);
    for (const path of [`${secret}x`, `${deleted}x`]) {
      expect(await call(path, { method: "DELETE" })).toMatchObject([404, {}]);
    }
    expect(await call(`${deleted}x/recover`, { method: "POST" })).toMatchObject([404, {}]);
  });

  test("challenges a request without a token and names the tenant's authority", async () => {
    const { vault } = setUp();
    const response = await vault.handle(new Request(`https://${HOST}/secrets/x?api-version=7.4`));
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe(
      `Bearer authorization="https://login.microsoftonline.com/${TENANT}", resource="https://vault.azure.net"`,
    );
    expect(await response.json()).toEqual({
      error: {
        code: "Unauthorized",
        message: "AKV10000: Request is missing a Bearer or PoP token.",
      },
    });
  });

  test("takes tokens for itself from its own tenant only", async () => {
    const { vault, directory, call } = setUp("Key Vault Secrets User");
    expect(await call("/secrets/x", { audience: "https://storage.azure.com" })).toEqual([
      401,
      { error: { code: "Unauthorized", message: "AKV10022: Invalid audience." } },
    ]);
    const other = directory.addTenant("99999999-2222-3333-4444-555555555555").id;
    const stranger = directory.addApplication({ clientId: "stranger", tenantId: other });
    const response = await vault.handle(
      new Request(`https://${HOST}/secrets/x?api-version=7.4`, {
        headers: { authorization: `Bearer ${directory.issueToken(stranger, AUDIENCE)}` },
      }),
    );
    expect([response.status, await response.json()]).toEqual([
      401,
      {
        error: {
          code: "Unauthorized",
          message: `AKV10032: Invalid issuer. Expected one of https://sts.windows.net/${TENANT}/, found https://sts.windows.net/${other}/.`,
        },
      },
    ]);
  });

  test("refuses an unknown api-version", async () => {
    const { call } = setUp("Key Vault Secrets User");
    expect(await call("/secrets/x", { version: "2016-10-01" })).toEqual([
      400,
      {
        error: {
          code: "BadParameter",
          message:
            "The specified version (2016-10-01) is not recognized. Consider using the latest supported version (2025-07-01).",
        },
      },
    ]);
  });

  test.each([
    [undefined, 403, 403, 403],
    ["Key Vault Reader", 403, 200, 403],
    ["Key Vault Secrets User", 200, 200, 403],
    ["Key Vault Secrets Officer", 200, 200, 200],
  ])("lets %s get (%i), list (%i) and set (%i)", async (role, get, list, set) => {
    const { vault, call } = setUp(role);
    vault.setSecret("feed-client-secret", { value: "x" });
    const path = "/secrets/feed-client-secret";
    expect((await call(path))[0]).toBe(get);
    expect((await call("/secrets"))[0]).toBe(list);
    expect((await call(`${path}/versions`))[0]).toBe(list);
    expect((await call(path, { method: "PUT", body: { value: "y" } }))[0]).toBe(set);
  });

  test("names caller and action when no role allows it", async () => {
    const { call, caller } = setUp();
    expect(await call("/secrets/x")).toEqual([
      403,
      {
        error: {
          code: "Forbidden",
          message: [
            "Caller is not authorized to perform action on resource.",
            "If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.",
            `Caller: appid=${caller.clientId};oid=${caller.principalId};iss=https://sts.windows.net/${TENANT}/`,
            "Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'",
            "Resource: 'kv-example/secrets/x'",
            "Assignment: (not found)",
          ].join("\r\n"),
          innererror: { code: "ForbiddenByRbac" },
        },
      },
    ]);
  });

  test("tells absent and disabled secrets apart, and gives expired ones", async () => {
    const { vault, call } = setUp("Key Vault Secrets User");
    vault.setSecret("off", { value: "x", attributes: { enabled: false } });
    vault.setSecret("expired", { value: "x", attributes: { exp: 1 } });
    expect(await call("/secrets/none")).toEqual([
      404,
      {
        error: {
          code: "SecretNotFound",
          message:
            "A secret with (name/id) none was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182",
        },
      },
    ]);
    expect(await call("/secrets/off")).toEqual([
      403,
      {
        error: {
          code: "Forbidden",
          message: "Operation get is not allowed on a disabled secret.",
          innererror: { code: "SecretDisabled" },
        },
      },
    ]);
    expect(await call("/secrets/expired")).toMatchObject([200, { value: "x" }]);
  });

  test("sets a secret and refuses a malformed one", async () => {
    const { call } = setUp("Key Vault Secrets Officer");
    const put = (path: string, body: object) => call(path, { method: "PUT", body });
    expect(await put("/secrets/s", { value: "v", tags: { a: "b" } })).toMatchObject([
      200,
      { value: "v", tags: { a: "b" } },
    ]);
    expect(await call("/secrets/s")).toMatchObject([200, { value: "v" }]);
    expect(await put("/secrets/s", { value: 5 })).toMatchObject([
      400,
      { error: { code: "BadParameter" } },
    ]);
    expect(await put("/secrets/under_score", { value: "v" })).toEqual([
      400,
      {
        error: {
          code: "BadParameter",
          message: "The request URI contains an invalid name: under_score",
        },
      },
    ]);
  });

  test("serves Microsoft's own client, challenge included", async () => {
    const { directory, caller, vault } = setUp("Key Vault Secrets Officer");
    const statuses: number[] = [];
    const client = new SecretClient(
      `https://${HOST}`,
      {
        getToken: async (scopes) => ({
          token: directory.issueToken(caller, String(scopes).replace("/.default", "")),
          expiresOnTimestamp: Date.now() + 3_600_000,
        }),
      },
      {
        httpClient: {
          async sendRequest(request: PipelineRequest) {
            const { url, method, body } = request;
            const response = await vault.handle(
              new Request(url, {
                method,
                headers: request.headers.toJSON(),
                body: typeof body === "string" ? body : undefined,
              }),
            );
            statuses.push(response.status);
            const headers = createHttpHeaders();
            response.headers.forEach((value, name) => headers.set(name, value));
            return {
              request,
              status: response.status,
              headers,
              bodyAsText: await response.text(),
            };
          },
        },
      },
    );
    const expiresOn = new Date("2026-09-01T00:00:00Z");
    await client.setSecret("feed-client-secret", "value", { expiresOn, tags: { clientId: "c" } });
    const secret = await client.getSecret("feed-client-secret");
    expect([secret.value, secret.properties.expiresOn, secret.properties.tags]).toEqual([
      "value",
      expiresOn,
      { clientId: "c" },
    ]);
    expect(statuses).toEqual([401, 200, 200]);
  });
});
