import type { AuditRecordText } from "./audit-record-text.ts";
import { RecordTexts } from "./record-texts.ts";
import { SeededRandom } from "./seeded-random.ts";

export interface PublishDayOptions {
  /** Instant at which the simulated day starts. */
  readonly start: Date;
  readonly seed: number;
  /**
   * Whether the feed delivers some records a second time in a later blob, as the service does.
   *
   * @default true
   */
  readonly repeats?: boolean;
  /**
   * Whether some records come in a blob hours after the others of their time, out of order.
   *
   * @default true
   */
  readonly lateRecords?: boolean;
  /**
   * Whether some blobs are listed long after their `contentCreated`.
   *
   * @default true
   */
  readonly lateBlobs?: boolean;
  /**
   * Most records that a blob is made of, 1 or more; repeated ones come on top.
   *
   * @default 500
   */
  readonly largestBlob?: number;
}

/** One content blob of the local feed. */
export interface PublishedBlob {
  readonly contentType: "Audit.General";
  /** In the form seen on the wire (https://github.com/Azure/api-management-developer-portal/issues/1063). */
  readonly contentId: string;
  /** Its `contentCreated`. */
  readonly created: Date;
  /** From when on a listing shows it; later than `created` for a late blob. */
  readonly listedFrom: Date;
  readonly records: number;
  /** The JSON array that the blob's URI answers; put together anew on each access. */
  readonly body: string;
}

export interface PublishedDay {
  /** Records taken from the source, its own repeats included. */
  readonly recordsRead: number;
  /** Different record ids among them. */
  readonly recordsDistinct: number;
  /** Records in all blobs: those read and those that the feed repeats. */
  readonly recordsPublished: number;
  /** By `created`, no two of which are the same. */
  readonly blobs: readonly PublishedBlob[];
  /** When the last blob is listed; the start of the day if there is none. */
  readonly lastListed: Date;
}

