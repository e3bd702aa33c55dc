import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { environmentSchema } from "../../config/environment.ts";
import { feedTarget } from "../../feed/feed-target.ts";
import { renewSecrets, type SecretCommand } from "../../operate/renew-secrets.ts";
import { localHttpClient } from "../../local/http-client.ts";
import { environmentFile, tenantFile } from "../config/environment-files.ts";
import { localFeed } from "../feed/local-feed.ts";

const fabrikamId = "00000000-0000-4000-8000-00000000000b";

/** Two tenants, whose application exists in the second one alone; and what was done. */
function renewal() {
  const tenants = { contoso: tenantFile(), fabrikam: tenantFile({ tenantId: fabrikamId }) };
  const file = environmentFile({ tenants });
  const environment = { name: "dev", ...environmentSchema.parse(file) };
  const targets = Object.keys(tenants).map((name) => feedTarget(environment, name));
  const stacks = mkdtempSync(path.join(tmpdir(), "stacks-"));
  const resource = { azuread_application_password: { secret_even_0123ABCD: {} } };
  for (const { names } of targets) {
    mkdirSync(path.join(stacks, names.collector));
    const content = JSON.stringify({ resource });
    writeFileSync(path.join(stacks, names.collector, "cdk.tf.json"), content);
  }
  const asked: string[] = [];
  const httpClient = localHttpClient(async (request) => {
    const { hostname, pathname } = new URL(request.url);
    const tenantId = request.headers.get("authorization")?.replace("Bearer ", "") ?? "nobody";
    asked.push(`${hostname}${pathname} by ${tenantId}`);
    const application = {
      ...{ id: "object", appId: "client" },
      passwordCredentials: [{ keyId: "key", displayName: "one" }],
    };
    return Response.json({ value: tenantId === fabrikamId ? [application] : [] });
  });
  const operator = {
    getToken: async (_scopes: unknown, options: { tenantId?: string } = {}) => ({
      token: options.tenantId ?? "home",
      expiresOnTimestamp: 0,
    }),
  };
  const { options, report, lines } = localFeed();
  const renew = (command: SecretCommand, dryRun = false) =>
    renewSecrets(
      command,
      targets,
      { operator, stacks, dryRun, clock: options.clock, httpClient, retryDelayMs: 1 },
      report,
    );
  return { asked, report, lines, renew };
}

test("The problem of one tenant's secrets does not stop those of the others", async () => {
  const { asked, report, lines, renew } = renewal();
  await renew("revoke");
  expect(asked.filter((line) => line.includes("removePassword"))).toEqual([
    `graph.microsoft.com/v1.0/applications/object/removePassword by ${fabrikamId}`,
  ]);
  expect(report.failed).toBe(true);
  const said = lines();
  expect(said[0]).toBe("fabrikam: the secret one of app-m365audit-dev-fabrikam is revoked");
  expect(said).toContainEqual(
    expect.stringMatching(/^contoso: tenant \S+ must have one application .* got 0 of that name/),
  );
  expect(said).toContainEqual(
    expect.stringContaining("creates azuread_application_password.secret_even_0123ABCD"),
  );
});

test("A tenant's secrets are sought in the tenant that is collected, and left with --dry-run", async () => {
  const { asked, renew } = renewal();
  await renew("revoke", true);
  expect(asked).toEqual([
    expect.stringMatching(/^graph\.microsoft\.com\/v1\.0\/applications by \S+a$/),
    `graph.microsoft.com/v1.0/applications by ${fabrikamId}`,
  ]);
});
