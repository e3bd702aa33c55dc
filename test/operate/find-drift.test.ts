import { describe, expect, test } from "vitest";
import { playbookParameters } from "../../config/playbook-parameters.ts";
import { loadPlaybook } from "../../content/load.ts";
import { startFeed } from "../../feed/start-feed.ts";
import { driftMarkdown } from "../../operate/drift-markdown.ts";
import {
  applicationDrift,
  collectionDrift,
  infrastructureDrift,
  playbookDrift,
} from "../../operate/find-drift.ts";
import { readPlan } from "../../plan/terraform-plan.ts";
import { localFeed } from "../feed/local-feed.ts";

/** A plan that found what others changed. */
const drifted = (...changes: readonly object[]) =>
  readPlan(
    "a plan",
    JSON.stringify({
      format_version: "1.2",
      resource_drift: changes.map((change) => ({
        ...{ address: "azurerm_key_vault.one", type: "azurerm_key_vault" },
        change: { before_sensitive: {}, after_sensitive: {}, ...change },
      })),
    }),
  );

describe("infrastructureDrift", () => {
  test("tells what others changed, and not what a provider writes in two ways", () => {
    const before = { a: null, tags: {}, public_network_access_enabled: false, secret: "planted1" };
    const after = { a: [], tags: null, public_network_access_enabled: true, secret: "planted2" };
    const found = infrastructureDrift(
      "dev-contoso",
      drifted({ actions: ["update"], before, after }),
    );
    expect(found).toEqual([
      {
        stack: "dev-contoso",
        what: "azurerm_key_vault.one",
        says: "public_network_access_enabled is true, and was deployed as false",
      },
      expect.objectContaining({ says: "secret is (secret), and was deployed as (secret)" }),
    ]);
  });

  test("tells keys that are others, and none that whoever looks may not read", () => {
    const says = (after: string | null) =>
      infrastructureDrift(
        "dev-contoso",
        drifted({
          actions: ["update"],
          before: { primary_access_key: "planted1" },
          after: { primary_access_key: after },
          before_sensitive: { primary_access_key: true },
          after_sensitive: { primary_access_key: true },
        }),
      ).map((each) => each.says);
    expect(says("planted2")).toEqual([
      "primary_access_key is (secret), and was deployed as (secret)",
    ]);
    expect(says("")).toEqual([]);
    expect(says(null)).toEqual([]);
  });

  test("tells what is gone", () => {
    const [gone] = infrastructureDrift("dev-contoso", drifted({ actions: ["delete"], before: {} }));
    expect(gone?.says).toBe("is gone");
  });
});

/** A workflow as it lies in Azure. */
function live({ definition = (given: object) => given, state = "Enabled", values = {} } = {}) {
  const { target } = localFeed();
  const assigned = { clientId: "c", ingestionEndpoint: "e", dataCollectionRuleId: "r" };
  const parameters = { ...playbookParameters(target.environment, "contoso", assigned), ...values };
  const deployed = loadPlaybook("get-o365-data", {
    recurrence: { frequency: "Minute", interval: target.tenant.recurrenceMinutes },
    identityId: target.names.identityId,
    feedCredential: "client-secret",
  });
  const properties = {
    state,
    definition: definition(deployed),
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, { value }]),
    ),
  };
  const says = async () =>
    (await playbookDrift(target, { get: async () => ({ properties }) })).map((each) => each.says);
  return { says, target };
}

describe("playbookDrift", () => {
  test("finds none in what was deployed", async () => {
    expect(await live().says()).toEqual([]);
  });

  test("tells what was changed in the portal", async () => {
    const definition = (given: object) => {
      const changed = structuredClone(given) as {
        triggers: Record<string, { recurrence: { interval: number } }>;
        actions: Record<string, unknown>;
      };
      changed.triggers["On_schedule"]!.recurrence.interval = 60;
      changed.actions["Somebody_elses"] = { type: "Compose", inputs: 1, runAfter: {} };
      return changed;
    };
    const values = { keepWorkloads: ["Exchange"] };
    expect(await live({ definition, state: "Disabled", values }).says()).toEqual([
      "the playbook is Disabled, and must be Enabled",
      "the trigger On_schedule is changed: recurrence.interval",
      "the action Somebody_elses is added",
      "the parameter keepWorkloads has another value than the configuration",
    ]);
  });

  test("tells that the playbook is gone", async () => {
    const { target } = live();
    const [gone] = await playbookDrift(target, { get: async () => undefined });
    expect(gone).toMatchObject({ stack: "dev-contoso", says: "the playbook is gone" });
  });
});

