import { isLosslessNumber, stringify } from "lossless-json";

import type { AuditRecordText } from "./audit-record-text.ts";
import { makeUpTenant } from "./made-up-tenant.ts";
import { otherRecords } from "./other-records.ts";
import type { Meeting, RecordContext, RecordKind } from "./record-kind.ts";
import { zoneless } from "./record-kind.ts";
import { SeededRandom } from "./seeded-random.ts";
import { teamsRecords } from "./teams-records.ts";

export interface GenerateDayOptions {
  readonly seed: number;
  /** Licensed people of the tenant, 1 or more; 1,000 make about 10,000 records. */
  readonly seats: number;
  /** Midnight UTC of the day. */
  readonly date: Date;
  readonly tenantId: string;
  /** Domain of the people's addresses. */
  readonly domain: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How much of a kind falls into each hour, UTC, of a tenant in Central Europe. */
const hourWeights: Readonly<Record<RecordKind["hours"], readonly number[]>> = {
  office: [1, 1, 1, 1, 2, 8, 35, 75, 95, 100, 85, 60, 80, 95, 85, 60, 25, 12, 8, 6, 5, 3, 2, 1],
  morning: [1, 1, 1, 2, 6, 30, 100, 90, 40, 20, 15, 25, 20, 12, 10, 8, 6, 6, 5, 4, 3, 2, 1, 1],
  "all day": Array.from({ length: 24 }, () => 1),
};

const kinds = [...teamsRecords, ...otherRecords];

/**
 * A working day of a made-up tenant's Audit.General, in the order of `CreationTime`: Teams beside the
 * other workloads, with the irregular spellings, absent and oversized fields of real feeds. The same
 * options make the same records.
 */
export function* generateDay(options: GenerateDayOptions): Generator<AuditRecordText> {
  const { seed, seats, date, tenantId, domain } = options;
  if (!Number.isInteger(seats) || seats < 1) {
    throw new Error(`seats must be a whole number from 1, got ${seats}`);
  }
  if (date.getTime() % DAY_MS !== 0) {
    const got = Number.isNaN(date.getTime()) ? "no date" : date.toISOString();
    throw new Error(`date must be midnight UTC, got ${got}`);
  }
  const random = new SeededRandom(seed);
  const tenant = makeUpTenant(seats, tenantId, domain, random);
  const meetings: Meeting[] = [];
  let line = 0;
  for (const { kind, atMs } of plan(seats, date.getTime(), random)) {
    const actor = random.pick(tenant.people);
    yield toText(kind, { tenant, random, at: new Date(atMs), actor, meetings }, ++line);
  }
}

interface PlannedRecord {
  readonly kind: RecordKind;
  readonly atMs: number;
}

function plan(seats: number, dateMs: number, random: SeededRandom): readonly PlannedRecord[] {
  const busyness = 0.9 + 0.2 * random.fraction();
  return kinds
    .flatMap((kind) => {
      const count = Math.max(1, Math.round((kind.perThousandSeats * seats * busyness) / 1000));
      return Array.from({ length: count }, () => ({
        kind,
        atMs: dateMs + timeOfDayMs(kind.hours, random),
      }));
    })
    .sort((a, b) => a.atMs - b.atMs);
}

function timeOfDayMs(hours: RecordKind["hours"], random: SeededRandom): number {
  const weights = hourWeights[hours];
  let left = random.fraction() * weights.reduce((sum, weight) => sum + weight, 0);
  const hour = weights.findIndex((weight) => (left -= weight) < 0);
  return hour * HOUR_MS + random.whole(0, 3599) * 1000;
}

function toText(kind: RecordKind, context: RecordContext, line: number): AuditRecordText {
  const { tenant, random, at, actor } = context;
  const record: Record<string, unknown> = {
    CreationTime: zoneless(at.getTime()),
    Id: random.guid(),
    Operation: kind.operation,
    OrganizationId: tenant.tenantId,
    RecordType: kind.recordType,
    UserKey: actor.objectId,
    UserType: 0,
    Version: 1,
    Workload: kind.workload,
    UserId: actor.upn,
    ...kind.fields(context),
  };
  // JSON.stringify is faster, but cannot write a number that a double does not hold.
  const hasLosslessNumber = Object.values(record).some(isLosslessNumber);
  return {
    text: hasLosslessNumber ? stringify(record)! : JSON.stringify(record),
    id: record.Id as string,
    creationTime: at,
    workload: kind.workload,
    recordType: kind.recordType,
    line,
  };
}
