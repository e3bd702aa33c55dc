import { loadText } from "../../content/load.ts";
import { translatedSql } from "../workspace/translation.ts";
import { recordMarker, type CaseBlob } from "./case-content.ts";
import type { FaultKind } from "./fault-kinds.ts";
import { judgeTable } from "./judge-table.ts";
import type { HealthRow } from "./observations.ts";
import type { SimulatedCase } from "./simulate-case.ts";

/** What came of a case; everything in it is JSON. */
export interface Verdict {
  readonly seed: number;
  readonly number: number;
  readonly faults: readonly FaultKind[];
  /** How often each of them took effect. */
  readonly injected: readonly number[];
  /** Bars that were missed, each in a sentence; none for a case that holds. */
  readonly problems: readonly string[];
  /** Records that could be collected, and were not. */
  readonly lost: number;
  /** Rows that are not what the feed offered, or whose original is not. */
  readonly altered: number;
  /** Blobs that are not in the table, which nothing tells. */
  readonly silentGaps: number;
  /** Gaps and content set aside that are told and not closed. */
  readonly reportedGaps: number;
  /** Rows of a place of a blob beyond the one that the feed offered there. */
  readonly duplicates: number;
  /** Rows of one place of a blob, at most; 0 without rows. */
  readonly mostCopies: number;
  readonly rows: number;
  /** Time taken to catch up, by the time allowed; absent without faults. */
  readonly catchUpRatio: number | undefined;
  readonly runs: number;
  readonly runsFailed: number;
}

/**
 * How long auditing may be off before somebody has to be told: a shorter silence is that of a night.
 * What arose meanwhile does not exist anywhere, so that only the silence can be seen.
 */
const silenceMs = 24 * 3_600_000;
/** Times in health rows may be off by as much as the clock of the playbook. */
const clockMs = 20 * 60_000;

/** Compares what the feed offered in a case with what the tables hold. */
export async function judgeCase(simulated: SimulatedCase): Promise<Verdict> {
  const { faultCase, observations, catchUp } = simulated;
  const table = await judgeTable(simulated);
  const gaps = openGaps(observations.health);
  const missing = missingBlobs(simulated, table.recordIds, gaps);
  const denied = await denyCompleteness(simulated, missing.offered);
  const catchUpRatio = catchUp && catchUp.takenMs / catchUp.allowedMs;
  const { runs } = observations;
  const problems = [
    ...missing.problems,
    ...denied,
    ...table.problems,
    ...catchUpProblems(simulated),
    ...runProblems(simulated),
    ...observations.foreignRequests
      .slice(0, 1)
      .map(
        ({ host, hasToken }) =>
          `foreign host: a request to ${host} with${hasToken ? "" : "out"} a token`,
      ),
  ];
  const excess = table.duplicates / Math.max(1, table.rows);
  if (faultCase.faults.length === 0 && excess >= 0.01 && table.duplicates > 1) {
    problems.push(`duplicates: ${table.duplicates} of ${table.rows} rows without any fault`);
  }
  return {
    seed: faultCase.seed,
    number: faultCase.number,
    faults: faultCase.faults.map(({ kind }) => kind),
    injected: observations.injected,
    problems,
    lost: missing.lost,
    altered: table.altered,
    silentGaps: missing.silentGaps,
    reportedGaps: gaps.length,
    duplicates: table.duplicates,
    mostCopies: table.mostCopies,
    rows: table.rows,
    catchUpRatio,
    runs: runs.length,
    runsFailed: runs.filter(({ run }) => run?.status !== "Succeeded").length,
  };
}

