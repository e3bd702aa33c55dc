import type { FeedReport } from "./feed-report.ts";
import { feedStatus } from "./feed-status.ts";
import { replayFeed } from "./replay-feed.ts";
import { startFeed } from "./start-feed.ts";
import { stopFeed } from "./stop-feed.ts";
import type { TenantFeed } from "./tenant-feed.ts";

/** What can be done with feeds. */
export const feedCommands = ["start", "stop", "status", "replay"] as const;
export type FeedCommand = (typeof feedCommands)[number];

export interface RunFeedOptions {
  readonly dryRun: boolean;
  readonly wait: boolean;
  /**
   * Whether `replay` takes what it replayed before.
   *
   * @default false
   */
  readonly again?: boolean;
}

const commands: Readonly<
  Record<
    FeedCommand,
    (feed: TenantFeed, options: RunFeedOptions, report: FeedReport) => Promise<void>
  >
> = {
  start: startFeed,
  stop: stopFeed,
  replay: replayFeed,
  status: (feed, _options, report) => feedStatus(feed, report),
};

/** Does one thing with each of the feeds; the problem of one tenant does not stop the others. */
export async function runFeed(
  command: FeedCommand,
  feeds: readonly TenantFeed[],
  options: RunFeedOptions,
  report: FeedReport,
): Promise<void> {
  await forEachTenant(feeds, report, (feed) => commands[command](feed, options, report));
}

/** Does something with each of the tenants; the problem of one does not stop the others. */
export async function forEachTenant<T extends { readonly tenantName: string }>(
  tenants: readonly T[],
  report: FeedReport,
  work: (tenant: T) => Promise<void>,
): Promise<void> {
  for (const each of tenants) {
    const subject = { tenant: each.tenantName };
    try {
      await report.attempt(subject, () => work(each));
    } catch (error) {
      // Its message can repeat what a service said, and with it what it was sent.
      const { name } = error as Error;
      report.problem(
        subject,
        `the command failed in a way that it does not know (${name}): please report it; AZURE_LOG_LEVEL=verbose shows the calls`,
      );
    }
  }
}
