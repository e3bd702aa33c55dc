import { describe, expect, test } from "vitest";

import { RecordTexts } from "../../../local/records/record-texts.ts";

describe("RecordTexts", () => {
  test("gives texts back byte for byte, in the order asked for", () => {
    const texts = new RecordTexts();
    [`{ "a":1.50 }`, `{"é":"🚀"}`, `{}`].forEach((text) => texts.add(text));
    expect(texts.count).toBe(3);
    expect(texts.jsonArray([2, 0, 1, 0])).toBe(`[{},{ "a":1.50 },{"é":"🚀"},{ "a":1.50 }]`);
  });

  test("keeps texts of any size", () => {
    const texts = new RecordTexts();
    const sizes = [10, 9_000_000, 20_000_000, 9_000_000, 10];
    sizes.forEach((size, index) => texts.add(String(index).repeat(size)));
    sizes.forEach((size, index) => {
      const body = texts.jsonArray([index]);
      expect([body.length, body.slice(0, 3), body.slice(-3)]).toEqual([
        size + 2,
        `[${String(index).repeat(2)}`,
        `${String(index).repeat(2)}]`,
      ]);
    });
  });

  test("keeps 64 MB in memory and the rest in a file", () => {
    const before = process.memoryUsage().arrayBuffers;
    const texts = new RecordTexts();
    const text = (index: number) => `"${index} é${"x".repeat(999_990)}"`;
    for (let index = 0; index < 160; index++) {
      texts.add(text(index));
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 1024 * 1024);
    for (const indices of [
      [0, 159],
      [158, 63, 64, 65],
      [100, 17, 100],
    ]) {
      expect(texts.jsonArray(indices) === `[${indices.map(text).join(",")}]`).toBe(true);
    }
  });
});
