import type { Verdict } from "../../../local/faults/judge-case.ts";

/** The verdict on a case without faults that met every bar, changed as a test needs it. */
export const aVerdict = (more: Partial<Verdict>): Verdict => ({
  seed: 1,
  number: 0,
  faults: [],
  injected: [],
  problems: [],
  lost: 0,
  altered: 0,
  silentGaps: 0,
  reportedGaps: 0,
  duplicates: 0,
  mostCopies: 1,
  rows: 100,
  catchUpRatio: undefined,
  runs: 10,
  runsFailed: 0,
  ...more,
});
