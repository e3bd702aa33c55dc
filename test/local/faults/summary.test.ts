import { describe, expect, test } from "vitest";
import type { Verdict } from "../../../local/faults/judge-case.ts";
import { isMet, summaryOf } from "../../../local/faults/summary.ts";
import { aVerdict } from "./a-verdict.ts";

describe("summaryOf", () => {
  test("sums cases up, and takes duplicates of those without faults only", () => {
    const summary = summaryOf(1, [
      aVerdict({ duplicates: 1, rows: 300 }),
      aVerdict({ faults: ["dailyCap"], duplicates: 50, catchUpRatio: 0.5, reportedGaps: 2 }),
      aVerdict({ faults: ["twoRuns"], problems: ["lost: 2"], lost: 2, catchUpRatio: 3 }),
      aVerdict({ altered: 1, silentGaps: 4, rows: 100 }),
    ]);
    expect(summary).toEqual({
      seed: 1,
      cases: 4,
      failed: 1,
      lost: 2,
      altered: 1,
      silentGaps: 4,
      reportedGaps: 2,
      duplicateShareWithoutFaults: 0.0025,
      worstCatchUpRatio: 3,
    });
  });

  test("is met when no case failed and few rows are doubled without faults", () => {
    const met = (more: Partial<Verdict>) => isMet(summaryOf(1, [aVerdict(more)]));
    expect(met({})).toBe(true);
    expect(met({ duplicates: 1 })).toBe(false);
    expect(met({ faults: ["dailyCap"], duplicates: 90 })).toBe(true);
    expect(met({ problems: ["lost: 1"] })).toBe(false);
  });

  test("has numbers for no cases at all", () => {
    expect(summaryOf(1, [])).toMatchObject({
      duplicateShareWithoutFaults: 0,
      worstCatchUpRatio: 0,
    });
  });
});
