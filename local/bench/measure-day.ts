import type { Run } from "../logic-apps/run-workflow.ts";
import { blobsPerDay, type BenchVolume } from "./bench-content.ts";
import { BenchTenant } from "./bench-tenant.ts";
import { busiest } from "./busiest.ts";
import { distributionOf, type Distribution } from "./distribution.ts";
import { loadLatencyModel } from "./latency-model.ts";
import { combineReadings, executionsOf, mapReadings, usdOf, type Readings } from "./readings.ts";

/** A day in the life of a tenant that is up to date. */
export interface DayCell extends BenchVolume {
  /** 1 for the stated latencies, 3 for latencies three times worse. */
  readonly latencyTimes: number;
  /** Simulated hours that were measured, beside one sweep. */
  readonly measuredHours: number;
  /** Whether the numbers of the day follow from fewer hours and a part of a sweep, or of its history. */
  readonly isExtrapolated: boolean;
  /** Whether rows went into the workspace, or were only counted. */
  readonly ingestion: "stored" | "counted";
  readonly executionsPerDay: Readings;
  readonly usdPerDay: Readings;
  readonly executionsPer1000Records: Readings;
  readonly usdPer1000Records: Readings;
  /**
   * From the publication of a blob until the ingestion had accepted its records with a 204, minutes before
   * their rows can be searched; without the wait for a sweep where fewer hours were measured.
   */
  readonly timeToAcceptance: Distribution;
  readonly failedRuns: number;
  /** The longest run of the day. */
  readonly longestRunMs: number;
  /** How long a run takes that lists everything that the feed still has, twice a day. */
  readonly sweepMs: number;
  /** Listings in such a run. */
  readonly sweepListings: number;
  /** Of these, those that were carried out, from which the rest follows. */
  readonly sweepListingsMeasured: number;
  /** Share of the day in which a run goes on: 1 is a tenant that only just keeps up. */
  readonly busyShare: number;
  readonly apiRequestsPerDay: number;
  readonly most: {
    readonly apiRequestsPerMinute: number;
    readonly actionsPerFiveMinutes: number;
    readonly contentBytesPerFiveMinutes: number;
  };
  /**
   * What the simulation of the measured hours took; the history before them and the sweep beside them are
   * left out.
   */
  readonly simulation: {
    readonly wallSeconds: number;
    readonly processorSeconds: number;
    /** For a whole day. */
    readonly processorSecondsPerDay: number;
  };
}

const start = new Date("2026-01-14T12:00:00Z");
const hourMs = 3_600_000;
const sweepsPerDay = 2;
/** Listings of a sweep that are carried out before the rest of it is extrapolated. */
const measuredListings = 400;

/** How many hours a tenant is measured: a day, unless that would take too long, as slow services do. */
export function hoursToMeasure({ recordsPerDay }: BenchVolume, latencyTimes: number): number {
  return recordsPerDay <= (latencyTimes === 1 ? 100_000 : 10_000) ? 24 : 6;
}

