import type { MadeUpTenant, Person } from "./made-up-tenant.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** What a kind of record is made from. */
export interface RecordContext {
  readonly tenant: MadeUpTenant;
  readonly random: SeededRandom;
  readonly at: Date;
  readonly actor: Person;
  /** The meetings of the last hours, newest last; a kind may add one. */
  readonly meetings: Meeting[];
}

export interface Meeting {
  readonly detailId: string;
  readonly threadId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly organizer: Person;
}

/** Properties of a record in the order of its JSON; undefined leaves one out. */
export type RecordFields = Readonly<Record<string, unknown>>;

/** One operation of a workload, as it shows up in a generated day. */
export interface RecordKind {
  readonly operation: string;
  readonly recordType: number;
  readonly workload: string;
  /** Records on a working day for each 1,000 seats. */
  readonly perThousandSeats: number;
  /** When they come: with people's working hours, with their sign-in, or evenly. */
  readonly hours: "office" | "morning" | "all day";
  /** Its own properties, and those of the common schema that differ. */
  readonly fields: (context: RecordContext) => RecordFields;
}

/** An instant as most workloads write it: UTC without saying so, whole seconds. */
export const zoneless = (ms: number) => new Date(ms).toISOString().slice(0, 19);
