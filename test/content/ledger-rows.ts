import { loadText } from "../../content/load.ts";
import { loadTables } from "../../content/tables.ts";
import { translatedSql } from "../../local/workspace/translation.ts";
import { Workspace, type Row } from "../../local/workspace/workspace.ts";
import { collect } from "../local/workspace/collect.ts";

/** Rows of the two tables. */
export interface LedgerRows {
  readonly health?: readonly object[];
  readonly audit?: readonly object[];
}

/** What a query gives at the time `now` over these rows, with the values of its parameters in order. */
export async function ask(
  file: string,
  { health = [], audit = [] }: LedgerRows,
  now: Date,
  ...values: (string | Date)[]
): Promise<Row[]> {
  const workspace = await Workspace.open(loadTables());
  await workspace.append("M365AuditHealth_CL", JSON.stringify(health));
  await workspace.append("M365Audit_CL", JSON.stringify(audit));
  const bound = Object.fromEntries(values.map((value, index) => [`kqlp${index}`, value]));
  const lines = await collect(
    workspace.select(translatedSql(loadText(file)), { kqlnow: now, ...bound }),
  );
  workspace.close();
  return lines.map((line) => JSON.parse(line) as Row);
}

/** A row of the health table, told at 12:00 on 9 January by dev-contoso about Audit.General. */
export const health = (Kind: string, Status: string, columns: object = {}) => ({
  TimeGenerated: "2026-01-09T12:00:00.000Z",
  Kind,
  Status,
  Collector: "dev-contoso",
  M365TenantId: "tenant-a",
  ContentType: "Audit.General",
  ...columns,
});

/** A blob that was collected, made at 11:00 on 9 January. */
export const blob = (ContentId: string, RowsOut: number, columns: object = {}) =>
  health("blob", "Collected", {
    ContentId,
    ContentCreated: "2026-01-09T11:00:00.000Z",
    RowsOut,
    ...columns,
  });

/** Rows of the audit table from these places of a blob. */
export const records = (ContentId: string, places: readonly (number | null)[], columns = {}) =>
  places.map((RecordIndex) => ({
    TimeGenerated: "2026-01-09T10:00:00.000Z",
    Collector: "dev-contoso",
    ContentType: "Audit.General",
    ContentId,
    RecordIndex,
    ...columns,
  }));
