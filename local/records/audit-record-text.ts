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
}

/**
 * Reads a record's JSON, of which the common schema says that `Id` and `CreationTime` are mandatory
 * (https://learn.microsoft.com/en-us/office/office-365-management-api/office-365-management-activity-api-schema).
 */
export function parseAuditRecord(text: string, line: number): AuditRecordText | InvalidRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const got = text.trim() === "" ? "nothing" : "text that is not valid JSON";
    return { line, reason: `record must be a JSON object, got ${got}` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { line, reason: `record must be a JSON object, got ${shown(value)}` };
  }

  const { Id, CreationTime, Workload, RecordType } = value as Record<string, unknown>;
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
