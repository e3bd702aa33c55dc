import { readFileSync } from "node:fs";
import { z } from "zod";
import { collectedTenants, type Environment } from "../config/environment.ts";
import { tenantStackId } from "../config/names.ts";
import type { StackPlan } from "./plan-summary.ts";
import { definitionOf, templateIn } from "./playbook-template.ts";

const readings = z.object({ loopOnce: z.number(), loopCycles: z.number() });

/** What `npm run bench -- playbook` has measured, as far as a month's cost follows from it. */
const figuresSchema = z.object({
  idleCost: z.object({ recurrenceMinutes: z.number(), usdPerDay: readings }),
  days: z
    .array(
      z.object({
        recordsPerDay: z.number(),
        recordsPerBlob: z.number(),
        latencyTimes: z.number(),
        usdPerDay: readings,
      }),
    )
    .min(1),
});
const measuredSchema = z.object({ found: figuresSchema });
export type BenchFigures = z.output<typeof figuresSchema>;

const benchFile = new URL("../docs/measured/playbook-bench.json", import.meta.url);
const daysPerMonth = 30.4;

/** The figures of the bench; undefined when it has not been run. */
export function readBenchFigures(): BenchFigures | undefined {
  try {
    return measuredSchema.parse(JSON.parse(readFileSync(benchFile, "utf8"))).found;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

/** Lowest and highest cost, in USD a month. */
export interface CostRange {
  readonly least: number;
  readonly most: number;
}

/**
 * What the executions of one collector cost: between the two readings of the price list, and between
 * the smallest and the largest blobs that were measured.
 */
export function collectorCost(
  { idleCost, days }: BenchFigures,
  recurrenceMinutes: number,
  recordsPerDay: number,
): CostRange {
  const cells = days.filter(({ latencyTimes }) => latencyTimes === 1);
  const volumes = cells.map((cell) => cell.recordsPerDay).toSorted((a, b) => a - b);
  const volume = volumes.find((each) => each >= recordsPerDay) ?? volumes.at(-1)!;
  const runs = idleCost.recurrenceMinutes / recurrenceMinutes;
  const costs = cells
    .filter((cell) => cell.recordsPerDay === volume)
    .flatMap(({ usdPerDay }) =>
      (["loopOnce", "loopCycles"] as const).map((reading) => {
        const idle = idleCost.usdPerDay[reading];
        const collecting = (Math.max(0, usdPerDay[reading] - idle) / volume) * recordsPerDay;
        return (idle * runs + collecting) * daysPerMonth;
      }),
    );
  return { least: Math.min(...costs), most: Math.max(...costs) };
}

/**
 * What a plan changes in the monthly cost of the playbooks' executions, in whole sentences. The volumes
 * are those that the configuration expects: that of `before` where another one is proposed.
 */
export function costSentences(
  environment: Environment,
  plans: readonly StackPlan[],
  figures: BenchFigures | undefined,
  before = environment,
): string[] {
  if (figures === undefined) {
    return [];
  }
  const sum = (of: Environment, when: "before" | "after") =>
    collectedTenants(of)
      .flatMap((name) => {
        const minutes = recurrenceIn(plans, tenantStackId(of, name), when);
        const records = of.tenants[name]!.expectedRecordsPerDay ?? 0;
        return minutes === undefined ? [] : [collectorCost(figures, minutes, records)];
      })
      .reduce((a, b) => ({ least: a.least + b.least, most: a.most + b.most }), {
        ...{ least: 0, most: 0 },
      });
  const volumes = collectedTenants(environment).map((name) => {
    const records = environment.tenants[name]!.expectedRecordsPerDay;
    return records === undefined
      ? `${name} without any record, since it has no expectedRecordsPerDay`
      : `${name} with ${records.toLocaleString("en-US")} records a day`;
  });
  const [last, next] = [shown(sum(before, "before")), shown(sum(environment, "after"))];
  return [
    `**Executions of the playbooks: ${last === next ? `${next}, as before` : `${last} before, ${next} after`}** (list price; ${volumes.join(", ") || "no collector"}). Ingestion, alert rules, storage and run history come on top, see docs/guarantees.md.`,
  ];
}

const shown = ({ least, most }: CostRange) =>
  least.toFixed(2) === most.toFixed(2)
    ? `${most.toFixed(2)} USD a month`
    : `${least.toFixed(2)} to ${most.toFixed(2)} USD a month`;

/** The recurrence of a stack's playbook in minutes; undefined when it has none. */
function recurrenceIn(
  plans: readonly StackPlan[],
  stack: string,
  when: "before" | "after",
): number | undefined {
  const changes = plans.find((each) => each.stack === stack)?.plan.resource_changes ?? [];
  for (const { change } of changes) {
    const { triggers } = definitionOf(templateIn(change[when])) ?? {};
    for (const trigger of Object.values(triggers ?? {}) as Trigger[]) {
      const { frequency, interval } = trigger.recurrence ?? {};
      if (interval !== undefined) {
        return frequency === "Hour" ? interval * 60 : interval;
      }
    }
  }
  return undefined;
}

interface Trigger {
  readonly recurrence?: { readonly frequency?: string; readonly interval?: number };
}
