import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { sideBySide } from "../../../local/rehearsal/side-by-side.ts";

test("Jobs go on side by side, so many at a time, and one that fails stops no other", async () => {
  let running = 0;
  let most = 0;
  const job = (name: string, fails = false) => ({
    name,
    run: async () => {
      most = Math.max(most, ++running);
      await setTimeout(5);
      running--;
      if (fails) {
        throw new Error("it broke");
      }
      return "it held";
    },
  });
  const told: string[] = [];
  const jobs = [job("a"), job("b", true), job("c")];
  const outcomes = await sideBySide(jobs, 2, ({ name }) => told.push(name));
  expect(most).toBe(2);
  expect(told.toSorted()).toEqual(["a", "b", "c"]);
  expect(outcomes.find(({ name }) => name === "b")?.problem).toBe("it broke");
  expect(outcomes.find(({ name }) => name === "c")?.found).toBe("it held");
});
