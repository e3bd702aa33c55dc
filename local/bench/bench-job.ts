import type { BenchVolume } from "./bench-content.ts";
import { measureCatchUp, type CatchUp } from "./catch-up.ts";
import { measureCatchUpRate, type CatchUpRate, type CatchUpRateProps } from "./catch-up-rate.ts";
import { measureIdleCost, type IdleCost } from "./idle-cost.ts";
import { measureMarginalCost, type MarginalCost } from "./marginal-cost.ts";
import { measureDay, type DayCell } from "./measure-day.ts";

/** One measurement, which runs in a process of its own. */
export type BenchJob =
  | { readonly kind: "idleCost"; readonly seed: number }
  | {
      readonly kind: "marginalCost";
      readonly recordsPerBlob: number;
      readonly numbers: readonly number[];
      readonly seed: number;
    }
  | {
      readonly kind: "day";
      readonly volume: BenchVolume;
      readonly latencyTimes: number;
      readonly hours: number;
      readonly seed: number;
    }
  | ({ readonly kind: "catchUpRate" } & CatchUpRateProps)
  | {
      readonly kind: "catchUps";
      readonly volume: BenchVolume;
      readonly hours: readonly number[];
      readonly latencyTimes: number;
      readonly seed: number;
    };

/** What a measurement found. */
export type BenchFinding =
  | { readonly kind: "idleCost"; readonly found: IdleCost }
  | { readonly kind: "marginalCost"; readonly found: MarginalCost }
  | { readonly kind: "day"; readonly found: DayCell }
  | { readonly kind: "catchUpRate"; readonly found: CatchUpRate }
  | { readonly kind: "catchUps"; readonly found: readonly CatchUp[] };

/** Measures what the job says. */
export async function runBenchJob(job: BenchJob): Promise<BenchFinding> {
  const { kind, seed } = job;
  switch (kind) {
    case "idleCost":
      return { kind, found: await measureIdleCost(seed) };
    case "marginalCost":
      return { kind, found: await measureMarginalCost(job.recordsPerBlob, seed, job.numbers) };
    case "day":
      return { kind, found: await measureDay(job.volume, job.latencyTimes, seed, job.hours) };
    case "catchUpRate":
      return { kind, found: await measureCatchUpRate(job) };
    case "catchUps": {
      const found: CatchUp[] = [];
      for (const hours of job.hours) {
        found.push(await measureCatchUp(job.volume, hours, job.latencyTimes, seed));
      }
      return { kind, found };
    }
  }
}

/** What a job measures, in a few words. */
export function jobTitle(job: BenchJob): string {
  const times = "latencyTimes" in job && job.latencyTimes !== 1 ? `, x${job.latencyTimes}` : "";
  switch (job.kind) {
    case "idleCost":
      return "an idle day";
    case "marginalCost":
      return `blobs of ${job.recordsPerBlob} records, one run each`;
    case "day":
      return `${job.hours} hours, ${volumeText(job.volume)}${times}`;
    case "catchUpRate":
      return `catching up, blobs of ${job.recordsPerBlob} records, ${job.requestsPerMinute ?? 2000} requests a minute${times}`;
    case "catchUps":
      return `outages, ${volumeText(job.volume)}${times}`;
  }
}

const volumeText = ({ recordsPerDay, recordsPerBlob }: BenchVolume) =>
  `${recordsPerDay.toLocaleString("en")} records a day, ${recordsPerBlob} a blob`;
