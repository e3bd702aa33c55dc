import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";

import type { AuditRecordText, InvalidRecord } from "./audit-record-text.ts";
import { parseAuditRecord } from "./audit-record-text.ts";
import { RecordsFileError } from "./records-file-error.ts";
import type { SourceText } from "./source-text.ts";
import { MAX_RECORD_BYTES, TOO_LONG } from "./source-text.ts";
import { findCsvLayout, splitCsv } from "./split-csv.ts";
import { splitJsonArray } from "./split-json-array.ts";
import { splitJsonObjects } from "./split-json-objects.ts";
import { splitLines } from "./split-lines.ts";

export interface ReadRecordsOptions {
  /** Told of each row that cannot be used, in the order of the file. */
  readonly onInvalid: (invalid: InvalidRecord) => void;
}

const CHUNK_BYTES = 1024 * 1024;
/** The first line of a file, by which its format is known, is taken to be within these. */
const HEAD_BYTES = 64 * 1024;

/**
 * Yields the usable records of a user's audit export, in the order of the file: a CSV with a column
 * `AuditData` (Purview's audit search, `Search-UnifiedAuditLog | Export-Csv`), or the records, or
 * the rows of `Search-UnifiedAuditLog | ConvertTo-Json`, as a JSON array, as JSON objects on any
 * number of lines, or as NDJSON. Recognised by content, in UTF-8 or UTF-16. The file is streamed;
 * throws RecordsFileError when it cannot be used as a whole.
 */
export async function* readRecords(
  file: string,
  { onInvalid }: ReadRecordsOptions,
): AsyncGenerator<AuditRecordText> {
  let records = 0;
  let invalid = 0;
  for await (const piece of sourceTexts(file)) {
    const record = toRecord(piece);
    if ("reason" in record) {
      invalid++;
      onInvalid(record);
    } else {
      records++;
      yield record;
    }
  }
  if (records === 0) {
    throw new RecordsFileError(
      `records file must hold at least one usable record, got ${file} with ` +
        `${invalid === 0 ? "no rows" : `${invalid} invalid ${invalid === 1 ? "row" : "rows"} alone`}` +
        ": a record is JSON with an Id and a CreationTime, check that the export is complete",
    );
  }
}

function toRecord(piece: SourceText): AuditRecordText | InvalidRecord {
  const { line, record, bytes, endsFile } = piece;
  const unread = unreadable(piece);
  if (unread !== undefined) {
    return { line, record, reason: unread };
  }
  const text = bytes.toString("utf8");
  if (endsFile && !isJson(text)) {
    return { line, record, reason: "record must be whole, got a file that ends within it" };
  }
  const read = parseAuditRecord(text, line);
  return "reason" in read ? { ...read, record } : read;
}

/** Why the bytes of a piece cannot even be read as text. */
function unreadable({ bytes, reason }: SourceText): string | undefined {
  if (reason !== undefined) {
    return reason;
  }
  if (bytes.length > MAX_RECORD_BYTES) {
    return TOO_LONG;
  }
  return isUtf8(bytes)
    ? undefined
    : "record must be UTF-8 text, got other bytes: export it as UTF-8";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function* sourceTexts(file: string): AsyncGenerator<SourceText> {
  const chunks = utf8Chunks(file);
  try {
    const { value: head = Buffer.alloc(0) } = await chunks.next();
    const text = head.toString("utf8", 0, HEAD_BYTES);
    const first = text.trimStart()[0];
    if (first === "[") {
      yield* splitJsonArray(resume(head, chunks));
      return;
    }
    if (first === "{") {
      const before = beforeArray.exec(text)?.[0];
      if (before !== undefined) {
        const linesBefore = before.split("\n").length - 1;
        const array = resume(head.subarray(Buffer.byteLength(before)), chunks);
        yield* splitJsonArray(array, { linesBefore, isMember: true });
      } else {
        yield* (spansLines(text) ? splitJsonObjects : splitLines)(resume(head, chunks));
      }
      return;
    }
    const layout = findCsvLayout(text);
    if (!layout) {
      const start = JSON.stringify(text.trim().slice(0, 40));
      throw new RecordsFileError(
        "records file must be a CSV with a column AuditData, a JSON array or NDJSON, " +
          `got ${file}, which ${first === undefined ? "is empty" : `starts with ${start}`}: ` +
          "export it from Purview's audit search or with Search-UnifiedAuditLog",
      );
    }
    yield* splitCsv(resume(head.subarray(layout.bytesBefore), chunks), layout);
  } finally {
    await chunks.return(undefined);
  }
}

/**
 * What stands before the array that Windows PowerShell puts into an object, and OData too
 * (https://github.com/PowerShell/PowerShell/issues/3153).
 */
const beforeArray =
  /^\s*\{(?:\s*"(?:@odata[^"\\]*|Count)"\s*:\s*(?:"[^"\\]*"|\d+)\s*,)*\s*"value"\s*:\s*(?=\[)/i;

/** Whether a JSON object begins that does not end on its line, as no line of NDJSON does. */
function spansLines(head: string): boolean {
  const [firstLine] = /^\s*\{[^\n]*(?=\n\s*")/.exec(head) ?? [];
  return firstLine !== undefined && !isJson(firstLine);
}

/** The file as UTF-8 without a byte order mark; the first chunk holds `HEAD_BYTES` if the file does. */
async function* utf8Chunks(file: string): AsyncGenerator<Buffer, undefined, undefined> {
  let head: Buffer | undefined = Buffer.alloc(0);
  let toUtf8 = (chunk: Buffer) => chunk;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
      if (!head) {
        yield toUtf8(chunk as Buffer);
        continue;
      }
      head = Buffer.concat([head, chunk as Buffer]);
      if (head.length >= HEAD_BYTES) {
        toUtf8 = transcoder(head);
        yield toUtf8(head);
        head = undefined;
      }
    }
  } catch (error) {
    throw asRecordsFileError(error, file);
  }
  if (head) {
    yield transcoder(head)(head);
  }
}

function transcoder(head: Buffer): (chunk: Buffer) => Buffer {
  const encoding = utf16Encoding(head);
  if (encoding) {
    const decoder = new TextDecoder(encoding);
    return (chunk) => Buffer.from(decoder.decode(chunk, { stream: true }));
  }
  const mark = head.toString("hex", 0, 3) === "efbbbf" ? 3 : 0;
  return (chunk) => (chunk === head ? chunk.subarray(mark) : chunk);
}

/** UTF-16 by its mark, or, as every format begins with an ASCII character, by that one's zero. */
function utf16Encoding([first, second]: Buffer): string | undefined {
  if ((first === 0xff && second === 0xfe) || second === 0) {
    return "utf-16le";
  }
  return (first === 0xfe && second === 0xff) || first === 0 ? "utf-16be" : undefined;
}

async function* resume(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* rest;
}

function asRecordsFileError(error: unknown, file: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) {
    return error;
  }
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new RecordsFileError(`records file must exist, got ${file}: check the path`);
  }
  if (code === "EISDIR") {
    return new RecordsFileError(
      `records file must be a file, got the directory ${file}: name one file in it`,
    );
  }
  return new RecordsFileError(
    `records file must be readable, got ${code} for ${file}: copy it to a place that you can read`,
  );
}
