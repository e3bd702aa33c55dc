import type { Environment } from "../config/environment.ts";
import { neededPermissions } from "../config/feed-permissions.ts";
import { FeedProblem } from "../feed/feed-problem.ts";
import type { FeedReport } from "../feed/feed-report.ts";
import { pauseFeed, turnOff } from "../feed/stop-feed.ts";
import type { TenantFeed } from "../feed/tenant-feed.ts";

export interface LeaveFeedProps {
  /** All environments, any of which may collect the same tenant. */
  readonly environments: readonly Environment[];
  /** Whether subscriptions that cannot be turned off now may stay on. */
  readonly leaveSubscriptions: boolean;
}

/** Fails with a FeedProblem while content of a tenant was set aside and not replayed. */
export async function requireNothingSetAside({
  environment,
  tenantName,
  setAside,
}: Pick<TenantFeed, "environment" | "tenantName" | "setAside">): Promise<void> {
  const names = await setAside.list();
  if (names.length > 0) {
    throw new FeedProblem(
      `content that was set aside must be replayed first, got ${names.length} of it: run npm run feed -- replay --environment ${environment.name} --tenant ${tenantName}, or give --leave-set-aside to lose it`,
    );
  }
}

/**
 * Makes a tenant's collector ready to go: pauses its playbook, and turns its subscriptions off unless
 * another environment collects the tenant. Safe to repeat. Fails with a FeedProblem.
 */
export async function leaveFeed(
  feed: TenantFeed,
  { environments, leaveSubscriptions }: LeaveFeedProps,
  report: FeedReport,
): Promise<void> {
  const { environment, tenantName } = feed;
  const tenant = { tenant: tenantName };
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
  const obstacle = await obstacleOf(feed);
  if (obstacle !== undefined) {
    report.result(tenant, `its subscriptions stay on: ${obstacle}`);
    return;
  }
  const problem = await problemOfTurningOff(feed, leaveSubscriptions, report);
  if (problem !== undefined && !leaveSubscriptions) {
    throw new FeedProblem(
      `${problem}; repeat the command, or give --leave-subscriptions to leave them on`,
    );
  }
  if (problem !== undefined) {
    report.result(tenant, `its subscriptions stay on: ${problem}`);
  }
}

/**
 * Why the collector may not turn anything off any more. A subscription that nobody reads harms nobody,
 * and must not keep a collector whose secret or consent is gone.
 */
async function obstacleOf({ signIn, tenant }: TenantFeed): Promise<string | undefined> {
  try {
    const granted = await (await signIn?.())?.api.permissions();
    const missing = neededPermissions(tenant.contentTypes).find(
      ({ name }) => granted && !granted.includes(name),
    );
    return missing && `${missing.name} is not granted any more`;
  } catch (error) {
    return problemIn(error);
  }
}

async function problemOfTurningOff(
  feed: TenantFeed,
  mayStayOn: boolean,
  report: FeedReport,
): Promise<string | undefined> {
  try {
    const { failed } = await turnOff(feed, { dryRun: false, mayStayOn }, report);
    return failed.length === 0 ? undefined : `${failed.join(", ")} could not be turned off`;
  } catch (error) {
    return problemIn(error);
  }
}

function problemIn(error: unknown): string {
  if (error instanceof FeedProblem) {
    return error.message;
  }
  throw error;
}
