import type { Environment } from "../config/environment.ts";
import { FeedProblem } from "../feed/feed-problem.ts";
import type { FeedReport } from "../feed/feed-report.ts";
import { pauseFeed, turnOff } from "../feed/stop-feed.ts";
import type { TenantFeed } from "../feed/tenant-feed.ts";

export interface LeaveFeedProps {
  /** All environments, any of which may collect the same tenant. */
  readonly environments: readonly Environment[];
  /** Whether content that was set aside and not replayed may be lost. */
  readonly leaveSetAside: boolean;
}

/**
 * Makes a tenant's collector ready to go: pauses its playbook, and turns its subscriptions off unless
 * another environment collects the tenant. Safe to repeat. Fails with a FeedProblem, before anything is
 * done, while content that was set aside is not replayed.
 */
export async function leaveFeed(
  feed: TenantFeed,
  { environments, leaveSetAside }: LeaveFeedProps,
  report: FeedReport,
): Promise<void> {
  const { environment, tenantName } = feed;
  const tenant = { tenant: tenantName };
  const names = leaveSetAside ? [] : await feed.setAside.list();
  if (names.length > 0) {
    throw new FeedProblem(
      `content that was set aside must be replayed first, got ${names.length} of it: run npm run feed -- replay --environment ${environment.name} --tenant ${tenantName}, or give --leave-set-aside to lose it`,
    );
  }
  await pauseFeed(feed, { dryRun: false }, report);
  const others = environments.filter(
    ({ name, tenants }) =>
      name !== environment.name &&
      Object.values(tenants).some(
        ({ tenantId, state }) =>
          state === "collected" && tenantId.toLowerCase() === feed.tenant.tenantId.toLowerCase(),
      ),
  );
  if (others.length > 0) {
    const collecting = others.map(({ name }) => name).join(", ");
    report.result(tenant, `its subscriptions stay on, since ${collecting} collects it as well`);
    return;
  }
  try {
    await turnOff(feed, { dryRun: false }, report);
  } catch (error) {
    if (!(error instanceof FeedProblem)) {
      throw error;
    }
    // A subscription that nobody reads harms nobody, and must not keep a collector whose secret is gone.
    report.result(tenant, `its subscriptions stay on: ${error.message}`);
  }
}
