import type { SimulatedCase } from "../../../local/faults/simulate-case.ts";

/** The row that the record of a place of the first blob should have, changed as a test needs it. */
export function rowOf(
  { content, deployed: { parameters } }: SimulatedCase,
  place: number,
  more: object = {},
): object {
  const { contentId, contentType, records } = content.blobs[0]!;
  const record = records[place]!;
  return {
    // Columns that a record does not have are left out.
    ...(JSON.parse(record.text) as object),
    ContentId: contentId,
    ContentType: contentType,
    M365TenantId: parameters["m365TenantId"]!.value,
    Collector: parameters["collector"]!.value,
    CollectedTime: "2026-01-06T00:00:00Z",
    RecordId: record.id,
    RecordIndex: place,
    Record: JSON.parse(record.text) as unknown,
    RecordOversized: false,
    ...more,
  };
}

/** Adds rows to the table of a case. */
export const appendRows = ({ deployed }: SimulatedCase, rows: readonly object[]) =>
  deployed.workspace.append("M365Audit_CL", JSON.stringify(rows));
