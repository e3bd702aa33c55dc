import { expect, test } from "vitest";
import { jobTitle } from "../../../local/bench/bench-job.ts";
import { allJobs, quickJobs } from "../../../local/bench/playbook-bench.ts";

test("a whole bench measures every volume, at the stated latencies and at three times those", () => {
  const jobs = allJobs(1);
  expect(jobs.filter(({ kind }) => kind === "day")).toHaveLength(4 * 4 * 2);
  // One for each size of blob and model, and one with a lower quota.
  expect(jobs.filter(({ kind }) => kind === "catchUpRate")).toHaveLength(4 * 2 + 1);
  expect(jobs.filter(({ kind }) => kind === "marginalCost")).toHaveLength(4);
  expect(jobs.filter(({ kind }) => kind === "idleCost")).toHaveLength(1);
  expect(new Set(jobs.map(jobTitle)).size).toBe(jobs.length);
});

test("catching up is measured over twice the five minutes of the limits of Logic Apps, or as long as can be", () => {
  const minutes = allJobs(1).flatMap((job) =>
    job.kind === "catchUpRate" && job.requestsPerMinute === undefined
      ? [[job.recordsPerBlob, job.minutes]]
      : [],
  );
  expect(Object.fromEntries(minutes)).toEqual({ 5: 10, 20: 10, 180: 3, 500: 1 });
});

test("a quick bench has a measurement of each kind", () => {
  const kinds = (jobs: ReturnType<typeof allJobs>) => new Set(jobs.map(({ kind }) => kind));
  expect(kinds(quickJobs(1))).toEqual(kinds(allJobs(1)));
});
