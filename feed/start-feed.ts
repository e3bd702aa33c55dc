import { addEntries, checkpointTime, emptyCheckpoint, firstEntry } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { formatDuration } from "./duration.ts";
import { FeedProblem } from "./feed-problem.ts";
import type { FeedReport } from "./feed-report.ts";
import type { SignedInFeed, TenantFeed } from "./tenant-feed.ts";

export interface StartFeedOptions {
  /** Whether it is only told what would be done. */
  readonly dryRun: boolean;
  /** Whether to wait when the API takes no start for the moment. */
  readonly wait: boolean;
}

/** How often a content type waits: somebody else can have started another one meanwhile. */
const mostWaits = 3;
/** Added to a wait, since the API tells it in whole seconds. */
const marginMs = 1000;

/**
 * Turns on the subscriptions of a tenant that are off and lets its playbook collect: writes the first
 * checkpoint where there is none, and lifts the pause last. Safe to repeat. The problem of one content
 * type is reported; what stops the tenant as a whole fails with a FeedProblem.
 */
export async function startFeed(
  feed: TenantFeed,
  options: StartFeedOptions,
  report: FeedReport,
): Promise<void> {
  const { dryRun } = options;
  const { contentTypes, firstLookBackHours } = feed.tenant;
  const tenant = { tenant: feed.tenantName };
  const session = await feed.signIn?.();
  const on = await session?.api.contentTypesOn();
  const before = await feed.checkpoint.read();

  const entry = firstEntry(feed.clock.now(), firstLookBackHours);
  // Paused at first, so that the playbook neither collects from elsewhere nor starts anything itself.
  const prepared = (current: Checkpoint | undefined) =>
    addEntries(current ?? emptyCheckpoint(true), contentTypes, entry);
  if (!dryRun) {
    await feed.checkpoint.update(prepared);
  }
  for (const contentType of contentTypes) {
    if (before?.contentTypes[contentType] === undefined) {
      report.result(
        { ...tenant, contentType },
        `${dryRun ? "would be" : "is"} collected from ${entry.collectFrom}`,
        { collectFrom: entry.collectFrom },
      );
    }
  }

  const requests: Record<string, string> = {};
  let mayCollect = false;
  for (const contentType of contentTypes) {
    const subject = { ...tenant, contentType };
    if (session === undefined) {
      report.result(
        subject,
        `${dryRun ? "would be" : "is"} turned on by the next run of the playbook, whose managed identity alone can do it`,
      );
      mayCollect = true;
    } else if (on?.has(contentType.toLowerCase())) {
      report.result(subject, "already on");
      mayCollect = true;
    } else if (dryRun) {
      report.result(subject, "would be turned on");
      mayCollect = true;
    } else {
      try {
        await turnOn(feed, session, contentType, options, report, (at) => {
          requests[contentType] = checkpointTime(at);
        });
        mayCollect = true;
      } catch (error) {
        if (!(error instanceof FeedProblem)) {
          throw error;
        }
        report.problem(subject, error.message);
      }
    }
  }

  if (!dryRun) {
    await feed.checkpoint.update((current) => {
      const checkpoint = prepared(current);
      return {
        ...checkpoint,
        paused: checkpoint.paused && !mayCollect,
        contentTypes: Object.fromEntries(
          Object.entries(checkpoint.contentTypes).map(([contentType, entry]) => {
            const startRequestedAt = requests[contentType] ?? entry.startRequestedAt;
            return [contentType, { ...entry, startRequestedAt }];
          }),
        ),
      };
    });
  }
  if (before?.paused === true && mayCollect) {
    report.result(tenant, dryRun ? "the pause would be lifted" : "the pause is lifted");
  } else if (before?.paused !== false && !mayCollect) {
    report.result(tenant, "stays paused until a subscription is on");
  }
}

async function turnOn(
  { clock, tenantName: tenant }: TenantFeed,
  { api }: SignedInFeed,
  contentType: string,
  { wait }: StartFeedOptions,
  report: FeedReport,
  requested: (at: Date) => void,
): Promise<void> {
  const isOn = async () => (await api.contentTypesOn()).has(contentType.toLowerCase());
  for (let waits = 0; ; waits++) {
    requested(clock.now());
    const answer = await api.start(contentType);
    if (answer.outcome === "started") {
      report.result({ tenant, contentType }, "turned on");
      return;
    }
    // A start that was repeated after a lost answer is refused, although the first one worked.
    if (answer.outcome === "already on" || (await isOn())) {
      report.result({ tenant, contentType }, "already on");
      return;
    }
    const remaining = formatDuration(answer.waitMs);
    if (!wait || waits === mostWaits) {
      throw new FeedProblem(
        `the API takes one start in 15 minutes: repeat the command in ${remaining}${wait ? "" : ", or with --wait"}`,
      );
    }
    report.result(
      { tenant, contentType },
      `waits ${remaining}, because the API takes one start in 15 minutes`,
    );
    await clock.sleep(answer.waitMs + marginMs);
    if (await isOn()) {
      report.result({ tenant, contentType }, "already on");
      return;
    }
  }
}
