import { limits } from "../logic-apps/limits.ts";
import { BenchTenant } from "./bench-tenant.ts";
import { loadLatencyModel } from "./latency-model.ts";

/** Bounds that catching up can meet. */
export type CatchUpLimit = "apiQuota" | "actions" | "content";

/** How fast a tenant with much behind it catches up. */
export interface CatchUpRate {
  readonly recordsPerBlob: number;
  readonly latencyTimes: number;
  /** The quota of the audit API in this measurement. */
  readonly apiRequestsPerMinuteAllowed: number;
  /** Simulated minutes, after the first ones in which the limits are not felt. */
  readonly measuredMinutes: number;
  /** As measured, over all measured minutes. */
  readonly blobsPerMinute: number;
  readonly apiRequestsPerMinute: number;
  /** Share of the requests to the audit API that it refused. */
  readonly refusedShare: number;
  readonly actionsPerFiveMinutes: number;
  readonly contentBytesPerFiveMinutes: number;
  /** Blobs a minute that each limit would leave, by what a blob takes. */
  readonly blobsPerMinuteLeft: Readonly<Record<CatchUpLimit, number>>;
  readonly tightest: CatchUpLimit;
  /** Share of what the tightest limit leaves. */
  readonly utilisation: number;
  /** What can go on for longer than five minutes: no more than any limit leaves. */
  readonly sustainedBlobsPerMinute: number;
}

export interface CatchUpRateProps {
  readonly recordsPerBlob: number;
  readonly latencyTimes: number;
  readonly seed: number;
  /**
   * Quota of the audit API.
   *
   * @default 2000
   */
  readonly requestsPerMinute?: number;
  /** Simulated minutes after the warm-up. */
  readonly minutes: number;
}

const start = new Date("2026-01-14T12:00:00Z");
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** In the first minute a whole quota waits, and a run begins. */
const warmUpMinutes = 2;

/** Lets a tenant whose playbook was off for a day catch up for some minutes. */
export async function measureCatchUpRate(props: CatchUpRateProps): Promise<CatchUpRate> {
  const { recordsPerBlob, latencyTimes, seed, minutes, requestsPerMinute = 2000 } = props;
  // More than can be collected in the time.
  const blobs = Math.ceil(requestsPerMinute * (warmUpMinutes + minutes) * 1.2);
  const collectedTo = new Date(start.getTime() - dayMs);
  const tenant = await BenchTenant.deploy({
    volume: { recordsPerDay: blobs * recordsPerBlob, recordsPerBlob },
    model: loadLatencyModel(latencyTimes),
    seed,
    start,
    collectedTo,
    // Nothing else is listed again, so that the rate is that of catching up alone.
    sweptAt: start,
    ingestion: "counted",
    feed: { requestsPerMinute },
  });
  try {
    tenant.publish(collectedTo, start);
    const until = new Date(start.getTime() + (warmUpMinutes + minutes) * minuteMs);
    await tenant.followSchedule(until, () => true, { cancelled: true });
    const from = start.getTime() + warmUpMinutes * minuteMs;
    const seconds = tenant.network.seconds.filter(
      ({ second }) => second * 1000 >= from && second * 1000 < until.getTime(),
    );
    const sum = (valueOf: (second: (typeof seconds)[number]) => number) =>
      seconds.reduce((all, second) => all + valueOf(second), 0);
    const collected = tenant.acceptedBetween(new Date(from), until);
    const requests = sum(({ feedRequests }) => feedRequests);
    const refused = sum(({ feedRefused }) => feedRefused);
    const actions = sum((second) => second.actions);
    const bytes = sum(({ contentBytes }) => contentBytes);
    const left: Record<CatchUpLimit, number> = {
      // A request for each blob and each page is the least that there can be.
      apiQuota: requestsPerMinute / (1 + 1 / tenant.deployed.feed.traits.pageSize),
      actions: limits.actionsPerFiveMinutes.most / 5 / (actions / collected),
      content: limits.contentBytesPerFiveMinutes.most / 5 / (bytes / collected),
    };
    const tightest = (Object.keys(left) as CatchUpLimit[]).reduce((least, name) =>
      left[name] < left[least] ? name : least,
    );
    const blobsPerMinute = collected / minutes;
    return {
      recordsPerBlob,
      latencyTimes,
      apiRequestsPerMinuteAllowed: requestsPerMinute,
      measuredMinutes: minutes,
      blobsPerMinute,
      apiRequestsPerMinute: (requests - refused) / minutes,
      refusedShare: requests === 0 ? 0 : refused / requests,
      actionsPerFiveMinutes: (actions / minutes) * 5,
      contentBytesPerFiveMinutes: (bytes / minutes) * 5,
      blobsPerMinuteLeft: left,
      tightest,
      utilisation: blobsPerMinute / left[tightest],
      sustainedBlobsPerMinute: Math.min(blobsPerMinute, left[tightest]),
    };
  } finally {
    tenant.close();
  }
}
