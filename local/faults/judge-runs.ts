import type { Fault } from "./fault-kinds.ts";
import type { HealthRow, Observations, ObservedRun } from "./observations.ts";
import { HalvedBlobs } from "./halved-blobs.ts";
import { leaksIn } from "./leaks.ts";
import type { SimulatedCase } from "./simulate-case.ts";

const minuteMs = 60_000;
/** Longer than it takes a run to tell the time for the first time, or after it told it for the last. */
const secondsMs = 5000;

/** A span of time, in ms. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** What a row tells as missed. */
interface MissedSpan extends Span {
  /** Whether it is not one run, or some that follow one another, but whichever of its time left no row. */
  readonly isAnyRun: boolean;
}

const anyRun = /^(the checkpoint was lost|at least \d+ of the runs|fewer runs are known)/;

/** By how much times in the ledger may differ from those seen from outside, in ms. */
export function clockToleranceMs(faults: readonly Fault[]): number {
  const offMs = faults
    .filter(({ kind }) => kind === "clockOff")
    .map(({ parameters }) => Math.abs(parameters["minutes"] as number) * minuteMs);
  return secondsMs + Math.max(0, ...offMs);
}

/**
 * Runs that left no row, before one that did, and that no row tells as missed. A row tells of one run, or
 * of several that follow one another with none between them that left a row; no two tell of the same. One
 * that says that fewer ended than should have, or that nothing is known of its time, tells of all that left
 * none.
 */
export function unreportedRuns(
  { health, reportedRuns, runs }: Observations,
  toleranceMs: number,
): ObservedRun[] {
  const rows = missedSpans(health);
  return groupsWithoutRow(runs, reportedRuns).flatMap((group) => {
    const span = {
      from: group[0]!.start.getTime(),
      to: Math.max(...group.map(({ run }) => run!.endTime.getTime())),
    };
    // The shortest, so that a longer one is left for what only it contains.
    const index = rows.findIndex((row) => contains(row, span, toleranceMs));
    rows.splice(index, index < 0 || rows[index]!.isAnyRun ? 0 : 1);
    return index < 0 ? group : [];
  });
}

/** Runs without a row that follow one another, up to the last run that left one. */
function groupsWithoutRow(
  runs: readonly ObservedRun[],
  reportedRuns: ReadonlySet<string>,
): ObservedRun[][] {
  const groups: ObservedRun[][] = [];
  let group: ObservedRun[] = [];
  for (const each of runs.filter(({ run }) => run !== undefined)) {
    if (!reportedRuns.has(each.run!.id)) {
      group.push(each);
    } else if (group.length > 0) {
      groups.push(group);
      group = [];
    }
  }
  return groups;
}

/**
 * Whether rows tell that nothing of a content type was listed around an instant, in ms: a run was missed,
 * or failed before it had listed anything.
 */
export const isUnwatched = (
  at: number,
  contentType: string,
  health: readonly HealthRow[],
  toleranceMs: number,
): boolean =>
  [...missedSpans(health), ...blindSpans(contentType, health)].some((row) =>
    contains(row, { from: at, to: at }, toleranceMs),
  );

/** From each listing of a content type to the next one, where a run between them failed without any. */
function blindSpans(contentType: string, health: readonly HealthRow[]): Span[] {
  const ofWindows = health.filter(
    (row) =>
      row.Kind === "window" && row.Status === "Succeeded" && row["ContentType"] === contentType,
  );
  const listed = new Set(ofWindows.map(({ RunId }) => RunId));
  const times = ofWindows.map(timeOf);
  return health
    .filter(
      ({ Kind, Status, RunId }) => Kind === "run" && Status === "Failed" && !listed.has(RunId),
    )
    .map((row) => ({
      from: Math.max(...times.filter((time) => time <= timeOf(row))),
      to: Math.min(...times.filter((time) => time > timeOf(row))),
    }));
}

