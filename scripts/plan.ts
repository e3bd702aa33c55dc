import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { planStacks, type StackFolder } from "../plan/plan-stacks.ts";
import { summarize } from "../plan/plan-summary.ts";
import { policyProblems } from "../plan/stack-policy.ts";
import { totalsOf } from "../plan/summary-markdown.ts";
import { findProgram } from "../plan/terraform.ts";
import { parseOptions, runScript, UsageError } from "./command-line.ts";

const usage = `--environment NAME [--stacks DIR] [--out DIR]

  plans all stacks of an environment side by side and changes nothing

  --environment NAME  a file of config/, such as dev
  --stacks DIR        what npm run synth has written (default cdktf.out/stacks)
  --out DIR           keep the plans there for npm run plan:summary; they hold secrets in clear
  -h, --help          show this`;

const options = {
  environment: { type: "string" },
  stacks: { type: "string", default: path.join("cdktf.out", "stacks") },
  out: { type: "string" },
} as const;

/** Plans an environment; gives the exit code. */
async function plan(args: readonly string[]): Promise<number> {
  const { values } = parseOptions(args, options);
  if (values.environment === undefined) {
    throw new UsageError("--environment must be a file of config/, such as dev, got none");
  }
  const stacks = stacksOf(values.environment, values.stacks);
  const problems = stacks.flatMap(({ stack, folder }) =>
    policyProblems(stack, readFileSync(path.join(folder, "cdk.tf.json"), "utf8")),
  );
  if (problems.length > 0) {
    problems.forEach((problem) => console.error(problem));
    return 1;
  }
  const program = findProgram("terraform", process.env["PATH"] ?? "");
  if (program === undefined) {
    throw new Error(
      "terraform must be in a folder of PATH, got none: install Terraform 1.7 or later",
    );
  }
  const kept = values.out ?? mkdtempSync(path.join(tmpdir(), "plan-"));
  try {
    const planned = await planStacks({
      ...{ stacks, program, out: kept },
      variables: { ...definedOf(process.env), TF_IN_AUTOMATION: "1" },
      onProgress: (stack, message) => console.error(`… ${stack}: ${message}`),
    });
    for (const result of planned) {
      if (result.problem !== undefined) {
        console.error(`${result.stack}: ${result.problem}`);
      } else {
        console.log(`${result.stack}: ${totalsOf(summarize([result]))}`);
      }
    }
    return planned.some(({ problem }) => problem !== undefined) ? 1 : 0;
  } finally {
    if (values.out === undefined) {
      rmSync(kept, { recursive: true, force: true });
    }
  }
}

/** The stacks of an environment that were synthesized, the workspace's first. */
function stacksOf(environment: string, folder: string): StackFolder[] {
  const names = existing(folder).filter((name) => name.startsWith(`${environment}-`));
  if (names.length === 0) {
    throw new Error(
      `--environment must be one whose stacks are in ${folder}, got ${environment}: run npm run synth first`,
    );
  }
  const isWorkspace = (name: string) => Number(name === `${environment}-workspace`);
  return names
    .toSorted((a, b) => isWorkspace(b) - isWorkspace(a) || (a < b ? -1 : 1))
    .map((stack) => ({ stack, folder: path.join(folder, stack) }));
}

function existing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const definedOf = (variables: NodeJS.ProcessEnv) =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );

if (import.meta.filename === process.argv[1]) {
  await runScript({ command: "npm run plan --", usage, run: plan });
}
