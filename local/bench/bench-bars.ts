import { limits } from "../logic-apps/limits.ts";
import type { LargestTenant } from "./largest-tenant.ts";
import type { MeasuredDay, PlaybookFindings } from "./playbook-bench.ts";
import type { Readings } from "./readings.ts";

/** What a number has to reach. */
export interface BenchBar {
  readonly bar: string;
  readonly goal: string;
  readonly measured: string;
  readonly isMet: boolean;
}

/** What is promised. */
export const goals = {
  executionsOfOneMoreBlob: 6,
  executionsPerBlobFromTwenty: 3,
  shareOfMicrosofts: 0.6,
  idleUsdPerMonth: 2,
  utilisation: 0.8,
  refusedShare: 0.1,
  largestBusyShare: 0.8,
  secondsPerDay: 60,
} as const;

/** Records of a day whose simulation is timed, with nothing else to do for the processors. */
export const timedRecordsPerDay = 100_000;

/** Compares what was measured with what was promised; what was not measured has no bar. */
export function barsOf(findings: PlaybookFindings): BenchBar[] {
  const { idleCost, marginalCosts, days, catchUpRates, throttled, largestTenants } = findings;
  const many = marginalCosts.flatMap(({ recordsPerBlob, twoFitCall, runs }) =>
    runs.filter(({ blobs }) => blobs >= 20).map((run) => ({ ...run, recordsPerBlob, twoFitCall })),
  );
  const least = marginalCosts.map(({ oneMoreBlob }) => oneMoreBlob);
  const stated = catchUpRates.filter(({ latencyTimes }) => latencyTimes === 1);
  const slowest = stated.toSorted((a, b) => a.utilisation - b.utilisation)[0];
  const million = days.filter(
    ({ recordsPerDay, latencyTimes }) => recordsPerDay === 1_000_000 && latencyTimes === 1,
  );
  const simulated = days.filter(
    ({ recordsPerDay, measuredHours, latencyTimes }) =>
      recordsPerDay === timedRecordsPerDay && measuredHours === 24 && latencyTimes === 1,
  );
  const longest = simulated.toSorted(
    (a, b) => b.simulation.wallSeconds - a.simulation.wallSeconds,
  )[0];
  const bars: BenchBar[] = [];
  if (least.length > 0) {
    bars.push(
      atMost(
        "one more blob in a run of fewer than 20, after the first",
        most(least),
        goals.executionsOfOneMoreBlob,
        (value) => `${round(value, 2)} executions`,
      ),
    );
  }
  const executionsPerBlob = (bar: string, runs: readonly ReadRun[]) =>
    atMostOfRuns(
      bar,
      runs,
      goals.executionsPerBlobFromTwenty,
      (value) => `${round(value, 2)} executions`,
    );
  bars.push(
    ...executionsPerBlob(
      "each blob after the first of a run with 20 and more, where two fit one call",
      many
        .filter(({ twoFitCall }) => twoFitCall)
        .flatMap((run) => underBoth(run, run.perFurtherBlob)),
    ),
    // A call to fetch, one to send and the cycle of a loop would be three without anything else.
    ...executionsPerBlob(
      "the same where each blob fills a call, as long as a loop counts once",
      many
        .filter(({ twoFitCall }) => !twoFitCall)
        .flatMap((run) => underBoth(run, run.perFurtherBlob).slice(0, 1)),
    ),
    ...atMostOfRuns(
      "the same from 20 records a blob on in money, against Microsoft's playbook",
      many
        .filter(({ recordsPerBlob }) => recordsPerBlob >= 20)
        .flatMap((run) => underBoth(run, run.shareOfMicrosofts)),
      goals.shareOfMicrosofts,
      percent,
    ),
  );
  if (idleCost) {
    const usd = most([idleCost.usdPerMonth]);
    bars.push({
      bar: "an idle tenant, a month of executions",
      goal: `less than ${goals.idleUsdPerMonth} USD`,
      measured: `${round(usd, 2)} USD`,
      isMet: usd < goals.idleUsdPerMonth,
    });
  }
  if (slowest) {
    bars.push(
      atLeast(
        `catching up at blobs of ${slowest.recordsPerBlob} records, of what the tightest limit leaves`,
        slowest.utilisation,
        goals.utilisation,
        percent,
      ),
    );
  }
  if (throttled) {
    const allowed = throttled.apiRequestsPerMinuteAllowed;
    bars.push(
      atLeast(
        `catching up while the API allows ${allowed} requests a minute`,
        throttled.utilisation,
        goals.utilisation,
        percent,
      ),
      atMost("requests refused meanwhile", throttled.refusedShare, goals.refusedShare, percent),
    );
  }
  if (million.length > 0) {
    const judged = million.map((day) => judgeLargeDay(day, largestTenants));
    bars.push({
      bar: `${million[0]!.recordsPerDay.toLocaleString("en-US")} records a day`,
      goal: `runs take at most ${percent(goals.largestBusyShare)} of the time and succeed, and a sweep ends in one run; or a limit of a service is met, and what to configure is named`,
      measured: judged.map(({ measured }) => measured).join("; "),
      isMet: judged.every(({ isMet }) => isMet),
    });
  }
  if (longest) {
    const { wallSeconds } = longest.simulation;
    const records = timedRecordsPerDay.toLocaleString("en-US");
    bars.push({
      bar: `simulating a day of ${records} records, ${longest.recordsPerBlob} a blob`,
      goal: `under ${goals.secondsPerDay} s on two processors, the fastest of up to five`,
      measured: `${round(wallSeconds, 0)} s`,
      isMet: wallSeconds < goals.secondsPerDay,
    });
  }
  return bars;
}

