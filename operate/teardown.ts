import type { TokenCredential } from "@azure/identity";
import type { Environment } from "../config/environment.ts";
import { tenantNames, workspaceNames, workspaceStackId } from "../config/names.ts";
import type { ConnectionOptions } from "../feed/connection-options.ts";
import { systemClock } from "../feed/feed-clock.ts";
import type { FeedReport } from "../feed/feed-report.ts";
import { anyFeedTarget } from "../feed/feed-target.ts";
import { connectTenantFeed } from "../feed/tenant-feed.ts";
import { destroyStacks } from "../plan/apply-stacks.ts";
import { isPlanned, planStacks, type StackFolder, type StacksProps } from "../plan/plan-stacks.ts";
import { acceptance, summarize } from "../plan/plan-summary.ts";
import { managedChanges } from "../plan/planned-change.ts";
import { TemporaryFolder } from "../plan/temporary-folder.ts";
import { leaveFeed, requireNothingSetAside } from "./leave-feed.ts";
import { leftApplications, leftBehind } from "./left-behind.ts";
import { graphOf, managerOf } from "./services.ts";

export interface TeardownProps extends StacksProps, ConnectionOptions {
  readonly environment: Environment;
  /** All environments, any of which may collect the same tenants. */
  readonly environments: readonly Environment[];
  /** Keys of the tenants whose collectors go. */
  readonly tenants: readonly string[];
  /** Their stacks, and that of the workspace when everything goes. */
  readonly stacks: readonly StackFolder[];
  /** Signs in whoever runs the command. */
  readonly operator: TokenCredential;
  /** What somebody wrote who accepts a loss; only production asks for it. */
  readonly accepted: string;
  /** Whether content that was set aside and not replayed may be lost. */
  readonly leaveSetAside: boolean;
  /** Whether subscriptions that cannot be turned off now may stay on. */
  readonly leaveSubscriptions: boolean;
}

/** Types of resources without which no feed can be reached. */
const storageType = "azurerm_storage_container";
const neededToLeave = [storageType, "azurerm_role_assignment"];

/**
 * Takes collectors away, and with the workspace's stack all that they collected: nothing before each
 * playbook is paused and its subscriptions are off. Safe to repeat, also when it stopped half way.
 * Gives whether nothing is left; problems are reported.
 */
export async function teardown(props: TeardownProps, report: FeedReport): Promise<boolean> {
  const plans = new TemporaryFolder("teardown");
  try {
    return await teardownBy(plans.path, props, report);
  } finally {
    plans.close();
  }
}

async function teardownBy(
  plans: string,
  props: TeardownProps,
  report: FeedReport,
): Promise<boolean> {
  const { environment, stacks, tenants } = props;
  const planned = await planStacks({ ...props, out: plans, destroy: true });
  for (const { stack, problem } of planned) {
    if (problem !== undefined) {
      report.problem({ tenant: stack }, problem);
    }
  }
  if (!planned.every(isPlanned)) {
    return false;
  }
  const { refused } = summarize(planned, props.accepted);
  if (environment.protection === "production" && refused.length > 0) {
    refused.forEach((flag) =>
      report.problem(
        { tenant: flag.stack },
        `${flag.address}: ${flag.says}; write ${acceptance(flag)} into the file of --accepted if you want that`,
      ),
    );
    return false;
  }
  const feeds = tenants.map((tenant) =>
    connectTenantFeed(anyFeedTarget(environment, tenant), props.operator, props),
  );
  const typesOf = (id: string): ReadonlySet<string> => {
    const plan = planned.find(({ stack }) => stack === id)?.plan;
    return new Set(plan && managedChanges(plan).map(({ type }) => type));
  };
  const goesWhole = stacks.some(({ stack }) => stack === workspaceStackId(environment));
  // Before the feed of any tenant is left; also where a collector is gone, since it lies elsewhere.
  const isStored = !goesWhole || typesOf(workspaceStackId(environment)).has(storageType);
  for (const feed of props.leaveSetAside || !isStored ? [] : feeds) {
    const tenant = { tenant: feed.tenantName };
    if (!(await report.attempt(tenant, () => requireNothingSetAside(feed)))) {
      return false;
    }
  }
  for (const feed of feeds) {
    const tenant = { tenant: feed.tenantName };
    const there = typesOf(feed.names.collector);
    if (!neededToLeave.every((type) => there.has(type))) {
      report.result(tenant, "its collector is gone already, or half gone");
    } else if (!(await report.attempt(tenant, () => leaveFeed(feed, props, report)))) {
      return false;
    }
  }
  const workspace = workspaceStackId(environment);
  const gone = await destroyStacks({ ...props, plans, workspace });
  for (const { stack, problem } of gone) {
    if (problem === undefined) {
      report.result({ tenant: stack }, "destroyed");
    } else {
      report.problem({ tenant: stack }, `${problem}; run the same again when this is mended`);
    }
  }
  if (gone.some(({ problem }) => problem !== undefined)) {
    return false;
  }
  const manager = managerOf({ environment }, props.operator, props);
  const left = await report.attempt({ tenant: environment.name }, () =>
    leftBehind(manager, environment, {
      vaults: tenants.map((tenant) => tenantNames(environment, tenant).vault),
      resourceGroups: [
        ...tenants.map((tenant) => tenantNames(environment, tenant).resourceGroup),
        ...(goesWhole ? [workspaceNames(environment).resourceGroup] : []),
      ],
      workspace:
        goesWhole && environment.workspace.mode === "create"
          ? workspaceNames(environment).workspace
          : undefined,
    }),
  );
  left?.value.kept.forEach((line) => report.result({ tenant: environment.name }, line));
  left?.value.problems.forEach((line) => report.problem({ tenant: environment.name }, line));
  for (const tenant of tenants) {
    await report.attempt({ tenant }, async () => {
      const target = anyFeedTarget(environment, tenant);
      const graph = graphOf(target, props.operator, props);
      const applications = await leftApplications(target, graph, systemClock);
      applications.forEach((line) => report.problem({ tenant }, line));
    });
  }
  if (report.failed) {
    return false;
  }
  report.result({ tenant: environment.name }, "nothing else is left");
  return true;
}
