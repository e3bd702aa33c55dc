import { addEntries, checkpointTime, emptyCheckpoint, firstEntry } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { FeedReport } from "./feed-report.ts";
import { tellConsent } from "./tell-consent.ts";
import type { TenantFeed } from "./tenant-feed.ts";
import { turnOn } from "./turn-on.ts";

export interface StartFeedOptions {
  /** Whether it is only told what would be done. */
  readonly dryRun: boolean;
  /** Whether to wait when the API takes no start for the moment. */
  readonly wait: boolean;
}

/**
 * Turns on the subscriptions of a tenant that are off and lets its playbook collect: writes the first
 * checkpoint where there is none, and lifts the pause last. Safe to repeat. The problem of one content
 * type is reported; what stops the tenant as a whole fails with a FeedProblem.
 */
export async function startFeed(
  feed: TenantFeed,
  { dryRun, wait }: StartFeedOptions,
  report: FeedReport,
): Promise<void> {
  const { clock, checkpoint } = feed;
  const { contentTypes, firstLookBackHours } = feed.tenant;
  const tenant = { tenant: feed.tenantName };
  const before = await checkpoint.read();
  const session = await feed.signIn?.();
  if (dryRun && feed.tenant.consent === "by-administrator") {
    tellConsent(feed, session?.clientId, await session?.api.permissions(), report);
  }
  const on = await session?.api.contentTypesOn();

  const entry = firstEntry(clock.now(), firstLookBackHours);
  // Paused at first, so that the playbook neither collects from elsewhere nor starts anything itself.
  const withEntries = (current: Checkpoint | undefined) =>
    addEntries(current ?? emptyCheckpoint(true), contentTypes, entry);
  if (!dryRun) {
    await checkpoint.update(withEntries);
  }
  for (const contentType of contentTypes) {
    if (before?.contentTypes[contentType] === undefined) {
      const text = `${dryRun ? "would be" : "is"} collected from ${entry.collectFrom}`;
      report.result({ ...tenant, contentType }, text, { collectFrom: entry.collectFrom });
    }
  }

  const startRequests = new Map<string, string>();
  let mayCollect = session === undefined;
  for (const contentType of contentTypes) {
    const subject = { ...tenant, contentType };
    if (session === undefined) {
      report.result(
        subject,
        "turned on by the next run of the playbook if it is off, since its managed identity alone can do it",
      );
    } else if (dryRun || on?.has(contentType.toLowerCase())) {
      const isOn = on?.has(contentType.toLowerCase());
      report.result(subject, isOn ? "already on" : "would be turned on");
      mayCollect = true;
    } else {
      const turned = await report.attempt(subject, () =>
        turnOn(session.api, contentType, {
          clock,
          wait,
          progress: (line) => report.result(subject, line),
          requested: () => startRequests.set(contentType, checkpointTime(clock.now())),
        }),
      );
      if (turned) {
        report.result(subject, turned.value);
        mayCollect = true;
      }
    }
  }

  if (!dryRun) {
    await checkpoint.update((current) => {
      const next = withEntries(current);
      const requested: Checkpoint["contentTypes"] = {};
      for (const [contentType, startRequestedAt] of startRequests) {
        const known = next.contentTypes[contentType];
        // What was published until now is lost to the feed, where the collector was at work before.
        const since = known?.offSince ?? known?.listedAt ?? undefined;
        requested[contentType] = { ...known, startRequestedAt, ...(since && { offSince: since }) };
      }
      return {
        ...next,
        paused: next.paused && !mayCollect,
        contentTypes: { ...next.contentTypes, ...requested },
      };
    });
  }
  if (before?.paused === true && mayCollect) {
    report.result(tenant, dryRun ? "the pause would be lifted" : "the pause is lifted");
  } else if (before?.paused !== false && !mayCollect) {
    report.result(tenant, "stays paused until a subscription is on");
  }
}
