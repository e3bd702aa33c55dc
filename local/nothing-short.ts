import { loadText } from "../content/load.ts";
import type { HealthRow } from "./faults/observations.ts";

/** A run that begins so much before its time is still the one of this time. */
const earlySeconds = 120;

const twoDaysMs = 2 * 24 * 3_600_000;

const wholeSeconds = (time: number) => Math.floor(time / 1000);

/**
 * Answers the playbook's query for shortfalls while the tables hold all that was told. DuckDB takes a
 * tenth of a second for it, in which much of what it is asked about can be simulated.
 */
export class NothingShort {
  /** The tables of an answer from the workspace, whose rows are replaced. */
  private tables: readonly object[] | undefined;

  /** Takes the form of answers from one that the workspace gave. */
  async learn(body: string, response: Response): Promise<void> {
    if (this.tables === undefined && response.status === 200 && isShortfallQuery(body)) {
      this.tables = ((await response.clone().json()) as { tables: object[] }).tables;
    }
  }

  /** The answer; undefined to another query, and until there was one from the workspace. */
  answer(body: string, health: readonly HealthRow[]): Response | undefined {
    if (this.tables === undefined || !isShortfallQuery(body)) {
      return undefined;
    }
    const rows = rowsWithNothingShort(body, health);
    return Response.json({ tables: this.tables.map((table) => ({ ...table, rows })) });
  }
}

/** A query without comments and white space, as it is sent and as it is in its file. */
const bare = (query: string) => query.replace(/\/\/[^\n]*/g, "").replace(/\s/g, "");

const shortfallQuery = bare(loadText("queries/shortfall.kql"));

function isShortfallQuery(body: string): boolean {
  try {
    return bare((JSON.parse(body) as { query: string }).query).endsWith(shortfallQuery);
  } catch {
    return false;
  }
}

/**
 * Rows of the answer to `queries/shortfall.kql` while the tables hold all that was told: what the
 * ledger alone tells, as the columns `Found`, `Id` and `At`.
 */
function rowsWithNothingShort(query: string, health: readonly HealthRow[]): unknown[][] {
  const since = timeGiven(query, "Since_") - 1000;
  const toldSince = timeGiven(query, "Told_");
  const before = timeGiven(query, "Before_");
  const ran = timeGiven(query, "Ran_");
  const everySeconds = wholeSeconds(timeGiven(query, "Next_")) - wholeSeconds(ran);
  const told = new Latest();
  const timesToRun = new Set<number>();
  const missed = new Latest();
  for (const row of health) {
    const at = row["TimeGenerated"] as string;
    if (row["Kind"] === "run" && row["Status"] === "Missed" && Date.parse(at) > toldSince) {
      missed.take(at);
    }
  }
  const missedAt = missed.at === undefined ? -Infinity : Date.parse(missed.at);
  const compared = new Latest();
  let comparedNumber = 0;
  const numbers = new Set<number>();
  const runs = new Map<string, { at: string; blobs: number }>();
  const blobs = new Map<string, Set<string>>();
  const listed = new Map<string, Latest>();
  for (const row of health) {
    if (row["Kind"] !== "window" && row["Kind"] !== "run") {
      continue;
    }
    const at = row["TimeGenerated"] as string;
    const time = Date.parse(at);
    if (row["Kind"] === "window" && row["Status"] === "Succeeded" && time < before) {
      const type = row["ContentType"] as string;
      listed.set(type, (listed.get(type) ?? new Latest()).take(at));
    }
    if (row["Kind"] !== "run" || row["Status"] === "Missed") {
      continue;
    }
    const details = row["Details"] as RunDetails | null;
    if (time < before) {
      told.take(at);
      const began = Date.parse(details?.startedAt ?? at);
      if (time > toldSince && began > missedAt) {
        const seconds = wholeSeconds(began) - wholeSeconds(ran);
        timesToRun.add(Math.floor((seconds + earlySeconds) / everySeconds));
      }
    }
    if (time > since) {
      const id = row["RunId"] as string;
      const later = [runs.get(id)?.at ?? "", at].sort()[1]!;
      runs.set(id, { at: later, blobs: details?.blobs ?? 0 });
    }
    const own = details?.number;
    if (typeof own === "number") {
      numbers.add(own);
      if (typeof details?.isUncompared !== "boolean") {
        compared.take(at);
        comparedNumber = Math.max(comparedNumber, own);
      }
    }
  }
  for (const row of health) {
    const id = row["RunId"] as string;
    if (row["ContentId"] && runs.has(id)) {
      const time = Date.parse(row["TimeGenerated"] as string);
      if (time > since - twoDaysMs) {
        const distinct = ["Kind", "ContentType", "ContentId", "Status"].map((name) => row[name]);
        blobs.set(id, (blobs.get(id) ?? new Set()).add(JSON.stringify([...distinct, time])));
      }
    }
  }
  const seen = [...runs]
    .filter(([id, run]) => (blobs.get(id)?.size ?? 0) >= run.blobs)
    .sort(([, a], [, b]) => (a.at < b.at ? -1 : 1))
    .map(([id, { at }]) => ["run", id, at]);
  const number = comparedNumber + [...numbers].filter((own) => own > comparedNumber).length;
  const times = [...listed].map(([type, { at }]) => [type, at!] as const);
  return [
    ["told", String(timesToRun.size), told.at ?? null],
    ...seen,
    ...(compared.at === undefined ? [] : [["number", String(number), compared.at]]),
    ...(missed.at === undefined ? [] : [["missed", "", missed.at]]),
    ...times.map(([type, at]) => ["listed", type, at]),
    ...(times.length === 0 ? [] : [["allListed", "", times.map(([, at]) => at).sort()[0]]]),
  ];
}

/** What the row of a run tells besides. */
interface RunDetails {
  readonly number?: number | null;
  readonly isUncompared?: boolean | null;
  readonly startedAt?: string;
  /** Rows of blobs that the run told. */
  readonly blobs?: number | null;
}

/** The latest of some instants, as they were written. */
class Latest {
  at: string | undefined;

  take(at: string): this {
    this.at = this.at === undefined || at > this.at ? at : this.at;
    return this;
  }
}

/** What a query takes for one of its parameters, in ms. */
const timeGiven = (query: string, name: string): number =>
  Date.parse(new RegExp(`let ${name} = datetime\\(([^)]+)\\)`).exec(query)?.[1] ?? "");
