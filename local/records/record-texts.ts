import { openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";

import { TemporaryFolder } from "../../plan/temporary-folder.ts";

const SLAB_BYTES = 16 * 1024 * 1024;
/** Full slabs that stay in memory; the rest goes to a temporary file. */
const SLABS_KEPT = 4;

interface Slab {
  /** Undefined once it is in the file. */
  bytes: Buffer | undefined;
  used: number;
  /** Where it starts in the file. */
  offset: number;
}

/**
 * Holds many records' texts as UTF-8 outside the JavaScript heap, and all but 64 MB of them outside
 * memory; about 30 bytes a record come on top. The file goes with the process.
 */
export class RecordTexts {
  private readonly slabs: Slab[] = [];
  private readonly slabOf: number[] = [];
  private readonly startOf: number[] = [];
  private readonly endOf: number[] = [];
  private file: number | undefined;
  private fileBytes = 0;

  get count(): number {
    return this.slabOf.length;
  }

  /** Keeps a text under the next index, the first being 0. */
  add(text: string): void {
    const length = Buffer.byteLength(text);
    const slab = this.slabWith(length);
    slab.bytes!.write(text, slab.used);
    this.slabOf.push(this.slabs.length - 1);
    this.startOf.push(slab.used);
    slab.used += length;
    this.endOf.push(slab.used);
  }

  /** A JSON array of the texts at these indices, each byte for byte. */
  jsonArray(indices: readonly number[]): string {
    return `[${indices.map((index) => this.text(index)).join(",")}]`;
  }

  private slabWith(room: number): Slab {
    const last = this.slabs.at(-1);
    if (last && last.used + room <= last.bytes!.length) {
      return last;
    }
    if (last && this.slabs.length > SLABS_KEPT) {
      this.moveToFile(last);
    }
    const bytes = Buffer.allocUnsafe(Math.max(SLAB_BYTES, room));
    const slab = { bytes, used: 0, offset: 0 };
    this.slabs.push(slab);
    return slab;
  }

  private moveToFile(slab: Slab): void {
    this.file ??= openTemporaryFile();
    slab.offset = this.fileBytes;
    for (let written = 0; written < slab.used;) {
      written += writeSync(this.file, slab.bytes!, written, slab.used - written);
    }
    this.fileBytes += slab.used;
    slab.bytes = undefined;
  }

  private text(index: number): string {
    const { bytes, offset } = this.slabs[this.slabOf[index]!]!;
    const [start, end] = [this.startOf[index]!, this.endOf[index]!];
    if (bytes) {
      return bytes.toString("utf8", start, end);
    }
    const text = Buffer.allocUnsafe(end - start);
    for (let read = 0; read < text.length;) {
      read += readSync(this.file!, text, read, text.length - read, offset + start + read);
    }
    return text.toString("utf8");
  }
}

function openTemporaryFile(): number {
  const { path } = new TemporaryFolder("records");
  return openSync(join(path, "texts"), "wx+");
}
