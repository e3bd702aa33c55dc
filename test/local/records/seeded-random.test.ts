import { describe, expect, test } from "vitest";

import { SeededRandom } from "../../../local/records/seeded-random.ts";

const draws = (seed: number) => {
  const random = new SeededRandom(seed);
  return Array.from({ length: 100 }, () => random.uint32());
};

describe("SeededRandom", () => {
  test("repeats itself for the same seed alone", () => {
    expect(draws(7)).toEqual(draws(7));
    const firsts = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1].map((seed) => draws(seed)[0]);
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  test.each([-1, 0.5, NaN, 2 ** 53])("fails on the seed %p", (seed) => {
    expect(() => new SeededRandom(seed)).toThrow(
      `seed must be a whole number from 0 to 2^53 - 1, got ${seed}`,
    );
  });

  test("draws whole numbers from the first to the last, evenly", () => {
    const random = new SeededRandom(1);
    const counts = [0, 0, 0, 0];
    for (let draw = 0; draw < 8000; draw++) {
      const value = random.whole(3, 6);
      counts[value - 3]!++;
    }
    expect(counts.every((count) => count > 1800 && count < 2200)).toBe(true);
  });

  test("is true as often as asked", () => {
    const random = new SeededRandom(1);
    const hits = Array.from({ length: 10_000 }, () => random.chance(0.2)).filter(Boolean).length;
    expect(hits).toBeGreaterThan(1850);
    expect(hits).toBeLessThan(2150);
  });

  test("makes hexadecimal text and GUIDs", () => {
    const random = new SeededRandom(1);
    expect(random.hex(19)).toMatch(/^[0-9a-f]{19}$/);
    for (let draw = 0; draw < 50; draw++) {
      expect(random.guid()).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }
  });
});
