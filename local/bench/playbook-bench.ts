import type { BenchVolume } from "./bench-content.ts";
import { barsOf, goals, timedRecordsPerDay, type BenchBar } from "./bench-bars.ts";
import type { BenchJob } from "./bench-job.ts";
import { extrapolateCatchUp, isSimulated, outageHours, type CatchUp } from "./catch-up.ts";
import type { CatchUpRate } from "./catch-up-rate.ts";
import type { IdleCost } from "./idle-cost.ts";
import { largestTenant, type LargestTenant } from "./largest-tenant.ts";
import { loadLatencyModel, type LatencyModel } from "./latency-model.ts";
import { waitingBlobs, type MarginalCost } from "./marginal-cost.ts";
import { hoursToMeasure, type DayCell } from "./measure-day.ts";
import { microsoftPlaybook } from "./microsoft-playbook.ts";
import { runBenchJobs, type BenchResult, type TimedJobs } from "./run-bench-jobs.ts";
import { standingCosts, type StandingCost } from "./standing-costs.ts";

/** A measured day with the memory of its process. */
export interface MeasuredDay extends DayCell {
  readonly peakMemoryMb: number;
}

/** What was measured, before it is judged. */
export interface PlaybookFindings {
  readonly idleCost: IdleCost | undefined;
  /** By records a blob. */
  readonly marginalCosts: readonly MarginalCost[];
  /** For each volume at the stated latencies, and at three times those. */
  readonly days: readonly MeasuredDay[];
  /** For each size of blob at the stated latencies, and at three times those. */
  readonly catchUpRates: readonly CatchUpRate[];
  /** Catching up while the audit API allows a tenth of its quota. */
  readonly throttled: CatchUpRate | undefined;
  readonly catchUps: readonly CatchUp[];
  readonly largestTenants: readonly LargestTenant[];
}

/** What `npm run bench -- playbook --json` prints. Times are simulated unless they say otherwise. */
export interface PlaybookBench extends PlaybookFindings {
  readonly seed: number;
  /** Whether only a few cells were measured. */
  readonly isQuick: boolean;
  readonly latencyModel: LatencyModel;
  readonly microsoftPlaybook: typeof microsoftPlaybook;
  readonly standingCosts: readonly StandingCost[];
  readonly bars: readonly BenchBar[];
  readonly wallSeconds: number;
}

export interface MeasurePlaybookOptions {
  readonly seed: number;
  readonly workers: number;
  /** A few small cells instead of all, for a look at whether the bench works. */
  readonly isQuick: boolean;
  readonly onProgress?: (result: BenchResult, progress: { ended: number; of: number }) => void;
}

const dayRecords = [100, 10_000, 100_000, 1_000_000] as const;
const blobRecords = [5, 20, 180, 500] as const;
const latencyTimes = [1, 3] as const;
/**
 * Simulated minutes of catching up, by records a blob: twice the five over which Logic Apps limits actions
 * and content, but for blobs of which a minute has up to a million records.
 */
const rateMinutes: Readonly<Record<(typeof blobRecords)[number], number>> = {
  5: 10,
  20: 10,
  180: 3,
  500: 1,
};
const throttledRequestsPerMinute = 200;

/** Days that tell how long the simulation takes. */
const timedDays: TimedJobs = {
  includes: (job) =>
    job.kind === "day" && job.volume.recordsPerDay === timedRecordsPerDay && job.latencyTimes === 1,
  secondsOf: ({ finding }) =>
    finding.kind === "day" ? finding.found.simulation.wallSeconds : Infinity,
  goal: goals.secondsPerDay,
  tries: 5,
};

/** Measures the deployed playbook against the stated latencies, and judges what was found. */
export async function measurePlaybook(options: MeasurePlaybookOptions): Promise<PlaybookBench> {
  const { seed, workers, isQuick, onProgress } = options;
  const begun = performance.now();
  const jobs = isQuick ? quickJobs(seed) : allJobs(seed);
  let ended = 0;
  const results = await runBenchJobs(jobs, {
    workers,
    timed: timedDays,
    onResult: (result) => onProgress?.(result, { ended: ++ended, of: jobs.length }),
  });
  const findings = findingsOf(results, isQuick);
  return {
    ...findings,
    seed,
    isQuick,
    latencyModel: loadLatencyModel(),
    microsoftPlaybook,
    standingCosts,
    bars: barsOf(findings),
    wallSeconds: (performance.now() - begun) / 1000,
  };
}

/**
 * Does those days again that tell how long the simulation takes, and judges anew: a machine that had
 * other things to do says nothing about it. All else stays as it was measured.
 */
export async function measureTimedDays(
  bench: PlaybookBench,
  onProgress?: MeasurePlaybookOptions["onProgress"],
): Promise<PlaybookBench> {
  const begun = performance.now();
  const jobs = allJobs(bench.seed).filter(timedDays.includes);
  let ended = 0;
  const results = await runBenchJobs(jobs, {
    workers: 1,
    timed: timedDays,
    onResult: (result) => onProgress?.(result, { ended: ++ended, of: jobs.length }),
  });
  const { days } = findingsOf(results, true);
  const wallSeconds = bench.wallSeconds + (performance.now() - begun) / 1000;
  return { ...withDays(bench, days), wallSeconds };
}

