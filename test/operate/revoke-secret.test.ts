import { describe, expect, test } from "vitest";
import { revokeSecret } from "../../operate/revoke-secret.ts";
import { graphOf } from "../../operate/services.ts";
import { dispatch } from "../../local/cloud.ts";
import { localHttpClient } from "../../local/http-client.ts";
import { localFeed } from "../feed/local-feed.ts";
import { LocalAzure, tenantId } from "../local/azure/local-azure.ts";

/** An application with two secrets in a tenant, and what takes them away. */
async function revocation({ made = 1, uses }: { made?: number; uses?: number } = {}) {
  const local = localFeed({ tenantId });
  const azure = new LocalAzure();
  const principalId = azure.principal("Reader");
  azure.directory.grantAppRole(principalId, "Application.ReadWrite.OwnedBy");
  azure.directory.grantAppRole(principalId, "Application.Read.All");
  const token = azure.token(principalId, "https://graph.microsoft.com");
  const operator = { getToken: async () => ({ token, expiresOnTimestamp: 0 }) };
  const httpClient = localHttpClient((request) => dispatch(azure.azure.services, request));
  const options = { httpClient, retryDelayMs: 1 };
  const graph = graphOf(local.target, operator, options);
  const displayName = local.target.names.application;
  const appIds: string[] = [];
  for (let count = 0; count < made; count++) {
    const { id, appId } = (await graph.post("/v1.0/applications", { displayName })) as {
      id: string;
      appId: string;
    };
    appIds.push(appId);
    await azure.pass(5000);
    for (const slot of ["even", "odd"]) {
      const passwordCredential = { displayName: `feed-client-secret of ${slot} periods` };
      await graph.post(`/v1.0/applications/${id}/addPassword`, { passwordCredential });
    }
  }
  const clientId = { value: appIds[uses ?? -1] };
  const properties = { state: "Enabled", definition: {}, parameters: { clientId } };
  const manager = { get: async () => (uses === undefined ? undefined : { properties }) };
  const revoke = (dryRun = false) =>
    revokeSecret(
      {
        ...{ target: local.target, graph, manager, clock: local.options.clock, dryRun },
        addresses: ["azuread_application_password.even", "azuread_application_password.odd"],
      },
      local.report,
    );
  const secrets = async () => {
    const { value } = (await graph.get("/v1.0/applications")) as {
      value: { appId: string; passwordCredentials: unknown[] }[];
    };
    return appIds
      .flatMap((id) => value.filter(({ appId }) => appId === id))
      .map(({ passwordCredentials }) => passwordCredentials.length);
  };
  return { azure, local, revoke, secrets };
}

describe("revokeSecret", () => {
  test("takes every secret away, and tells what stops until when and what the plan shows", async () => {
    const { local, revoke, secrets } = await revocation();
    await revoke();
    expect(await secrets()).toEqual([0]);
    const { application } = local.target.names;
    expect(local.lines()).toEqual([
      `contoso: the secret feed-client-secret of even periods of ${application} is revoked`,
      `contoso: the secret feed-client-secret of odd periods of ${application} is revoked`,
      "contoso: whoever has signed in with a secret keeps access until 2026-01-14T13:30Z at most, when the last token has expired",
      "contoso: the playbook and npm run feed cannot sign in until npm run deploy -- --environment dev --unreviewed has made new secrets; each run fails and alerts until then",
      "contoso: nothing is lost by that before 2026-01-21T12:00Z: the feed keeps content for 7 days, and the first run afterwards collects it",
      "contoso: the next plan creates azuread_application_password.even and azuread_application_password.odd and updates the vault's secret, and is flagged for that; nothing else follows from this",
    ]);
    await revoke();
    expect(local.lines()[0]).toBe(`contoso: the application ${application} has no secret`);
  });

  test("takes the others away when one cannot be, and says so", async () => {
    const { azure, local, revoke, secrets } = await revocation();
    let calls = 0;
    azure.azure.graph.before = async ({ url }) =>
      url.endsWith("/removePassword") && ++calls === 1
        ? new Response("{}", { status: 400 })
        : undefined;
    await expect(revoke()).rejects.toThrow(
      /^the secret feed-client-secret of even periods of \S+ may still work: repeat the command/,
    );
    expect(await secrets()).toEqual([1]);
    expect(local.lines()).toHaveLength(2);
    await revoke();
    expect(await secrets()).toEqual([0]);
  });

  test("only tells with --dry-run", async () => {
    const { local, revoke, secrets } = await revocation();
    await revoke(true);
    expect(await secrets()).toEqual([2]);
    expect(local.lines()[0]).toMatch(/ would be revoked$/);
  });

  test("takes those of the application that the playbook uses, and of no other of its name", async () => {
    const { revoke, secrets } = await revocation({ made: 3, uses: 1 });
    await revoke();
    expect(await secrets()).toEqual([2, 0, 2]);
  });

  test.each([[0], [2]])("does not guess among %i applications", async (made) => {
    const { local, revoke, secrets } = await revocation({ made });
    await expect(revoke()).rejects.toThrow(
      `tenant ${tenantId} must have one application ${local.target.names.application} that the playbook uses, got ${made} of that name: remove the secrets under App registrations in the portal`,
    );
    expect(await secrets()).toEqual(Array.from({ length: made }, () => 2));
  });
});
