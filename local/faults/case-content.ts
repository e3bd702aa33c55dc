import type { ContentType } from "../audit-feed.ts";
import { SeededRandom } from "../records/seeded-random.ts";
import { defaultEngineOptions } from "../logic-apps/engine-options.ts";
import { recurrenceMinutes, type FaultCase } from "./fault-case.ts";
import { holds, type Fault, type FaultKind } from "./fault-kinds.ts";

/** A record of a case. */
export interface CaseRecord {
  readonly id: string;
  /** As the feed serves it, without white space. */
  readonly text: string;
  /** Whether the tenant's configuration keeps it. */
  readonly isKept: boolean;
}

/** A blob of a case. */
export interface CaseBlob {
  readonly contentId: string;
  readonly contentType: ContentType;
  readonly created: Date;
  readonly listedFrom: Date;
  readonly records: readonly CaseRecord[];
  /** Why it can never be read, if so. */
  readonly unreadable: "gone" | "expired" | "truncated" | "html" | "error" | undefined;
}

/** What a tenant's feed has in a case. */
export interface CaseContent {
  readonly blobs: readonly CaseBlob[];
  /** Blobs that there are not because auditing was off. */
  readonly unaudited: readonly CaseBlob[];
}

/** What every record holds, so that a search finds records where they must not be. */
export const recordMarker = "planted~record~content";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** The playbook lists slices of 23 hours, and every run from two hours before the one before. */
const slicesFrom = Date.UTC(2000, 0, 1);
const sliceMs = 23 * hourMs;
const overlapMs = 2 * hourMs;
/** It lists from so long before each window. */
export const runUpMs = minuteMs;
const mostWindowStarts = 6;
const otherWorkloads = ["OneDrive", "SecurityComplianceCenter", "Endpoint", "microsoftteams"];

/** Makes the content of a case: the same for the same case. */
export function contentOf(faultCase: FaultCase): CaseContent {
  return new ContentMaker(faultCase).make();
}

class ContentMaker {
  private readonly random: SeededRandom;
  private readonly blobs: CaseBlob[] = [];
  private records = 0;

  constructor(private readonly faultCase: FaultCase) {
    this.random = new SeededRandom(faultCase.tenant.contentSeed);
  }

  make(): CaseContent {
    const { tenant, start, end } = this.faultCase;
    const days = (end.getTime() - start.getTime()) / dayMs;
    const wanted = Math.max(1, Math.round((tenant.recordsADay * days) / tenant.recordsPerBlob));
    const times = Array.from(
      { length: wanted },
      () => start.getTime() + minuteMs + this.random.fraction() * (end.getTime() - start.getTime()),
    ).sort((a, b) => a - b);
    const special = this.specialSizes(wanted);
    for (const [index, time] of times.entries()) {
      this.addBlob(new Date(Math.floor(time)), special.get(index) ?? []);
    }
    this.faultCase.faults.filter(isOfOriginals).forEach((fault) => this.addOriginals(fault));
    this.faultCase.faults
      .filter(({ kind }) => kind === "partialAtWindowStart")
      .forEach((fault) => this.addAtWindowStarts(fault));
    const isUnaudited = ({ created }: CaseBlob) =>
      this.during("auditingOff", created) !== undefined;
    return {
      blobs: this.blobs.filter((blob) => !isUnaudited(blob)),
      unaudited: this.blobs.filter(isUnaudited),
    };
  }

  /** Bytes of the records that are not of an ordinary size, by the number of their blob. */
  private specialSizes(blobs: number): Map<number, number[]> {
    const { largeRecords, hugeRecords, hugeBlobs } = this.faultCase.tenant;
    const sizes = new Map<number, number[]>();
    const place = (...bytes: number[]) => {
      const index = this.random.whole(0, blobs - 1);
      sizes.set(index, [...(sizes.get(index) ?? []), ...bytes]);
    };
    for (let count = 0; count < largeRecords; count++) {
      place(this.random.whole(60_000, 900_000));
    }
    for (let count = 0; count < hugeRecords; count++) {
      place(this.random.whole(1_000_000, 2_500_000));
    }
    for (let count = 0; count < hugeBlobs; count++) {
      place(...Array.from({ length: this.random.whole(80, 200) }, () => 20_000));
    }
    return sizes;
  }

