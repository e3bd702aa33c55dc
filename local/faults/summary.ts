import type { Verdict } from "./judge-case.ts";

/** What came of many cases. */
export interface FaultsSummary {
  readonly seed: number;
  readonly cases: number;
  /** Cases that missed a bar. */
  readonly failed: number;
  readonly lost: number;
  readonly altered: number;
  readonly silentGaps: number;
  readonly reportedGaps: number;
  /** Of the rows of cases without faults. */
  readonly duplicateShareWithoutFaults: number;
  /** Time to catch up after the last fault, by the time allowed for it. */
  readonly worstCatchUpRatio: number;
}

/** Sums verdicts up; an absent ratio counts as 0. */
export function summaryOf(seed: number, verdicts: readonly Verdict[]): FaultsSummary {
  const sum = (value: (verdict: Verdict) => number, of = verdicts) =>
    of.reduce((total, verdict) => total + value(verdict), 0);
  const undisturbed = verdicts.filter(({ faults }) => faults.length === 0);
  const duplicates = sum((verdict) => verdict.duplicates, undisturbed);
  return {
    seed,
    cases: verdicts.length,
    failed: verdicts.filter(({ problems }) => problems.length > 0).length,
    lost: sum(({ lost }) => lost),
    altered: sum(({ altered }) => altered),
    silentGaps: sum(({ silentGaps }) => silentGaps),
    reportedGaps: sum(({ reportedGaps }) => reportedGaps),
    duplicateShareWithoutFaults:
      duplicates /
      Math.max(
        1,
        sum(({ rows }) => rows, undisturbed),
      ),
    worstCatchUpRatio: Math.max(0, ...verdicts.map(({ catchUpRatio }) => catchUpRatio ?? 0)),
  };
}

/** Whether every bar is met, those over all cases included. */
export const isMet = ({ failed, duplicateShareWithoutFaults }: FaultsSummary): boolean =>
  failed === 0 && duplicateShareWithoutFaults < 0.01;
