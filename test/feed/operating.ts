import { FeedReport } from "../../feed/feed-report.ts";
import { runFeed, type FeedCommand } from "../../feed/run-feed.ts";
import { connectAsOperator } from "../../local/feed-operator.ts";
import type { Collector } from "../playbook/collector.ts";

/** Gives what runs a feed command on a collector's tenant, as its operator, and returns what it says. */
export function operatorOf(collector: Collector) {
  const feed = connectAsOperator(collector.deployed, collector.clock);
  return async (command: FeedCommand, { dryRun = false, json = false, again = false } = {}) => {
    const [output, errors]: [string[], string[]] = [[], []];
    const report = new FeedReport({
      json,
      print: (line) => output.push(line),
      printError: (line) => errors.push(line),
    });
    await runFeed(command, [feed], { dryRun, wait: true, again }, report);
    report.end({});
    return { output, errors, failed: report.failed };
  };
}

/** The same for `feed replay` alone. */
export function replayOf(collector: Collector) {
  const operate = operatorOf(collector);
  return (options?: { dryRun?: boolean; json?: boolean; again?: boolean }) =>
    operate("replay", options);
}