/** Lets a tenant with a week of history live through a day, or through hours that stand for one. */
export async function measureDay(
  volume: BenchVolume,
  latencyTimes: number,
  seed: number,
  hours = hoursToMeasure(volume, latencyTimes),
): Promise<DayCell> {
  const wholeDay = hours === 24;
  const ingestion = volume.recordsPerDay <= 100_000 ? "stored" : "counted";
  // More blobs of history would take gigabytes of memory.
  const knownDays = Math.min(7, 350_000 / blobsPerDay(volume));
  const tenant = await BenchTenant.deploy({
    volume,
    model: loadLatencyModel(latencyTimes),
    seed,
    start,
    collectedTo: start,
    knownDays,
    // Two sweeps fall into a day, and none into a few hours, which are told apart below.
    sweptAt: new Date(start.getTime() - (wholeDay ? 9 * hourMs : 0)),
    ingestion,
  });
  // A week of history is not simulated, but put there.
  const begun = performance.now();
  const before = process.cpuUsage();
  try {
    const end = new Date(start.getTime() + hours * hourMs);
    tenant.publish(start, end);
    const runs: Run[] = [];
    // The first run finds nothing, since everything was collected; that at the end belongs to the day.
    await tenant.followSchedule(new Date(end.getTime() + 1), (run) => {
      runs.push(run);
      return true;
    });
    const wallSeconds = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(before);
    const processorSeconds = (user + system) / 1e6;
    const day = runs.slice(1);
    const dayRequests = tenant.network.requests.listing + tenant.network.requests.blob;
    const most = {
      apiRequestsPerMinute: busiest(tenant.network.seconds, 60, (each) => each.feedRequests),
      actionsPerFiveMinutes: busiest(tenant.network.seconds, 300, (each) => each.actions),
      contentBytesPerFiveMinutes: busiest(tenant.network.seconds, 300, (each) => each.contentBytes),
    };
    const mean = mapReadings(
      executionsOf(day.map(({ billable }) => billable)),
      (count) => count / day.length,
    );
    const sweep = await measureSweep(tenant, volume, knownDays, mean);
    const times = 24 / hours;
    const busyMs = sum(day, lengthOf) * times + (wholeDay ? 0 : sweepsPerDay * sweep.ms);
    const measured = mapReadings(
      executionsOf(day.map(({ billable }) => billable)),
      (count) => count * times,
    );
    const executionsPerDay = wholeDay
      ? measured
      : combineReadings(measured, sweep.more, (a, b) => a + sweepsPerDay * b);
    const executionsPer1000Records = mapReadings(
      executionsPerDay,
      (count) => (count / volume.recordsPerDay) * 1000,
    );
    return {
      ...volume,
      latencyTimes,
      measuredHours: hours,
      // A whole day has its sweeps in it.
      isExtrapolated: !wholeDay || knownDays < 7,
      ingestion,
      executionsPerDay,
      usdPerDay: usdOf(executionsPerDay),
      executionsPer1000Records,
      usdPer1000Records: usdOf(executionsPer1000Records),
      timeToAcceptance: distributionOf(tenant.delays),
      failedRuns:
        day.filter(({ status }) => status !== "Succeeded").length + (sweep.hasFailed ? 1 : 0),
      longestRunMs: Math.max(wholeDay ? 0 : sweep.ms, ...day.map(lengthOf)),
      sweepMs: sweep.ms,
      sweepListings: sweep.listings,
      sweepListingsMeasured: sweep.listingsMeasured,
      busyShare: busyMs / (24 * hourMs),
      apiRequestsPerDay: Math.round(
        dayRequests * times + (wholeDay ? 0 : sweepsPerDay * sweep.listings),
      ),
      most,
      simulation: {
        wallSeconds,
        processorSeconds,
        processorSecondsPerDay: processorSeconds * times,
      },
    };
  } finally {
    tenant.close();
  }
}

interface Sweep {
  readonly ms: number;
  readonly listings: number;
  readonly listingsMeasured: number;
  /** Whether it came to its end and left something undone. */
  readonly hasFailed: boolean;
  /** Executions beyond those of a mean run. */
  readonly more: Readings;
}

/** One run that lists all that the feed has, or what a part of it says about the whole. */
async function measureSweep(
  tenant: BenchTenant,
  volume: BenchVolume,
  knownDays: number,
  mean: Readings,
): Promise<Sweep> {
  await tenant.makeSweepDue();
  const before = tenant.network.requests.listing;
  const run = await tenant.run((listings) => (listings >= measuredListings ? "enough" : undefined));
  const listed = tenant.network.requests.listing - before;
  const isCut = run.status === "Cancelled";
  const all = Math.ceil((7 * blobsPerDay(volume)) / tenant.deployed.feed.traits.pageSize) + 8;
  const times = isCut ? all / listed : knownDays < 7 ? 7 / knownDays : 1;
  return {
    ms: lengthOf(run) * times,
    listings: isCut || knownDays < 7 ? all : listed,
    listingsMeasured: listed,
    hasFailed: !isCut && run.status !== "Succeeded",
    more: combineReadings(executionsOf([run.billable]), mean, (a, b) => a * times - b),
  };
}

const lengthOf = ({ startTime, endTime }: Run) => endTime.getTime() - startTime.getTime();

const sum = <T>(items: readonly T[], valueOf: (item: T) => number) =>
  items.reduce((all, item) => all + valueOf(item), 0);
