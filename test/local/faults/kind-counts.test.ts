import { expect, test } from "vitest";
import { kindCounts } from "../../../local/faults/kind-counts.ts";
import { aVerdict } from "./a-verdict.ts";

test("kindCounts tells of each kind that was drawn how often it struck and what was missed", () => {
  const counts = kindCounts([
    aVerdict({ faults: ["dailyCap"], injected: [3], problems: ["lost: 2 records", "rows: 1"] }),
    aVerdict({ faults: ["dailyCap", "twoRuns"], injected: [0, 1], problems: ["altered: 1"] }),
    aVerdict({ faults: ["twoRuns", "twoRuns"], injected: [0, 1] }),
    aVerdict({}),
  ]);
  expect(counts).toEqual([
    { kind: "dailyCap", cases: 2, effective: 1, failed: 2, missedAlone: ["lost", "rows"] },
    { kind: "twoRuns", cases: 2, effective: 2, failed: 1, missedAlone: [] },
    { kind: "none", cases: 1, effective: 1, failed: 0, missedAlone: [] },
  ]);
});
