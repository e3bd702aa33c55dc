import { describe, expect, test } from "vitest";
import {
  collectorCost,
  costSentences,
  readBenchFigures,
  type BenchFigures,
} from "../../plan/monthly-cost.ts";
import { devEnvironment } from "../feed/local-feed.ts";
import { aPlan } from "./a-plan.ts";

const same = (usd: number) => ({ loopOnce: usd, loopCycles: usd });
const day = (recordsPerDay: number, recordsPerBlob: number, usd: number) => ({
  ...{ recordsPerDay, recordsPerBlob, latencyTimes: 1, usdPerDay: same(usd) },
});
const figures: BenchFigures = {
  idleCost: { recurrenceMinutes: 15, usdPerDay: { loopOnce: 0.1, loopCycles: 0.2 } },
  days: [
    day(1000, 5, 1.1),
    { ...day(1000, 500, 0.3), usdPerDay: { loopOnce: 0.2, loopCycles: 0.3 } },
    day(10_000, 5, 9),
    { ...day(1000, 5, 99), latencyTimes: 3 },
  ],
};

/** A plan of a playbook whose recurrence changes. */
const planned = (before: number | undefined, after: number | undefined) => {
  const content = (interval: number | undefined) =>
    interval === undefined
      ? null
      : {
          template_content: JSON.stringify({
            resources: [
              {
                type: "Microsoft.Logic/workflows",
                properties: {
                  definition: {
                    triggers: { On_schedule: { recurrence: { frequency: "Minute", interval } } },
                  },
                },
              },
            ],
          }),
        };
  const type = "azurerm_resource_group_template_deployment";
  const actions = ["update"];
  return {
    stack: "dev-contoso",
    plan: aPlan({ type, actions, before: content(before), after: content(after) }),
  };
};

test("What the bench has measured can be read", () => {
  const measured = readBenchFigures()!;
  const { least, most } = collectorCost(measured, 15, 10_000);
  expect(least).toBeGreaterThan(1);
  expect(most).toBeGreaterThan(least);
});

describe("collectorCost", () => {
  test("is between the readings of the price list and between sizes of blobs", () => {
    // Idle 0.1 or 0.2 a day; 500 records cost half of what 1,000 cost beyond that.
    const { least, most } = collectorCost(figures, 15, 500);
    expect(least).toBeCloseTo((0.1 + 0.05) * 30.4);
    expect(most).toBeCloseTo((0.2 + 0.45) * 30.4);
  });

  test("follows the recurrence, and grows beyond what was measured", () => {
    expect(collectorCost(figures, 30, 0)).toEqual({ least: 0.1 * 0.5 * 30.4, most: 0.1 * 30.4 });
    expect(collectorCost(figures, 15, 20_000).least).toBeCloseTo((0.2 + 17.6) * 30.4);
  });
});

describe("costSentences", () => {
  const environment = devEnvironment({ expectedRecordsPerDay: 500 });

  test("tell a month before and after", () => {
    expect(costSentences(environment, [planned(15, 30)], figures)).toEqual([
      "**Executions of the playbooks: 4.56 to 19.76 USD a month before, 3.04 to 16.72 USD a month after** (list price; contoso with 500 records a day). Ingestion, alert rules, storage and run history come on top, see docs/guarantees.md.",
    ]);
    expect(costSentences(environment, [planned(undefined, 30)], figures)[0]).toContain(
      "0.00 USD a month before, 3.04 to 16.72 USD a month after",
    );
    expect(costSentences(environment, [planned(15, 15)], figures)[0]).toContain(
      "4.56 to 19.76 USD a month, as before",
    );
  });

  test("tell what another expected volume costs, and a tenant that is proposed", () => {
    const less = devEnvironment({ expectedRecordsPerDay: 0 });
    expect(costSentences(environment, [planned(15, 15)], figures, less)[0]).toContain(
      "3.04 to 6.08 USD a month before, 4.56 to 19.76 USD a month after",
    );
    const none = { ...environment, tenants: {} };
    expect(costSentences(environment, [planned(undefined, 15)], figures, none)[0]).toContain(
      "0.00 USD a month before, 4.56 to 19.76 USD a month after",
    );
  });

  test("say what they do not know", () => {
    const [sentence] = costSentences(devEnvironment(), [planned(15, 15)], figures);
    expect(sentence).toContain("contoso without any record, since it has no expectedRecordsPerDay");
    expect(costSentences(environment, [planned(15, 15)], undefined)).toEqual([]);
  });
});
