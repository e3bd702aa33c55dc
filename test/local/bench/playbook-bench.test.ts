import { expect, test } from "vitest";
import { jobTitle } from "../../../local/bench/bench-job.ts";
import { barsOf } from "../../../local/bench/bench-bars.ts";
import {
  allJobs,
  quickJobs,
  withDays,
  type PlaybookBench,
} from "../../../local/bench/playbook-bench.ts";
import { dayOf } from "./day-of.ts";
import { findingsOf } from "./findings-of.ts";

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

test("days that are measured again take the place of the same ones alone, and are judged anew", () => {
  const simulation = (wallSeconds: number) => ({
    ...{ wallSeconds, processorSeconds: 45, processorSecondsPerDay: 45 },
  });
  const slow = dayOf({ simulation: simulation(65) });
  const [other, worse] = [dayOf({ recordsPerBlob: 5 }), dayOf({ latencyTimes: 3 })];
  const findings = findingsOf({ days: [other, slow, worse] });
  const bench = { ...findings, bars: barsOf(findings), seed: 1 } as unknown as PlaybookBench;
  const missed = ({ bars }: PlaybookBench) => bars.filter(({ isMet }) => !isMet).length;
  expect(missed(bench)).toBe(1);

  const again = dayOf({ simulation: simulation(51) });
  const judged = withDays(bench, [again]);
  expect(judged.days).toEqual([other, again, worse]);
  expect(missed(judged)).toBe(0);
  expect(judged.idleCost).toBe(bench.idleCost);
});
