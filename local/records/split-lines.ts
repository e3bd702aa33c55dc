import { GatheredBytes } from "./gathered-bytes.ts";
import { TOO_LONG } from "./source-text.ts";
import type { SourceText } from "./source-text.ts";

const LF = 0x0a;
const CR = 0x0d;

/**
 * Yields the lines of a file without their line ends, blank ones left out. Only LF and CR LF end a
 * line: `node:readline` also splits at U+2028, which JSON allows inside a string.
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<SourceText> {
  const gathered = new GatheredBytes();
  let line = 1;
  const take = (endsFile: boolean): SourceText | undefined => {
    const bytes = gathered.take();
    if (!bytes) {
      return { line, bytes: Buffer.alloc(0), endsFile, reason: TOO_LONG };
    }
    const text = bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes;
    return text.every(isBlank) ? undefined : { line, bytes: text, endsFile };
  };

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      gathered.add(chunk.subarray(start, end));
      const piece = take(false);
      if (piece) {
        yield piece;
      }
      line++;
      start = end + 1;
    }
    if (start < chunk.length) {
      gathered.add(chunk.subarray(start));
    }
  }
  const last = take(true);
  if (last) {
    yield last;
  }
}

const isBlank = (byte: number) => byte === 0x20 || byte === 0x09 || byte === CR;
