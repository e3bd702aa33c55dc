import { generateDay } from "../records/generate-records.ts";
import { SeededRandom } from "../records/seeded-random.ts";

/** A tenant as its feed sees it. */
export interface BenchVolume {
  readonly recordsPerDay: number;
  readonly recordsPerBlob: number;
}

/** A blob of the bench; its text is made when it is asked for. */
export interface BenchBlob {
  readonly contentId: string;
  readonly created: Date;
  readonly records: number;
  readonly body: () => string;
}

const dayMs = 24 * 3600 * 1000;
/** Records of this many bytes of JSON are taken, a little over a kilobyte on average. */
const leastBytes = 800;
const mostBytes = 2000;

/** Records in a blob: no more than a day has. */
export const recordsInBlob = ({ recordsPerDay, recordsPerBlob }: BenchVolume) =>
  Math.min(recordsPerDay, recordsPerBlob);

/** Blobs a day, which need not be whole. */
export const blobsPerDay = (volume: BenchVolume) => volume.recordsPerDay / recordsInBlob(volume);

/**
 * Content of a made-up tenant: blobs of one size that appear evenly over the time, each at a random
 * moment of its own share, with copies of generated records under fresh ids. The same options make the
 * same content.
 */
export class BenchContent {
  private readonly random: SeededRandom;
  private readonly records: readonly (readonly [before: string, after: string])[];
  private blobs = 0;

  constructor(
    private readonly volume: BenchVolume,
    seed: number,
  ) {
    this.random = new SeededRandom(seed);
    this.records = aroundIds ??= recordsAroundIds();
  }

  /** Blobs created from one instant, included, to another. */
  *between(from: Date, to: Date): Generator<BenchBlob> {
    const everyMs = dayMs / blobsPerDay(this.volume);
    for (let share = from.getTime(); share < to.getTime(); share += everyMs) {
      const at = Math.floor(share + this.random.fraction() * everyMs);
      if (at < to.getTime()) {
        yield this.blob(new Date(at));
      }
    }
  }

  private blob(created: Date): BenchBlob {
    const number = this.blobs++;
    const records = recordsInBlob(this.volume);
    const stamp = created.toISOString().replace(/\D/g, "") + String(number).padStart(9, "0");
    const first = this.random.whole(0, this.records.length - 1);
    const body = () => {
      let text = "[";
      for (let index = 0; index < records; index++) {
        const [before, after] = this.records[(first + index) % this.records.length]!;
        const blobId = number.toString(16).padStart(8, "0");
        const id = `${blobId}-0000-4000-8000-${index.toString(16).padStart(12, "0")}`;
        text += `${index === 0 ? "" : ","}${before}${id}${after}`;
      }
      return `${text}]`;
    };
    return {
      // As long as those of the service, since the playbook keeps lists of them.
      contentId: `${stamp}$${stamp}$audit_general$Audit_General$emea0000`,
      created,
      records,
      body,
    };
  }
}

let aroundIds: readonly (readonly [before: string, after: string])[] | undefined;

/** Bytes of a record of the bench, on average. */
export function meanRecordBytes(): number {
  aroundIds ??= recordsAroundIds();
  const idLength = 36;
  const bytes = aroundIds.map((parts) => Buffer.byteLength(parts.join("")) + idLength);
  return bytes.reduce((all, each) => all + each, 0) / bytes.length;
}

function recordsAroundIds(): [string, string][] {
  const day = generateDay({
    seed: 1,
    seats: 50,
    date: new Date("2026-01-12T00:00:00Z"),
    tenantId: "00000000-0000-4000-8000-000000000101",
    domain: "contoso.example.org",
  });
  const found: [string, string][] = [];
  for (const { text, id } of day) {
    const bytes = Buffer.byteLength(text);
    if (bytes >= leastBytes && bytes <= mostBytes) {
      const at = text.indexOf(id);
      found.push([text.slice(0, at), text.slice(at + id.length)]);
    }
  }
  return found;
}
