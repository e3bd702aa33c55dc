import { describe, expect, test } from "vitest";

import { encodeText } from "../../../local/workspace/encode-text.ts";

describe("encodeText", () => {
  test("encodes a column in UTF-8", () => {
    expect(encodeText('SELECT to_base64(CAST("Text" AS BLOB)) AS "B"')).toBe(
      'SELECT to_base64(encode("Text")) AS "B"',
    );
  });

  test("fails for an expression", () => {
    expect(() => encodeText(`SELECT to_base64(CAST(lower("Text") AS BLOB)) AS "B"`)).toThrow(
      "base64_encodestring must be given a column, got an expression: extend it first",
    );
  });
});
