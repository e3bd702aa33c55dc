import { expect, test } from "vitest";

import { crc64 } from "../../local/crc64.ts";

// The check value of the polynomial, AE8B14860A799888, and what Microsoft's client library computes.
test.each([
  ["123456789", "iJh5CoYUi64="],
  ["", "AAAAAAAAAAA="],
])("crc64 of %j is %s", (text, expected) => {
  expect(crc64(new TextEncoder().encode(text))).toBe(expected);
});
