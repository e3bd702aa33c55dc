import { collectedTenants, configFolder, loadEnvironments } from "../config/environment.ts";
import { FeedReport } from "../feed/feed-report.ts";
import { runFeed } from "../feed/run-feed.ts";
import { Azurite } from "../local/azurite.ts";
import { VirtualClock } from "../local/clock.ts";
import { deployTenant } from "../local/deployed-tenant.ts";
import { dayReport } from "../local/day-report.ts";
import { connectAsOperator } from "../local/feed-operator.ts";
import { generateDay } from "../local/records/generate-records.ts";
import { publishDay } from "../local/records/publish-day.ts";
import { readRecords } from "../local/records/read-records.ts";
import { simulateDay } from "../local/simulate-day.ts";
import { parseOptions, runScript, UsageError, wholeNumber } from "./command-line.ts";
import { OutputFolder } from "./output-folder.ts";

const usage = `[--records FILE] [--seed N] [--seats N] [--environment NAME] [--out DIR]

  --records FILE      replay an audit export: CSV with a column AuditData, JSON or NDJSON
  --seed N            another generated day, 0 or more (default 1)
  --seats N           size of the generated tenant, 1 to 100000 (default 1000)
  --environment NAME  whose first collected tenant is simulated (default dev)
  --out DIR           keep rows.ndjson, health.ndjson and summary.json there
  -h, --help          show this`;

const options = {
  records: { type: "string" },
  seed: { type: "string", default: "1" },
  seats: { type: "string", default: "1000" },
  environment: { type: "string", default: "dev" },
  out: { type: "string" },
} as const;

const midnight = new Date("2026-01-14T00:00:00Z");
const progressMs = 2000;
const invalidShown = 20;
const resultFiles = ["rows.ndjson", "health.ndjson", "summary.json"];
const mostSeats = 100_000;

/** Runs the main job on the local cloud; returns the exit code. */
async function start(args: readonly string[]): Promise<number> {
  const { records, seed, seats, environment: name, out } = parseStartArguments(args);
  const { environment, tenantName } = simulated(name);
  // First of all: a day takes too long to be lost for this.
  const output = out === undefined ? undefined : new OutputFolder(out, resultFiles);
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
            onInvalid: ({ line, record, reason }) => {
              recordsInvalid++;
              if (recordsInvalid <= invalidShown) {
                const place = record === undefined ? line : `${line}: record ${record}`;
                console.error(`${records}:${place}: left out: ${reason}`);
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
    const report = new FeedReport({
      json: false,
      print: (line) => console.log(line),
      printError: (line) => console.error(line),
    });
    const feed = connectAsOperator(deployed, clock);
    await runFeed("start", [feed], { dryRun: false, wait: false }, report);
    const outcome = await simulateDay(deployed, day, {
      clock,
      onRun: (run, { ended, of }) =>
        progress.show(`run ${ended} of about ${of}, now ${run.endTime.toISOString()}`),
    });
    const summary = { ...outcome, recordsInvalid };
    console.log();
    console.log(dayReport(deployed, day, { ...summary, replayed: records }));
    if (output) {
      await output.write("rows.ndjson", deployed.workspace.lines("M365Audit_CL"));
      await output.write("health.ndjson", deployed.workspace.lines("M365AuditHealth_CL"));
      await output.write("summary.json", [JSON.stringify(summary, null, 2)]);
      console.log(`\nKept in ${output.path}: ${output.files.join(", ")}`);
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

/** Reads the command line. Fails with a {@link UsageError}. */
export function parseStartArguments(args: readonly string[]) {
  const { values } = parseOptions(args, options);
  return {
    ...values,
    seed: wholeNumber("seed", values.seed, 0, Number.MAX_SAFE_INTEGER),
    seats: wholeNumber("seats", values.seats, 1, mostSeats),
  };
}

/** The environment and the first tenant that it collects. */
function simulated(name: string) {
  const candidates = loadEnvironments(configFolder).flatMap((environment) => {
    const [tenantName] = collectedTenants(environment);
    return tenantName === undefined ? [] : [{ environment, tenantName }];
  });
  const found = candidates.find(({ environment }) => environment.name === name);
  if (!found) {
    const names = candidates.map(({ environment }) => environment.name).join(", ");
    throw new UsageError(
      `--environment must be one that collects a tenant (${names}), got ${name}`,
    );
  }
  return found;
}

async function* counted<T>(source: AsyncIterable<T>, tell: (count: number) => void) {
  let count = 0;
  for await (const item of source) {
    count++;
    tell(count);
    yield item;
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

if (import.meta.filename === process.argv[1]) {
  await runScript({ command: "npm start --", usage, run: start });
}
