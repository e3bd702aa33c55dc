import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { promisedBars, guaranteesPage, testsNamed } from "../../scripts/guarantees-page.ts";
import {
  definitionDigest,
  guaranteesPageFile,
  loadMeasurements,
} from "../../scripts/guarantees.ts";

test.each(testsNamed)("%s has a test %j", (file, title) => {
  expect(existsSync(file)).toBe(true);
  expect(readFileSync(file, "utf8")).toContain(title);
});

describe.skipIf(!existsSync(guaranteesPageFile))(
  "docs/guarantees.md, skipped until npm run docs:guarantees -- --bench --faults 1 has written it,",
  () => {
    const measured = () => loadMeasurements();

    test("has the numbers that were measured; else run npm run docs:guarantees", async () => {
      expect(guaranteesPageFile).toBe("docs/guarantees.md");
      const page = readFileSync(guaranteesPageFile, "utf8");
      expect(page).toBe(await guaranteesPage(measured(), definitionDigest()));
    });

    test("was measured as a whole", () => {
      const { bench, faults } = measured();
      expect(bench.found.isQuick).toBe(false);
      const measuredTo = new Map<number, number>();
      for (const { definition, found } of faults) {
        expect(definition).toBe(bench.definition);
        const { seed, cases } = found.summary;
        expect(found.first).toBe(measuredTo.get(seed) ?? 0);
        measuredTo.set(seed, found.first + cases);
      }
      expect([...measuredTo.values()]).toContain(2000);
    });

    test("misses no bar", () => {
      const { faults } = measured();
      expect(promisedBars(measured()).filter(({ isMet }) => !isMet)).toEqual([]);
      for (const { found } of faults) {
        expect(found.summary).toMatchObject({ failed: 0, lost: 0, altered: 0, silentGaps: 0 });
      }
    });

    test("says when the definition has changed since", async () => {
      const page = await guaranteesPage(measured(), "another");
      expect(page).toContain("of an earlier version");
      expect(await guaranteesPage(measured(), measured().bench.definition)).toContain(
        "as they are",
      );
    });
  },
);
