import { checkpointTime, emptyCheckpoint, markOff } from "./checkpoint.ts";
import { attempt } from "./feed-problem.ts";
import type { FeedReport } from "./feed-report.ts";
import type { TenantFeed } from "./tenant-feed.ts";

/**
 * Pauses a tenant's playbook, then turns off the subscriptions that are on: the other way round the
 * playbook would turn them on again. The checkpoint remembers since when, so that the playbook tells
 * the gap when it collects again. Safe to repeat. The problem of one content type is reported;
 * what stops the tenant as a whole fails with a FeedProblem.
 */
export async function stopFeed(
  feed: TenantFeed,
  { dryRun }: { readonly dryRun: boolean },
  report: FeedReport,
): Promise<void> {
  await pauseFeed(feed, { dryRun }, report);
  await turnOff(feed, { dryRun }, report);
}

/** Pauses a tenant's playbook. Safe to repeat. Fails with a FeedProblem. */
export async function pauseFeed(
  feed: TenantFeed,
  { dryRun }: { readonly dryRun: boolean },
  report: FeedReport,
): Promise<void> {
  const tenant = { tenant: feed.tenantName };
  if ((await feed.checkpoint.read())?.paused === true) {
    report.result(tenant, "already paused");
  } else if (dryRun) {
    report.result(tenant, "would be paused");
  } else {
    await feed.checkpoint.update((current) => ({
      ...(current ?? emptyCheckpoint(true)),
      paused: true,
    }));
    report.result(tenant, "paused");
  }
}

/**
 * Turns off the subscriptions that are on, of a playbook that is paused. Safe to repeat. The problem of
 * one content type is reported, as a result where they `mayStayOn`; gives those that are on still.
 */
export async function turnOff(
  feed: TenantFeed,
  { dryRun, mayStayOn = false }: { readonly dryRun: boolean; readonly mayStayOn?: boolean },
  report: FeedReport,
): Promise<{ readonly failed: readonly string[] }> {
  const tenant = { tenant: feed.tenantName };
  const { contentTypes } = feed.tenant;
  if (feed.signIn === undefined) {
    for (const contentType of contentTypes) {
      report.result(
        { ...tenant, contentType },
        "stays on, because the playbook's managed identity alone can turn it off; nothing is collected any more",
      );
    }
    return { failed: [] };
  }
  const failed: string[] = [];
  const { api } = await feed.signIn();
  const on = await api.contentTypesOn();
  const stopping = contentTypes.filter((contentType) => on.has(contentType.toLowerCase()));
  if (!dryRun && stopping.length > 0) {
    // Before it is so: a gap that is told in vain is better than one that nobody tells.
    const now = checkpointTime(feed.clock.now());
    await feed.checkpoint.update((current) =>
      markOff(current ?? emptyCheckpoint(true), stopping, now),
    );
  }
  const known = new Set(contentTypes.map((contentType) => contentType.toLowerCase()));
  const others = [...on].filter(([key]) => !known.has(key)).map(([, contentType]) => contentType);
  for (const contentType of [...contentTypes, ...others]) {
    const subject = { ...tenant, contentType };
    if (!on.has(contentType.toLowerCase())) {
      report.result(subject, "already off");
    } else if (dryRun) {
      report.result(subject, "would be turned off");
    } else {
      const stopped = await attempt(
        () => api.stop(contentType),
        (problem) =>
          mayStayOn
            ? report.result(subject, `stays on: ${problem}`)
            : report.problem(subject, problem),
      );
      if (stopped) {
        report.result(subject, "turned off");
      } else {
        failed.push(contentType);
      }
    }
  }
  return { failed };
}
