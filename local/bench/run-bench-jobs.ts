import { fork } from "node:child_process";
import { jobTitle, type BenchFinding, type BenchJob } from "./bench-job.ts";

/** What the process of a job answers: `error` when it could not be measured. */
export interface BenchAnswer {
  readonly finding?: BenchFinding;
  /** The most memory that the process had, in MB. */
  readonly peakMemoryMb: number;
  readonly error?: string;
}

/** A job that was done. */
export interface BenchResult {
  readonly job: BenchJob;
  readonly finding: BenchFinding;
  readonly peakMemoryMb: number;
  readonly wallSeconds: number;
}

/**
 * Jobs that tell how long something takes. One that takes longer than it should is done again, and the
 * fastest counts: whatever else a machine does makes it slower, and nothing makes it faster.
 */
export interface TimedJobs {
  readonly includes: (job: BenchJob) => boolean;
  /** What is timed of a job that was done. */
  readonly secondsOf: (result: BenchResult) => number;
  /** Seconds that it should take at most. */
  readonly goal: number;
  /** How often a job is done at most. */
  readonly tries: number;
}

export interface RunBenchJobsOptions {
  /** Processes at a time. */
  readonly workers: number;
  /**
   * What is timed: nothing else runs beside it.
   *
   * @default nothing is
   */
  readonly timed?: TimedJobs;
  /** Told of each job when it has ended, in any order. */
  readonly onResult?: (result: BenchResult) => void;
}

/**
 * Does each job in a process of its own, so that its memory is that of the job, and gives the results in
 * the order of the jobs. They are begun in that order, but for those that are timed, which come first.
 * Fails for a job that cannot be done.
 */
export async function runBenchJobs(
  jobs: readonly BenchJob[],
  { workers, timed, onResult }: RunBenchJobsOptions,
): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  const indices = jobs.map((_, index) => index);
  const work = async (waiting: number[]) => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
      const job = jobs[index]!;
      let result = await done(job);
      if (timed?.includes(job)) {
        for (let tries = 1; tries < timed.tries && timed.secondsOf(result) > timed.goal; tries++) {
          const again = await done(job);
          result = timed.secondsOf(again) < timed.secondsOf(result) ? again : result;
        }
      }
      results[index] = result;
      onResult?.(result);
    }
  };
  const isTimed = (index: number) => timed?.includes(jobs[index]!) ?? false;
  await work(indices.filter(isTimed));
  const others = indices.filter((index) => !isTimed(index));
  await Promise.all(Array.from({ length: workers }, () => work(others)));
  return results;
}

async function done(job: BenchJob): Promise<BenchResult> {
  const begun = performance.now();
  const { finding, peakMemoryMb, error } = await ask(job);
  if (!finding) {
    throw new Error(`the bench could not measure ${jobTitle(job)}: ${error}`);
  }
  return { job, finding, peakMemoryMb, wallSeconds: (performance.now() - begun) / 1000 };
}

function ask(job: BenchJob): Promise<BenchAnswer> {
  const worker = fork(new URL("bench-worker.ts", import.meta.url), {
    // As for the workers of `npm run faults`.
    execArgv: ["--max-semi-space-size=64", "--import", import.meta.resolve("tsx/esm")],
  });
  return new Promise((resolve, reject) => {
    let answer: BenchAnswer | undefined;
    worker.once("message", (message) => (answer = message as BenchAnswer));
    worker.once("exit", (code) => {
      if (answer) {
        resolve(answer);
      } else {
        const shown = code ?? "none";
        reject(new Error(`the process of ${jobTitle(job)} ended with exit code ${shown}`));
      }
    });
    worker.send(job);
  });
}
