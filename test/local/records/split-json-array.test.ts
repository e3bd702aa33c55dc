import { describe, expect, test } from "vitest";

import { MAX_RECORD_BYTES } from "../../../local/records/source-text.ts";
import { splitJsonArray } from "../../../local/records/split-json-array.ts";

async function* inChunks(bytes: Buffer, size: number) {
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
  }
}

async function split(text: string, size = 1024) {
  const elements = [];
  for await (const element of splitJsonArray(inChunks(Buffer.from(text), size))) {
    elements.push(element);
  }
  return elements;
}

describe("splitJsonArray", () => {
  const texts = [
    `{"a":"]}\\"{[,\\\\"}`,
    `{ "b" : [ [ ], { } ] ,\n "c":"é🚀" }`,
    `"x,\\\\"`,
    "1.0E+2",
    "[[],[]]",
    "null",
  ];

  test("yields each element's source wherever the chunks end", async () => {
    const array = ` [ ${texts.join(" ,\n")} \n] \n`;
    for (let size = 1; size <= Buffer.byteLength(array); size++) {
      const elements = await split(array, size);
      expect(elements.map(({ bytes }) => bytes.toString())).toEqual(texts);
      expect(elements.map(({ line }) => line)).toEqual([1, 2, 4, 5, 6, 7]);
    }
  });

  test("keeps a stray closing brace with its element", async () => {
    const elements = await split(`[{"a":1}},{"b":2}]`);
    expect(elements.map(({ bytes }) => bytes.toString())).toEqual([`{"a":1}}`, `{"b":2}`]);
  });

  test("marks what the file ends within", async () => {
    const elements = await split(`[1,{"a":`);
    expect(elements.map(({ bytes, endsFile }) => [bytes.toString(), endsFile])).toEqual([
      ["1", false],
      [`{"a":`, true],
    ]);
  });

  test("does not gather an element that never ends", async () => {
    const [element] = await split(`["${"x".repeat(MAX_RECORD_BYTES)}`, 1024 * 1024);
    expect(element).toEqual({
      line: 1,
      bytes: Buffer.alloc(0),
      endsFile: true,
      reason:
        "record must be at most 32 MiB long, got more: " +
        "a quote or a bracket before it may never be closed",
    });
  });
});
