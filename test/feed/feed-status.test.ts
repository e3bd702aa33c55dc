import { describe, expect, test } from "vitest";
import { clientSecretName } from "../../config/names.ts";
import { feedStatus } from "../../feed/feed-status.ts";
import { startFeed } from "../../feed/start-feed.ts";
import { stopFeed } from "../../feed/stop-feed.ts";
import { FeedReport } from "../../feed/feed-report.ts";
import { clientId, clientSecret, homeTenantId, localFeed } from "./local-feed.ts";

async function status(local: ReturnType<typeof localFeed>) {
  await feedStatus(local.tenantFeed, local.report);
  return local.lines();
}

/** The results of the status as programs get them. */
async function facts(local: ReturnType<typeof localFeed>): Promise<unknown> {
  const lines: string[] = [];
  const report = new FeedReport({
    json: true,
    print: (line) => lines.push(line),
    printError: () => undefined,
  });
  await feedStatus(local.tenantFeed, report);
  report.end({});
  return (JSON.parse(lines.join("")) as { results: unknown }).results;
}

const startedFeed = async (tenant: Record<string, unknown> = {}) => {
  const local = localFeed(tenant);
  await startFeed(local.tenantFeed, { dryRun: false, wait: true }, local.report);
  local.lines();
  return local;
};

const secretLine = "contoso: client secret expires on 2026-07-13, in 180d";

