import type { HealthRow } from "./observations.ts";

/** A run that begins so much before its time is still the one of this time. */
const earlySeconds = 120;

const wholeSeconds = (time: number) => Math.floor(time / 1000);

/**
 * Rows of the answer to `queries/shortfall.kql` while the tables hold all that was told: what the
 * ledger alone tells, as the columns `Found`, `Id` and `At`.
 */
export function rowsWithNothingShort(query: string, health: readonly HealthRow[]): unknown[][] {
  const since = timeGiven(query, "Since_") - 1000;
  const toldSince = timeGiven(query, "Told_");
  const before = timeGiven(query, "Before_");
  const ran = timeGiven(query, "Ran_");
  const everySeconds = wholeSeconds(timeGiven(query, "Next_")) - wholeSeconds(ran);
  const told = new Latest();
  const timesToRun = new Set<number>();
  const missed = new Latest();
  const numbered = new Latest();
  let number = 0;
  const seen: unknown[][] = [];
  const listed = new Map<string, Latest>();
  for (const row of health) {
    const at = row["TimeGenerated"] as string;
    const time = Date.parse(at);
    if (row["Kind"] === "window" && row["Status"] === "Succeeded" && time < before) {
      const type = row["ContentType"] as string;
      listed.set(type, (listed.get(type) ?? new Latest()).take(at));
    }
    if (row["Kind"] !== "run") {
      continue;
    }
    if (row["Status"] === "Missed") {
      if (time > toldSince) {
        missed.take(at);
      }
      continue;
    }
    const details = row["Details"] as { number?: number | null; startedAt?: string } | null;
    if (time < before) {
      told.take(at);
      if (time > toldSince) {
        const began = wholeSeconds(Date.parse(details?.startedAt ?? at));
        timesToRun.add(Math.floor((began - wholeSeconds(ran) + earlySeconds) / everySeconds));
      }
    }
    if (time > since) {
      seen.push(["run", row["RunId"], at]);
    }
    const own = details?.number;
    if (typeof own === "number") {
      numbered.take(at);
      number = Math.max(number, own);
    }
  }
  const times = [...listed].map(([type, { at }]) => [type, at!] as const);
  return [
    ["told", String(timesToRun.size), told.at ?? null],
    ...seen,
    ...(numbered.at === undefined ? [] : [["number", String(number), numbered.at]]),
    ...(missed.at === undefined ? [] : [["missed", "", missed.at]]),
    ...times.map(([type, at]) => ["listed", type, at]),
    ...(times.length === 0 ? [] : [["allListed", "", times.map(([, at]) => at).sort()[0]]]),
  ];
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
