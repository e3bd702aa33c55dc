import { describe, expect, test } from "vitest";
import { localClientSecret } from "../../../local/deployed-tenant.ts";
import { recordMarker } from "../../../local/faults/case-content.ts";
import { leaksIn, readable, type Leak } from "../../../local/faults/leaks.ts";
import { rotatedSecret } from "../../../local/faults/planned-events.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const asForm = (secret: string) => new URLSearchParams({ client_secret: secret }).toString();
const token = `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.c`;

describe("leaksIn", () => {
  const leaks: readonly (readonly [string, string, Leak])[] = [
    ["a secret", localClientSecret, "secret"],
    ["a secret in a form", asForm(localClientSecret), "secret"],
    ["a rotated secret", rotatedSecret(1), "secret"],
    ["a header with a token", "Bearer abc", "token"],
    ["a token", token, "token"],
    ["a record", `{"Subject":"${recordMarker} 1"}`, "record"],
  ];

  test.each(leaks)("finds %s", (_, text, leak) => {
    expect(leaksIn({ outputs: { body: text } })).toEqual([leak]);
  });

  test.each(leaks)("finds %s in a body that the history shows in base64", (_, text, leak) => {
    const body = { "$content-type": "text/plain", $content: base64(`before ${text} after`) };
    expect(JSON.stringify(body)).not.toContain(text);
    expect(leaksIn([{ outputs: { body } }])).toEqual([leak]);
  });

  test.each(leaks)("finds %s in such a body within a text", (_, text, leak) => {
    const body = { "$content-type": "text/plain", $content: base64(text) };
    expect(leaksIn({ inputs: JSON.stringify({ body }) })).toEqual([leak]);
    expect(leaksIn({ inputs: JSON.stringify({ inner: JSON.stringify({ body }) }) })).toEqual([
      leak,
    ]);
  });

  test("finds nothing where there is nothing", () => {
    const body = { "$content-type": "text/plain", $content: base64("not found") };
    expect(leaksIn(undefined)).toEqual([]);
    expect(leaksIn({ inputs: "Content not shown", outputs: { body } })).toEqual([]);
    expect(readable({ body })).toContain('"$content":"not found"');
  });
});
