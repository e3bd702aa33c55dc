import { expect, test } from "vitest";
import { busiest } from "../../../local/bench/busiest.ts";

const seconds = [
  [0, 5],
  [59, 5],
  [60, 4],
  [119, 1],
  [500, 3],
].map(([second, actions]) => ({
  second: second!,
  actions: actions!,
  feedRequests: 0,
  feedRefused: 0,
  contentBytes: 0,
}));

test("the busiest minute may begin at any second", () => {
  expect(busiest(seconds, 60, ({ actions }) => actions)).toBe(10);
  expect(busiest(seconds, 61, ({ actions }) => actions)).toBe(14);
  expect(busiest([], 60, ({ actions }) => actions)).toBe(0);
});
