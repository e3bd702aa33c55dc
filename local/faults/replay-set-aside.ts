import { FeedReport } from "../../feed/feed-report.ts";
import { runFeed } from "../../feed/run-feed.ts";
import type { VirtualClock } from "../clock.ts";
import type { DeployedTenant } from "../deployed-tenant.ts";
import { connectAsOperator } from "../feed-operator.ts";
import type { HealthRow } from "./observations.ts";

/**
 * Does what an operator does who is told of content that was set aside: `feed replay`, once nothing is
 * wrong any more. What cannot be replayed stays. Gives the rows of the ledger that it has then.
 */
export async function replaySetAside(
  deployed: DeployedTenant,
  clock: VirtualClock,
): Promise<HealthRow[]> {
  const report = new FeedReport({
    json: true,
    print: () => undefined,
    printError: () => undefined,
  });
  const feed = connectAsOperator(deployed, clock);
  await runFeed("replay", [feed], { dryRun: false, wait: false }, report);
  const rows: HealthRow[] = [];
  for await (const row of deployed.workspace.rows("M365AuditHealth_CL")) {
    if (row["Kind"] === "setAside" && row["Status"] === "Replayed") {
      rows.push(row);
    }
  }
  return rows;
}
