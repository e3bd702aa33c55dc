/** One audit record as its source wrote it, with the few values that the local feed sorts it by. */
export interface AuditRecordText {
  /** The record's own JSON, byte for byte: neither key order nor number formatting is touched. */
  readonly text: string;
  readonly id: string;
  /** When the event happened; a `CreationTime` without a zone is UTC. */
  readonly creationTime: Date;
  readonly workload: string | undefined;
  readonly recordType: number | undefined;
  /** Line of the source on which the record starts, from 1. */
  readonly line: number;
}

/** Why something in a source is not an audit record. */
export interface InvalidRecord {
  readonly reason: string;
  readonly line: number;
  /** Which piece of the source it is, from 1, where the line does not tell. */
  readonly record?: number;
}

/**
 * Reads a record's JSON, of which the common schema says that `Id` and `CreationTime` are mandatory
 * (https://learn.microsoft.com/en-us/office/office-365-management-api/office-365-management-activity-api-schema),
 * or a row of `Search-UnifiedAuditLog` as `ConvertTo-Json` writes it, which holds that JSON as a text
 * in `AuditData`.
 */
export function parseAuditRecord(text: string, line: number): AuditRecordText | InvalidRecord {
  const value = parseObject(text);
  if (typeof value === "string") {
    return { line, reason: `record must be a JSON object, got ${value}` };
  }
  const column = Object.keys(value).find((name) => name.toLowerCase() === "auditdata");
  if (column === undefined || "CreationTime" in value) {
    return auditRecord(text, value, line);
  }
  const auditData = value[column];
  if (typeof auditData !== "string") {
    return { line, reason: `AuditData must be the record as JSON text, got ${shown(auditData)}` };
  }
  const record = parseObject(auditData);
  return typeof record === "string"
    ? { line, reason: `AuditData must be the text of a JSON object, got ${record}` }
    : auditRecord(auditData, record, line);
}

/** A JSON object, or what the text is instead. */
function parseObject(text: string): Record<string, unknown> | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text.trim() === "" ? "nothing" : "text that is not valid JSON";
  }
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : shown(value);
}

function auditRecord(
  text: string,
  { Id, CreationTime, Workload, RecordType }: Record<string, unknown>,
  line: number,
): AuditRecordText | InvalidRecord {
  if (typeof Id !== "string" || Id.trim() === "") {
    return { line, reason: `Id must be a text that is not empty, got ${shown(Id)}` };
  }
  const creationTime = parseCreationTime(CreationTime);
  if (!creationTime) {
    const reason = `CreationTime must be an ISO 8601 date and time, got ${shown(CreationTime)}`;
    return { line, reason };
  }
  return {
    text,
    id: Id,
    creationTime,
    workload: typeof Workload === "string" ? Workload : undefined,
    recordType: typeof RecordType === "number" ? RecordType : undefined,
    line,
  };
}

const isoDateTime =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/i;

function parseCreationTime(value: unknown): Date | undefined {
  const match = typeof value === "string" ? isoDateTime.exec(value.trim()) : null;
  if (!match) {
    return undefined;
  }
  const [, year, month, day, time, zone = "Z"] = match;
  // Date turns 30 February into 2 March.
  if (Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) {
    return undefined;
  }
  const instant = new Date(`${year}-${month}-${day}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}

function shown(value: unknown): string {
  if (value === undefined) {
    return "none";
  }
  if (Array.isArray(value)) {
    return "an array";
  }
  if (typeof value === "object" && value !== null) {
    return "an object";
  }
  const json = JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 60)}…` : json;
}