interface Draft {
  readonly indices: number[];
  readonly firstEventMs: number;
  readonly createdMs: number;
  listedMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Event to availability (https://learn.microsoft.com/en-us/office/office-365-management-api/troubleshooting-the-office-365-management-activity-api). */
const LATENCY_MINUTES = { least: 60, most: 90 };
/** A blob is closed at this age even if few records came, as at night. */
const BLOB_AGE_MS = 30 * MINUTE_MS;
const LATE_RECORD_SHARE = 0.005;
const REPEATED_SHARE = 0.015;
const LATE_BLOB_SHARE = 0.04;

/**
 * Turns records in any order into the blobs of one simulated day, in the order of `CreationTime`.
 * Their texts are not altered: those of a single UTC day come at their time of that day, others are
 * spread evenly over the day, and each is available 60 to 90 minutes later, so that the last ones
 * are listed after midnight. Holds all texts in memory as UTF-8, about 200 bytes a record on
 * top for ids and order; a blob's body is made when it is asked for.
 */
export async function publishDay(
  records: Iterable<AuditRecordText> | AsyncIterable<AuditRecordText>,
  options: PublishDayOptions,
): Promise<PublishedDay> {
  const { start, seed, repeats = true, lateRecords = true, lateBlobs = true } = options;
  const { largestBlob = 500 } = options;
  if (!Number.isInteger(largestBlob) || largestBlob < 1) {
    throw new Error(`largestBlob must be a whole number from 1, got ${largestBlob}`);
  }
  const texts = new RecordTexts();
  const times: number[] = [];
  const ids = new Set<string>();
  for await (const record of records) {
    texts.add(record.text);
    times.push(record.creationTime.getTime());
    ids.add(record.id);
  }

  const random = new SeededRandom(seed);
  const order = Uint32Array.from(times.keys()).sort((a, b) => times[a]! - times[b]!);
  const drafts = draftBlobs(order, eventTimes(order, times, start.getTime()), largestBlob, random);
  if (lateRecords) {
    delayRecords(drafts, random);
  }
  const recordsRepeated = repeats ? repeatRecords(drafts, random) : 0;
  if (lateBlobs) {
    delayBlobs(drafts, random);
  }
  return {
    recordsRead: texts.count,
    recordsDistinct: ids.size,
    recordsPublished: texts.count + recordsRepeated,
    blobs: drafts.map((draft, index) => toBlob(draft, index, texts)),
    lastListed: new Date(drafts.reduce((last, { listedMs }) => Math.max(last, listedMs), +start)),
  };
}

/** When each record, by its place in the order, happens in the simulated day. */
function eventTimes(order: Uint32Array, times: readonly number[], startMs: number): Float64Array {
  const firstDay = Math.floor(times[order[0]!]! / DAY_MS);
  const lastDay = Math.floor(times[order.at(-1)!]! / DAY_MS);
  return Float64Array.from(order, (index, place) => {
    const sinceMidnightMs =
      firstDay === lastDay
        ? times[index]! - firstDay * DAY_MS
        : Math.floor((place / order.length) * DAY_MS);
    return startMs + sinceMidnightMs;
  });
}

function draftBlobs(
  order: Uint32Array,
  eventsMs: Float64Array,
  largestBlob: number,
  random: SeededRandom,
): Draft[] {
  const drafts: Draft[] = [];
  let latencyMinutes = random.whole(LATENCY_MINUTES.least, LATENCY_MINUTES.most);
  let createdMs = -Infinity;
  for (let place = 0; place < order.length;) {
    const firstEventMs = eventsMs[place]!;
    const wanted = random.whole(1, largestBlob);
    const indices: number[] = [];
    let lastEventMs = firstEventMs;
    while (
      place < order.length &&
      indices.length < wanted &&
      eventsMs[place]! < firstEventMs + BLOB_AGE_MS
    ) {
      indices.push(order[place]!);
      lastEventMs = eventsMs[place]!;
      place++;
    }
    const drift = (random.fraction() - 0.5) * 10;
    latencyMinutes = Math.min(
      LATENCY_MINUTES.most,
      Math.max(LATENCY_MINUTES.least, latencyMinutes + drift),
    );
    const availableMs = lastEventMs + Math.floor(latencyMinutes * MINUTE_MS);
    createdMs = Math.max(createdMs + 1, availableMs);
    drafts.push({ indices, firstEventMs, createdMs, listedMs: createdMs });
  }
  return drafts;
}

/** Moves some records into a later blob, but never the last one that a blob has. */
function delayRecords(drafts: readonly Draft[], random: SeededRandom): void {
  for (let blob = 0; blob < drafts.length - 1; blob++) {
    const { indices } = drafts[blob]!;
    for (let place = indices.length - 1; place >= 0; place--) {
      if (indices.length > 1 && random.chance(LATE_RECORD_SHARE)) {
        const [late] = indices.splice(place, 1);
        drafts[random.whole(blob + 1, drafts.length - 1)]!.indices.push(late!);
      }
    }
  }
}

/** Puts some records into a later blob, too; most often the last one of a blob into the next. */
function repeatRecords(drafts: readonly Draft[], random: SeededRandom): number {
  let repeated = 0;
  const sizes = drafts.map(({ indices }) => indices.length);
  for (let blob = 0; blob < drafts.length - 1; blob++) {
    const { indices } = drafts[blob]!;
    for (let place = 0; place < sizes[blob]!; place++) {
      if (random.chance(REPEATED_SHARE)) {
        drafts[random.whole(blob + 1, drafts.length - 1)]!.indices.push(indices[place]!);
        repeated++;
      }
    }
    if (random.chance(0.1)) {
      drafts[blob + 1]!.indices.push(indices[sizes[blob]! - 1]!);
      repeated++;
    }
  }
  return repeated;
}

/**
 * Lists some blobs late: every third by hours, more than the overlap of two runs, the others by
 * minutes. All are of the first half of the day, so that the day does not grow.
 */
function delayBlobs(drafts: readonly Draft[], random: SeededRandom): void {
  const early = drafts.slice(0, Math.ceil(drafts.length / 2));
  const late = Math.ceil(drafts.length * LATE_BLOB_SHARE);
  for (let count = 0; count < late; count++) {
    const [draft] = early.splice(random.whole(0, early.length - 1), 1);
    const latenessMs =
      count % 3 === 0
        ? random.whole(3 * HOUR_MS, 8 * HOUR_MS)
        : random.whole(10 * MINUTE_MS, 110 * MINUTE_MS);
    draft!.listedMs = draft!.createdMs + latenessMs;
  }
}

function toBlob(draft: Draft, index: number, texts: RecordTexts): PublishedBlob {
  const { indices, firstEventMs, createdMs, listedMs } = draft;
  const number = String(index + 1).padStart(6, "0");
  return {
    contentType: "Audit.General",
    contentId: [
      `${stamp(firstEventMs)}${number}`,
      `${stamp(createdMs)}${number}`,
      "audit_general",
      "Audit_General",
      "emea0000",
    ].join("$"),
    created: new Date(createdMs),
    listedFrom: new Date(listedMs),
    records: indices.length,
    get body() {
      return texts.jsonArray(indices);
    },
  };
}

/** The instant as yyyyMMddHHmmssSSS. */
const stamp = (ms: number) => new Date(ms).toISOString().replace(/\D/g, "");
