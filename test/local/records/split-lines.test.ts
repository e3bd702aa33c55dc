import { describe, expect, test } from "vitest";

import { MAX_RECORD_BYTES } from "../../../local/records/source-text.ts";
import { splitLines } from "../../../local/records/split-lines.ts";

async function* inChunks(bytes: Buffer, size: number) {
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
  }
}

async function split(text: string, size = 1024) {
  const lines = [];
  for await (const line of splitLines(inChunks(Buffer.from(text), size))) {
    lines.push(line);
  }
  return lines;
}

describe("splitLines", () => {
  test("yields lines wherever the chunks end, blank ones left out", async () => {
    const text = "one\r\n\n \t\r\ntwo \u2028 é\n three\n";
    for (let size = 1; size <= Buffer.byteLength(text); size++) {
      const lines = await split(text, size);
      expect(lines.map(({ line, bytes }) => [line, bytes.toString()])).toEqual([
        [1, "one"],
        [4, "two \u2028 é"],
        [5, " three"],
      ]);
    }
  });

  test("marks a last line without its end", async () => {
    expect((await split("one\ntwo")).map(({ endsFile }) => endsFile)).toEqual([false, true]);
    expect((await split("one\ntwo\n")).map(({ endsFile }) => endsFile)).toEqual([false, false]);
  });

  test("does not gather a line that never ends, and goes on behind it", async () => {
    const lines = await split(`${"x".repeat(MAX_RECORD_BYTES + 1)}\nnext`, 1024 * 1024);
    expect(lines.map(({ bytes, reason }) => [bytes.toString(), reason])).toEqual([
      [
        "",
        "record must be at most 32 MiB long, got more: " +
          "a quote or a bracket before it may never be closed",
      ],
      ["next", undefined],
    ]);
  });
});
