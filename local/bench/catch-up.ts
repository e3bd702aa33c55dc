import { blobsPerDay, type BenchVolume } from "./bench-content.ts";
import { BenchTenant } from "./bench-tenant.ts";
import type { CatchUpRate } from "./catch-up-rate.ts";
import { loadLatencyModel } from "./latency-model.ts";

/** How long it takes until a playbook that was off is up to date again. */
export interface CatchUp extends BenchVolume {
  readonly latencyTimes: number;
  /** How long the playbook was off. */
  readonly outageHours: number;
  /** Records that waited when it was on again. */
  readonly waitingRecords: number;
  /**
   * From its first run until one has ended that took less than a recurrence and left nothing that was
   * listed when it began; none when it never is.
   */
  readonly ms: number | undefined;
  /** Whether it follows from the rate of catching up. */
  readonly isExtrapolated: boolean;
  /** Simulated minutes over which that rate was measured; none when it was not needed. */
  readonly rateMinutes: number | undefined;
}

const start = new Date("2026-01-14T12:00:00Z");
const hourMs = 3_600_000;
const recurrenceMs = hourMs / 4;
/** How far back the playbook lists: seven days less five minutes. */
const reachMs = 7 * 24 * hourMs - 5 * 60_000;
const longestMs = 24 * hourMs;
/** Records that are collected in the simulation; more are extrapolated. */
const mostRecords = 40_000;

/** Outages that are measured, in hours: an hour, a day and a week. */
export const outageHours = [1, 24, 168] as const;

/** Records that wait after an outage: a week is as much as the feed still has. */
export const waitingRecords = (volume: BenchVolume, hours: number) =>
  (volume.recordsPerDay * Math.min(hours * hourMs, reachMs)) / (24 * hourMs);

/** Whether catching up is cheap enough to be simulated to its end. */
export const isSimulated = (volume: BenchVolume, hours: number) =>
  waitingRecords(volume, hours) <= mostRecords;

/** Lets a tenant catch up after an outage. */
export async function measureCatchUp(
  volume: BenchVolume,
  hours: number,
  latencyTimes: number,
  seed: number,
): Promise<CatchUp> {
  const outageMs = hours * hourMs;
  const collectedTo = new Date(start.getTime() - outageMs);
  const tenant = await BenchTenant.deploy({
    volume,
    model: loadLatencyModel(latencyTimes),
    seed,
    start,
    collectedTo,
    knownDays: Math.max(0, 6 - hours / 24),
    sweptAt: collectedTo,
    ingestion: "counted",
  });
  try {
    tenant.publish(new Date(start.getTime() - Math.min(outageMs, reachMs)), start);
    tenant.publish(start, new Date(start.getTime() + longestMs));
    let ms: number | undefined;
    await tenant.followSchedule(new Date(start.getTime() + longestMs), ({ startTime, endTime }) => {
      const oldest = tenant.oldestWaiting?.getTime() ?? Infinity;
      const isShort = endTime.getTime() - startTime.getTime() < recurrenceMs;
      // The playbook counts in whole seconds.
      if (isShort && oldest >= startTime.getTime() - 1000) {
        ms = endTime.getTime() - start.getTime();
      }
      return ms === undefined;
    });
    return {
      ...volume,
      latencyTimes,
      outageHours: hours,
      waitingRecords: Math.round(waitingRecords(volume, hours)),
      ms,
      isExtrapolated: false,
      rateMinutes: undefined,
    };
  } finally {
    tenant.close();
  }
}

/** What the rate of catching up says: what waits grows by what is published meanwhile. */
export function extrapolateCatchUp(
  volume: BenchVolume,
  hours: number,
  { latencyTimes, sustainedBlobsPerMinute, measuredMinutes }: CatchUpRate,
): CatchUp {
  const publishedPerMinute = blobsPerDay(volume) / (24 * 60);
  const waitingBlobs = (blobsPerDay(volume) * waitingRecords(volume, hours)) / volume.recordsPerDay;
  const minutes = waitingBlobs / (sustainedBlobsPerMinute - publishedPerMinute);
  return {
    ...volume,
    latencyTimes,
    outageHours: hours,
    waitingRecords: Math.round(waitingRecords(volume, hours)),
    ms: minutes > 0 && Number.isFinite(minutes) ? minutes * 60_000 : undefined,
    isExtrapolated: true,
    rateMinutes: measuredMinutes,
  };
}

/** What was found for an outage of that many hours of a tenant, if anything. */
export const catchUpAfter = (
  hours: number,
  { recordsPerDay, recordsPerBlob, latencyTimes }: BenchVolume & { readonly latencyTimes: number },
  catchUps: readonly CatchUp[],
): CatchUp | undefined =>
  catchUps.find(
    (each) =>
      each.recordsPerDay === recordsPerDay &&
      each.recordsPerBlob === recordsPerBlob &&
      each.latencyTimes === latencyTimes &&
      each.outageHours === hours,
  );
