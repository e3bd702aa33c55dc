import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { collectedTenants, configFolder, loadEnvironment } from "../config/environment.ts";
import { applyStacks } from "../plan/apply-stacks.ts";
import { planStacks, type PlannedStack } from "../plan/plan-stacks.ts";
import { acceptance, summarize, type StackPlan } from "../plan/plan-summary.ts";
import { refusals, stackFolders, synthesized } from "../plan/stack-folders.ts";
import { totalsOf } from "../plan/summary-markdown.ts";
import { terraformProgram, terraformVariables } from "../plan/terraform.ts";
import { parseOptions, runScript, UsageError } from "./command-line.ts";
import { feed } from "./feed.ts";

const usage = `--environment NAME (--reviewed DIGEST | --unreviewed) [--accepted FILE] [--stacks DIR]

  plans all stacks of an environment again, applies what was reviewed, and starts the feed

  --environment NAME  a file of config/, such as dev
  --reviewed DIGEST   what npm run plan:summary has told of the plan that was reviewed
  --unreviewed        apply whatever the plan is; not for an environment of protection production
  --accepted FILE     text with the lines that accept the loss of data
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
  /** The digest that was reviewed; undefined when any is taken. */
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
  const { environment: name, reviewed, accepted, stacks: from } = parseDeployArguments(args);
  const environment = loadEnvironment(configFolder, name);
  if (reviewed === undefined && environment.protection === "production") {
    throw new UsageError(
      `--reviewed must be given for an environment of protection production, got --unreviewed for ${name}`,
    );
  }
  const stacks = stackFolders(name, from);
  const refused = refusals(stacks);
  if (refused.length > 0) {
    return failed(refused);
  }
  const common = { stacks, program: terraformProgram(), variables: terraformVariables() };
  const onProgress = (stack: string, message: string) => console.error(`… ${stack}: ${message}`);
  const plans = mkdtempSync(path.join(tmpdir(), "plan-"));
  try {
    const planned = await planStacks({ ...common, out: plans, onProgress });
    if (!planned.every(isPlanned)) {
      return failed(
        planned.flatMap((each) => (isPlanned(each) ? [] : `${each.stack}: ${each.problem}`)),
      );
    }
    const text = accepted === undefined ? "" : readFileSync(accepted, "utf8");
    const summary = summarize(planned, text);
    console.log(`${name}: ${totalsOf(summary)} Digest ${summary.digest}.`);
    if (reviewed !== undefined && reviewed !== summary.digest) {
      return failed([
        `${name}: the plan must be the one that was reviewed, ${reviewed}, got ${summary.digest}: the cloud or the configuration has changed since; review it again`,
      ]);
    }
    if (summary.refused.length > 0) {
      return failed(
        summary.refused.map(
          (flag) =>
            `${flag.stack}: ${flag.address}: ${flag.says}; write ${acceptance(flag)} into the file of --accepted if you want that`,
        ),
      );
    }
    const applied = await applyStacks({ ...common, plans, onProgress });
    const problems = applied.flatMap(({ stack, problem }) =>
      problem === undefined ? [] : `${stack}: ${problem}`,
    );
    applied
      .filter(({ problem }) => problem === undefined)
      .forEach(({ stack }) => console.log(`${stack}: deployed`));
    if (problems.length > 0) {
      return failed([...problems, `${name}: run the same again when this is mended`]);
    }
  } finally {
    rmSync(plans, { recursive: true, force: true });
  }
  return collectedTenants(environment).length === 0
    ? 0
    : feed(["start", "--environment", name, "--wait"]);
}

const isPlanned = (each: PlannedStack): each is StackPlan & { problem?: undefined } =>
  each.problem === undefined;

function failed(problems: readonly string[]): number {
  problems.forEach((problem) => console.error(problem));
  return 1;
}

if (import.meta.filename === process.argv[1]) {
  await runScript({ command: "npm run deploy --", usage, run: deploy });
}
