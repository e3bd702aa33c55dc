import { readFileSync } from "node:fs";
import {
  collectedTenants,
  configFolder,
  loadEnvironment,
  type Environment,
} from "../config/environment.ts";
import { systemClock } from "../feed/feed-clock.ts";
import { FeedReport } from "../feed/feed-report.ts";
import { feedTarget } from "../feed/feed-target.ts";
import { operatorCredential } from "../feed/sign-in.ts";
import { deployStacks } from "../operate/deploy-stacks.ts";
import { putBackPlaybook } from "../operate/put-back-playbook.ts";
import { managerOf } from "../operate/services.ts";
import { readReviewed } from "../plan/reviewed-changes.ts";
import { synthesized } from "../plan/stack-folders.ts";
import { parseOptions, runScript, UsageError } from "./command-line.ts";
import { feed } from "./feed.ts";
import { openStacks } from "./open-stacks.ts";

const usage = `--environment NAME (--reviewed DIGEST|FILE | --unreviewed) [--accepted FILE] [--stacks DIR]

  plans all stacks of an environment again, applies what was reviewed, puts back the playbooks that
  somebody has changed, and starts the feed

  --environment NAME  a file of config/, such as dev
  --reviewed DIGEST   what npm run plan:summary has told of the plan that was reviewed
  --reviewed FILE     the same by its summary.json; what is left of it after a part was done goes too
  --unreviewed        apply whatever the plan is; not for an environment of protection production
  --accepted FILE     text with lines that accept the loss of data, besides those that were reviewed
  --stacks DIR        what npm run synth has written (default cdktf.out/stacks)
  -h, --help          show this`;

const options = {
  environment: { type: "string" },
  reviewed: { type: "string" },
  unreviewed: { type: "boolean", default: false },
  accepted: { type: "string" },
  stacks: { type: "string", default: synthesized },
} as const;

/** What the command line asks for. */
export interface DeployArguments {
  readonly environment: string;
  /** The digest that was reviewed, or a file with it; undefined when any plan is taken. */
  readonly reviewed: string | undefined;
  readonly accepted: string | undefined;
  readonly stacks: string;
}

/** Reads the command line. Fails with a {@link UsageError}. */
export function parseDeployArguments(args: readonly string[]): DeployArguments {
  const { values } = parseOptions(args, options);
  const { environment, reviewed, unreviewed, accepted, stacks } = values;
  if (environment === undefined) {
    throw new UsageError("--environment must be a file of config/, such as dev, got none");
  }
  if ((reviewed === undefined) !== unreviewed) {
    const got = unreviewed ? "both" : "neither";
    throw new UsageError(`either --reviewed or --unreviewed must be given, got ${got}`);
  }
  return { environment, reviewed, accepted, stacks };
}

/** Deploys an environment; gives the exit code. */
async function deploy(args: readonly string[]): Promise<number> {
  const { environment: name, accepted, stacks, ...asked } = parseDeployArguments(args);
  const environment = loadEnvironment(configFolder, name);
  const reviewed = asked.reviewed === undefined ? undefined : readReviewed(asked.reviewed);
  if (reviewed === undefined && environment.protection === "production") {
    throw new UsageError(
      `--reviewed must be given for an environment of protection production, got --unreviewed for ${name}`,
    );
  }
  const problems = await deployStacks({
    ...openStacks(environment, stacks),
    ...{ environment, reviewed, onResult: console.log },
    accepted: accepted === undefined ? "" : readFileSync(accepted, "utf8"),
  });
  if (problems.length > 0) {
    problems.forEach((problem) => console.error(problem));
    return 1;
  }
  if (collectedTenants(environment).length === 0) {
    return 0;
  }
  const isAsDeployed = await putBackPlaybooks(environment);
  const code = await feed(["start", "--environment", name, "--wait"]);
  return isAsDeployed ? code : 1;
}

/** Puts every playbook back that somebody has changed; tells what could not be. */
async function putBackPlaybooks(environment: Environment): Promise<boolean> {
  const operator = operatorCredential(environment);
  const report = new FeedReport({ json: false, print: console.log, printError: console.error });
  for (const tenantName of collectedTenants(environment)) {
    const target = feedTarget(environment, tenantName);
    const manager = managerOf(target, operator);
    const tenant = { tenant: tenantName };
    await report.attempt(tenant, async () => {
      const found = await putBackPlaybook(target, manager, systemClock);
      found.forEach((says) => report.result(tenant, `${says}: put back`));
    });
  }
  return !report.failed;
}

if (import.meta.filename === process.argv[1]) {
  await runScript({ command: "npm run deploy --", usage, run: deploy });
}
