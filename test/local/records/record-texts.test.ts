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
});
