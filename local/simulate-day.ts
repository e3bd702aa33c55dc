import type { Tenant } from "../config/environment.ts";
import { loadText } from "../content/load.ts";
import type { SimulatedClock } from "./clock.ts";
import type { Collector } from "./deployed-tenant.ts";
import { priceUsd } from "./logic-apps/billing-rules.ts";
import type { EngineOptions } from "./logic-apps/engine-options.ts";
import type { Run } from "./logic-apps/run-workflow.ts";
import { runRecurrence } from "./logic-apps/schedule.ts";
import { publishInFeed } from "./publish-in-feed.ts";
import type { PublishedDay } from "./records/publish-day.ts";

/** What came of a simulated day. */
export interface DayOutcome {
  /** Records that the source gave, its repeats included. */
  readonly recordsRead: number;
  readonly recordsDistinct: number;
  /** Rows in the table. */
  readonly rows: number;
  /** Different records among them. */
  readonly rowsDistinct: number;
  /** Rows of the function M365Audit. */
  readonly rowsInView: number;
  /** Rows of the function TeamsAudit. */
  readonly rowsOfTeams: number;
  /** Distinct records that were in the feed and that the tenant's configuration leaves out. */
  readonly recordsFiltered: number;
  /** All other distinct records that were in the feed and are not in the table. */
  readonly missing: number;
  readonly runs: number;
  readonly runsFailed: number;
  /** Listing requests to the feed. */
  readonly pages: number;
  /** Blobs that the feed offered. */
  readonly blobs: number;
  readonly billableExecutions: number;
  readonly costUsd: number;
  readonly from: Date;
  readonly until: Date;
}

export interface SimulateDayOptions {
  readonly clock: SimulatedClock;
  /** Told of each run when it has ended, and of about how many. */
  readonly onRun?: (run: Run, progress: { readonly ended: number; readonly of: number }) => void;
  /**
   * How the service is read where its documents leave it open.
   *
   * @default the defaults of the engine
   */
  readonly readings?: Partial<EngineOptions>;
}

const minuteMs = 60_000;

/**
 * Publishes a day's blobs in the local feed and runs the deployed playbook on its schedule until every
 * blob has been listed and one more sweep has passed.
 */
export async function simulateDay(
  collector: Collector,
  day: PublishedDay,
  { clock, onRun, readings }: SimulateDayOptions,
): Promise<DayOutcome> {
  const { feed, host, parameters, tenant, workflow, workspace } = collector;
  const from = clock.now();
  publishInFeed(collector, day);
  const sweepMinutes = workflow.parameters.get("sweepMinutes")!.defaultValue as number;
  const lastMs = Math.max(day.lastListed.getTime(), from.getTime() + 24 * 60 * minuteMs);
  const until = new Date(lastMs + (sweepMinutes + 2 * tenant.recurrenceMinutes) * minuteMs);
  const expected = Math.ceil(
    (until.getTime() - from.getTime()) / (tenant.recurrenceMinutes * minuteMs),
  );

  let runs = 0;
  let runsFailed = 0;
  let billableExecutions = 0;
  const options = { ...readings, keepHistory: false };
  await clock.run(async () => {
    for await (const run of runRecurrence(workflow, { parameters, host, until, options })) {
      runs++;
      runsFailed += run.status === "Succeeded" ? 0 : 1;
      billableExecutions += run.billable.executions;
      onRun?.(run, { ended: runs, of: expected });
    }
  });

  const now = clock.now();
  const collected = new Set<string>();
  let rows = 0;
  for await (const line of workspace.select('SELECT "RecordId" FROM "M365Audit_CL"')) {
    rows++;
    collected.add((JSON.parse(line) as { RecordId: string }).RecordId);
  }
  return {
    recordsRead: day.recordsRead,
    recordsDistinct: day.recordsDistinct,
    rows,
    rowsDistinct: collected.size,
    rowsInView: await workspace.count(loadText("functions/m365-audit.kql"), now),
    rowsOfTeams: await workspace.count(loadText("functions/teams-audit.kql"), now),
    ...absent(collected, day, tenant),
    runs,
    runsFailed,
    pages: feed.requests.content,
    blobs: day.blobs.length,
    billableExecutions,
    costUsd: priceUsd({ builtIn: billableExecutions }, 0),
    from,
    until: now,
  };
}

/** Why the distinct records of the feed that are not in the table are not there. */
function absent(collected: ReadonlySet<string>, day: PublishedDay, tenant: Tenant) {
  const filtered = new Set<string>();
  const missing = new Set<string>();
  for (const { body } of day.blobs) {
    for (const record of JSON.parse(body) as FeedRecord[]) {
      if (!collected.has(record.Id)) {
        (isKept(record, tenant) ? missing : filtered).add(record.Id);
      }
    }
  }
  return { recordsFiltered: filtered.size, missing: missing.size };
}

interface FeedRecord {
  readonly Id: string;
  readonly Workload?: unknown;
  readonly RecordType?: unknown;
}

function isKept({ Workload, RecordType }: FeedRecord, { keepWorkloads, keepRecordTypes }: Tenant) {
  return (
    (keepWorkloads.length === 0 && keepRecordTypes.length === 0) ||
    keepWorkloads.some((workload) => workload === Workload) ||
    keepRecordTypes.some((recordType) => recordType === RecordType)
  );
}
