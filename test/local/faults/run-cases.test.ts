import { describe, expect, test } from "vitest";
import { runCases } from "../../../local/faults/run-cases.ts";

describe("runCases", () => {
  test("comes to the same with any number of processes, in the order of the numbers", async () => {
    const numbers = [15, 7, 11];
    const ended: number[] = [];
    const one = await runCases({ seed: 3, numbers, workers: 1 });
    const two = await runCases({
      seed: 3,
      numbers,
      workers: 2,
      onVerdict: ({ number }) => ended.push(number),
    });
    expect(two).toEqual(one);
    expect(two.map(({ number }) => number)).toEqual(numbers);
    expect(ended.sort((a, b) => a - b)).toEqual([7, 11, 15]);
  });

  test("says which case could not be simulated", async () => {
    await expect(runCases({ seed: 3, numbers: [-1] })).rejects.toThrow(
      "case -1 of seed 3 could not be simulated: Error: number must be a whole number from 0 to 4294967295, got -1",
    );
  });
});