  private addBlob(created: Date, special: readonly number[]): void {
    const { random } = this;
    const { tenant } = this.faultCase;
    const contentType = random.pick(tenant.contentTypes);
    const count = Math.max(1, Math.round(tenant.recordsPerBlob * (0.5 + random.fraction())));
    const records = Array.from({ length: count }, () =>
      this.record(created, random.chance(0.02) ? random.whole(2000, 20_000) : 0),
    );
    for (const bytes of special) {
      records.splice(random.whole(0, records.length), 0, this.record(created, bytes));
    }
    this.repeatRecords(records, created, contentType);

    const late = this.during("listedLate", created);
    const isLate = late !== undefined && random.chance(late.parameters["share"] as number);
    const delayMs = isLate
      ? random.fraction() * (late.parameters["hours"] as number) * hourMs
      : random.whole(0, 30_000);
    const listedFrom = new Date(created.getTime() + Math.floor(delayMs));
    const blob = { contentType, created, listedFrom, records };
    this.blobs.push({
      ...blob,
      contentId: this.contentId(created, contentType),
      unreadable: this.unreadable(created),
    });

    const again = this.during("listedAgain", created);
    if (again && random.chance(again.parameters["share"] as number)) {
      const days = (again.parameters["days"] as number) * (0.5 + random.fraction());
      const later = new Date(Math.floor(listedFrom.getTime() + days * dayMs));
      this.blobs.push({
        ...blob,
        created: later,
        listedFrom: later,
        contentId: this.contentId(later, contentType),
        unreadable: undefined,
      });
    }
  }

  /** Blobs with a record that is kept in storage: one just before the fault, others while it holds. */
  private addOriginals({ from, to }: Fault): void {
    const lengthMs = to.getTime() - from.getTime();
    for (const share of [0, 0.25, 0.5, 0.75]) {
      const created = from.getTime() - minuteMs + Math.floor(share * lengthMs);
      this.addBlob(new Date(created), [this.random.whole(70_000, 120_000)]);
    }
  }

  /**
   * Blobs that are created in the very second in which a window starts, or in which its listing does,
   * and that no window before can have had, because they are listed later.
   */
  private addAtWindowStarts({ from, to }: Fault): void {
    const { start, options } = this.faultCase;
    const { firingDelayMs } = { ...defaultEngineOptions, ...options };
    const everyMs = recurrenceMinutes * minuteMs + firingDelayMs;
    const windows: { readonly opens: number; readonly listedFrom: number }[] = [];
    for (let run = start.getTime() + firingDelayMs; run < to.getTime(); run += everyMs) {
      // The next run lists from where this one came to, less the overlap.
      windows.push({ opens: run - overlapMs, listedFrom: run + 5 * minuteMs });
    }
    const chosen = windows.filter(
      ({ opens, listedFrom }) =>
        opens - runUpMs > start.getTime() &&
        listedFrom >= from.getTime() &&
        listedFrom + everyMs < to.getTime(),
    );
    while (chosen.length > mostWindowStarts) {
      chosen.splice(this.random.whole(0, chosen.length - 1), 1);
    }
    const firstSlice = Math.ceil((start.getTime() + minuteMs - slicesFrom) / sliceMs);
    for (let slice = firstSlice; ; slice++) {
      const opens = slicesFrom + slice * sliceMs;
      if (opens >= to.getTime()) {
        break;
      }
      const earliest = Math.max(opens, from.getTime());
      const later = Math.floor(this.random.fraction() * (to.getTime() - earliest));
      chosen.push({ opens, listedFrom: earliest + later });
    }
    for (const { opens, listedFrom } of chosen) {
      for (const second of [opens, opens - runUpMs]) {
        const created = new Date(second + this.random.whole(0, 999));
        const contentType = this.random.pick(this.faultCase.tenant.contentTypes);
        this.blobs.push({
          contentId: this.contentId(created, contentType),
          contentType,
          created,
          listedFrom: new Date(listedFrom),
          // With one record there is no half of them.
          records: Array.from({ length: 4 }, () => this.record(created, 0)),
          unreadable: this.unreadable(created),
        });
      }
    }
  }

  private repeatRecords(records: CaseRecord[], created: Date, contentType: ContentType): void {
    const repeated = this.during("recordsRepeated", created);
    if (!repeated) {
      return;
    }
    const { inside, across } = repeated.parameters as Record<string, number>;
    for (const record of [...records]) {
      if (this.random.chance(inside!)) {
        records.splice(this.random.whole(0, records.length), 0, record);
      }
    }
    const earlier = this.blobs.filter((blob) => blob.contentType === contentType).at(-1);
    for (const record of earlier?.records ?? []) {
      if (this.random.chance(across!)) {
        records.push(record);
      }
    }
  }