/** A bench with days that were measured again in the place of the same ones, judged anew. */
export function withDays(bench: PlaybookBench, again: readonly MeasuredDay[]): PlaybookBench {
  const isAgain = (day: MeasuredDay) => again.some((other) => byVolume(day, other) === 0);
  const days = [...bench.days.filter((day) => !isAgain(day)), ...again].toSorted(byVolume);
  return { ...bench, days, bars: barsOf({ ...bench, days }) };
}

/** All measurements, those that take long first, so that no worker is left with one at the end. */
export function allJobs(seed: number): BenchJob[] {
  const volumes = dayRecords
    .flatMap((recordsPerDay) =>
      blobRecords.map((recordsPerBlob) => ({ recordsPerDay, recordsPerBlob })),
    )
    .reverse();
  return [
    ...blobRecords.toReversed().flatMap((recordsPerBlob) =>
      latencyTimes.map((times): BenchJob => ({
        kind: "catchUpRate",
        recordsPerBlob,
        latencyTimes: times,
        minutes: rateMinutes[recordsPerBlob],
        seed,
      })),
    ),
    ...latencyTimes.flatMap((times) =>
      volumes.map((volume): BenchJob => ({
        kind: "day",
        volume,
        latencyTimes: times,
        hours: hoursToMeasure(volume, times),
        seed,
      })),
    ),
    throttledJob(seed, 30),
    ...latencyTimes.flatMap((times) =>
      volumes.flatMap((volume): BenchJob[] => {
        const hours = outageHours.filter((each) => isSimulated(volume, each));
        return hours.length === 0
          ? []
          : [{ kind: "catchUps", volume, hours, latencyTimes: times, seed }];
      }),
    ),
    ...blobRecords.toReversed().map((recordsPerBlob): BenchJob => ({
      kind: "marginalCost",
      recordsPerBlob,
      numbers: waitingBlobs,
      seed,
    })),
    { kind: "idleCost", seed },
  ];
}

/** A few small measurements of each kind. */
export function quickJobs(seed: number): BenchJob[] {
  const volume = { recordsPerDay: 100, recordsPerBlob: 20 };
  return [
    { kind: "day", volume, latencyTimes: 1, hours: 24, seed },
    { kind: "catchUpRate", recordsPerBlob: 5, latencyTimes: 1, minutes: 1, seed },
    { kind: "catchUps", volume, hours: [1], latencyTimes: 1, seed },
    { kind: "marginalCost", recordsPerBlob: 20, numbers: [0, 1, 2, 20], seed },
    { kind: "idleCost", seed },
  ];
}

const throttledJob = (seed: number, minutes: number): BenchJob => ({
  kind: "catchUpRate",
  recordsPerBlob: 20,
  latencyTimes: 1,
  requestsPerMinute: throttledRequestsPerMinute,
  minutes,
  seed,
});

function findingsOf(results: readonly BenchResult[], isQuick: boolean): PlaybookFindings {
  const days: MeasuredDay[] = [];
  const rates: CatchUpRate[] = [];
  const catchUps: CatchUp[] = [];
  const marginalCosts: MarginalCost[] = [];
  let idleCost: IdleCost | undefined;
  for (const { finding, peakMemoryMb } of results) {
    switch (finding.kind) {
      case "day":
        days.push({ ...finding.found, peakMemoryMb });
        break;
      case "catchUpRate":
        rates.push(finding.found);
        break;
      case "catchUps":
        catchUps.push(...finding.found);
        break;
      case "marginalCost":
        marginalCosts.push(finding.found);
        break;
      case "idleCost":
        idleCost = finding.found;
    }
  }
  const catchUpRates = rates.filter(
    (rate) => rate.apiRequestsPerMinuteAllowed !== throttledRequestsPerMinute,
  );
  if (!isQuick) {
    catchUps.push(...extrapolated(catchUpRates));
  }
  return {
    idleCost,
    marginalCosts: marginalCosts.toSorted((a, b) => a.recordsPerBlob - b.recordsPerBlob),
    days: days.toSorted(byVolume),
    catchUpRates: catchUpRates.toSorted(byLatencyAndBlob),
    throttled: rates.find((rate) => !catchUpRates.includes(rate)),
    catchUps: catchUps.toSorted((a, b) => byVolume(a, b) || a.outageHours - b.outageHours),
    largestTenants: catchUpRates.toSorted(byLatencyAndBlob).map((rate) =>
      largestTenant(
        rate,
        days.find(
          (day) =>
            day.recordsPerDay === Math.max(...dayRecords) &&
            day.recordsPerBlob === rate.recordsPerBlob &&
            day.latencyTimes === rate.latencyTimes,
        ),
      ),
    ),
  };
}

/** Outages of which too much waits to be simulated. */
function extrapolated(rates: readonly CatchUpRate[]): CatchUp[] {
  return rates.flatMap((rate) =>
    dayRecords.flatMap((recordsPerDay) => {
      const volume: BenchVolume = { recordsPerDay, recordsPerBlob: rate.recordsPerBlob };
      return outageHours
        .filter((hours) => !isSimulated(volume, hours))
        .map((hours) => extrapolateCatchUp(volume, hours, rate));
    }),
  );
}

const byLatencyAndBlob = (a: CatchUpRate, b: CatchUpRate) =>
  a.latencyTimes - b.latencyTimes || a.recordsPerBlob - b.recordsPerBlob;

const byVolume = (
  a: BenchVolume & { readonly latencyTimes: number },
  b: BenchVolume & { readonly latencyTimes: number },
) =>
  a.latencyTimes - b.latencyTimes ||
  a.recordsPerDay - b.recordsPerDay ||
  a.recordsPerBlob - b.recordsPerBlob;
