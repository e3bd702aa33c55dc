import { describe, expect, test } from "vitest";
import { playbookParameters } from "../../config/playbook-parameters.ts";
import { loadPlaybook } from "../../content/load.ts";
import { FeedProblem } from "../../feed/feed-problem.ts";
import { startFeed } from "../../feed/start-feed.ts";
import { collectorDrift, type CollectorDriftProps } from "../../operate/collector-drift.ts";
import { clientId, localFeed } from "../feed/local-feed.ts";

/** A collector that is as it was deployed, and what is found in it with changes to what is asked. */
async function collector() {
  const local = localFeed();
  const { target, tenantFeed } = local;
  await startFeed(tenantFeed, { dryRun: false, wait: true }, local.report);
  const assigned = { clientId, ingestionEndpoint: "e", dataCollectionRuleId: "r" };
  const values = playbookParameters(target.environment, target.tenantName, assigned);
  const properties = {
    state: "Enabled",
    definition: loadPlaybook("get-o365-data", {
      recurrence: { frequency: "Minute", interval: target.tenant.recurrenceMinutes },
      identityId: target.names.identityId,
      feedCredential: "client-secret",
    }),
    parameters: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, { value }]),
    ),
  };
  const props: CollectorDriftProps = {
    ...{ target, feed: tenantFeed },
    manager: { get: async () => ({ properties }) },
    graph: applications(clientId),
  };
  const found = async (changes: Partial<CollectorDriftProps> = {}) =>
    (await collectorDrift({ ...props, ...changes })).map(({ what, says }) => `${what}: ${says}`);
  return { ...local, props, properties, found };
}

const applications = (...clientIds: string[]) => ({
  get: async () => ({
    value: clientIds.map((appId) => ({ id: appId, appId, passwordCredentials: [] })),
  }),
});

const refused = {
  get: async () => {
    throw new FeedProblem("the operator may not look");
  },
};

const gone = { get: async () => undefined };

describe("collectorDrift", () => {
  test("finds none in a collector that is as it was deployed", async () => {
    expect(await (await collector()).found()).toEqual([]);
  });

  test("tells what is changed in the playbook, by the stack's name", async () => {
    const { props, properties } = await collector();
    const manager = { get: async () => ({ properties: { ...properties, state: "Disabled" } }) };
    expect(await collectorDrift({ ...props, manager })).toEqual([
      {
        ...{ stack: "dev-contoso", what: props.target.names.playbook },
        says: "the playbook is Disabled, and must be Enabled",
      },
    ]);
  });

  test("reads the playbook once", async () => {
    const { properties, found } = await collector();
    let times = 0;
    const get = async () => {
      times += 1;
      return { properties };
    };
    await found({ manager: { get } });
    expect(times).toBe(1);
  });

  test("tells applications of the same name that the playbook does not use", async () => {
    const { target, found } = await collector();
    expect(await found({ graph: applications(clientId, "left") })).toEqual([
      `${target.names.application}: another application has this name, left, as a deployment that was killed leaves it: if nobody else has made it, delete it with az ad app delete --id left`,
    ]);
  });

  test("does not judge applications where the playbook is gone, or signs in without one", async () => {
    const { target, properties, found } = await collector();
    const graph = applications("one");
    expect(await found({ manager: gone, graph })).toEqual([
      `${target.names.playbook}: the playbook is gone`,
    ]);
    const tenant = { ...target.tenant, credential: "managed-identity" as const };
    const manager = { get: async () => ({ properties }) };
    const said = await found({ target: { ...target, tenant }, manager, graph });
    expect(said.filter((line) => line.includes("another application"))).toEqual([]);
  });

  test("tells what cannot be looked at, and looks at the rest", async () => {
    const { target, feed, found } = await collector();
    feed.before = async ({ url }) => (url.includes("/list") ? Response.json([]) : undefined);
    const off = "subscription: Audit.General is off";
    expect(await found({ manager: refused })).toEqual([
      `${target.names.playbook}: the operator may not look`,
      off,
    ]);
    expect(await found({ graph: refused })).toEqual([
      `${target.names.application}: the operator may not look`,
      off,
    ]);
    expect(await found({ graph: { get: async () => ({}) } })).toEqual([
      expect.stringContaining("Microsoft Graph gave no list of the applications"),
      off,
    ]);
  });

  test("does not take a fault of its own for drift", async () => {
    const { found } = await collector();
    const broken = {
      get: async () => {
        throw new TypeError("a fault");
      },
    };
    await expect(found({ manager: broken })).rejects.toThrow(new TypeError("a fault"));
  });

  test("tells a pause, a subscription that is off and a withdrawn consent", async () => {
    const { feed, directory, application, found, ...local } = await collector();
    await local.writeCheckpoint({ ...((await local.checkpoint()) as object), paused: true });
    feed.before = async ({ url }) => (url.includes("/list") ? Response.json([]) : undefined);
    const paused = "checkpoint: the playbook is paused, and collects nothing";
    expect(await found()).toEqual([paused, "subscription: Audit.General is off"]);
    directory.revokeAppRole(application.principalId, "ActivityFeed.Read");
    expect(await found()).toEqual([paused, "consent: ActivityFeed.Read is not granted any more"]);
  });

  test("tells a secret that expires soon, and one that works no more", async () => {
    const { tenantFeed, application, clock, found } = await collector();
    const later = new Date(clock.now().getTime() + 170 * 86_400_000);
    const feed = { ...tenantFeed, clock: { ...tenantFeed.clock, now: () => later } };
    expect(await found({ feed })).toEqual([
      "client secret: it expires on 2026-07-13: deploy, which renews it",
    ]);
    application.secrets.splice(0);
    expect((await found()).at(-1)).toMatch(/^consent: the secret in the vault .* is none of/);
  });
});
