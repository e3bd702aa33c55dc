import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { guaranteesPage, testsNamed } from "../../scripts/guarantees-page.ts";
import {
  definitionDigest,
  guaranteesPageFile,
  loadMeasurements,
} from "../../scripts/guarantees.ts";

const page = readFileSync(guaranteesPageFile, "utf8");
const measured = loadMeasurements();

test("docs/guarantees.md has the numbers that were measured; else run npm run docs:guarantees", async () => {
  expect(guaranteesPageFile).toBe("docs/guarantees.md");
  expect(page).toBe(await guaranteesPage(measured, definitionDigest()));
});

test.each(testsNamed)("%s has a test %j", (file, title) => {
  expect(existsSync(file)).toBe(true);
  expect(readFileSync(file, "utf8")).toContain(title);
});

describe("the measurements", () => {
  test("are whole", () => {
    expect(measured.bench.found.isQuick).toBe(false);
    expect(measured.faults.length).toBeGreaterThan(0);
    for (const { found } of measured.faults) {
      expect(found.summary.cases).toBe(2000);
    }
  });

  test("miss no bar", () => {
    expect(measured.bench.found.bars.filter(({ isMet }) => !isMet)).toEqual([]);
    for (const { found } of measured.faults) {
      expect(found.summary).toMatchObject({ failed: 0, lost: 0, altered: 0, silentGaps: 0 });
    }
  });

  test("are shown as those of an earlier version when the definition has changed", async () => {
    expect(await guaranteesPage(measured, "another")).toContain("of an earlier version");
    expect(await guaranteesPage(measured, measured.bench.definition)).toContain("as it is");
  });
});
