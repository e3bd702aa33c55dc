import { MAX_RECORD_BYTES } from "./source-text.ts";

/** Puts a piece of a file together from parts of its chunks, but none beyond `MAX_RECORD_BYTES`. */
export class GatheredBytes {
  private parts: Buffer[] = [];
  private length = 0;

  add(part: Buffer): void {
    this.length += part.length;
    if (this.length <= MAX_RECORD_BYTES) {
      this.parts.push(part);
    } else {
      this.parts = [];
    }
  }

  /** The piece, undefined when it is too long; the next one begins empty. */
  take(): Buffer | undefined {
    const { parts, length } = this;
    this.parts = [];
    this.length = 0;
    if (length > MAX_RECORD_BYTES) {
      return undefined;
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }
}
