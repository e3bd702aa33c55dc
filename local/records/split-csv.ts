import { pipeline, Readable } from "node:stream";

import { parse } from "csv-parse";
import { parse as parseText } from "csv-parse/sync";

import type { SourceText } from "./source-text.ts";

/** Where the records are in an audit export. */
export interface CsvLayout {
  readonly delimiter: string;
  /** Index of the column with the records. */
  readonly column: number;
  /** Lines of the file before the header. */
  readonly linesBefore: number;
  /** Bytes of the file before the header. */
  readonly bytesBefore: number;
}

const RECORD_COLUMN = "auditdata";
const DELIMITERS = [",", ";", "\t"];

/**
 * Finds the column `AuditData`, in any case, in the header of a CSV file; undefined when `head` does
 * not start like one. Export-Csv of Windows PowerShell puts a line `#TYPE` before the header
 * (https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.utility/export-csv).
 */
export function findCsvLayout(head: string): CsvLayout | undefined {
  const before = /^(?:(?:#TYPE [^\n]*|[ \t\r]*)\n)*/.exec(head)![0];
  const header = /^[^\n]*/.exec(head.slice(before.length))![0];
  for (const delimiter of DELIMITERS) {
    const names = columnNames(header, delimiter);
    const column = names.findIndex((name) => name.trim().toLowerCase() === RECORD_COLUMN);
    if (column >= 0) {
      const linesBefore = before.split("\n").length - 1;
      return { delimiter, column, linesBefore, bytesBefore: Buffer.byteLength(before) };
    }
  }
  return undefined;
}

function columnNames(header: string, delimiter: string): readonly string[] {
  const [names = []] = parseText(header.trimEnd(), {
    delimiter,
    relax_quotes: true,
    skip_records_with_error: true,
  });
  return names;
}

/** Yields the cells that hold the records, from rows of any length; blank rows are left out. */
export async function* splitCsv(
  chunks: AsyncIterable<Buffer>,
  layout: CsvLayout,
): AsyncGenerator<SourceText> {
  let isCut = false;
  const parser = parse({
    delimiter: layout.delimiter,
    record_delimiter: ["\r\n", "\n"],
    encoding: null,
    relax_column_count: true,
    relax_quotes: true,
    skip_records_with_error: true,
    // With relaxed quotes only one thing is an error: the file ends within a quoted cell.
    on_skip: () => {
      isCut = true;
      return undefined;
    },
  });
  const rows = pipeline(Readable.from(chunks), parser, () => undefined) as AsyncIterable<Buffer[]>;
  let line = layout.linesBefore + 1;
  let isHeader = true;
  for await (const row of rows) {
    const isBlank = row.length === 1 && row[0]!.length === 0;
    if (!isHeader && !isBlank) {
      yield { line, bytes: row[layout.column] ?? Buffer.alloc(0), endsFile: false };
    }
    isHeader = false;
    // The parser's own count takes a CR LF inside a cell for two lines.
    line += 1 + row.reduce((breaks, cell) => breaks + lineBreaks(cell), 0);
  }
  if (isCut) {
    yield { line, bytes: Buffer.alloc(0), endsFile: true };
  }
}

function lineBreaks(cell: Buffer): number {
  let breaks = 0;
  for (let at = cell.indexOf(0x0a); at >= 0; at = cell.indexOf(0x0a, at + 1)) {
    breaks++;
  }
  return breaks;
}
