import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { configFolder, loadEnvironments, type Environment } from "../config/environment.ts";
import { tenantStackId, workspaceStackId } from "../config/names.ts";
import { FeedReport } from "../feed/feed-report.ts";
import { operatorCredential } from "../feed/sign-in.ts";
import { teardown } from "../operate/teardown.ts";
import { synthesized } from "../plan/stack-folders.ts";
import { parseOptions, runScript, UsageError } from "./command-line.ts";
import { openStacks } from "./open-stacks.ts";

const usage = `--environment NAME [--tenant NAME] [--confirm NAME] [--accepted FILE] [--leave-set-aside] [--leave-subscriptions] [--json] [--stacks DIR]

  takes the collector of one tenant away, or a whole environment with its logs

  --environment NAME  a file of config/, such as test
  --tenant NAME       one of its tenants; the logs stay (default everything)
  --confirm NAME      what goes, such as test or test/contoso (default ask for it)
  --accepted FILE     text with the lines that accept the loss of data, which production asks for
  --leave-set-aside   lose content that was set aside and not replayed
  --leave-subscriptions  leave subscriptions on that cannot be turned off now
  --json              print one JSON object
  --stacks DIR        what npm run synth has written (default cdktf.out/stacks)
  -h, --help          show this`;

const options = {
  environment: { type: "string" },
  tenant: { type: "string" },
  confirm: { type: "string" },
  accepted: { type: "string" },
  "leave-set-aside": { type: "boolean", default: false },
  "leave-subscriptions": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  stacks: { type: "string", default: synthesized },
} as const;

/** What the command line asks for. */
export interface TeardownArguments {
  readonly environment: Environment;
  /** Undefined when everything goes. */
  readonly tenant: string | undefined;
  /** What has to be confirmed, such as `test/contoso`. */
  readonly name: string;
  /** Undefined when it is to be asked for. */
  readonly confirm: string | undefined;
  readonly accepted: string | undefined;
  readonly leaveSetAside: boolean;
  readonly leaveSubscriptions: boolean;
  readonly json: boolean;
  readonly stacks: string;
}

/** Reads the command line. Fails with a {@link UsageError}, or an Error for what must not go. */
export function parseTeardownArguments(
  args: readonly string[],
  environments: readonly Environment[],
): TeardownArguments {
  const { values } = parseOptions(args, options);
  const { tenant, confirm, accepted, json, stacks } = values;
  const environment = environments.find(({ name }) => name === values.environment);
  if (environment === undefined) {
    const names = environments.map(({ name }) => name).join(", ");
    throw new UsageError(
      `--environment must be one of ${names}, got ${values.environment ?? "nothing"}`,
    );
  }
  const names = Object.keys(environment.tenants);
  if (tenant !== undefined && !names.includes(tenant)) {
    throw new UsageError(`--tenant must be one of ${names.join(", ")}, got ${tenant}`);
  }
  const name = tenant === undefined ? environment.name : `${environment.name}/${tenant}`;
  if (environment.protection === "production") {
    if (tenant === undefined) {
      throw new Error(
        `protection must be test before an environment goes with its logs, got production for ${name}: see "Remove it" in the README`,
      );
    }
    if (environment.tenants[tenant]!.state !== "removed") {
      throw new Error(
        `the state of a tenant in production must be removed before its collector goes, got collected for ${name}: change it in a reviewed pull request first`,
      );
    }
  }
  if (confirm !== undefined && confirm !== name) {
    throw new UsageError(`--confirm must be ${name}, got ${confirm}`);
  }
  const leaveSetAside = values["leave-set-aside"];
  const leaveSubscriptions = values["leave-subscriptions"];
  return {
    ...{ environment, tenant, name, confirm, accepted, json, stacks },
    ...{ leaveSetAside, leaveSubscriptions },
  };
}

/** Takes down what the command line says; gives the exit code. */
async function run(args: readonly string[]): Promise<number> {
  const environments = loadEnvironments(configFolder);
  const given = parseTeardownArguments(args, environments);
  const { environment, tenant, name, json, leaveSetAside, leaveSubscriptions } = given;
  const accepted = given.accepted === undefined ? "" : readFileSync(given.accepted, "utf8");
  const tenants = tenant === undefined ? Object.keys(environment.tenants) : [tenant];
  const ids = [
    ...tenants.map((each) => tenantStackId(environment, each)),
    ...(tenant === undefined ? [workspaceStackId(environment)] : []),
  ];
  const opened = openStacks(environment, given.stacks);
  const stacks = opened.stacks.filter(({ stack }) => ids.includes(stack));
  if (given.confirm === undefined) {
    await askFor(name, tenant === undefined);
  }
  const report = new FeedReport({ json, print: console.log, printError: console.error });
  const isGone = await teardown(
    {
      ...opened,
      ...{ environment, environments, tenants, stacks, accepted },
      ...{ leaveSetAside, leaveSubscriptions },
      operator: operatorCredential(environment),
    },
    report,
  );
  if (isGone && tenant !== undefined) {
    report.result(
      { tenant },
      `when it shall not come back, delete tenants.${tenant} from config/${environment.name}.json and run npm run config:lock -- --forget ${name}`,
    );
  }
  report.end({ environment: environment.name, tenant: tenant ?? null });
  return isGone && !report.failed ? 0 : 1;
}

/** Asks for the name of what goes. Fails with a {@link UsageError}. */
async function askFor(name: string, isWhole: boolean): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new UsageError(`--confirm must be ${name} where nobody can be asked, got nothing`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const what = isWhole ? "everything, with all logs," : "the collector";
    const answer = await terminal.question(`Write ${name} to have ${what} destroyed: `);
    if (answer.trim() !== name) {
      throw new UsageError(`the answer must be ${name}, got ${answer.trim() || "nothing"}`);
    }
  } finally {
    terminal.close();
  }
}

if (import.meta.filename === process.argv[1]) {
  await runScript({ command: "npm run teardown --", usage, run });
}
