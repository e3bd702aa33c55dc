import { FeedProblem } from "./feed-problem.ts";
import type { FeedReport } from "./feed-report.ts";
import { feedStatus } from "./feed-status.ts";
import { startFeed } from "./start-feed.ts";
import { stopFeed } from "./stop-feed.ts";
import type { TenantFeed } from "./tenant-feed.ts";

/** What can be done with feeds. */
export const feedCommands = ["start", "stop", "status"] as const;
export type FeedCommand = (typeof feedCommands)[number];

export interface RunFeedOptions {
  readonly dryRun: boolean;
  readonly wait: boolean;
}

/** Does one thing with each of the feeds; the problem of one tenant does not stop the others. */
export async function runFeed(
  command: FeedCommand,
  feeds: readonly TenantFeed[],
  options: RunFeedOptions,
  report: FeedReport,
): Promise<void> {
  for (const feed of feeds) {
    try {
      switch (command) {
        case "start":
          await startFeed(feed, options, report);
          break;
        case "stop":
          await stopFeed(feed, options, report);
          break;
        case "status":
          await feedStatus(feed, report);
          break;
      }
    } catch (error) {
      // Other messages can repeat what a service said, and with it what it was sent.
      report.problem(
        { tenant: feed.tenantName },
        error instanceof FeedProblem
          ? error.message
          : `the command failed in a way that it does not know (${(error as Error).name}): please report it; AZURE_LOG_LEVEL=verbose shows the calls`,
      );
    }
  }
}
