/** Random values that are the same for the same seed (sfc32, by Chris Doty-Humphrey's PractRand). */
export class SeededRandom {
  private a: number;
  private b: number;
  private c = 0x9e3779b9;
  private counter = 1;

  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new Error(`seed must be a whole number from 0 to 2^53 - 1, got ${seed}`);
    }
    this.a = seed | 0;
    this.b = Math.floor(seed / 2 ** 32) | 0;
    for (let round = 0; round < 15; round++) {
      this.uint32();
    }
  }

  /** From 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (this.a + this.b + this.counter++) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** From 0 up to, not including, 1. */
  fraction(): number {
    return this.uint32() / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  /** True with this probability, 0 to 1. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One item of a list that is not empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.whole(0, items.length - 1)]!;
  }

  /** `digits` lower-case hexadecimal digits. */
  hex(digits: number): string {
    let text = "";
    while (text.length < digits) {
      text += this.uint32().toString(16).padStart(8, "0");
    }
    return text.slice(0, digits);
  }

  /** A version 4 GUID. */
  guid(): string {
    const hex = this.hex(32);
    const variant = "89ab"[this.whole(0, 3)]!;
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      `${variant}${hex.slice(17, 20)}`,
      hex.slice(20),
    ].join("-");
  }
}
