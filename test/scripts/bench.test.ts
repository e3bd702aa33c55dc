import { expect, test } from "vitest";
import { bench } from "../../scripts/bench.ts";

test.each([
  [undefined, "nothing"],
  ["plan", "plan"],
])("bench fails on the subject %s", (subject, shown) => {
  expect(() => bench(subject, false)).toThrow(`subject must be one of synth, got ${shown}`);
});
