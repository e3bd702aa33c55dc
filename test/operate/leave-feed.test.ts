import { describe, expect, test } from "vitest";
import { startFeed } from "../../feed/start-feed.ts";
import { leaveFeed } from "../../operate/leave-feed.ts";
import { devEnvironment, localFeed } from "../feed/local-feed.ts";

async function started({ setAside = [] as string[] } = {}) {
  const local = localFeed();
  await startFeed(local.tenantFeed, { dryRun: false, wait: true }, local.report);
  local.lines();
  const store = { ...local.tenantFeed.setAside, list: async () => setAside };
  return { local, feed: { ...local.tenantFeed, setAside: store } };
}

const props = { environments: [devEnvironment()], leaveSetAside: false };

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

  test("does nothing while content is set aside, unless told", async () => {
    const { local, feed } = await started({ setAside: ["a", "b"] });
    await expect(leaveFeed(feed, props, local.report)).rejects.toThrow(
      "content that was set aside must be replayed first, got 2 of it: run npm run feed -- replay --environment dev --tenant contoso, or give --leave-set-aside to lose it",
    );
    expect(local.lines()).toEqual([]);
    await leaveFeed(feed, { ...props, leaveSetAside: true }, local.report);
    expect(local.lines()[0]).toBe("contoso: paused");
  });

  test("is not held up by a secret that works no more", async () => {
    const { local, feed } = await started();
    local.application.secrets.splice(0);
    await leaveFeed(feed, props, local.report);
    expect(local.lines()[1]).toMatch(
      /^contoso: its subscriptions stay on: the secret in the vault/,
    );
  });
});
