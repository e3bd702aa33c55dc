import { expect, test } from "vitest";
import { formatDuration } from "../../feed/duration.ts";

test.each([
  [-5_000, "0s"],
  [0, "0s"],
  [999, "1s"],
  [526_000, "8m 46s"],
  [900_000, "15m"],
  [3_599_000, "59m 59s"],
  [3_600_000, "1h"],
  [129_600_000, "1d 12h"],
  [86_460_000, "1d"],
])("%i ms are %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
