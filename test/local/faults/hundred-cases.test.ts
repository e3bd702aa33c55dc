import { expect, test } from "vitest";
import { repeatCommand } from "../../../local/faults/case-report.ts";
import { faultKinds } from "../../../local/faults/fault-kinds.ts";
import { kindCounts } from "../../../local/faults/kind-counts.ts";
import { runCases } from "../../../local/faults/run-cases.ts";
import { isMet, summaryOf } from "../../../local/faults/summary.ts";

const seed = 1;
const cases = 100;

// The long form of `npm run faults` goes through 2,000.
test(
  `${cases} tenants live through random faults, and every bar is met`,
  { timeout: 1_800_000 },
  async () => {
    const verdicts = await runCases({
      seed,
      numbers: Array.from({ length: cases }, (_, number) => number),
    });
    const missed = verdicts
      .filter(({ problems }) => problems.length > 0)
      .map(({ number, problems }) => `${repeatCommand(seed, number)}: ${problems.join("; ")}`);
    expect(missed).toEqual([]);
    const summary = summaryOf(seed, verdicts);
    expect(summary).toMatchObject({ cases, failed: 0, lost: 0, altered: 0, silentGaps: 0 });
    expect(isMet(summary)).toBe(true);
    // Without faults that take effect nothing would be proven.
    expect(summary.reportedGaps).toBeGreaterThan(0);
    const counts = kindCounts(verdicts);
    expect(counts.filter(({ effective }) => effective === 0).map(({ kind }) => kind)).toEqual([]);
    expect(counts.map(({ kind }) => kind)).toEqual([...Object.keys(faultKinds), "none"]);
  },
);
