import { describe, expect, test } from "vitest";
import { emptyCheckpoint } from "../../feed/checkpoint.ts";
import { homeTenantId, localFeed } from "./local-feed.ts";

const store = (local: ReturnType<typeof localFeed>) => local.tenantFeed.checkpoint;

/** A storage account that refuses with this code. */
function refusing(status: number, code: string) {
  const local = localFeed();
  local.storage.before = async () =>
    new Response(`<Error><Code>${code}</Code><Message>planted text</Message></Error>`, {
      status,
      headers: { "content-type": "application/xml", "x-ms-error-code": code },
    });
  return local;
}

describe("CheckpointStore", () => {
  test("finds none where none was written", async () => {
    expect(await store(localFeed()).read()).toBeUndefined();
  });

  test("writes what a change makes of nothing, and then of what there is", async () => {
    const local = localFeed();
    await store(local).update((current) => current ?? emptyCheckpoint(true));
    expect(await local.checkpoint()).toEqual({ version: 1, paused: true, contentTypes: {} });
    await store(local).update((current) => ({ ...current!, paused: false }));
    expect(await local.checkpoint()).toEqual({ version: 1, paused: false, contentTypes: {} });
  });

  test("does not write what is there already", async () => {
    const local = localFeed();
    await local.writeCheckpoint(emptyCheckpoint(true));
    const seen = local.watch();
    await store(local).update((current) => ({ ...current! }));
    expect(seen).toEqual([]);
  });

  test("reads again when somebody else was the first to write one", async () => {
    const local = localFeed();
    let isFirst = true;
    local.storage.before = async ({ method }) => {
      if (method === "PUT" && isFirst) {
        isFirst = false;
        await local.writeCheckpoint({ version: 1, paused: false, contentTypes: {}, by: "other" });
      }
      return undefined;
    };
    await store(local).update((current) => ({
      ...(current ?? emptyCheckpoint(false)),
      paused: true,
    }));
    expect(await local.checkpoint()).toMatchObject({ paused: true, by: "other" });
  });

  test("gives up when somebody else writes all the time", async () => {
    const local = localFeed();
    let writes = 0;
    local.storage.before = async ({ method }) => {
      if (method === "PUT") {
        await local.writeCheckpoint({ version: 1, contentTypes: {}, writes: ++writes });
      }
      return undefined;
    };
    await expect(
      store(local).update((current) => ({ ...(current ?? emptyCheckpoint(false)), paused: true })),
    ).rejects.toThrow(
      /^the playbook wrote the checkpoint in stdevcontoso\S+ again and again: repeat the command when its run has ended$/,
    );
    expect(writes).toBe(5);
  });

  test.each([
    ["no JSON", "planted"],
    ["another version", { version: 2, contentTypes: {} }],
    ["no content types", { version: 1 }],
    ["a broken time", { version: 1, contentTypes: { "Audit.General": { through: "planted" } } }],
  ])("does not guess at a checkpoint with %s", async (_name, content) => {
    const local = localFeed();
    await local.writeCheckpoint(content);
    await expect(store(local).read()).rejects.toThrow(
      /^the checkpoint in stdevcontoso\w{6}\.blob\.core\.windows\.net cannot be read: the next run of the playbook replaces it and collects as far back as the feed goes; repeat the command after that$/,
    );
  });

  test.each([
    {},
    { through: "2026-01-14T00:00:00Z" },
    { through: null, sweptAt: null, collectFrom: null, startRequestedAt: null },
  ])("takes what the playbook takes: %o", async (entry) => {
    const local = localFeed();
    await local.writeCheckpoint({ version: 1, contentTypes: { "Audit.General": entry } });
    expect(await store(local).read()).toEqual({
      version: 1,
      paused: false,
      contentTypes: { "Audit.General": entry },
    });
  });

  test("names the role that is missing", async () => {
    const local = localFeed();
    local.directory.removeRole(local.roles.storage);
    await expect(store(local).read()).rejects.toThrow(
      /^you may not use the checkpoint in stdevcontoso\S+: let somebody give you the role Storage Blob Data Contributor on its container checkpoint; a new role can take ten minutes$/,
    );
  });

  test.each([
    [
      403,
      "AuthorizationFailure",
      "the network rules of HOST keep this machine out: run the command from a network that they allow",
    ],
    [
      404,
      "ContainerNotFound",
      "HOST has no container checkpoint: run npm run deploy -- --environment dev --unreviewed",
    ],
    [
      401,
      "InvalidAuthenticationInfo",
      `HOST takes no token of this sign-in, which is one of another tenant: sign in to tenant ${homeTenantId}`,
    ],
    [
      400,
      "Planted",
      "HOST gave no answer that can be used (HTTP 400): repeat the command; behind a proxy check that it lets this host through",
    ],
  ])("explains %i %s", async (status, code, sentence) => {
    const local = refusing(status, code);
    const { hostname } = new URL(local.target.names.checkpointUri);
    await expect(store(local).read()).rejects.toThrow(sentence.replace("HOST", hostname));
  });

  test("explains refused writes", async () => {
    const local = localFeed();
    local.directory.removeRole(local.roles.storage);
    local.directory.assignRole({ ...local.roles.storage, role: "Storage Blob Data Reader" });
    await expect(store(local).update(() => emptyCheckpoint(true))).rejects.toThrow(
      "Storage Blob Data Contributor",
    );
  });
});