function missingBlobs(
  { content, expectation, faultCase, observations }: SimulatedCase,
  collected: ReadonlySet<string>,
  gaps: readonly HealthRow[],
) {
  const problems: string[] = [];
  const required = new Set(expectation.required(observations.subscriptionChanges));
  const missing = (blob: CaseBlob) => [
    ...new Set(
      blob.records.filter(({ id, isKept }) => isKept && !collected.has(id)).map(({ id }) => id),
    ),
  ];
  // Silence tells of nothing that was published.
  const gapsOfContent = gaps.filter(({ Status }) => Status !== "Silent");
  const lost = new Set([...required].flatMap(missing));
  if (lost.size > 0) {
    const blobs = [...required].filter((blob) => missing(blob).length > 0);
    const told = blobs.filter((blob) => isTold(blob, gapsOfContent)).length;
    problems.push(
      `lost: ${lost.size} records in ${blobs.length} blobs, ${told} of them told; first ${described(blobs[0]!)}`,
    );
  }
  const unaudited = faultCase.faults.some(
    ({ kind, from, to }) => kind === "auditingOff" && to.getTime() - from.getTime() >= silenceMs,
  )
    ? content.unaudited
    : [];
  const offered = content.blobs.filter((blob) => missing(blob).length > 0);
  const silent = [
    ...offered.filter(
      (blob) =>
        !required.has(blob) && !isTold(blob, gapsOfContent) && !isTraceless(blob, observations),
    ),
    ...unaudited.filter((blob) => missing(blob).length > 0 && !isTold(blob, gaps)),
  ];
  if (silent.length > 0) {
    problems.push(`silent gap: ${silent.length} blobs; first ${described(silent[0]!)}`);
  }
  return { problems, lost: lost.size, silentGaps: silent.length, offered };
}

/** Whether the subscription was off and on again while no run looked, so that nothing tells of it. */
function isTraceless(
  { contentType, created }: CaseBlob,
  { health, subscriptionChanges }: SimulatedCase["observations"],
): boolean {
  const at = created.getTime();
  const own = subscriptionChanges.filter((change) => change.contentType === contentType);
  const last = own.filter((change) => change.at <= at).at(-1);
  const next = own.find((change) => change.at > at && change.isOn);
  if (last === undefined || last.isOn || next === undefined) {
    return false;
  }
  return (
    isMissed({ startTime: new Date(last.at), endTime: new Date(last.at) }, health) &&
    isMissed({ startTime: new Date(next.at), endTime: new Date(next.at) }, health)
  );
}

/** Questions for the function that are enough for one case. */
const mostQuestions = 10;

/** Asks M365AuditCompleteness for the moments of blobs that are missing, which must all be denied. */
async function denyCompleteness(
  { deployed, end, observations }: SimulatedCase,
  missing: readonly CaseBlob[],
): Promise<string[]> {
  const sql = translatedSql(loadText("functions/m365-audit-completeness.kql"));
  const step = Math.max(1, Math.floor(missing.length / mostQuestions));
  for (const blob of missing.filter((_, index) => index % step === 0)) {
    const at = blob.created.getTime();
    const times = { kqlnow: end, kqlp0: new Date(at - 1000), kqlp1: new Date(at + 1000) };
    for await (const line of deployed.workspace.select(sql, times)) {
      const { ContentType, Complete, Reason } = JSON.parse(line) as Record<string, string>;
      const isWarned =
        isTraceless(blob, observations) && Reason?.includes("no run looked") === true;
      if (ContentType === blob.contentType && Complete === "yes" && !isWarned) {
        return [`completeness: yes for the moment of ${described(blob)}, which is missing`];
      }
    }
  }
  return [];
}

const described = ({ contentId, created, unreadable }: CaseBlob) =>
  `${contentId} of ${created.toISOString()}${unreadable ? ` (${unreadable})` : ""}`;

/** The newest row of each gap or content set aside that is not closed. */
function openGaps(health: readonly HealthRow[]): HealthRow[] {
  const newest = new Map<string, HealthRow>();
  for (const row of health) {
    if (row["Kind"] === "gap" || row["Kind"] === "setAside") {
      const key = row["ContentId"] ? [row["ContentId"]] : [row["WindowStart"], row["WindowEnd"]];
      newest.set([row["Kind"], row["ContentType"], ...key].join(" "), row);
    }
  }
  return [...newest.values()].filter(
    ({ Status }) => !["Closed", "Collected", "Replayed"].includes(Status as string),
  );
}