describe("applicationDrift", () => {
  const named = (...appIds: string[]) => ({
    get: async () => ({
      value: appIds.map((appId) => ({ id: appId, appId, passwordCredentials: [] })),
    }),
  });
  const playbook = (clientId?: string) => ({
    get: async () =>
      clientId === undefined
        ? undefined
        : {
            properties: {
              state: "Enabled",
              definition: {},
              parameters: { clientId: { value: clientId } },
            },
          },
  });

  test("tells applications of the same name that the playbook does not use", async () => {
    const { target } = live();
    expect(await applicationDrift(target, playbook("used"), named("used"))).toEqual([]);
    expect(await applicationDrift(target, playbook("used"), named("used", "left"))).toEqual([
      {
        ...{ stack: "dev-contoso", what: target.names.application },
        says: "another application has this name, left, as a deployment that was killed leaves it: if nobody else has made it, delete it with az ad app delete --id left",
      },
    ]);
  });

  test("does not judge where the playbook is gone, or signs in without one", async () => {
    const { target } = live();
    expect(await applicationDrift(target, playbook(), named("one"))).toEqual([]);
    const tenant = { ...target.tenant, credential: "managed-identity" as const };
    expect(await applicationDrift({ ...target, tenant }, playbook("used"), named("one"))).toEqual(
      [],
    );
  });

  test("says when there is no list", async () => {
    const none = { get: async () => ({}) };
    await expect(applicationDrift(live().target, playbook("used"), none)).rejects.toThrow(
      "Microsoft Graph gave no list of the applications",
    );
  });
});

describe("collectionDrift", () => {
  async function started() {
    const local = localFeed();
    await startFeed(local.tenantFeed, { dryRun: false, wait: true }, local.report);
    const says = async () =>
      (await collectionDrift(local.tenantFeed)).map(({ what, says }) => `${what}: ${says}`);
    return { local, says };
  }

  test("finds none in a feed that is collected", async () => {
    expect(await (await started()).says()).toEqual([]);
  });

  test("tells a pause, a withdrawn consent and a subscription that is off", async () => {
    const { local, says } = await started();
    await local.writeCheckpoint({ ...((await local.checkpoint()) as object), paused: true });
    local.feed.before = async ({ url }) => (url.includes("/list") ? Response.json([]) : undefined);
    expect(await says()).toEqual([
      "checkpoint: the playbook is paused, and collects nothing",
      "subscription: Audit.General is off",
    ]);
    local.directory.revokeAppRole(local.application.principalId, "ActivityFeed.Read");
    expect(await says()).toContain("consent: ActivityFeed.Read is not granted any more");
  });

  test("tells a secret that expires soon, and one that works no more", async () => {
    const { local, says } = await started();
    const later = new Date(local.clock.now().getTime() + 170 * 86_400_000);
    const clock = { ...local.tenantFeed.clock, now: () => later };
    expect(await collectionDrift({ ...local.tenantFeed, clock })).toEqual([
      {
        stack: "dev-contoso",
        what: "client secret",
        says: "it expires on 2026-07-13: deploy, which renews it",
      },
    ]);
    local.application.secrets.splice(0);
    expect((await says()).at(-1)).toMatch(/^consent: the secret in the vault .* is none of/);
  });
});

test("The issue of an environment names what drifted, as text alone", () => {
  const drift = { stack: "dev-contoso", what: "a_b.c", says: "x is <b>, see @somebody" };
  expect(driftMarkdown("dev", [drift])).toMatch(
    /^<!-- drift of dev -->\n[^]*- <code>dev-contoso: a&#95;b.c<\/code>: x is &lt;b&gt;, see &#64;somebody\n/,
  );
  expect(driftMarkdown("dev", [])).toBe("<!-- drift of dev -->\nNothing has drifted.\n");
});
