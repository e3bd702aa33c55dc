import { FeedReport } from "../../feed/feed-report.ts";
import { runFeed } from "../../feed/run-feed.ts";
import { connectAsOperator } from "../../local/feed-operator.ts";
import type { Collector } from "../playbook/collector.ts";

/** Gives what runs `feed replay` on a collector's tenant, as its operator, and returns what it says. */
export function replayOf(collector: Collector) {
  const feed = connectAsOperator(collector.deployed, collector.clock);
  return async ({ dryRun = false, json = false } = {}) => {
    const [output, errors]: [string[], string[]] = [[], []];
    const report = new FeedReport({
      json,
      print: (line) => output.push(line),
      printError: (line) => errors.push(line),
    });
    await runFeed("replay", [feed], { dryRun, wait: false }, report);
    report.end({});
    return { output, errors, failed: report.failed };
  };
}
