import { limits } from "../logic-apps/limits.ts";
import type { CatchUpLimit, CatchUpRate } from "./catch-up-rate.ts";
import type { DayCell } from "./measure-day.ts";

/** What can stop a tenant from keeping up: limits of services, and the pace of the playbook. */
export type MetFirst = CatchUpLimit | "sweep" | "pace";

/** The most records a day with which a tenant keeps up, and what stops it there. */
export interface LargestTenant {
  readonly recordsPerBlob: number;
  readonly latencyTimes: number;
  /** Follows from the rate of catching up, and from the largest day that was measured. */
  readonly recordsPerDay: number;
  /** Simulated minutes over which that rate was measured. */
  readonly rateMinutes: number;
  /** Whether a limit of a service is met first, or only the pace of the playbook. */
  readonly met: MetFirst;
  /** What is met first, and what to do about it, as sentences. */
  readonly firstLimit: string;
  readonly advice: string;
}

/** Entries of a listing of the local feed; Microsoft does not publish its own. */
const pageSize = 200;
const daysListed = 7;
/** From this share of a limit on, it is the limit that stops the playbook and not its own pace. */
const nearLimit = 0.8;

const texts: Readonly<Record<MetFirst, readonly [string, string]>> = {
  apiQuota: [
    "the audit API's quota of requests a minute",
    "ask Microsoft support for a higher quota, or have an E5 tenant, which has about twice as much; then raise requestsPerMinute",
  ],
  actions: [
    "100,000 action executions in five minutes of a workflow",
    "switch on the high-throughput mode of the workflow, which allows 300,000",
  ],
  content: [
    "6 GB of content in five minutes of a workflow",
    "collect each content type with a playbook of its own, since the limit is one workflow's",
  ],
  pace: [
    "the pace of the playbook, before any limit of a service",
    "collect each content type with a playbook of its own",
  ],
  sweep: [
    `${limits.untilIterations.most.toLocaleString("en")} listings in one run, which a sweep over seven days needs`,
    "collect each content type with a playbook of its own; until then such a sweep takes several runs, and each but the last fails",
  ],
};

/**
 * What follows from the rate of catching up, and from the day of the largest tenant that was measured with
 * blobs of that size: in the time that its runs do not need, more of the same could be collected.
 */
export function largestTenant(rate: CatchUpRate, largestDay: DayCell | undefined): LargestTenant {
  const { recordsPerBlob, latencyTimes, sustainedBlobsPerMinute, tightest, utilisation } = rate;
  const byRate = sustainedBlobsPerMinute * recordsPerBlob * 24 * 60;
  const byDay = largestDay ? largestDay.recordsPerDay / largestDay.busyShare : Infinity;
  const bySweep = ((limits.untilIterations.most * pageSize) / daysListed) * recordsPerBlob;
  const recordsPerDay = Math.min(byRate, byDay, bySweep);
  const isRate = recordsPerDay === byRate && utilisation >= nearLimit;
  const met = recordsPerDay === bySweep ? "sweep" : isRate ? tightest : "pace";
  const [firstLimit, advice] = texts[met];
  return {
    recordsPerBlob,
    latencyTimes,
    recordsPerDay: Math.round(recordsPerDay),
    rateMinutes: rate.measuredMinutes,
    met,
    firstLimit,
    advice,
  };
}