const timeOf = ({ TimeGenerated }: HealthRow) => Date.parse(TimeGenerated as string);

/** What rows tell as missed, the shortest first; a row that was sent twice tells of no more than once. */
function missedSpans(health: readonly HealthRow[]): MissedSpan[] {
  const rows = health.filter(({ Kind, Status }) => Kind === "run" && Status === "Missed");
  const distinct = new Map(
    rows.map((row) => [`${row["WindowStart"] as string} ${row["WindowEnd"] as string}`, row]),
  );
  return [...distinct.values()]
    .map(({ WindowStart, WindowEnd, Reason }) => ({
      from: Date.parse(WindowStart as string),
      to: Date.parse(WindowEnd as string),
      isAnyRun: anyRun.test(Reason as string),
    }))
    .sort((a, b) => a.to - a.from - (b.to - b.from));
}

const contains = (outer: Span, inner: Span, toleranceMs: number) =>
  outer.from <= inner.from + toleranceMs && outer.to >= inner.to - toleranceMs;

/** What is wrong with runs: that they succeeded, that nothing tells of them, or what they show. */
export const runProblems = (simulated: SimulatedCase): string[] => [
  ...successProblems(simulated),
  ...reportProblems(simulated),
  ...leakProblems(simulated.observations),
];

/** The first run that succeeded and left something undone that it should have done, by what weighs most. */
function successProblems({ content, faultCase, observations }: SimulatedCase): string[] {
  const { health, runs } = observations;
  const isPartial = faultCase.faults.some(({ kind }) => kind === "partialAtWindowStart");
  const halved = new HalvedBlobs(content.blobs, observations, isPartial);
  // Run by run, since what one has left a later one may have brought.
  const undoneIn = new Map(
    runs.map((run) => [run, new Set([...run.undone, ...halved.after(run)])] as const),
  );
  const problemOf = [
    (observed: ObservedRun) => {
      const undone = undoneIn.get(observed)!;
      return undone.size > 0
        ? `${undone.size} listed blobs were neither collected nor told, first ${[...undone][0]}`
        : undefined;
    },
    (observed: ObservedRun) => {
      const [page] = unlistedIn(observed.pages, health);
      return page === undefined ? undefined : `the page ${page} was not listed`;
    },
    ({ pages }: ObservedRun) => {
      const listed = [...pages.keys()];
      const type = faultCase.tenant.contentTypes.find(
        (each) => !listed.some((page) => page.startsWith(`${each} `)),
      );
      return type === undefined ? undefined : `${type} was not listed`;
    },
    ({ hasSaved }: ObservedRun) => (hasSaved ? undefined : "its checkpoint was not saved"),
  ];
  const succeeded = runs.filter(({ run }) => run?.status === "Succeeded");
  for (const problem of problemOf) {
    for (const observed of succeeded) {
      const what = problem(observed);
      if (what !== undefined) {
        return [
          `succeeded: run ${observed.number} of ${observed.start.toISOString()}, although ${what}`,
        ];
      }
    }
  }
  return [];
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

function reportProblems({ faultCase, observations }: SimulatedCase): string[] {
  const unreported = unreportedRuns(observations, clockToleranceMs(faultCase.faults));
  const [first] = unreported;
  return first
    ? [
        `unreported: ${unreported.length} runs have no row and are not told as Missed; first run ${first.number} of ${first.start.toISOString()}`,
      ]
    : [];
}

/** What can be seen by whoever may read the history, or the health table. */
function leakProblems({ health, runs }: Observations): string[] {
  const problems: string[] = [];
  for (const leak of ["secret", "token", "record"]) {
    const run = runs.find(({ leaks }) => leaks.has(leak));
    if (run) {
      problems.push(`visible: a ${leak} in the history of run ${run.number}`);
    }
  }
  for (const leak of leaksIn(health)) {
    problems.push(`visible: a ${leak} in the health table`);
  }
  return problems;
}
