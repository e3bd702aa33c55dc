import { MAX_RECORD_BYTES, TOO_LONG } from "./source-text.ts";
import type { SourceText } from "./source-text.ts";

const LF = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/**
 * Yields the source text of each element of a JSON array. Streaming JSON parsers give values, from
 * which number formatting, spacing and escapes cannot be had back; this only finds where an element
 * starts and ends, and leaves it to the reader whether that is valid JSON.
 */
export async function* splitJsonArray(chunks: AsyncIterable<Buffer>): AsyncGenerator<SourceText> {
  const splitter = new JsonArraySplitter();
  for await (const chunk of chunks) {
    yield* splitter.read(chunk);
  }
  yield* splitter.end();
}

class JsonArraySplitter {
  private place: "before" | "element due" | "in element" | "after" | "done" = "before";
  private line = 1;
  private depth = 0;
  private inString = false;
  private escaped = false;
  private elementLine = 1;
  private elements = 0;
  private parts: Buffer[] = [];
  private gathered = 0;

  /** The elements that end in this chunk. */
  read(chunk: Buffer): SourceText[] {
    const ended: SourceText[] = [];
    let start = 0;
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index]!;
      if (byte === LF) {
        this.line++;
      }
      if (this.inString) {
        if (this.escaped) {
          this.escaped = false;
        } else if (byte === BACKSLASH) {
          this.escaped = true;
        } else if (byte === QUOTE) {
          this.inString = false;
        }
        continue;
      }
      if (isSpace(byte)) {
        continue;
      }
      if (this.place === "in element" && this.depth > 0) {
        if (byte === QUOTE) {
          this.inString = true;
        } else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
          this.depth++;
        } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) {
          this.depth--;
        }
        continue;
      }
      switch (this.place) {
        case "before":
          this.place = "element due";
          break;
        case "element due":
          if (byte === CLOSING_BRACKET) {
            if (this.elements > 0) {
              ended.push({ line: this.line, bytes: NOTHING, endsFile: false });
            }
            this.place = "after";
          } else if (byte === COMMA) {
            this.elements++;
            ended.push({ line: this.line, bytes: NOTHING, endsFile: false });
          } else {
            this.place = "in element";
            this.elementLine = this.line;
            start = index;
            this.open(byte);
          }
          break;
        case "in element":
          if (byte === COMMA || byte === CLOSING_BRACKET) {
            this.gather(chunk.subarray(start, index));
            ended.push(this.takeElement(false));
            this.place = byte === COMMA ? "element due" : "after";
          } else {
            this.open(byte);
          }
          break;
        case "after":
          ended.push({ line: this.line, bytes: NOTHING, endsFile: false, reason: BEHIND_THE_END });
          this.place = "done";
          break;
        case "done":
          return ended;
      }
    }
    if (this.place === "in element") {
      this.gather(chunk.subarray(start));
    }
    return ended;
  }

  /** What the file, cut off before the array's end, leaves. */
  end(): SourceText[] {
    if (this.place === "in element") {
      return [this.takeElement(true)];
    }
    const cutBehindComma = this.place === "element due" && this.elements > 0;
    return cutBehindComma ? [{ line: this.line, bytes: NOTHING, endsFile: true }] : [];
  }

  private open(byte: number): void {
    if (byte === QUOTE) {
      this.inString = true;
    } else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      this.depth++;
    }
  }

  private gather(part: Buffer): void {
    this.gathered += part.length;
    if (this.gathered <= MAX_RECORD_BYTES) {
      this.parts.push(part);
    } else {
      this.parts = [];
    }
  }

  private takeElement(endsFile: boolean): SourceText {
    const line = this.elementLine;
    const tooLong = this.gathered > MAX_RECORD_BYTES;
    const bytes = this.parts.length === 1 ? this.parts[0]! : Buffer.concat(this.parts);
    this.parts = [];
    this.gathered = 0;
    this.elements++;
    if (tooLong) {
      return { line, bytes: NOTHING, endsFile, reason: TOO_LONG };
    }
    let end = bytes.length;
    while (end > 0 && isSpace(bytes[end - 1]!)) {
      end--;
    }
    return { line, bytes: bytes.subarray(0, end), endsFile };
  }
}

const NOTHING = Buffer.alloc(0);
const BEHIND_THE_END = "record must stand inside the JSON array, got text behind the array's end";

const isSpace = (byte: number) => byte === 0x20 || byte === LF || byte === 0x0d || byte === 0x09;
