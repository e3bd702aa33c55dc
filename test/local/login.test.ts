import { describe, expect, test } from "vitest";

import { VirtualClock } from "../../local/clock.ts";
import { Directory } from "../../local/directory.ts";
import { Login } from "../../local/login.ts";

const TENANT = "11111111-2222-3333-4444-555555555555";
const APP = "aaaaaaaa-0000-4000-8000-000000000001";
const HOST = "https://login.microsoftonline.com";

function setUp() {
  const clock = new VirtualClock(new Date("2026-03-01T00:00:00Z"));
  const directory = new Directory({ clock });
  directory.addTenant(TENANT);
  const application = directory.addApplication({ clientId: APP, tenantId: TENANT });
  application.secrets.push({
    value: "the-secret",
    expires: new Date("2026-06-01T00:00:00Z"),
    keyId: "1",
  });
  application.assertions.add("workflow-token");
  const login = new Login({ clock, directory });
  const post = (path: string, form: Record<string, string>) =>
    login.handle(
      new Request(`${HOST}${path}`, { method: "POST", body: new URLSearchParams(form) }),
    );
  return { clock, directory, login, post };
}

const v1 = {
  grant_type: "client_credentials",
  client_id: APP,
  client_secret: "the-secret",
  resource: "https://manage.office.com",
};
const v2 = {
  grant_type: "client_credentials",
  client_id: APP,
  client_secret: "the-secret",
  scope: "https://manage.office.com/.default",
};

describe("Login", () => {
  test("serves the public and the US Government authority", () => {
    const { login } = setUp();
    expect(login.serves("login.microsoftonline.com")).toBe(true);
    expect(login.serves("login.microsoftonline.us")).toBe(true);
    expect(login.serves("login.chinacloudapi.cn")).toBe(false);
  });

  test("gives tokens at the v1 and the v2 endpoint", async () => {
    const { directory, post } = setUp();
    const first = await post(`/${TENANT}/oauth2/token`, v1);
    const second = await post(`/${TENANT}/oauth2/v2.0/token`, v2);
    const bodies = [await first.json(), await second.json()] as { access_token: string }[];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(bodies).toMatchObject([
      { token_type: "Bearer", expires_in: "3599", resource: "https://manage.office.com" },
      { token_type: "Bearer", expires_in: 3599 },
    ]);
    for (const { access_token: token } of bodies) {
      const { claims } = directory.verifyToken(`Bearer ${token}`, "https://manage.office.com");
      expect(claims?.appid).toBe(APP);
    }
  });

  test("takes a federated assertion in place of a secret", async () => {
    const { post } = setUp();
    const response = await post(`/${TENANT}/oauth2/v2.0/token`, {
      ...v2,
      client_secret: "",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: "workflow-token",
    });
    expect(response.status).toBe(200);
  });

  test.each([
    [401, "invalid_client", 7000215, TENANT, { ...v2, client_secret: "Wrong~Secret" }],
    [401, "invalid_client", 7000218, TENANT, { ...v2, client_secret: "" }],
    [401, "invalid_client", 700213, TENANT, { ...v2, client_assertion: "forged" }],
    [400, "unauthorized_client", 700016, TENANT, { ...v2, client_id: "nobody" }],
    [400, "invalid_resource", 500011, TENANT, { ...v2, scope: "https://example.org/.default" }],
    [400, "invalid_scope", 1002012, TENANT, { ...v2, scope: "https://manage.office.com" }],
    [400, "unsupported_grant_type", 70003, TENANT, { ...v2, grant_type: "password" }],
    [400, "invalid_request", 900144, TENANT, { ...v2, scope: "" }],
    [400, "invalid_request", 90002, "contoso", v2],
  ])("answers %i %s for AADSTS%i", async (status, error, code, tenant, form) => {
    const { post } = setUp();
    const response = await post(`/${tenant}/oauth2/v2.0/token`, form);
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(JSON.parse(text)).toMatchObject({
      error,
      error_codes: [code],
      error_description: expect.stringMatching(
        new RegExp(`^AADSTS${code}: .* Timestamp: 2026-03-01 00:00:00Z$`),
      ) as unknown,
      error_uri: `${HOST}/error?code=${code}`,
    });
  });

  test("answers 401 for an expired secret", async () => {
    const { clock, post } = setUp();
    await clock.run(() => clock.sleep(100 * 86_400_000));
    const response = await post(`/${TENANT}/oauth2/token`, v1);
    expect([response.status, await response.json()]).toMatchObject([
      401,
      { error: "invalid_client", error_codes: [7000222] },
    ]);
  });

  test("never repeats a secret", async () => {
    const { post } = setUp();
    for (const form of [v2, { ...v2, client_secret: "Wrong~Secret" }, { ...v2, scope: "x" }]) {
      const response = await post(`/${TENANT}/oauth2/v2.0/token`, form);
      expect(await response.text()).not.toContain(form.client_secret);
    }
  });

  test("describes itself to the SDK", async () => {
    const { login } = setUp();
    const get = async (path: string) => {
      const response = await login.handle(new Request(`${HOST}${path}`));
      return [response.status, await response.json()];
    };
    const endpoint = encodeURIComponent(`${HOST}/${TENANT}/oauth2/v2.0/authorize`);
    expect(
      await get(`/common/discovery/instance?api-version=1.1&authorization_endpoint=${endpoint}`),
    ).toMatchObject([
      200,
      { tenant_discovery_endpoint: `${HOST}/${TENANT}/v2.0/.well-known/openid-configuration` },
    ]);
    expect(await get(`/${TENANT}/v2.0/.well-known/openid-configuration`)).toMatchObject([
      200,
      {
        issuer: `${HOST}/${TENANT}/v2.0`,
        token_endpoint: `${HOST}/${TENANT}/oauth2/v2.0/token`,
      },
    ]);
    expect(await get("/contoso/v2.0/.well-known/openid-configuration")).toMatchObject([
      400,
      { error_codes: [90002] },
    ]);
  });
});
