import { createHash } from "node:crypto";

import { crc64 } from "../crc64.ts";
import type { DeployedTenant } from "../deployed-tenant.ts";
import { isJsonArray, isJsonObject, jsonEquals, parseJson, type Json } from "../json.ts";
import { requestStorage } from "../playbook-storage.ts";
import type { CaseBlob, CaseRecord } from "./case-content.ts";

/** A row of M365Audit_CL: the columns that every record of a case fills, and those about the row. */
export interface TableRow {
  readonly ContentId: string;
  readonly ContentType: string;
  readonly M365TenantId: string;
  readonly Collector: string;
  readonly CollectedTime: string;
  readonly CreationTime: string | null;
  readonly RecordId: string;
  readonly RecordIndex: number | null;
  readonly RecordType: number | null;
  readonly Operation: string;
  readonly OrganizationId: string;
  readonly UserType: number | null;
  readonly UserKey: string;
  readonly Workload: string;
  readonly UserId: string;
  readonly ItemName: string;
  /** JSON, as `Record`. */
  readonly Members: string | null;
  readonly Record: string | null;
  readonly RecordOversized: boolean | null;
  readonly RecordLength: number | string | null;
  readonly RecordHash: string;
  readonly OriginalBlob: string;
}

/** Columns of a record as the feed gives it, whose names and values a row keeps. */
const keptColumns = [
  "RecordType",
  "Operation",
  "OrganizationId",
  "UserType",
  "UserKey",
  "Workload",
  "UserId",
] as const;

const columns: readonly (keyof TableRow)[] = [
  "ContentId",
  "ContentType",
  "M365TenantId",
  "Collector",
  "CollectedTime",
  "CreationTime",
  "RecordId",
  "RecordIndex",
  ...keptColumns,
  "ItemName",
  "RecordOversized",
  "RecordLength",
  "RecordHash",
  "OriginalBlob",
];

/** SQL for the columns of a `TableRow`; JSON as text, so that its members stay in their order. */
export const rowColumns = [
  ...columns.map((column) => `"${column}"`),
  ...["Members", "Record"].map((column) => `"${column}"::VARCHAR AS "${column}"`),
].join(", ");

/** The largest record that is whole in `Record`, in bytes (see content/transformations). */
const largestRecordBytes = 65_535;
/** The largest record that the playbook sends whole, in bytes. */
const largestCallBytes = 880_000;

/** In what a row differs from the record that the feed offered in its place of a blob. */
export async function wrongness(
  row: TableRow,
  blob: CaseBlob | undefined,
  deployed: DeployedTenant,
): Promise<string | undefined> {
  const record = blob?.records[row.RecordIndex ?? -1];
  if (!blob || !record || record.id !== row.RecordId) {
    return "the feed never offered it there";
  }
  if (!record.isKept) {
    return "the configuration leaves it out";
  }
  const column = wrongColumn(row, blob, record, deployed);
  if (column !== undefined) {
    return `${column} is ${JSON.stringify(row[column])}`;
  }
  const isLarge = Buffer.byteLength(record.text) > largestRecordBytes;
  if (row.RecordOversized !== true) {
    return wrongRecord(row, record, isLarge);
  }
  if (!isLarge) {
    return `it has no more than ${largestRecordBytes} bytes and is not whole in Record`;
  }
  return row.Record === null ? wrongOriginal(row, record, deployed) : "Record is not left out";
}

/**
 * The first column that does not hold what it should. Values of a made-up record are far below the
 * 64 KB at which a column is cut, but for `Record`.
 */
