import type { FaultKind } from "./fault-kinds.ts";
import { completenessProblems } from "./judge-completeness.ts";
import { missingBlobs, openGaps } from "./judge-missing.ts";
import { runProblems } from "./judge-runs.ts";
import { judgeTable } from "./judge-table.ts";
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

/** Compares what the feed offered in a case with what the tables hold. */
export async function judgeCase(simulated: SimulatedCase): Promise<Verdict> {
  const { faultCase, observations, catchUp } = simulated;
  const table = await judgeTable(simulated);
  const gaps = openGaps(observations.health);
  const missing = missingBlobs(simulated, table.recordIds, gaps);
  const isWhole =
    table.missing === 0 && gaps.every(({ Kind, Status }) => Kind === "gap" && Status === "Silent");
  const completeness = await completenessProblems(simulated, { missing: missing.offered, isWhole });
  const catchUpRatio = catchUp && catchUp.takenMs / catchUp.allowedMs;
  const { runs } = observations;
  const problems = [
    ...missing.problems,
    ...completeness,
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
