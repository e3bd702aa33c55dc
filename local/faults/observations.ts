import type { ContentType } from "../audit-feed.ts";
import type { Run } from "../logic-apps/run-workflow.ts";

/** A row of the health stream, as the playbook sent it. */
export type HealthRow = Readonly<Record<string, unknown>>;

/** One run of the playbook, seen from outside. */
export interface ObservedRun {
  /** In the order in which they began, from 0. */
  readonly number: number;
  readonly start: Date;
  /** Once it has ended. */
  run: Run | undefined;
  /** Content ids in the listings that it was given. */
  readonly listed: Set<string>;
  /** Pages of listings that it asked for, by their end, and whether it got them in the end. */
  readonly pages: Map<string, boolean>;
  /** Whether storage took its checkpoint, the last time that it saved it. */
  hasSaved: boolean;
  /** Listed content that was neither accepted nor told of when it ended. */
  undone: readonly string[];
  /** Places of records that the ingestion answered 204 to, by content id. */
  readonly accepted: Map<string, Set<unknown>>;
  /** Records in the table that were not there before. */
  collected: number;
  requests: number;
  /** What must not be seen in its history, and is. */
  readonly leaks: Set<string>;
}

/** A change of a subscription that the feed confirmed. */
export interface SubscriptionChange {
  readonly contentType: ContentType;
  readonly at: number;
  readonly isOn: boolean;
}

/** What was seen of a case while it was simulated. */
export class Observations {
  readonly runs: ObservedRun[] = [];
  /** Rows that the ingestion answered 204 to, by content id: what the playbook may take for stored. */
  readonly accepted = new Map<string, number>();
  /** Record ids in the table. */
  readonly stored = new Set<string>();
  /** Health rows in the table. */
  readonly health: HealthRow[] = [];
  /** Content ids in accepted `gap` and `setAside` rows, dropped ones included. */
  readonly told = new Set<string>();
  /** Content ids in `setAside` rows in the table. */
  readonly setAside = new Set<string>();
  /** Ids of the runs whose row was taken, a dropped one included. */
  readonly reportedRuns = new Set<string>();
  readonly subscriptionChanges: SubscriptionChange[] = [];
  /** Whether the ingestion ever answered 204 to health rows and dropped them. */
  hasDroppedHealth = false;
  /** Places of records in the table, by content id. */
  private readonly places = new Map<string, Set<unknown>>();
  /** Rows that a blob is said to have, by content id. */
  private readonly promised = new Map<string, number>();
  /** Requests to hosts that are not the services', with their authorization or without. */
  readonly foreignRequests: { readonly host: string; readonly hasToken: boolean }[] = [];
  /** How often each fault of the case took effect, in their order. */
  readonly injected: number[];

  constructor(faults: number) {
    this.injected = Array.from({ length: faults }, () => 0);
  }

  beginRun(start: Date): ObservedRun {
    const run: ObservedRun = {
      number: this.runs.length,
      start,
      run: undefined,
      listed: new Set(),
      pages: new Map(),
      hasSaved: false,
      undone: [],
      accepted: new Map(),
      collected: 0,
      requests: 0,
      leaks: new Set(),
    };
    this.runs.push(run);
    return run;
  }

  /** Rows of records that the ingestion took; `isTold` when the playbook got its answer. */
  takeRows(
    run: ObservedRun,
    rows: readonly unknown[],
    { isTold, isStored }: { readonly isTold: boolean; readonly isStored: boolean },
  ): void {
    for (const row of rows as {
      ContentId?: string;
      RecordIndex?: unknown;
      Record?: { Id?: string };
    }[]) {
      const contentId = row.ContentId ?? "";
      if (isStored) {
        this.places.set(contentId, (this.places.get(contentId) ?? new Set()).add(row.RecordIndex));
      }
      if (isTold) {
        this.accepted.set(contentId, (this.accepted.get(contentId) ?? 0) + 1);
        run.accepted.set(
          contentId,
          (run.accepted.get(contentId) ?? new Set()).add(row.RecordIndex),
        );
      }
      const id = row.Record?.Id;
      if (isStored && id !== undefined && !this.stored.has(id)) {
        this.stored.add(id);
        run.collected++;
      }
    }
  }

  /** Health rows that the ingestion took; `isStored` unless it dropped them. */
  takeHealth(rows: readonly unknown[], isStored: boolean): void {
    this.hasDroppedHealth ||= !isStored;
    for (const row of rows as HealthRow[]) {
      if (isStored) {
        this.health.push(row);
      }
      // One that failed says nothing of what was handed over before.
      if (row["Kind"] === "blob" && row["Status"] === "Collected" && isStored) {
        this.promised.set(row["ContentId"] as string, row["RowsOut"] as number);
      }
      if (row["Kind"] === "setAside" && isStored) {
        this.setAside.add(row["ContentId"] as string);
      }
      if (row["Kind"] === "run") {
        this.reportedRuns.add(row["RunId"] as string);
      }
      if (row["Kind"] === "gap" || row["Kind"] === "setAside") {
        this.told.add((row["ContentId"] as string | null) ?? "");
      }
    }
  }

  /** Whether the table holds fewer rows of some blob than the health table says. */
  hasShortfall(): boolean {
    return [...this.promised].some(
      ([contentId, rows]) => (this.places.get(contentId)?.size ?? 0) < rows,
    );
  }
}
