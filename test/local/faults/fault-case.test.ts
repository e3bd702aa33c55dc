import { describe, expect, test } from "vitest";
import { caseFor, recurrenceMinutes } from "../../../local/faults/fault-case.ts";
import {
  calls,
  faultKinds,
  routineActions,
  type FaultKind,
} from "../../../local/faults/fault-kinds.ts";
import {
  defaultEngineOptions,
  openQuestions,
  type EngineOptions,
} from "../../../local/logic-apps/engine-options.ts";

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
    for (const [key, { others }] of Object.entries(openQuestions)) {
      const option = key as keyof EngineOptions;
      const found = new Set(drawn.map((options) => options[option]));
      expect([key, [...found]]).toEqual([
        key,
        expect.arrayContaining([defaultEngineOptions[option], ...others]),
      ]);
      expect([key, found.size > 1]).toEqual([key, true]);
    }
  });

  test("draws only calls that the playbook makes, and breaks the answer of each", () => {
    const callsOf = (kind: FaultKind) => {
      const drawn = Array.from({ length: 3000 }, (_, number) => caseFor(1, number).faults);
      const of = drawn.flat().filter((fault) => fault.kind === kind);
      return new Set(of.map(({ parameters }) => parameters["call"]));
    };
    expect(callsOf("serverError")).toEqual(new Set(calls));
    expect(callsOf("malformedJson")).toEqual(
      new Set(calls.filter((call) => call !== "writeCheckpoint")),
    );
    // The ingestion answers without a body.
    expect(callsOf("truncatedJson")).toEqual(
      new Set(calls.filter((call) => !["writeCheckpoint", "audit", "health"].includes(call))),
    );
  });

  test("has the subscription off when starting it is disturbed", () => {
    const starting = Array.from({ length: 1000 }, (_, number) => caseFor(1, number).faults).filter(
      (faults) => faults.some(({ parameters }) => parameters["call"] === "start"),
    );
    expect(starting.length).toBeGreaterThan(5);
    for (const faults of starting) {
      expect(faults.map(({ kind }) => kind)).toContain("subscriptionDisabled");
    }
  });

  test("has the run history searched, and second pages where something happens to them", () => {
    const cases = Array.from({ length: 500 }, (_, number) => caseFor(1, number));
    expect(cases.filter(({ searchesHistory }) => !searchesHistory)).toEqual([]);
    const ofPages = cases.filter(({ faults }) =>
      faults.some(({ kind }) => ["pageLost", "pageTwice", "foreignNextPage"].includes(kind)),
    );
    for (const { tenant } of ofPages) {
      // In the two hours that a run looks back.
      const blobs = tenant.recordsADay / tenant.recordsPerBlob / 12;
      expect(blobs / tenant.pageSize).toBeGreaterThan(2);
    }
  });

  test("cancels runs up to the end of those with a backlog, and lets there be one", () => {
    const cases = Array.from({ length: 1000 }, (_, number) => caseFor(1, number));
    const cancelled = cases.flatMap(({ faults, tenant, start, end }) =>
      faults
        .filter(({ kind }) => kind === "runCancelled")
        .map(({ from, parameters }) => ({
          afterActions: parameters["afterActions"] as number,
          isAfterOutage: faults.some(
            ({ kind, to }) => kind === "playbookDisabled" && to.getTime() - from.getTime() < 60_000,
          ),
          blobs:
            (tenant.recordsADay * (end.getTime() - start.getTime())) /
            86_400_000 /
            tenant.recordsPerBlob,
        })),
    );
    expect(Math.max(...cancelled.map(({ afterActions }) => afterActions))).toBeGreaterThan(550);
    const deep = cancelled.filter(({ afterActions }) => afterActions > routineActions);
    expect(deep.length).toBeGreaterThan(5);
    expect(deep.every(({ isAfterOutage, blobs }) => isAfterOutage && blobs > 300)).toBe(true);
  });

  test.each([
    [-1, 0, "seed must be a whole number from 0 to 1048575, got -1"],
    [2 ** 20, 0, "seed must be a whole number from 0 to 1048575, got 1048576"],
    [1, 0.5, "number must be a whole number from 0 to 4294967295, got 0.5"],
  ])("fails for seed %d and number %d", (seed, number, message) => {
    expect(() => caseFor(seed, number)).toThrow(new Error(message));
  });
});
