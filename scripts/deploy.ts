import { readFileSync } from "node:fs";
import {
  collectedTenants,
  configFolder,
  loadEnvironment,
  type Environment,
} from "../config/environment.ts";
import { tenantNames, tenantOfStack, workspaceNames, workspaceStackId } from "../config/names.ts";
import { systemClock } from "../feed/feed-clock.ts";
import { FeedReport } from "../feed/feed-report.ts";
import { feedTarget } from "../feed/feed-target.ts";
import { operatorCredential } from "../feed/sign-in.ts";
import { putBackPlaybook } from "../operate/put-back-playbook.ts";
import { managerOf } from "../operate/services.ts";
import { applyStacks } from "../plan/apply-stacks.ts";
import { isPlanned, planStacks, type StacksProps } from "../plan/plan-stacks.ts";
import { acceptance, summarize, type PlanSummary } from "../plan/plan-summary.ts";
import { readReviewed, unreviewed, type Reviewed } from "../plan/reviewed-changes.ts";
import { synthesized } from "../plan/stack-folders.ts";
import { totalsOf } from "../plan/summary-markdown.ts";
import { TemporaryFolder } from "../plan/temporary-folder.ts";
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
  const opened = openStacks(environment, stacks);
  const given = accepted === undefined ? "" : readFileSync(accepted, "utf8");
  const text = `${reviewed?.accepted ?? ""}\n${given}`;
  const first = await planAndApply(environment, opened, { reviewed, text });
  // What was killed last time has left something that was only now taken into the state.
  const { problems } =
    first.imported.size > 0
      ? await planAndApply(environment, opened, { reviewed, text, imported: first.imported })
      : first;
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

interface Consent {
  /** Undefined when any plan is taken. */
  readonly reviewed: Reviewed | undefined;
  /** What somebody wrote who accepts a loss. */
  readonly text: string;
  /** Resources that are in the state because they were there: what creates them was reviewed. */
  readonly imported?: ReadonlySet<string>;
}

/** Plans all stacks and applies them if they may be; gives what is in the way, in sentences. */
async function planAndApply(
  environment: Environment,
  opened: StacksProps,
  { reviewed, text, imported = new Set() }: Consent,
): Promise<{ problems: readonly string[]; imported: ReadonlySet<string> }> {
  const { name } = environment;
  const stopped = (problems: readonly string[]) => ({ problems, imported: new Set<string>() });
  const plans = new TemporaryFolder("plan");
  try {
    const planned = await planStacks({ ...opened, out: plans.path });
    if (!planned.every(isPlanned)) {
      return stopped(
        planned.flatMap((each) => (isPlanned(each) ? [] : `${each.stack}: ${each.problem}`)),
      );
    }
    const summary = summarize(planned, text);
    console.log(`${name}: ${totalsOf(summary)} Digest ${summary.digest}.`);
    const others = reviewed === undefined ? [] : unreviewedIn(summary, reviewed, imported);
    if (others.length > 0) {
      return stopped([
        ...others,
        `${name}: the plan must be the one that was reviewed, ${reviewed!.digest}, got ${summary.digest}: the cloud or the configuration has changed since; review it again`,
      ]);
    }
    if (summary.refused.length > 0) {
      return stopped(
        summary.refused.map(
          (flag) =>
            `${flag.stack}: ${flag.address}: ${flag.says}; write ${acceptance(flag)} into the file of --accepted if you want that`,
        ),
      );
    }
    const applied = await applyStacks({
      ...opened,
      plans: plans.path,
      ownGroups: (stack) => ownGroups(environment, stack),
    });
    const failed = applied.filter(({ problem }) => problem !== undefined);
    applied
      .filter(({ problem }) => problem === undefined)
      .forEach(({ stack }) => console.log(`${stack}: deployed`));
    return failed.length === 0
      ? stopped([])
      : {
          problems: [
            ...failed.map(({ stack, problem }) => `${stack}: ${problem}`),
            `${name}: run the same again when this is mended`,
          ],
          imported: failed.every((each) => each.imported !== undefined)
            ? new Set(failed.flatMap((each) => each.imported!.map(({ address }) => address)))
            : new Set(),
        };
  } finally {
    plans.close();
  }
}

/** The resource groups that nobody but a stack makes. */
function ownGroups(environment: Environment, stack: string): string[] {
  if (stack === workspaceStackId(environment)) {
    return [workspaceNames(environment).resourceGroup];
  }
  const tenant = tenantOfStack(environment, stack);
  return tenant === undefined ? [] : [tenantNames(environment, tenant).resourceGroup];
}

/** What a plan changes that was not reviewed, in sentences; none when it is what was reviewed. */
function unreviewedIn(
  summary: PlanSummary,
  reviewed: Reviewed,
  imported: ReadonlySet<string>,
): string[] {
  if (summary.digest === reviewed.digest) {
    return [];
  }
  const planned = summary.stacks
    .flatMap(({ changes }) => changes)
    .filter(({ kind, address }) => !(kind === "update" && imported.has(address)));
  // By a digest alone nobody knows what was in it.
  return unreviewed(planned, reviewed.changes ?? []).map(
    ({ stack, kind, address }) =>
      `${stack}: it would ${kind} ${address}, which was not reviewed so`,
  );
}

if (import.meta.filename === process.argv[1]) {
  await runScript({ command: "npm run deploy --", usage, run: deploy });
}
