import { z } from "zod";

const time = z.iso.datetime();

const entry = z.looseObject({
  through: time.nullish(),
  sweptAt: time.nullish(),
  collectFrom: time.nullish(),
  startRequestedAt: time.nullish(),
  listedAt: time.nullish(),
  offSince: time.nullish(),
});

/**
 * What `checkpoint.json` may hold: whatever the playbook can read, so that what it does not take is
 * what the playbook replaces.
 */
export const checkpointSchema = z.looseObject({
  version: z.literal(1),
  paused: z.boolean().default(false),
  contentTypes: z.record(z.string(), entry),
});

/** How far a tenant's content types have been collected; times as `yyyy-MM-ddTHH:mm:ssZ`. */
export type Checkpoint = z.output<typeof checkpointSchema>;

/** How far one content type has been collected. */
export type CheckpointEntry = Checkpoint["contentTypes"][string];

/** A checkpoint that knows no content type yet. */
export function emptyCheckpoint(paused: boolean): Checkpoint {
  return { version: 1, paused, contentTypes: {} };
}

/**
 * The first entry of a content type. `lookBackHours` is at most 167, so it stays within the 167 h
 * 55 min that the feed can be listed back (https://github.com/elastic/integrations/pull/14567).
 */
export function firstEntry(now: Date, lookBackHours: number): CheckpointEntry {
  const from = checkpointTime(new Date(now.getTime() - lookBackHours * 3_600_000));
  // Swept now, because a sweep would go no further back than the first run.
  return {
    through: from,
    sweptAt: checkpointTime(now),
    collectFrom: from,
    startRequestedAt: null,
  };
}

/** The checkpoint with this entry for each of the content types that has none yet. */
export function addEntries(
  checkpoint: Checkpoint,
  contentTypes: readonly string[],
  entry: CheckpointEntry,
): Checkpoint {
  const missing = contentTypes.filter((each) => checkpoint.contentTypes[each] === undefined);
  const added = Object.fromEntries(missing.map((each) => [each, entry]));
  return { ...checkpoint, contentTypes: { ...checkpoint.contentTypes, ...added } };
}

/** The checkpoint that knows since when subscriptions are off; what it does not collect stays out. */
export function markOff(
  checkpoint: Checkpoint,
  contentTypes: readonly string[],
  now: string,
): Checkpoint {
  const marked = { ...checkpoint.contentTypes };
  for (const contentType of contentTypes) {
    const known = marked[contentType];
    if (known) {
      marked[contentType] = { ...known, offSince: known.offSince ?? now };
    }
  }
  return { ...checkpoint, contentTypes: marked };
}

/** A time as the checkpoint holds it: in seconds, as text in order. */
export function checkpointTime(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}
