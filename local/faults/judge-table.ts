import { createHash } from "node:crypto";

import { loadText } from "../../content/load.ts";
import { translatedSql } from "../workspace/translation.ts";
import type { CaseBlob } from "./case-content.ts";
import { rowColumns, wrongness, type TableRow } from "./judge-row.ts";
import { clockToleranceMs } from "./judge-runs.ts";
import type { SimulatedCase } from "./simulate-case.ts";

/** What the table and its view were found to hold. */
export interface JudgedTable {
  readonly rows: number;
  /** Rows that are not what the feed offered, or whose original is not. */
  readonly altered: number;
  /** Rows of a place of a blob beyond the one that the feed offered there. */
  readonly duplicates: number;
  /** Rows of one place of a blob, at most. */
  readonly mostCopies: number;
  readonly recordIds: ReadonlySet<string>;
  /** Places of kept records of which there is no row. */
  readonly missing: number;
  readonly problems: readonly string[];
}

/** A record as its rows tell it; a place is a record's position in a blob. */
interface Copies {
  rows: number;
  /** When it was collected first and last, in ms. */
  first: number;
  last: number;
}

/** The rows of a record that were collected first, of which the view has to show one. */
interface Earliest {
  at: string;
  rows: Set<string>;
}

/**
 * Rows of one record that are still bounded: a blob is collected again two dozen times at most while the
 * table does not keep it. While answers are lost a run sends it five times with others and five times
 * alone, and fails; runs that failed before it was there, or after, have nothing to do with it.
 */
const copiesAllowed = 30;
const copiesAllowedPerFailedRun = 10;

/** Compares the rows of the table, and those of the view, with what the feed offered. */
export async function judgeTable(simulated: SimulatedCase): Promise<JudgedTable> {
  const { content, deployed } = simulated;
  const blobs = new Map(content.blobs.map((blob) => [blob.contentId, blob]));
  const places = new Map<string, Copies>();
  const earliest = new Map<string, Earliest>();
  const problems: string[] = [];
  let altered = 0;
  let rows = 0;
  let duplicates = 0;
  let mostCopies = 0;
  for await (const line of deployed.workspace.select(`SELECT ${rowColumns} FROM "M365Audit_CL"`)) {
    const row = JSON.parse(line) as TableRow;
    rows++;
    keepEarliest(earliest, row, line);
    const blob = blobs.get(row.ContentId);
    const copies = countCopy(places, row);
    mostCopies = Math.max(mostCopies, copies.rows);
    duplicates += copies.rows > 1 || !isOffered(blob, row) ? 1 : 0;
    const wrong = await wrongness(row, blob, deployed);
    if (wrong) {
      altered++;
      if (altered === 1) {
        problems.push(`altered: record ${row.RecordId} of ${row.ContentId}: ${wrong}`);
      }
    }
  }
  problems.push(...copiesProblems(simulated, places));
  problems.push(...(await viewProblems(simulated, earliest)));
  const recordIds = new Set(earliest.keys());
  const missing = content.blobs.flatMap(placesOf).filter((place) => !places.has(place)).length;
  return { altered, duplicates, missing, mostCopies, problems, recordIds, rows };
}

const isOffered = (blob: CaseBlob | undefined, { RecordIndex }: TableRow) =>
  blob?.records[RecordIndex ?? -1]?.isKept === true;

/** Places of the records that the configuration keeps. */
const placesOf = ({ contentId, records }: CaseBlob) =>
  records.flatMap(({ isKept }, index) => (isKept ? [placeOf(contentId, index)] : []));

const placeOf = (contentId: string, index: number | string) => `${contentId} ${index}`;

/** By place and not by blob: a row that is missing does not make up for one that is there twice. */
function countCopy(places: Map<string, Copies>, row: TableRow): Copies {
  const at = Date.parse(row.CollectedTime);
  const place = placeOf(row.ContentId, row.RecordIndex ?? row.RecordId);
  const copies = places.get(place) ?? { rows: 0, first: at, last: at };
  places.set(place, copies);
  copies.rows++;
  copies.first = Math.min(copies.first, at);
  copies.last = Math.max(copies.last, at);
  return copies;
}

function copiesProblems(
  { faultCase, observations }: SimulatedCase,
  places: ReadonlyMap<string, Copies>,
): string[] {
  const toleranceMs = clockToleranceMs(faultCase.faults);
  const failed = observations.runs.filter(({ run }) => run?.status !== "Succeeded");
  const allowed = ({ first, last }: Copies) =>
    copiesAllowed +
    copiesAllowedPerFailedRun *
      failed.filter(
        ({ start, run }) =>
          start.getTime() <= last + toleranceMs &&
          (run?.endTime.getTime() ?? Infinity) >= first - toleranceMs,
      ).length;
  const many = [...places.values()].find(
    (copies) => copies.rows > copiesAllowed && copies.rows > allowed(copies),
  );
  return many
    ? [`copies: a record is in the table ${many.rows} times, ${allowed(many)} allowed`]
    : [];
}

function keepEarliest(earliest: Map<string, Earliest>, row: TableRow, line: string): void {
  const known = earliest.get(row.RecordId);
  if (known === undefined || row.CollectedTime < known.at) {
    earliest.set(row.RecordId, { at: row.CollectedTime, rows: new Set([digest(line)]) });
  } else if (row.CollectedTime === known.at) {
    known.rows.add(digest(line));
  }
}

// Rows can have 64 KB each.
const digest = (line: string) => createHash("sha256").update(line).digest("base64");

/**
 * In what M365Audit differs from what the feed offered: each record once, as it was collected first. A
 * record that is not in the table either is missing, which is judged by what tells of it.
 */
async function viewProblems(
  { content, deployed, end }: SimulatedCase,
  earliest: ReadonlyMap<string, Earliest>,
): Promise<string[]> {
  const offered = new Set(
    content.blobs.flatMap(({ records }) =>
      records.filter(({ isKept }) => isKept).map(({ id }) => id),
    ),
  );
  const seen = new Set<string>();
  const wrong = { double: 0, never: 0, other: 0 };
  const view = translatedSql(loadText("functions/m365-audit.kql"));
  const sql = `SELECT ${rowColumns} FROM (${view})`;
  for await (const line of deployed.workspace.select(sql, { kqlnow: end })) {
    const { RecordId } = JSON.parse(line) as TableRow;
    wrong.double += seen.has(RecordId) ? 1 : 0;
    wrong.never += offered.has(RecordId) ? 0 : 1;
    wrong.other += earliest.get(RecordId)?.rows.has(digest(line)) === true ? 0 : 1;
    seen.add(RecordId);
  }
  const hidden = [...offered].filter((id) => earliest.has(id) && !seen.has(id)).length;
  return [
    ...counted(wrong.double, "M365Audit shows a record again"),
    ...counted(wrong.never, "M365Audit shows what was never offered"),
    ...counted(wrong.other, "M365Audit shows another row than the one collected first"),
    ...counted(hidden, "M365Audit does not show a record of the table"),
  ];
}

const counted = (times: number, what: string) =>
  times > 0 ? [`view: ${what}, ${times} times`] : [];