/**
 * Whether a day is held with room. When not, a limit of a service must be what stops it, at no more than
 * this day with its room: one that is far away explains nothing, and neither does the playbook's own pace.
 */
function judgeLargeDay(
  day: MeasuredDay,
  largestTenants: readonly LargestTenant[],
): { readonly measured: string; readonly isMet: boolean } {
  const { recordsPerDay, recordsPerBlob, latencyTimes, busyShare, failedRuns, sweepListings } = day;
  const isHeld =
    busyShare <= goals.largestBusyShare &&
    failedRuns === 0 &&
    sweepListings <= limits.untilIterations.most;
  const shown = `blobs of ${recordsPerBlob}: ${percent(busyShare)}, ${failedRuns} failed`;
  if (isHeld) {
    return { measured: shown, isMet: true };
  }
  const largest = largestTenants.find(
    (each) => each.recordsPerBlob === recordsPerBlob && each.latencyTimes === latencyTimes,
  );
  const isNamed =
    largest !== undefined &&
    largest.met !== "pace" &&
    largest.recordsPerDay * goals.largestBusyShare <= recordsPerDay;
  const why = isNamed
    ? `${largest.firstLimit}: ${largest.advice}`
    : `no limit of a service explains it${largest ? `, but ${largest.firstLimit} at ${largest.recordsPerDay.toLocaleString("en-US")} records` : ""}`;
  const listings = `${sweepListings.toLocaleString("en-US")} listings a sweep`;
  return { measured: `${shown}, ${listings} (${why})`, isMet: isNamed };
}

const most = (readings: readonly Readings[]) =>
  Math.max(0, ...readings.flatMap(({ loopOnce, loopCycles }) => [loopOnce, loopCycles]));

const round = (value: number, digits: number) => Number(value.toFixed(digits));

const percent = (share: number) => `${round(share * 100, 0)} %`;

/** A bar whose goal is a number, shown as what was measured is. */
const barOf =
  (words: string, isMet: (value: number, goal: number) => boolean) =>
  (bar: string, value: number, goal: number, show: (value: number) => string): BenchBar => ({
    bar,
    goal: `${words} ${show(goal)}`,
    measured: show(value),
    isMet: isMet(value, goal),
  });

const atMost = barOf("at most", (value, goal) => value <= goal);

const atLeast = barOf("at least", (value, goal) => value >= goal);

interface RunOfBlobs {
  readonly blobs: number;
  readonly recordsPerBlob: number;
}

/** What was measured of a run under one reading. */
interface ReadRun {
  readonly run: RunOfBlobs;
  readonly value: number;
  readonly loops: string;
}

const underBoth = (run: RunOfBlobs, readings: Readings | undefined): ReadRun[] =>
  readings
    ? [
        { run, value: readings.loopOnce, loops: "a loop counts once" },
        { run, value: readings.loopCycles, loops: "a loop counts each cycle" },
      ]
    : [];

/** A bar that every run has to meet; it names the run that comes closest to it. None without runs. */
function atMostOfRuns(
  bar: string,
  runs: readonly ReadRun[],
  goal: number,
  show: (value: number) => string,
): BenchBar[] {
  const [highest] = runs.toSorted((a, b) => b.value - a.value);
  if (!highest) {
    return [];
  }
  const { run, value, loops } = highest;
  const judged = atMost(bar, value, goal, show);
  const where = `${run.blobs} blobs of ${run.recordsPerBlob} records, ${loops}`;
  return [{ ...judged, measured: `${judged.measured} (${where})` }];
}
