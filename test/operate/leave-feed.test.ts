import { describe, expect, test } from "vitest";
import { startFeed } from "../../feed/start-feed.ts";
import { leaveFeed, requireNothingSetAside } from "../../operate/leave-feed.ts";
import { devEnvironment, localFeed } from "../feed/local-feed.ts";

async function started() {
  const local = localFeed();
  await startFeed(local.tenantFeed, { dryRun: false, wait: true }, local.report);
  local.lines();
  return { local, feed: local.tenantFeed };
}

const props = { environments: [devEnvironment()], leaveSubscriptions: false };

describe("leaveFeed", () => {
  test("pauses the playbook and turns its subscriptions off", async () => {
    const { local, feed } = await started();
    await leaveFeed(feed, props, local.report);
    expect(local.lines()).toEqual(["contoso: paused", "contoso Audit.General: turned off"]);
    expect(await local.isOn("Audit.General")).toBe(false);
  });

  test("leaves them on while another environment collects the tenant", async () => {
    const { local, feed } = await started();
    const other = { ...devEnvironment(), name: "test" };
    await leaveFeed(feed, { ...props, environments: [...props.environments, other] }, local.report);
    expect(local.lines()).toEqual([
      "contoso: paused",
      "contoso: its subscriptions stay on, since test collects it as well",
    ]);
    expect(await local.isOn("Audit.General")).toBe(true);
  });

  test("is not held up by a secret that works no more", async () => {
    const { local, feed } = await started();
    local.application.secrets.splice(0);
    await leaveFeed(feed, props, local.report);
    expect(local.lines()[1]).toMatch(
      /^contoso: its subscriptions stay on: the secret in the vault/,
    );
  });

  test("is not held up by a consent that is gone", async () => {
    const { local, feed } = await started();
    local.directory.revokeAppRole(local.application.principalId, "ActivityFeed.Read");
    await leaveFeed(feed, props, local.report);
    expect(local.lines()[1]).toBe(
      "contoso: its subscriptions stay on: ActivityFeed.Read is not granted any more",
    );
  });

  test.each(["/list", "/stop"])(
    "fails when the feed does not answer %s, and leaves the subscriptions on when told",
    async (operation) => {
      const { local, feed } = await started();
      local.feed.before = async ({ url }) =>
        url.includes(operation) ? new Response("", { status: 503 }) : undefined;
      await expect(leaveFeed(feed, props, local.report)).rejects.toThrow(
        /; repeat the command, or give --leave-subscriptions to leave them on$/,
      );
      local.lines();
      await leaveFeed(feed, { ...props, leaveSubscriptions: true }, local.report);
      expect(local.errors).toEqual([]);
      expect(local.output.at(-1)).toMatch(/^contoso: its subscriptions stay on: /);
      expect(await local.isOn("Audit.General")).toBe(true);
    },
  );
});

test("Content that was set aside has to be replayed first", async () => {
  const { tenantFeed } = localFeed();
  const holding = (names: string[]) => ({
    ...tenantFeed,
    setAside: { ...tenantFeed.setAside, list: async () => names },
  });
  await expect(requireNothingSetAside(holding(["a", "b"]))).rejects.toThrow(
    "content that was set aside must be replayed first, got 2 of it: run npm run feed -- replay --environment dev --tenant contoso, or give --leave-set-aside to lose it",
  );
  await requireNothingSetAside(holding([]));
});
