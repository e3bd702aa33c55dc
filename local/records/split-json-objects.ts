import { GatheredBytes } from "./gathered-bytes.ts";
import { JsonNesting } from "./json-nesting.ts";
import { TOO_LONG } from "./source-text.ts";
import type { SourceText } from "./source-text.ts";

const LF = 0x0a;

/**
 * Yields the source text of each of the JSON objects that follow one another in a file, each on any
 * number of lines, as `ConvertTo-Json` writes them; what stands between them is yielded by the line.
 */
export async function* splitJsonObjects(chunks: AsyncIterable<Buffer>): AsyncGenerator<SourceText> {
  const gathered = new GatheredBytes();
  const nesting = new JsonNesting();
  let line = 1;
  let pieceLine = 0;
  const take = (endsFile: boolean): SourceText => {
    const piece = { line: pieceLine, endsFile };
    pieceLine = 0;
    const bytes = gathered.take();
    return bytes ? { ...piece, bytes } : { ...piece, bytes: Buffer.alloc(0), reason: TOO_LONG };
  };

  for await (const chunk of chunks) {
    let start = 0;
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index]!;
      if (pieceLine === 0 && !isSpace(byte)) {
        pieceLine = line;
        start = index;
      }
      const wasOpen = nesting.isOpen;
      nesting.read(byte);
      const isEnd = wasOpen ? !nesting.isOpen : byte === LF;
      if (pieceLine > 0 && isEnd) {
        gathered.add(chunk.subarray(start, index + 1));
        yield take(false);
      }
      if (byte === LF) {
        line++;
      }
    }
    if (pieceLine > 0) {
      gathered.add(chunk.subarray(start));
    }
  }
  if (pieceLine > 0) {
    yield take(true);
  }
}

const isSpace = (byte: number) => byte === 0x20 || byte === LF || byte === 0x0d || byte === 0x09;
