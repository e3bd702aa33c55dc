import { expect, test } from "vitest";
import { standingCosts } from "../../../local/bench/standing-costs.ts";

test("every standing cost says how much there is and where its price is found", () => {
  for (const { item, amount, source } of standingCosts) {
    expect(item).not.toBe("");
    expect(amount).not.toBe("");
    expect(source).toMatch(/^https:\/\/azure\.microsoft\.com\/pricing\//);
  }
  expect(new Set(standingCosts.map(({ item }) => item)).size).toBe(standingCosts.length);
});