describe("feedStatus", () => {
  test("tells that nothing was started yet", async () => {
    expect(await status(localFeed())).toEqual([
      "contoso: no checkpoint yet, npm run feed -- start --environment dev --tenant contoso writes it",
      secretLine,
      "contoso Audit.General: off, nothing collected yet",
    ]);
  });

  test("tells how far a feed is behind", async () => {
    const local = await startedFeed({ firstLookBackHours: 36 });
    expect(await status(local)).toEqual([
      "contoso: not paused",
      secretLine,
      "contoso Audit.General: on, collected through 2026-01-13T00:00:00Z, 1d 12h behind",
    ]);
    expect(await facts(local)).toEqual([
      { tenant: "contoso", result: "not paused", paused: false },
      expect.objectContaining({ secretExpires: "2026-07-13T12:00:00.000Z" }),
      {
        tenant: "contoso",
        contentType: "Audit.General",
        result: "on, collected through 2026-01-13T00:00:00Z, 1d 12h behind",
        subscription: "on",
        through: "2026-01-13T00:00:00Z",
        secondsBehind: 129_600,
      },
    ]);
  });

  test("tells that a feed is paused", async () => {
    const local = await startedFeed();
    await stopFeed(local.tenantFeed, { dryRun: false }, local.report);
    local.lines();
    expect(await status(local)).toEqual([
      "contoso: paused, npm run feed -- start --environment dev --tenant contoso lifts the pause",
      secretLine,
      "contoso Audit.General: off, collected through 2026-01-13T12:00:00Z, 1d behind",
    ]);
  });

  test("changes nothing", async () => {
    const local = await startedFeed();
    const seen = local.watch();
    await status(local);
    expect(seen).toEqual(["list"]);
  });

  test.each([
    ["2026-02-13T13:00:00Z", "client secret expires on 2026-02-13, in 30d 1h"],
    [
      "2026-02-13T11:00:00Z",
      "client secret expires on 2026-02-13, in 29d 23h; npm run deploy -- --environment dev --unreviewed renews it",
    ],
    [
      "2026-01-14T12:00:00Z",
      "client secret expired on 2026-01-14, npm run deploy -- --environment dev --unreviewed renews it",
    ],
    [undefined, "client secret without an expiry date"],
  ])("tells when a secret expires: %s", async (expires, line) => {
    const local = localFeed();
    local.vault.setSecret(clientSecretName, {
      value: clientSecret,
      attributes: expires === undefined ? {} : { exp: Date.parse(expires) / 1000 },
      tags: { clientId },
    });
    expect((await status(local))[1]).toBe(`contoso: ${line}`);
  });

  test("tells the rest when the vault cannot be read", async () => {
    const local = await startedFeed();
    local.directory.removeRole(local.roles.vault);
    await feedStatus(local.tenantFeed, local.report);
    expect(local.output).toEqual([
      "contoso: not paused",
      "contoso Audit.General: subscription unknown, collected through 2026-01-13T12:00:00Z, 1d behind",
    ]);
    expect(local.errors).toEqual([expect.stringMatching(/^contoso: you may not read secrets of /)]);
  });

  test("tells the rest when the checkpoint cannot be read", async () => {
    const local = await startedFeed();
    local.directory.removeRole(local.roles.storage);
    await feedStatus(local.tenantFeed, local.report);
    expect(local.output).toEqual([secretLine, "contoso Audit.General: on, checkpoint unknown"]);
    expect(local.errors).toEqual([
      expect.stringMatching(/^contoso: you may not use the checkpoint in /),
    ]);
  });

  test("prints the grant to ask an administrator for", async () => {
    const local = localFeed({ consent: "by-administrator" });
    local.directory.revokeAppRole(local.application.principalId, "ActivityFeed.Read");
    await feedStatus(local.tenantFeed, local.report);
    expect(local.output[2]).toBe(
      `contoso: consent to ask for: an Application Administrator, Cloud Application Administrator or Privileged Role Administrator of tenant contoso.example.org (${homeTenantId}) grants the application app-m365audit-dev-contoso (client id ${clientId}) the application permission ActivityFeed.Read (app role 594c1fb6-4f81-4475-ae41-0c394909246c) of the Office 365 Management APIs (app id c5393580-f805-4401-95e8-94b7a6ef2fc2) at https://login.microsoftonline.com/${homeTenantId}/adminconsent?client_id=${clientId}`,
    );
    expect(local.output[3]).toBe(
      "contoso Audit.General: subscription unknown, nothing collected yet",
    );
    expect(local.errors).toEqual([
      `contoso: application ${clientId} is not granted the application permission ActivityFeed.Read of the Office 365 Management APIs (AF10001): npm run feed -- status --environment dev --tenant contoso prints the grant to ask for; a grant can take some minutes until it is in force`,
    ]);
  });

  test("notices that the grant was given", async () => {
    const local = localFeed({ consent: "by-administrator" });
    expect((await status(local))[2]).toBe(
      `contoso: consent is given: the application app-m365audit-dev-contoso (client id ${clientId}) has ActivityFeed.Read (app role 594c1fb6-4f81-4475-ae41-0c394909246c) of the Office 365 Management APIs (app id c5393580-f805-4401-95e8-94b7a6ef2fc2)`,
    );
    expect(await facts(local)).toContainEqual(
      expect.objectContaining({
        consent: {
          granted: true,
          tenantId: homeTenantId,
          grantee: "app-m365audit-dev-contoso",
          clientId,
          api: "c5393580-f805-4401-95e8-94b7a6ef2fc2",
          permissions: [{ name: "ActivityFeed.Read", id: "594c1fb6-4f81-4475-ae41-0c394909246c" }],
          consentUrl: `https://login.microsoftonline.com/${homeTenantId}/adminconsent?client_id=${clientId}`,
          grantedBy: [
            "Application Administrator",
            "Cloud Application Administrator",
            "Privileged Role Administrator",
          ],
        },
      }),
    );
  });

  test("with a managed identity shows the checkpoint alone", async () => {
    const local = await startedFeed({ credential: "managed-identity" });
    const seen = local.watch();
    expect(await status(local)).toEqual([
      "contoso: not paused",
      "contoso Audit.General: collected through 2026-01-13T12:00:00Z, 1d behind; the subscription can be seen by the playbook's managed identity alone",
    ]);
    expect(seen).toEqual([]);
  });
});
