import { GatheredBytes } from "./gathered-bytes.ts";
import { JsonNesting } from "./json-nesting.ts";
import { TOO_LONG } from "./source-text.ts";
import type { SourceText } from "./source-text.ts";

const LF = 0x0a;
const COMMA = 0x2c;
const CLOSING_BRACKET = 0x5d;

/** Where a JSON array is in its file. */
export interface ArrayPlace {
  /** Lines of the file before the array's first. */
  readonly linesBefore: number;
  /** Whether it is a member of an object, so that more may follow it. */
  readonly isMember: boolean;
}

/**
 * Yields the source text of each element of a JSON array. Streaming JSON parsers give values, from
 * which number formatting, spacing and escapes cannot be had back; this only finds where an element
 * starts and ends, and leaves it to the reader whether that is valid JSON.
 */
export async function* splitJsonArray(
  chunks: AsyncIterable<Buffer>,
  place: ArrayPlace = { linesBefore: 0, isMember: false },
): AsyncGenerator<SourceText> {
  const splitter = new JsonArraySplitter(place);
  for await (const chunk of chunks) {
    yield* splitter.read(chunk);
  }
  yield* splitter.end();
}

class JsonArraySplitter {
  private place: "before" | "element due" | "in element" | "after" | "done" = "before";
  private readonly isMember: boolean;
  private line: number;
  private elementLine = 1;
  private lastLine = 0;
  private elements = 0;
  private nesting = new JsonNesting();
  private readonly gathered = new GatheredBytes();

  constructor({ linesBefore, isMember }: ArrayPlace) {
    this.line = linesBefore + 1;
    this.isMember = isMember;
  }

  /** The elements that end in this chunk. */
  read(chunk: Buffer): SourceText[] {
    const ended: SourceText[] = [];
    let start = 0;
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index]!;
      if (byte === LF) {
        this.line++;
      }
      if (this.nesting.isOpen) {
        this.nesting.read(byte);
        continue;
      }
      if (isSpace(byte)) {
        continue;
      }
      switch (this.place) {
        case "before":
          this.place = "element due";
          break;
        case "element due":
          if (byte === CLOSING_BRACKET) {
            if (this.elements > 0) {
              ended.push(this.element(this.line, { bytes: NOTHING }));
            }
            this.place = "after";
          } else if (byte === COMMA) {
            ended.push(this.element(this.line, { bytes: NOTHING }));
          } else {
            this.place = "in element";
            this.elementLine = this.line;
            start = index;
            this.nesting.read(byte);
          }
          break;
        case "in element":
          if (byte === COMMA || byte === CLOSING_BRACKET) {
            this.gathered.add(chunk.subarray(start, index));
            ended.push(this.takeElement(false));
            this.place = byte === COMMA ? "element due" : "after";
          } else {
            this.nesting.read(byte);
          }
          break;
        case "after":
          if (!this.isMember) {
            ended.push(this.element(this.line, { bytes: NOTHING, reason: BEHIND_THE_END }));
          }
          this.place = "done";
          return ended;
        case "done":
          return ended;
      }
    }
    if (this.place === "in element") {
      this.gathered.add(chunk.subarray(start));
    }
    return ended;
  }

  /** What the file, cut off before the array's end, leaves. */
  end(): SourceText[] {
    if (this.place === "in element") {
      return [this.takeElement(true)];
    }
    const cutBehindComma = this.place === "element due" && this.elements > 0;
    return cutBehindComma ? [this.element(this.line, { bytes: NOTHING, endsFile: true })] : [];
  }

  private takeElement(endsFile: boolean): SourceText {
    this.nesting = new JsonNesting();
    const bytes = this.gathered.take();
    return this.element(
      this.elementLine,
      bytes ? { bytes: trimEnd(bytes), endsFile } : { bytes: NOTHING, endsFile, reason: TOO_LONG },
    );
  }

  private element(
    line: number,
    piece: Pick<SourceText, "bytes" | "reason"> & { endsFile?: boolean },
  ): SourceText {
    this.elements++;
    const record = line === this.lastLine ? this.elements : undefined;
    this.lastLine = line;
    return { line, record, endsFile: false, ...piece };
  }
}

const NOTHING = Buffer.alloc(0);
const BEHIND_THE_END = "record must stand inside the JSON array, got text behind the array's end";

const isSpace = (byte: number) => byte === 0x20 || byte === LF || byte === 0x0d || byte === 0x09;

function trimEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && isSpace(bytes[end - 1]!)) {
    end--;
  }
  return bytes.subarray(0, end);
}
