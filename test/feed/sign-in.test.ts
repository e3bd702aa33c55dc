import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { applicationCredential, operatorCredential } from "../../feed/sign-in.ts";
import { dispatch } from "../../local/cloud.ts";
import { localHttpClient } from "../../local/http-client.ts";
import type { Service } from "../../local/service.ts";
import {
  clientId,
  clientSecret,
  homeTenantId,
  localFeed,
  operatorId,
  operatorSecret,
} from "./local-feed.ts";

const folder = mkdtempSync(path.join(tmpdir(), "sign-in-"));
const vaultScope = "https://vault.azure.net/.default";

beforeEach(() => {
  for (const name of Object.keys(process.env)) {
    if (/^(AZURE_|ACTIONS_|PATH$)/.test(name)) {
      vi.stubEnv(name, "");
    }
  }
  vi.stubEnv("PATH", folder); // no Azure CLI
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Signs in by these variables; gives who was signed in, or why nobody was. */
async function signedIn(variables: Record<string, string>, tenantId?: string) {
  for (const [name, value] of Object.entries(variables)) {
    vi.stubEnv(name, value);
  }
  const local = localFeed();
  local.operator.assertions.add("federated-token");
  try {
    const credential = operatorCredential(local.environment, local.options);
    const token = await credential.getToken(vaultScope, { tenantId });
    const { claims } = local.directory.verifyToken(
      `Bearer ${token?.token}`,
      "https://vault.azure.net",
    );
    return claims?.appid;
  } catch (error) {
    return (error as Error).message;
  }
}

const secretSignIn = {
  AZURE_TENANT_ID: homeTenantId,
  AZURE_CLIENT_ID: operatorId,
  AZURE_CLIENT_SECRET: operatorSecret,
};
const tokenFile = path.join(folder, "token");
writeFileSync(tokenFile, "federated-token\n");
const federatedSignIn = {
  AZURE_TENANT_ID: homeTenantId,
  AZURE_CLIENT_ID: operatorId,
  AZURE_FEDERATED_TOKEN_FILE: tokenFile,
};
const nobody = `nobody is signed in: run az login --tenant ${homeTenantId}, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and either AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE`;

describe("operatorCredential", () => {
  test("signs in by the variables of the environment", async () => {
    expect(await signedIn(secretSignIn)).toBe(operatorId);
  });

  test("signs in by workload identity", async () => {
    expect(await signedIn(federatedSignIn)).toBe(operatorId);
  });

  describe("as a job of GitHub Actions", () => {
    const host = "pipelines.actions.example.org";
    const job = {
      AZURE_TENANT_ID: homeTenantId,
      AZURE_CLIENT_ID: operatorId,
      ACTIONS_ID_TOKEN_REQUEST_URL: `https://${host}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "planted-request-token",
    };

    /** Signs in twice, for different services, with GitHub answering so. */
    async function signInTwice(answer: () => Response) {
      Object.entries(job).forEach(([name, value]) => vi.stubEnv(name, value));
      const local = localFeed();
      local.operator.assertions.add("federated-token");
      const asked: string[] = [];
      const issuer: Service = {
        serves: (name) => name === host,
        handle: async ({ url, headers }) => {
          asked.push(`${url} ${headers.get("authorization")}`);
          return answer();
        },
      };
      const services = [...local.services, issuer];
      const credential = operatorCredential(local.environment, {
        ...local.options,
        httpClient: localHttpClient((request) => dispatch(services, request)),
      });
      await credential.getToken(vaultScope);
      const first = asked.splice(0);
      await credential.getToken("https://storage.azure.com/.default");
      return { first, second: asked };
    }

    test("signs in by another assertion each time, since one expires", async () => {
      const { first, second } = await signInTwice(() =>
        Response.json({ value: "federated-token" }),
      );
      const line = `https://${host}/token?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange Bearer planted-request-token`;
      expect(new Set(first)).toEqual(new Set([line]));
      expect(new Set(second)).toEqual(new Set([line]));
    });

    test("says that the job may not ask for one, without its token", async () => {
      const problem = await signInTwice(() => new Response("no", { status: 403 })).catch(
        (error: Error) => error.message,
      );
      expect(problem).toContain(
        "GitHub gave no token for this job (HTTP 403): give the job the permission id-token: write",
      );
      expect(problem).not.toContain("planted");
    });
  });

  test("signs in by the Azure CLI, in the home tenant", async () => {
    const bin = mkdtempSync(path.join(folder, "bin-"));
    const expires = "2030-01-01 00:00:00.000000";
    writeFileSync(
      path.join(bin, "az"),
      `#!/bin/sh\necho "$*" > ${bin}/arguments\necho '{"accessToken":"from-the-cli","expiresOn":"${expires}"}'\n`,
      { mode: 0o700 },
    );
    vi.stubEnv("PATH", `${bin}:/bin`);
    const local = localFeed();
    const token = await operatorCredential(local.environment, local.options).getToken(vaultScope);
    expect(token?.token).toBe("from-the-cli");
    expect(readFileSync(path.join(bin, "arguments"), "utf8")).toContain(`--tenant ${homeTenantId}`);
  });

  test("says how to sign in", async () => {
    expect(await signedIn({})).toBe(nobody);
    expect(await signedIn({ AZURE_TENANT_ID: homeTenantId, AZURE_CLIENT_ID: operatorId })).toBe(
      nobody,
    );
  });

  test.each([
    [
      { AZURE_CLIENT_SECRET: "wrong" },
      "AZURE_CLIENT_SECRET is not a secret of AZURE_CLIENT_ID (AADSTS7000215): set a valid one",
    ],
    [
      { AZURE_CLIENT_ID: "00000000-0000-4000-8000-0000000000ff" },
      `AZURE_CLIENT_ID does not exist in AZURE_TENANT_ID (AADSTS700016): set the application and its tenant, which must be ${homeTenantId}`,
    ],
    [
      { AZURE_TENANT_ID: "00000000-0000-4000-8000-0000000000ff" },
      `AZURE_TENANT_ID does not exist in this cloud (AADSTS90002): set it to ${homeTenantId}`,
    ],
    [
      { AZURE_TENANT_ID: "not a tenant" },
      `AZURE_TENANT_ID must be the id of a tenant: set it to ${homeTenantId}, or unset it`,
    ],
  ])("explains %o", async (change, sentence) => {
    expect(await signedIn({ ...secretSignIn, ...change })).toBe(sentence);
  });

  test("explains a sign-in of another tenant than the vault's", async () => {
    expect(await signedIn(secretSignIn, "00000000-0000-4000-8000-0000000000ff")).toBe(
      `you are signed in to another tenant than the vault's: set AZURE_TENANT_ID to ${homeTenantId}, or sign in with az login --tenant ${homeTenantId}`,
    );
  });

  test("explains a token file that nobody wrote or that the application does not trust", async () => {
    expect(
      await signedIn({ ...federatedSignIn, AZURE_FEDERATED_TOKEN_FILE: path.join(folder, "none") }),
    ).toBe(
      "a file of the sign-in cannot be read: check AZURE_FEDERATED_TOKEN_FILE and AZURE_CLIENT_CERTIFICATE_PATH",
    );
    const other = path.join(folder, "other");
    writeFileSync(other, "another-token");
    expect(await signedIn({ ...federatedSignIn, AZURE_FEDERATED_TOKEN_FILE: other })).toBe(
      "no federated credential of AZURE_CLIENT_ID fits the token in AZURE_FEDERATED_TOKEN_FILE (AADSTS700213): check its issuer and subject",
    );
  });
});

describe("applicationCredential", () => {
  const signIn = async (
    change: (local: ReturnType<typeof localFeed>) => void,
    secret = clientSecret,
  ) => {
    const local = localFeed();
    change(local);
    const credential = applicationCredential(local.target, clientId, secret, local.options);
    return credential.getToken("https://manage.office.com/.default").then(
      () => "signed in",
      (error: unknown) => (error as Error).message,
    );
  };

  test("signs the application in", async () => {
    expect(await signIn(() => undefined)).toBe("signed in");
  });

  test("explains a tenant without the API", async () => {
    expect(
      await signIn(({ directory }) => {
        directory.tenant(homeTenantId)!.auditApi = "missing";
      }),
    ).toBe(
      `tenant ${homeTenantId} has no service principal of the Office 365 Management APIs (AADSTS500011): an administrator creates it with az ad sp create --id c5393580-f805-4401-95e8-94b7a6ef2fc2; it is missing as a rule where nobody has an Exchange Online licence`,
    );
    expect(
      await signIn(({ directory }) => {
        directory.tenant(homeTenantId)!.auditApi = "disabled";
      }),
    ).toBe(
      `the service principal of the Office 365 Management APIs is disabled in tenant ${homeTenantId} (AADSTS500014): assign an Exchange Online licence there, or let an administrator enable it under Enterprise applications`,
    );
  });

  test("explains a secret that is wrong or has expired", async () => {
    expect(await signIn(() => undefined, "another~secret")).toMatch(
      /^the secret in the vault kv-dev-contoso-\w{6} is none of application \S+ \(AADSTS7000215\): renew it with npm run deploy -- --environment dev --unreviewed$/,
    );
    expect(
      await signIn(({ application }) => {
        application.secrets.splice(0, 1, { ...application.secrets[0]!, expires: new Date(0) });
      }),
    ).toMatch(
      /^the secret of application \S+ in the vault kv-dev-contoso-\w{6} has expired \(AADSTS7000222\): renew it with npm run deploy -- --environment dev --unreviewed$/,
    );
  });

  test("names the host when it does not answer", async () => {
    expect(
      await signIn(({ login }) => {
        login.before = async () => {
          throw Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:8080"), {
            code: "ECONNREFUSED",
          });
        };
      }),
    ).toBe(
      "login.microsoftonline.com cannot be reached, because the proxy 127.0.0.1:8080 does not answer (ECONNREFUSED): check HTTPS_PROXY",
    );
  });
});
