import { mkdirSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigurationError, loadEnvironment } from "../config/environment.ts";
import type { Environment } from "../config/environment.ts";
import { Azurite } from "../local/azurite.ts";
import { VirtualClock } from "../local/clock.ts";
import { deployTenant } from "../local/deployed-tenant.ts";
import { dayReport } from "../local/day-report.ts";
import { generateDay } from "../local/records/generate-records.ts";
import { publishDay } from "../local/records/publish-day.ts";
import { readRecords } from "../local/records/read-records.ts";
import { RecordsFileError } from "../local/records/records-file-error.ts";
import { simulateDay } from "../local/simulate-day.ts";

const usage = `usage: npm start -- [--records FILE] [--seed N] [--seats N] [--environment NAME] [--out DIR]

  --records FILE      replay an audit export: CSV with a column AuditData, JSON array or NDJSON
  --seed N            another generated day, 0 or more (default 1)
  --seats N           size of the generated tenant, 1 or more (default 1000)
  --environment NAME  whose first collected tenant is simulated (default dev)
  --out DIR           keep rows.ndjson, health.ndjson and summary.json there`;

/** Wrong arguments, told in one sentence. */
class UsageError extends Error {}

const midnight = new Date("2026-01-14T00:00:00Z");
const progressMs = 2000;
const invalidShown = 20;

/** Runs the main job on the local cloud; returns the exit code. */
async function start(args: readonly string[]): Promise<number> {
  const { records, seed, seats, environment: name, out, help } = parsed(args);
  if (help) {
    console.log(usage);
    return 0;
  }
  const environment = loadEnvironment("config", name);
  const tenantName = firstCollectedTenant(environment);
  const progress = new Progress();

  let recordsInvalid = 0;
  const day = await publishDay(
    records === undefined
      ? generateDay({
          seed,
          seats,
          date: midnight,
          tenantId: environment.tenants[tenantName]!.tenantId,
          domain: environment.tenants[tenantName]!.primaryDomain,
        })
      : counted(
          readRecords(records, {
            onInvalid: ({ line, reason }) => {
              recordsInvalid++;
              if (recordsInvalid <= invalidShown) {
                console.error(`${records}:${line}: left out: ${reason}`);
              }
            },
          }),
          (read) => progress.show(`${read.toLocaleString("en-US")} records read`),
        ),
    {
      start: midnight,
      seed,
      repeats: records === undefined,
      lateRecords: records === undefined,
    },
  );
  if (recordsInvalid > invalidShown) {
    console.error(`${records}: ${recordsInvalid - invalidShown} more rows left out`);
  }

  const clock = new VirtualClock(midnight);
  let azurite: Azurite | undefined;
  try {
    const deployed = await deployTenant({
      environment,
      tenantName,
      clock,
      seed,
      storage: async (accounts) => (azurite = await Azurite.start(clock, accounts)).accounts,
    });
    const outcome = await simulateDay(deployed, day, {
      clock,
      onRun: (run, ended) => progress.show(`${ended} runs, now ${run.endTime.toISOString()}`),
    });
    const summary = { ...outcome, recordsInvalid };
    console.log(dayReport(deployed, day, summary));
    if (out !== undefined) {
      mkdirSync(out, { recursive: true });
      await writeLines(join(out, "rows.ndjson"), deployed.workspace.lines("M365Audit_CL"));
      await writeLines(join(out, "health.ndjson"), deployed.workspace.lines("M365AuditHealth_CL"));
      writeFileSync(join(out, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
      console.log(`\nKept in ${out}: rows.ndjson, health.ndjson, summary.json`);
    }
    deployed.workspace.close();
    if (summary.missing > 0) {
      console.error(`${summary.missing} records of the feed are not in the table`);
      return 1;
    }
    return 0;
  } finally {
    await azurite?.close();
  }
}

function parsed(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        records: { type: "string" },
        seed: { type: "string", default: "1" },
        seats: { type: "string", default: "1000" },
        environment: { type: "string", default: "dev" },
        out: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    return {
      ...values,
      seed: wholeNumber("seed", values.seed, 0),
      seats: wholeNumber("seats", values.seats, 1),
    };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message);
  }
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw new UsageError(`--${option} must be a whole number from ${least}, got ${text}`);
  }
  return value;
}

function firstCollectedTenant(environment: Environment): string {
  const [name] = Object.entries(environment.tenants).find(
    ([, tenant]) => tenant.state === "collected",
  ) ?? [undefined];
  if (name === undefined) {
    throw new UsageError(
      `--environment must name one that collects a tenant, got ${environment.name}`,
    );
  }
  return name;
}

async function* counted<T>(source: AsyncIterable<T>, tell: (count: number) => void) {
  let count = 0;
  for await (const item of source) {
    count++;
    tell(count);
    yield item;
  }
}

async function writeLines(file: string, lines: AsyncIterable<string>): Promise<void> {
  const handle = await open(file, "w");
  try {
    for await (const line of lines) {
      await handle.write(`${line}\n`);
    }
  } finally {
    await handle.close();
  }
}

/** One line on stderr every two seconds, so that long work is seen to go on. */
class Progress {
  private shownMs = Date.now();

  show(text: string): void {
    if (Date.now() - this.shownMs >= progressMs) {
      this.shownMs = Date.now();
      console.error(`… ${text}`);
    }
  }
}

try {
  process.exitCode = await start(process.argv.slice(2));
} catch (error) {
  const known =
    error instanceof RecordsFileError ||
    error instanceof ConfigurationError ||
    error instanceof UsageError;
  console.error(known ? error.message : error);
  if (error instanceof UsageError) {
    console.error(usage);
  }
  process.exitCode = 1;
}
