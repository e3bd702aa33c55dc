import { describe, expect, test } from "vitest";
import { clientSecretName } from "../../config/names.ts";
import { readClientSecret } from "../../feed/client-secret.ts";
import { FeedProblem } from "../../feed/feed-problem.ts";
import { clientId, clientSecret, homeTenantId, localFeed } from "./local-feed.ts";

const read = (local: ReturnType<typeof localFeed>) =>
  readClientSecret(local.target, local.credential, local.options);
const host = "kv-dev-contoso-";

/** A vault that refuses with this body. */
function refusing(status: number, code: string, innerCode?: string) {
  const local = localFeed();
  const innererror = innerCode === undefined ? undefined : { code: innerCode };
  local.vault.before = async ({ headers }) =>
    headers.has("authorization")
      ? Response.json({ error: { code, message: "planted text", innererror } }, { status })
      : undefined;
  return local;
}

describe("readClientSecret", () => {
  test("gives the secret, whose it is and when it expires", async () => {
    expect(await read(localFeed())).toEqual({
      clientId,
      value: clientSecret,
      expires: new Date("2026-07-13T12:00:00Z"),
    });
  });

  test("knows secrets without an expiry date", async () => {
    const local = localFeed();
    local.vault.setSecret(clientSecretName, { value: "x", tags: { clientId } });
    expect(await read(local)).toEqual({ clientId, value: "x", expires: undefined });
  });

  test.each<Record<string, string>>([{}, { clientId: "planted" }])(
    "fails without the application's id: %o",
    async (tags) => {
      const local = localFeed();
      local.vault.setSecret(clientSecretName, { value: "x", tags });
      await expect(read(local)).rejects.toThrow(
        /^the secret feed-client-secret in kv-dev-contoso-\w{6}\.vault\.azure\.net must have a value and the application's id in the tag clientId: run npm run deploy -- --environment dev --unreviewed$/,
      );
    },
  );

  test("names the role that is missing", async () => {
    const local = localFeed();
    local.directory.removeRole(local.roles.vault);
    await expect(read(local)).rejects.toThrow(
      /^you may not read secrets of kv-dev-contoso-\S+: let somebody give you the role Key Vault Secrets User on it; a new role can take ten minutes$/,
    );
  });

  test("knows a missing secret", async () => {
    await expect(read(refusing(404, "SecretNotFound"))).rejects.toThrow(
      /^kv-dev-contoso-\S+ has no secret feed-client-secret: run npm run deploy -- --environment dev --unreviewed; after a deletion recover it first$/,
    );
  });

  test("knows a disabled secret", async () => {
    await expect(read(refusing(403, "Forbidden", "SecretDisabled"))).rejects.toThrow(
      /^the secret feed-client-secret in kv-dev-contoso-\S+ is disabled: enable it in the vault$/,
    );
  });

  test.each(["ForbiddenByConnection", "ForbiddenByFirewall"])("knows %s", async (code) => {
    await expect(read(refusing(403, "Forbidden", code))).rejects.toThrow(
      /^the network rules of kv-dev-contoso-\S+ keep this machine out: run the command from a network that they allow$/,
    );
  });

  test("knows a sign-in of another tenant", async () => {
    await expect(read(refusing(401, "Unauthorized"))).rejects.toThrow(
      new RegExp(
        `^kv-dev-contoso-\\S+ takes no token of this sign-in, which is one of another tenant: sign in to tenant ${homeTenantId}$`,
      ),
    );
  });

  test("knows a vault that is not there", async () => {
    const local = localFeed();
    const { hostname } = new URL(local.target.names.secretUri);
    local.vault.before = async () => {
      throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: "ENOTFOUND" });
    };
    await expect(read(local)).rejects.toThrow(
      `${hostname} does not exist (ENOTFOUND): run npm run deploy -- --environment dev --unreviewed`,
    );
  });

  test("knows first of all that nobody is signed in", async () => {
    const local = localFeed();
    local.vault.before = () => Promise.reject(new Error("connect ECONNREFUSED 127.0.0.1:443"));
    const nobody = { getToken: () => Promise.reject(new FeedProblem("nobody is signed in")) };
    await expect(readClientSecret(local.target, nobody, local.options)).rejects.toThrow(
      /^nobody is signed in$/,
    );
  });

  test("tells a proxy's answer from the vault's", async () => {
    const local = localFeed();
    local.vault.before = async () => new Response("", { status: 407 });
    await expect(read(local)).rejects.toThrow(
      new RegExp(
        `^${host}\\S+ gave no answer that can be used.*: repeat the command; behind a proxy check that it lets this host through$`,
      ),
    );
  });
});
