import type { Billable } from "../logic-apps/run-workflow.ts";
import { BenchTenant } from "./bench-tenant.ts";
import { loadLatencyModel } from "./latency-model.ts";
import { executionsOf, mapReadings, usdOf, type Readings } from "./readings.ts";

/** What a tenant costs whose feed has nothing. */
export interface IdleCost {
  readonly recurrenceMinutes: number;
  /** An ordinary run. */
  readonly executionsPerRun: Readings;
  /** A day with its two sweeps. */
  readonly executionsPerDay: Readings;
  readonly usdPerDay: Readings;
  /** Of 30.4 days; the free executions of a subscription are not taken off. */
  readonly usdPerMonth: Readings;
}

/** Days in a mean month. */
export const daysPerMonth = 30.4;

const start = new Date("2026-01-14T12:00:00Z");
const hourMs = 3_600_000;

/** Lets a tenant without any content live through a day. */
export async function measureIdleCost(seed: number): Promise<IdleCost> {
  const tenant = await BenchTenant.deploy({
    volume: { recordsPerDay: 1, recordsPerBlob: 1 },
    model: loadLatencyModel(),
    seed,
    start,
    collectedTo: start,
    // Sweeps come every twelve hours: two of them fall into the day.
    sweptAt: new Date(start.getTime() - 9 * hourMs),
    ingestion: "stored",
  });
  try {
    const billable: Billable[] = [];
    await tenant.followSchedule(new Date(start.getTime() + 24 * hourMs), (run) => {
      billable.push(run.billable);
      return true;
    });
    const executionsPerDay = executionsOf(billable);
    const usdPerDay = usdOf(executionsPerDay);
    return {
      recurrenceMinutes: (24 * 60) / billable.length,
      executionsPerRun: executionsOf(billable.slice(0, 1)),
      executionsPerDay,
      usdPerDay,
      usdPerMonth: mapReadings(usdPerDay, (usd) => usd * daysPerMonth),
    };
  } finally {
    tenant.close();
  }
}
