import { describe, expect, test } from "vitest";
import { startFeed } from "../../feed/start-feed.ts";
import { stopFeed } from "../../feed/stop-feed.ts";
import { localFeed, refusal } from "./local-feed.ts";

const stop = (local: ReturnType<typeof localFeed>, dryRun = false) =>
  stopFeed(local.tenantFeed, { dryRun }, local.report);

/** A feed that is on, with nothing said yet. */
async function startedFeed(tenant: Record<string, unknown> = {}) {
  const local = localFeed(tenant);
  await startFeed(local.tenantFeed, { dryRun: false, wait: true }, local.report);
  local.lines();
  return local;
}

describe("stopFeed", () => {
  test("pauses the playbook before it turns anything off", async () => {
    const local = await startedFeed();
    const before = (await local.checkpoint()) as { contentTypes: Record<string, object> };
    const seen = local.watch();
    await stop(local);
    expect(local.lines()).toEqual(["contoso: paused", "contoso Audit.General: turned off"]);
    expect(seen).toEqual(["write paused=true", "list", "write paused=true", "stop Audit.General"]);
    expect(await local.isOn("Audit.General")).toBe(false);
    const entry = before.contentTypes["Audit.General"];
    const offSince = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string;
    expect(await local.checkpoint()).toEqual({
      ...before,
      paused: true,
      contentTypes: { "Audit.General": { ...entry, offSince } },
    });
  });

  test("does nothing when it is repeated", async () => {
    const local = await startedFeed();
    await stop(local);
    local.lines();
    const seen = local.watch();
    await stop(local);
    expect(local.lines()).toEqual([
      "contoso: already paused",
      "contoso Audit.General: already off",
    ]);
    expect(seen).toEqual(["list"]);
  });

  test("pauses a playbook that has no checkpoint yet", async () => {
    const local = localFeed();
    await stop(local);
    expect(local.lines()).toEqual(["contoso: paused", "contoso Audit.General: already off"]);
    expect(await local.checkpoint()).toEqual({ version: 1, paused: true, contentTypes: {} });
  });

  test("only tells with --dry-run", async () => {
    const local = await startedFeed();
    const before = await local.checkpoint();
    const seen = local.watch();
    await stop(local, true);
    expect(local.lines()).toEqual([
      "contoso: would be paused",
      "contoso Audit.General: would be turned off",
    ]);
    expect(seen).toEqual(["list"]);
    expect(await local.checkpoint()).toEqual(before);
  });

  test("turns off what is no longer in the configuration", async () => {
    const local = await startedFeed();
    local.feed.before = async ({ url }) =>
      url.includes("/list")
        ? Response.json([{ contentType: "Audit.SharePoint", status: "enabled" }])
        : undefined;
    await stop(local);
    expect(local.lines()).toEqual([
      "contoso: paused",
      "contoso Audit.General: already off",
      "contoso Audit.SharePoint: turned off",
    ]);
  });

  test("goes on with the next content type when one fails", async () => {
    const local = await startedFeed({ contentTypes: ["Audit.Exchange", "Audit.General"] });
    local.feed.before = async ({ url }) =>
      url.includes("/stop?contentType=Audit.Exchange") ? refusal(400, "AF20012") : undefined;
    await stop(local);
    expect(local.output).toEqual(["contoso: paused", "contoso Audit.General: turned off"]);
    expect(local.errors).toEqual([
      expect.stringMatching(/^contoso Audit.Exchange: .* \(AF20012\): /),
    ]);
  });

  test("stays paused when the secret cannot be read", async () => {
    const local = await startedFeed();
    local.directory.removeRole(local.roles.vault);
    await expect(stop(local)).rejects.toThrow("Key Vault Secrets User");
    expect(await local.checkpoint()).toMatchObject({ paused: true });
  });

  test("with a managed identity says what it cannot do", async () => {
    const local = localFeed({ credential: "managed-identity" });
    const seen = local.watch();
    await stop(local);
    expect(local.lines()).toEqual([
      "contoso: paused",
      "contoso Audit.General: stays on, because the playbook's managed identity alone can turn it off; nothing is collected any more",
    ]);
    expect(seen).toEqual(["write paused=true"]);
  });
});