function isTold({ contentId, contentType, created }: CaseBlob, gaps: readonly HealthRow[]) {
  const at = created.getTime();
  return gaps.some((gap) => {
    if (gap["ContentId"]) {
      return gap["ContentId"] === contentId;
    }
    const named = (gap["ContentType"] as string | null) ?? "";
    return (
      (named === "" || named.includes(contentType)) &&
      Date.parse(gap["WindowStart"] as string) <= at + 1000 &&
      Date.parse(gap["WindowEnd"] as string) >= at - 1000
    );
  });
}

function catchUpProblems({ catchUp }: SimulatedCase): string[] {
  if (!catchUp || (catchUp.isDone && catchUp.takenMs <= catchUp.allowedMs)) {
    return [];
  }
  const minutes = (ms: number) => `${Math.round(ms / 60_000)} minutes`;
  return [
    catchUp.isDone
      ? `catch-up: ${minutes(catchUp.takenMs)} after the last fault, ${minutes(catchUp.allowedMs)} allowed`
      : `catch-up: not even ${minutes(catchUp.takenMs)} after the last fault`,
  ];
}

/** Pages that could not be listed, but for those of windows that were given up and told. */
function unlistedIn(pages: ReadonlyMap<string, boolean>, health: readonly HealthRow[]): string[] {
  const told = health
    .filter(({ Kind, Status }) => Kind === "gap" && Status === "Unlisted")
    .map(({ ContentType, WindowEnd }) => {
      const end = new Date(WindowEnd as string).toISOString().slice(0, 19);
      return `${ContentType as string} ${end} `;
    });
  return [...pages]
    .filter(([page, isListed]) => !isListed && !told.some((window) => page.startsWith(window)))
    .map(([page]) => page);
}

function runProblems({ observations }: SimulatedCase): string[] {
  const problems: string[] = [];
  const { health, reportedRuns, runs } = observations;
  const hasSucceeded = runs.filter(({ run }) => run?.status === "Succeeded");
  const undone = hasSucceeded.find(
    ({ undone, pages }) => undone.length > 0 || unlistedIn(pages, health).length > 0,
  );
  if (undone) {
    const what =
      undone.undone.length > 0
        ? `${undone.undone.length} listed blobs were neither collected nor told, first ${undone.undone[0]}`
        : `the page ${unlistedIn(undone.pages, health)[0]} was not listed`;
    problems.push(
      `succeeded: run ${undone.number} of ${undone.start.toISOString()}, although ${what}`,
    );
  }
  const lastSuccess = runs.findLastIndex(({ run }) => run?.status === "Succeeded");
  const unreported = runs
    .slice(0, lastSuccess + 1)
    .filter(({ run }) => run && !reportedRuns.has(run.id) && !isMissed(run, health));
  if (unreported.length > 0) {
    const [first] = unreported;
    problems.push(
      `unreported: ${unreported.length} runs have no row and are not told as Missed; first run ${first!.number} of ${first!.start.toISOString()}`,
    );
  }
  for (const leak of ["secret", "token", "record"]) {
    const run = runs.find(({ leaks }) => leaks.has(leak));
    if (run) {
      problems.push(`visible: a ${leak} in the history of run ${run.number}`);
    }
  }
  const text = JSON.stringify(health);
  if (text.includes(recordMarker) || /eyJ[\w-]+\.eyJ/.test(text)) {
    problems.push("visible: a record or token in the health table");
  }
  return problems;
}

const isMissed = (
  { startTime, endTime }: { readonly startTime: Date; readonly endTime: Date },
  health: readonly HealthRow[],
) =>
  health.some(
    (row) =>
      row["Kind"] === "run" &&
      row["Status"] === "Missed" &&
      Date.parse(row["WindowStart"] as string) <= endTime.getTime() + clockMs &&
      Date.parse(row["WindowEnd"] as string) >= startTime.getTime() - clockMs,
  );
