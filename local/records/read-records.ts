import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";

import type { AuditRecordText, InvalidRecord } from "./audit-record-text.ts";
import { parseAuditRecord } from "./audit-record-text.ts";
import { RecordsFileError } from "./records-file-error.ts";
import type { SourceText } from "./source-text.ts";
import { MAX_RECORD_BYTES, TOO_LONG } from "./source-text.ts";
import { findCsvLayout, splitCsv } from "./split-csv.ts";
import { splitJsonArray } from "./split-json-array.ts";
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
 * `AuditData` (Purview's audit search, `Search-UnifiedAuditLog | Export-Csv`), a JSON array or
 * NDJSON, recognised by content, in UTF-8 or UTF-16. The file is streamed; throws RecordsFileError
 * when it cannot be used as a whole.
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

function toRecord({ line, bytes, endsFile, reason }: SourceText): AuditRecordText | InvalidRecord {
  if (reason !== undefined) {
    return { line, reason };
  }
  if (bytes.length > MAX_RECORD_BYTES) {
    return { line, reason: TOO_LONG };
  }
  if (!isUtf8(bytes)) {
    return { line, reason: "record must be UTF-8 text, got other bytes: export it as UTF-8" };
  }
  const text = bytes.toString("utf8");
  if (endsFile && !isJson(text)) {
    return { line, reason: "record must be whole, got a file that ends within it" };
  }
  return parseAuditRecord(text, line);
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
      yield* splitLines(resume(head, chunks));
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
  const encoding = utf16Marks[head.toString("hex", 0, 2)];
  if (encoding) {
    const decoder = new TextDecoder(encoding);
    return (chunk) => Buffer.from(decoder.decode(chunk, { stream: true }));
  }
  const mark = head.toString("hex", 0, 3) === "efbbbf" ? 3 : 0;
  return (chunk) => (chunk === head ? chunk.subarray(mark) : chunk);
}

const utf16Marks: Readonly<Record<string, string>> = { fffe: "utf-16le", feff: "utf-16be" };

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
