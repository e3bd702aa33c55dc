import { caseFor, type FaultCase } from "../../../local/faults/fault-case.ts";
import type { Fault } from "../../../local/faults/fault-kinds.ts";

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const start = new Date("2026-01-05T00:00:00Z");

/** An instant of the case, in minutes after its start. */
export const at = (minutes: number) => new Date(start.getTime() + minutes * minuteMs);

/** Three hours of a tenant with a dozen blobs, and these faults. */
export function smallCase(
  faults: readonly Fault[] = [],
  more: { hours?: number; tenant?: Partial<FaultCase["tenant"]> } & Partial<
    Pick<FaultCase, "searchesHistory">
  > = {},
): FaultCase {
  const { hours = 3, tenant, ...rest } = more;
  return {
    ...caseFor(1, 7),
    start,
    end: at(60 * hours),
    tenant: {
      contentSeed: 1,
      contentTypes: ["Audit.General"],
      recordsADay: 400,
      recordsPerBlob: 4,
      otherWorkloads: 0,
      keepWorkloads: [],
      largeRecords: 0,
      hugeRecords: 0,
      hugeBlobs: 0,
      pageSize: 2,
      requestsPerMinute: 2000,
      ...tenant,
    },
    options: {},
    searchesHistory: false,
    faults,
    ...rest,
  };
}
