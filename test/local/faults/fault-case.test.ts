import { describe, expect, test } from "vitest";
import { caseFor, recurrenceMinutes } from "../../../local/faults/fault-case.ts";
import { faultKinds } from "../../../local/faults/fault-kinds.ts";

const kindsOf = (count: number) =>
  Array.from({ length: count }, (_, number) => caseFor(1, number).faults.map(({ kind }) => kind));

describe("caseFor", () => {
  test("gives the same case for the same seed and number, and another for others", () => {
    expect(caseFor(7, 123)).toEqual(caseFor(7, 123));
    expect(caseFor(7, 124).tenant).not.toEqual(caseFor(7, 123).tenant);
    expect(caseFor(8, 123).tenant).not.toEqual(caseFor(7, 123).tenant);
  });

  test("has every kind of fault within a hundred cases, and cases without any", () => {
    const kinds = kindsOf(100);
    expect(new Set(kinds.flat())).toEqual(new Set(Object.keys(faultKinds)));
    expect(kinds.filter((each) => each.length === 0)).toHaveLength(12);
    expect(kinds.some((each) => each.length > 2)).toBe(true);
  });

  test("leaves the collector its first hour, except where the first start is the fault", () => {
    for (let number = 0; number < 200; number++) {
      const { start, faults } = caseFor(3, number);
      for (const { kind, from, to } of faults) {
        const afterMs = from.getTime() - start.getTime();
        expect(kind === "firstStart" ? afterMs === 0 : afterMs >= 3_600_000).toBe(true);
        expect(to >= from).toBe(true);
      }
    }
  });

  test("goes on for some runs after the playbook was disabled", () => {
    for (let number = 0; number < 200; number++) {
      const { end, faults } = caseFor(3, number);
      for (const { to } of faults.filter(({ kind }) => kind === "playbookDisabled")) {
        expect(end.getTime() - to.getTime()).toBeGreaterThan(2 * recurrenceMinutes * 60_000);
      }
    }
  });

  test("draws every reading of the service", () => {
    const drawn = Array.from({ length: 60 }, (_, number) => caseFor(1, number).options);
    for (const key of Object.keys(drawn[0]!) as (keyof (typeof drawn)[0])[]) {
      expect([key, new Set(drawn.map((options) => options[key])).size]).not.toEqual([key, 1]);
    }
  });

  test.each([
    [-1, 0, "seed must be a whole number from 0 to 1048575, got -1"],
    [2 ** 20, 0, "seed must be a whole number from 0 to 1048575, got 1048576"],
    [1, 0.5, "number must be a whole number from 0 to 4294967295, got 0.5"],
  ])("fails for seed %d and number %d", (seed, number, message) => {
    expect(() => caseFor(seed, number)).toThrow(new Error(message));
  });
});
