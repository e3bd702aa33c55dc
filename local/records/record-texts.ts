const SLAB_BYTES = 16 * 1024 * 1024;

/**
 * Holds many records' texts as UTF-8 outside the JavaScript heap, whose default limit several
 * hundred MB of strings would reach; about 30 bytes a record come on top of the texts themselves.
 */
export class RecordTexts {
  private readonly slabs: Buffer[] = [];
  private used = SLAB_BYTES;
  private readonly slabOf: number[] = [];
  private readonly startOf: number[] = [];
  private readonly endOf: number[] = [];

  get count(): number {
    return this.slabOf.length;
  }

  /** Keeps a text under the next index, the first being 0. */
  add(text: string): void {
    const length = Buffer.byteLength(text);
    if (this.used + length > (this.slabs.at(-1)?.length ?? 0)) {
      this.slabs.push(Buffer.allocUnsafe(Math.max(SLAB_BYTES, length)));
      this.used = 0;
    }
    this.slabs.at(-1)!.write(text, this.used);
    this.slabOf.push(this.slabs.length - 1);
    this.startOf.push(this.used);
    this.used += length;
    this.endOf.push(this.used);
  }

  /** A JSON array of the texts at these indices, each byte for byte. */
  jsonArray(indices: readonly number[]): string {
    const texts = indices.map((index) =>
      this.slabs[this.slabOf[index]!]!.toString("utf8", this.startOf[index], this.endOf[index]),
    );
    return `[${texts.join(",")}]`;
  }
}