  private unreadable(created: Date): CaseBlob["unreadable"] {
    for (const kind of ["blobGone", "blobBroken"] as const) {
      const fault = this.during(kind, created);
      if (fault && this.random.chance(fault.parameters["share"] as number)) {
        return fault.parameters["form"] as CaseBlob["unreadable"];
      }
    }
    return undefined;
  }

  private during(kind: FaultKind, at: Date): Fault | undefined {
    return this.faultCase.faults.find((fault) => fault.kind === kind && holds(fault, at.getTime()));
  }

  private contentId(created: Date, contentType: ContentType): string {
    const stamp = created.toISOString().replace(/\D/g, "");
    const number = String(this.blobs.length).padStart(9, "0");
    const type = contentType.replace(".", "_");
    return `${stamp}${number}$${stamp}${number}$${type.toLowerCase()}$${type}$emea0000`;
  }

  /** A record of about that many bytes. */
  private record(created: Date, bytes: number): CaseRecord {
    const { random } = this;
    const { otherWorkloads: others, keepWorkloads } = this.faultCase.tenant;
    const workload = random.chance(others) ? random.pick(otherWorkloads) : "MicrosoftTeams";
    const id = random.guid();
    const happened = new Date(created.getTime() - random.whole(60, 5400) * 1000);
    const plain = JSON.stringify({
      CreationTime: happened.toISOString().slice(0, 19),
      Id: id,
      Operation: random.pick(["MemberAdded", "TeamsSessionStarted", "MessageSent"]),
      OrganizationId: "00000000-0000-4000-8000-000000000101",
      RecordType: workload === "MicrosoftTeams" ? 25 : 63,
      UserKey: recordMarker,
      UserType: 0,
      Version: 1,
      Workload: workload,
      UserId: `person${this.records++}@contoso.example.org`,
      ...random.pick(oddities),
    });
    // Written by hand: a double would not keep these numbers. Large records have none, since a table
    // that writes them in another way changes the length of the text.
    const numbers =
      random.chance(0.2) && bytes < 30_000
        ? `,"Numbers":[1.0,1E3,-0.0,0.10,12345678901234567890]`
        : "";
    const padding = bytes > 0 ? `,"Extra":"${paddingOf(bytes, id)}"` : "";
    return {
      id,
      text: `${plain.slice(0, -1)}${numbers}${padding}}`,
      isKept: keepWorkloads.length === 0 || keepWorkloads.includes(workload),
    };
  }
}

/** Whether a fault strikes the storage that holds the originals of large records. */
const isOfOriginals = ({ kind, parameters }: Fault) =>
  parameters["call"] === "workspaceStorage" ||
  (kind === "storageDown" && parameters["account"] === "workspace");

/** Members that a collector may trip over. */
const oddities: readonly object[] = [
  {},
  {},
  {},
  {},
  { ItemName: 'Ünïcode 🦉 "quoted" \\ back\u2028slash\n', Members: [] },
  { ItemName: "@{utcNow()} @parameters('clientId') @@", Empty: {}, Nothing: null },
  { Content: { "$content-type": "text/plain", $content: "cGxhbnRlZA==" } },
  { Members: [{ UPN: "guest@fabrikam.example.org", Role: 1 }], "odd name.with'things": true },
];

/** Text that is not the same everywhere, so that a cut or shifted part shows. */
function paddingOf(bytes: number, id: string): string {
  const line = `${id} é `;
  return line.repeat(Math.ceil(bytes / Buffer.byteLength(line)));
}

/** What the feed serves for a blob, byte for byte. */
export function bodyOf({ records, unreadable }: CaseBlob): string {
  const body = `[${records.map(({ text }) => text).join(",")}]`;
  switch (unreadable) {
    case "truncated":
      return body.slice(0, Math.floor(body.length / 2));
    case "html":
      return "<html><body>The page cannot be shown.</body></html>";
    default:
      return body;
  }
}

/** How many records blobs hold, repeats included. */
export const offeredRecords = (blobs: readonly CaseBlob[]): number =>
  blobs.reduce((sum, { records }) => sum + records.length, 0);
