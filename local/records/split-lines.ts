import { MAX_RECORD_BYTES, TOO_LONG } from "./source-text.ts";
import type { SourceText } from "./source-text.ts";

const LF = 0x0a;
const CR = 0x0d;

/**
 * Yields the lines of a file without their line ends, blank ones left out. Only LF and CR LF end a
 * line: `node:readline` also splits at U+2028, which JSON allows inside a string.
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<SourceText> {
  let line = 1;
  let parts: Buffer[] = [];
  let gathered = 0;
  const gather = (part: Buffer) => {
    gathered += part.length;
    if (gathered <= MAX_RECORD_BYTES) {
      parts.push(part);
    } else {
      parts = [];
    }
  };
  const take = (endsFile: boolean): SourceText | undefined => {
    const tooLong = gathered > MAX_RECORD_BYTES;
    const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    parts = [];
    gathered = 0;
    if (tooLong) {
      return { line, bytes, endsFile, reason: TOO_LONG };
    }
    const text = bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes;
    return text.every(isBlank) ? undefined : { line, bytes: text, endsFile };
  };

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      gather(chunk.subarray(start, end));
      const piece = take(false);
      if (piece) {
        yield piece;
      }
      line++;
      start = end + 1;
    }
    if (start < chunk.length) {
      gather(chunk.subarray(start));
    }
  }
  const last = take(true);
  if (last) {
    yield last;
  }
}

const isBlank = (byte: number) => byte === 0x20 || byte === 0x09 || byte === CR;