function wrongColumn(
  row: TableRow,
  { contentType }: CaseBlob,
  { text }: CaseRecord,
  { parameters }: DeployedTenant,
): keyof TableRow | undefined {
  const offered = JSON.parse(text) as Record<string, unknown>;
  const wanted: [keyof TableRow, unknown][] = [
    ["ContentType", contentType],
    ["M365TenantId", parameters["m365TenantId"]!.value],
    ["Collector", parameters["collector"]!.value],
    ...keptColumns.map((column): [keyof TableRow, unknown] => [column, offered[column]]),
  ];
  const other = wanted.find(([column, value]) => row[column] !== value)?.[0];
  if (other !== undefined) {
    return other;
  }
  // The feed gives times without an offset, and means UTC.
  if (Date.parse(row.CreationTime ?? "") !== Date.parse(`${offered["CreationTime"] as string}Z`)) {
    return "CreationTime";
  }
  return wrongOddity(row, offered, Buffer.byteLength(text));
}

/** Of a record that is too long for any call only the columns above are sent. */
function wrongOddity(
  row: TableRow,
  offered: Readonly<Record<string, unknown>>,
  bytes: number,
): keyof TableRow | undefined {
  const { ItemName = "", Members } = offered;
  if (bytes > largestCallBytes && row.ItemName === "" && row.Members === null) {
    return undefined;
  }
  if (row.ItemName !== ItemName) {
    return "ItemName";
  }
  const members = row.Members === null ? undefined : row.Members;
  const isSame =
    members === undefined || Members === undefined
      ? members === Members
      : isSameJson(members, JSON.stringify(Members));
  return isSame ? undefined : "Members";
}

function wrongRecord(
  { Record }: TableRow,
  { text }: CaseRecord,
  isLarge: boolean,
): string | undefined {
  if (isLarge) {
    return `it has more than ${largestRecordBytes} bytes and is not told as oversized`;
  }
  return Record !== null && isSameJson(Record, text) ? undefined : "Record is not what was offered";
}

async function wrongOriginal(
  row: TableRow,
  record: CaseRecord,
  deployed: DeployedTenant,
): Promise<string | undefined> {
  const original = await readOriginal(row.OriginalBlob, deployed);
  if (original === undefined) {
    return `its original ${row.OriginalBlob || "has no name and"} is not in storage`;
  }
  if (original.toString() !== record.text) {
    return "its original is not what was offered";
  }
  // In UTF-16, as Logic Apps counts, in characters or in bytes.
  const lengths = [record.text.length, [...record.text].length, original.byteLength];
  if (!lengths.includes(Number(row.RecordLength))) {
    return `RecordLength must be ${lengths.join(" or ")}, got ${row.RecordLength}`;
  }
  const hashes = [
    createHash("sha256").update(original).digest("hex"),
    createHash("md5").update(original).digest("base64"),
    crc64(original),
  ];
  return hashes.includes(row.RecordHash) ? undefined : `RecordHash is ${row.RecordHash || "empty"}`;
}

/** Whether two texts hold the same members in the same order; a table may write 1E3 as 1000.0. */
function isSameJson(a: string, b: string): boolean {
  return a === b || isSameValue(parseJson(a), parseJson(b));
}

function isSameValue(a: Json, b: Json): boolean {
  if (isJsonArray(a) && isJsonArray(b)) {
    return a.length === b.length && a.every((item, index) => isSameValue(item, b[index]!));
  }
  if (isJsonObject(a) && isJsonObject(b)) {
    const keys = Object.keys(b);
    return (
      keys.length === Object.keys(a).length &&
      Object.entries(a).every(
        ([key, value], index) => key === keys[index] && isSameValue(value, b[key]!),
      )
    );
  }
  return jsonEquals(a, b);
}

async function readOriginal(name: string, deployed: DeployedTenant): Promise<Buffer | undefined> {
  if (!name) {
    return undefined;
  }
  const root = deployed.parameters["originalsUri"]!.value as string;
  const uri = URL.canParse(name) ? name : `${root}/${name.replace(/^originals\//, "")}`;
  const response = await requestStorage(deployed, "GET", uri);
  return response.ok ? Buffer.from(await response.arrayBuffer()) : undefined;
}
