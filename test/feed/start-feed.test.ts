import { describe, expect, test } from "vitest";
import { consentGrant } from "../../feed/consent-grant.ts";
import { startFeed } from "../../feed/start-feed.ts";
import { clientId, localFeed, refusal } from "./local-feed.ts";

const start = (local: ReturnType<typeof localFeed>, options = {}) =>
  startFeed(local.tenantFeed, { dryRun: false, wait: false, ...options }, local.report);

const existing = {
  version: 1,
  paused: true,
  contentTypes: {
    "Audit.General": {
      through: "2026-01-13T07:30:00Z",
      sweptAt: null,
      collectFrom: null,
      startRequestedAt: "2026-01-01T00:00:00Z",
    },
  },
};

describe("startFeed", () => {
  test("turns on what is off and writes the first checkpoint, which looks back as configured", async () => {
    const local = localFeed({ firstLookBackHours: 36 });
    await start(local);
    expect(local.lines()).toEqual([
      "contoso Audit.General: is collected from 2026-01-13T00:00:00Z",
      "contoso Audit.General: turned on",
    ]);
    expect(await local.isOn("Audit.General")).toBe(true);
    expect(await local.checkpoint()).toEqual({
      version: 1,
      paused: false,
      contentTypes: {
        "Audit.General": {
          through: "2026-01-13T00:00:00Z",
          sweptAt: "2026-01-14T12:00:00Z",
          collectFrom: "2026-01-13T00:00:00Z",
          startRequestedAt: "2026-01-14T12:00:00Z",
        },
      },
    });
  });

  test("lists first, and lets the playbook collect last", async () => {
    const local = localFeed();
    const seen = local.watch();
    await start(local);
    expect(seen).toEqual([
      "list",
      "write paused=true",
      "start Audit.General",
      "write paused=false",
    ]);
  });

  test("names the publisher in every call and sends an empty object", async () => {
    const local = localFeed();
    const bodies: string[] = [];
    local.feed.before = async (request) => {
      expect(new URL(request.url).searchParams.get("PublisherIdentifier")).toBe(
        local.environment.homeTenantId,
      );
      bodies.push(await request.clone().text());
      return undefined;
    };
    await start(local);
    expect(bodies).toEqual(["", "{}"]);
  });

  test("does nothing when it is repeated", async () => {
    const local = localFeed();
    await start(local);
    local.lines();
    const seen = local.watch();
    await start(local);
    expect(local.lines()).toEqual(["contoso Audit.General: already on"]);
    expect(seen).toEqual(["list"]);
  });

  test("knows a content type in another spelling", async () => {
    const local = localFeed();
    await local.writeCheckpoint({ ...existing, paused: false });
    local.feed.before = async () =>
      Response.json([{ contentType: "audit.GENERAL", status: "Enabled", webhook: null }]);
    await start(local);
    expect(local.lines()).toEqual(["contoso Audit.General: already on"]);
  });

  test("takes one without a status for off", async () => {
    const local = localFeed();
    await local.writeCheckpoint({ ...existing, paused: false });
    local.feed.before = async ({ url }) =>
      url.includes("/list") ? Response.json([{ contentType: "Audit.General" }]) : undefined;
    await start(local);
    expect(local.lines()).toEqual(["contoso Audit.General: turned on"]);
  });

  test("takes AF20024 for success", async () => {
    const local = localFeed();
    await local.writeCheckpoint({ ...existing, paused: false });
    local.feed.before = async ({ url }) =>
      url.includes("/start") ? refusal(400, "AF20024", "No property change.") : undefined;
    await start(local);
    expect(local.lines()).toEqual(["contoso Audit.General: already on"]);
  });

  test("keeps a checkpoint, notes the start in it and lifts its pause", async () => {
    const local = localFeed();
    await local.writeCheckpoint({ ...existing, later: "kept" });
    await start(local);
    expect(local.lines()).toEqual([
      "contoso Audit.General: turned on",
      "contoso: the pause is lifted",
    ]);
    expect(await local.checkpoint()).toEqual({
      ...existing,
      later: "kept",
      paused: false,
      contentTypes: {
        "Audit.General": {
          ...existing.contentTypes["Audit.General"],
          startRequestedAt: "2026-01-14T12:00:00Z",
        },
      },
    });
  });

  test("adds new content types to a checkpoint", async () => {
    const local = localFeed({ contentTypes: ["Audit.General", "Audit.Exchange"] });
    await local.writeCheckpoint({ ...existing, paused: false });
    local.feed.before = async ({ url }) =>
      url.includes("/list")
        ? Response.json([{ contentType: "Audit.General", status: "enabled" }])
        : undefined;
    await start(local);
    expect(local.lines()).toEqual([
      "contoso Audit.Exchange: is collected from 2026-01-13T12:00:00Z",
      "contoso Audit.General: already on",
      "contoso Audit.Exchange: turned on",
    ]);
    expect(await local.checkpoint()).toEqual({
      ...existing,
      paused: false,
      contentTypes: {
        ...existing.contentTypes,
        "Audit.Exchange": {
          through: "2026-01-13T12:00:00Z",
          sweptAt: "2026-01-14T12:00:00Z",
          collectFrom: "2026-01-13T12:00:00Z",
          startRequestedAt: "2026-01-14T12:00:00Z",
        },
      },
    });
  });

  test("loses nothing that the playbook writes at the same time", async () => {
    const local = localFeed();
    await local.writeCheckpoint(existing);
    const moved = structuredClone(existing);
    moved.contentTypes["Audit.General"].through = "2026-01-14T11:45:00Z";
    let isFirst = true;
    local.storage.before = async ({ method }) => {
      if (method === "PUT" && isFirst) {
        isFirst = false;
        await local.writeCheckpoint(moved);
      }
      return undefined;
    };
    await start(local);
    expect(await local.checkpoint()).toMatchObject({
      paused: false,
      contentTypes: { "Audit.General": { through: "2026-01-14T11:45:00Z" } },
    });
  });

  test("only tells with --dry-run", async () => {
    const local = localFeed({ contentTypes: ["Audit.General", "Audit.Exchange"] });
    await local.writeCheckpoint(existing);
    const seen = local.watch();
    await start(local, { dryRun: true });
    expect(local.lines()).toEqual([
      "contoso Audit.Exchange: would be collected from 2026-01-13T12:00:00Z",
      "contoso Audit.General: would be turned on",
      "contoso Audit.Exchange: would be turned on",
      "contoso: the pause would be lifted",
    ]);
    expect(seen).toEqual(["list"]);
    expect(await local.checkpoint()).toEqual(existing);
  });

  test("tells the consent to ask for with --dry-run alone", async () => {
    const local = localFeed({ consent: "by-administrator" });
    local.directory.revokeAppRole(local.application.principalId, "ActivityFeed.Read");
    await expect(start(local, { dryRun: true })).rejects.toThrow(/is not granted .*\(AF10001\)/);
    expect(local.lines()).toEqual([
      `contoso: consent to ask for: ${consentGrant(local.target, clientId).request}`,
    ]);
    local.directory.grantAppRole(local.application.principalId, "ActivityFeed.Read");
    await start(local, { dryRun: true });
    expect(local.lines()[0]).toBe(
      `contoso: consent is given: ${consentGrant(local.target, clientId).given}`,
    );
    await start(local);
    expect(local.lines().join()).not.toContain("consent");
  });

  test("goes on with the next content type when one fails", async () => {
    const local = localFeed({ contentTypes: ["DLP.All", "Audit.General"] });
    await start(local);
    expect(local.output).toEqual([
      "contoso DLP.All: is collected from 2026-01-13T12:00:00Z",
      "contoso Audit.General: is collected from 2026-01-13T12:00:00Z",
      "contoso Audit.General: turned on",
    ]);
    expect(local.errors).toEqual([
      expect.stringMatching(
        /^contoso DLP.All: application \S+ is not granted the application permission ActivityFeed.Read and ActivityFeed.ReadDlp /,
      ),
    ]);
    expect(await local.checkpoint()).toMatchObject({ paused: false });
  });

  test("leaves the playbook paused while nothing is on", async () => {
    const local = localFeed();
    local.directory.tenant(local.target.tenant.tenantId)!.auditing = false;
    await start(local);
    expect(local.errors).toHaveLength(1);
    expect(local.output.at(-1)).toBe("contoso: stays paused until a subscription is on");
    expect(await local.checkpoint()).toMatchObject({ paused: true });
  });

  test("does not pause a playbook that was collecting when nothing can be turned on", async () => {
    const local = localFeed();
    await local.writeCheckpoint({ ...existing, paused: false });
    local.directory.tenant(local.target.tenant.tenantId)!.auditing = false;
    await start(local);
    expect(local.errors).toHaveLength(1);
    expect(local.output).toEqual([]);
    expect(await local.checkpoint()).toMatchObject({ paused: false });
  });

  test("writes nothing when the subscriptions cannot be listed", async () => {
    const local = localFeed();
    local.feed.before = async () => refusal(400, "AF20012");
    await expect(start(local)).rejects.toThrow("is set up wrongly on Microsoft's side (AF20012)");
    expect(await local.checkpoint()).toBeUndefined();
  });

  test("with a managed identity leaves the subscription to the playbook", async () => {
    const local = localFeed({ credential: "managed-identity" });
    const seen = local.watch();
    await start(local);
    expect(local.lines()).toEqual([
      "contoso Audit.General: is collected from 2026-01-13T12:00:00Z",
      "contoso Audit.General: turned on by the next run of the playbook if it is off, since its managed identity alone can do it",
    ]);
    expect(seen).toEqual(["write paused=true", "write paused=false"]);
    expect(await local.checkpoint()).toMatchObject({
      paused: false,
      contentTypes: { "Audit.General": { startRequestedAt: null } },
    });
  });
});
