import { expect, test } from "vitest";
import type { BenchJob } from "../../../local/bench/bench-job.ts";
import { runBenchJobs } from "../../../local/bench/run-bench-jobs.ts";

const job = (numbers: readonly number[]): BenchJob => ({
  kind: "marginalCost",
  recordsPerBlob: 2,
  numbers,
  seed: 1,
});

test("jobs are done in processes of their own, and their results come in the order asked for", async () => {
  const told: number[] = [];
  const jobs = [job([0, 1]), job([0])];
  const results = await runBenchJobs(jobs, {
    workers: 2,
    onResult: ({ peakMemoryMb }) => told.push(peakMemoryMb),
  });
  expect(results.map(({ job }) => job)).toEqual(jobs);
  expect(results.map(({ finding }) => finding)).toEqual([
    { kind: "marginalCost", found: expect.objectContaining({ recordsPerBlob: 2 }) as unknown },
    { kind: "marginalCost", found: expect.objectContaining({ recordsPerBlob: 2 }) as unknown },
  ]);
  expect(told).toHaveLength(2);
  expect(Math.min(...told)).toBeGreaterThan(50);
}, 120_000);

test("what is timed comes first, alone, and its result stays in its place", async () => {
  const done: (readonly number[])[] = [];
  const jobs = [job([0]), job([0, 1])];
  const results = await runBenchJobs(jobs, {
    workers: 2,
    timed: { includes: (each) => each === jobs[1], secondsOf: () => 1, goal: 1, tries: 3 },
    onResult: ({ job: each }) => done.push("numbers" in each ? each.numbers : []),
  });
  expect(done).toEqual([[0, 1], [0]]);
  expect(results.map((result) => result.job)).toEqual(jobs);
}, 120_000);

test("what is timed and takes too long is done again, and the fastest counts", async () => {
  const seconds = [9, 7, 8, 1];
  const taken = new Map<object, number>();
  const [result, ...others] = await runBenchJobs([job([0])], {
    workers: 1,
    timed: {
      includes: () => true,
      secondsOf: (each) => {
        taken.set(each, taken.get(each) ?? seconds.shift()!);
        return taken.get(each)!;
      },
      ...{ goal: 5, tries: 3 },
    },
  });
  expect(others).toEqual([]);
  expect(taken.size).toBe(3);
  expect(taken.get(result!)).toBe(7);
}, 120_000);

test("a job that cannot be done fails the bench, which says which", async () => {
  await expect(runBenchJobs([job([1])], { workers: 1 })).rejects.toThrow(
    "the bench could not measure blobs of 2 records, one run each: Error: numbers of waiting blobs must include 0, got 1",
  );
}, 120_000);
