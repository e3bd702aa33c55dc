import { faultKinds, type FaultKind } from "./fault-kinds.ts";
import type { Verdict } from "./judge-case.ts";

/** What came of the cases with one kind of fault, or of those without any. */
export interface KindCount {
  readonly kind: FaultKind | "none";
  readonly cases: number;
  /** Cases in which it took effect. */
  readonly effective: number;
  /** Cases that missed a bar, whatever the reason. */
  readonly failed: number;
  /** Bars that were missed where it was the only kind. */
  readonly missedAlone: readonly string[];
}

/** Counts cases for each kind of fault that was drawn, in the order of the kinds; `none` comes last. */
export function kindCounts(verdicts: readonly Verdict[]): KindCount[] {
  const count = (
    kind: KindCount["kind"],
    of: readonly Verdict[],
    effective: readonly Verdict[],
  ): KindCount => {
    const failed = of.filter(({ problems }) => problems.length > 0);
    const alone = failed.filter(({ faults }) => faults.length <= 1);
    const bars = new Set(alone.flatMap(({ problems }) => problems.map(barOf)));
    return {
      kind,
      cases: of.length,
      effective: effective.length,
      failed: failed.length,
      missedAlone: [...bars].sort(),
    };
  };
  const drawn = (Object.keys(faultKinds) as FaultKind[])
    .map((kind) => {
      const of = verdicts.filter(({ faults }) => faults.includes(kind));
      const effective = of.filter(({ faults, injected }) =>
        faults.some((each, index) => each === kind && injected[index]! > 0),
      );
      return count(kind, of, effective);
    })
    .filter(({ cases }) => cases > 0);
  const without = verdicts.filter(({ faults }) => faults.length === 0);
  return [...drawn, count("none", without, without)];
}

const barOf = (problem: string) => problem.slice(0, problem.indexOf(":"));
