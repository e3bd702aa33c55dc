import {
  collectedTenants,
  configFolder,
  loadEnvironments,
  type Environment,
} from "../config/environment.ts";
import { systemClock } from "../feed/feed-clock.ts";
import { FeedReport } from "../feed/feed-report.ts";
import { feedTarget } from "../feed/feed-target.ts";
import { feedCommands, runFeed, type FeedCommand } from "../feed/run-feed.ts";
import { operatorCredential } from "../feed/sign-in.ts";
import { connectTenantFeed } from "../feed/tenant-feed.ts";
import { renewSecrets, secretCommands, type SecretCommand } from "../operate/renew-secrets.ts";
import { synthesized } from "../plan/stack-folders.ts";
import { parseOptions, runScript, UsageError } from "./command-line.ts";

const usage = `start|stop|status|replay|rotate|revoke --environment NAME [--tenant NAME] [--dry-run] [--json] [--wait] [--again] [--stacks DIR]

  start               turn on what is off and let the playbook collect
  stop                pause the playbook, then turn off what is on
  status              tell how things stand
  replay              bring what the playbook set aside into the table
  rotate              renew the secret through Terraform, and wait for a run that collects with it
  revoke              take every secret away at once; collecting stops until the next deployment

  --environment NAME  a file of config/, such as dev
  --tenant NAME       one of its tenants (default all that are collected)
  --dry-run           only tell what would be done
  --json              print one JSON object
  --wait              let start wait when the API takes no further start for 15 minutes
  --again             let replay take what it replayed in the last 30 days, whose rows were dropped
  --stacks DIR        what npm run synth has written, for rotate (default cdktf.out/stacks)
  -h, --help          show this`;

const options = {
  environment: { type: "string" },
  tenant: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  wait: { type: "boolean", default: false },
  again: { type: "boolean", default: false },
  stacks: { type: "string", default: synthesized },
} as const;

const commands = [...feedCommands, ...secretCommands];

/** What the command line asks for. */
export interface FeedArguments {
  readonly command: FeedCommand | SecretCommand;
  readonly environment: Environment;
  /** Keys of the tenants in the configuration. */
  readonly tenants: readonly string[];
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly wait: boolean;
  readonly again: boolean;
  /** Where the synthesized stacks are. */
  readonly stacks: string;
}

/** Reads the command line. Fails with a {@link UsageError}. */
export function parseFeedArguments(
  args: readonly string[],
  environments: readonly Environment[],
): FeedArguments {
  const { values, positionals } = parseOptions(args, options, { takesWords: true });
  const [name, ...rest] = positionals;
  const command = commands.find((each) => each === name);
  if (command === undefined || rest.length > 0) {
    throw mustBe("command", commands, positionals.join(" "));
  }
  const environment = environments.find((each) => each.name === values.environment);
  if (environment === undefined) {
    const names = environments.map((each) => each.name);
    throw mustBe("--environment", names, values.environment);
  }
  const collected = collectedTenants(environment);
  if (collected.length === 0) {
    throw new Error(
      `environment must collect a tenant, got ${environment.name}, whose tenants are all removed: set the state of one to collected`,
    );
  }
  if (values.tenant !== undefined && !collected.includes(values.tenant)) {
    throw mustBe("--tenant", collected, values.tenant);
  }
  return {
    command,
    environment,
    tenants: values.tenant === undefined ? collected : [values.tenant],
    dryRun: values["dry-run"],
    json: values.json,
    wait: values.wait,
    again: values.again,
    stacks: values.stacks,
  };
}

const isSecretCommand = (command: FeedArguments["command"]): command is SecretCommand =>
  secretCommands.some((each) => each === command);

function mustBe(key: string, values: readonly string[], got: string | undefined) {
  return new UsageError(`${key} must be one of ${values.join(", ")}, got ${got || "nothing"}`);
}

/** Fails for a proxy that the client libraries could not use; its value may hold a password. */
export function checkProxy(variables: Readonly<Record<string, string | undefined>>): void {
  for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) {
    const value = variables[name];
    if (value && !(/^https?:\/\//.test(value) && URL.canParse(value))) {
      throw new Error(`${name} must be an address such as http://proxy.example.org:8080`);
    }
  }
}

/** Does what the command line says; gives the exit code. */
export async function feed(args: readonly string[]): Promise<number> {
  checkProxy(process.env);
  const { command, environment, tenants, json, stacks, ...how } = parseFeedArguments(
    args,
    loadEnvironments(configFolder),
  );
  const report = new FeedReport({ json, print: console.log, printError: console.error });
  const targets = tenants.map((tenant) => feedTarget(environment, tenant));
  if (isSecretCommand(command)) {
    // Microsoft Graph of a collected tenant takes tokens of that tenant.
    const operator = operatorCredential(environment);
    const { dryRun } = how;
    await renewSecrets(command, targets, { operator, stacks, dryRun, clock: systemClock }, report);
  } else {
    const operator = operatorCredential(environment);
    const feeds = targets.map((target) => connectTenantFeed(target, operator));
    await runFeed(command, feeds, how, report);
  }
  report.end({ command, environment: environment.name, dryRun: how.dryRun });
  return report.failed ? 1 : 0;
}

if (import.meta.filename === process.argv[1]) {
  await runScript({ command: "npm run feed --", usage, run: feed });
}
