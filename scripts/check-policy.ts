import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { mirrorConfiguration, providerMirror } from "../local/rehearsal/provider-mirror.ts";
import { TemporaryFolder } from "../plan/temporary-folder.ts";
import { findProgram } from "../plan/terraform.ts";
import { parseOptions, runScript } from "./command-line.ts";
import { withPythonTools, type PythonTools } from "./python-tools.ts";

const usage = `[--python COMMAND] [--plugins DIR]

  looks at the synthesized stacks and the workflows with tools from outside: checkov, terraform
  validate, zizmor and actionlint

  --python COMMAND  interpreter of Python 3.11 or later (default python3)
  --plugins DIR     a plugin folder of Terraform with the providers (default those of this machine)
  -h, --help        show this`;

const project = path.dirname(import.meta.dirname);
const workflows = path.join(project, ".github", "workflows");

/** A check of checkov that need not be passed, and why. */
const waiversSchema = z.array(
  z.strictObject({
    check: z.string().regex(/^CKV\d*_/),
    /** Ids of the stacks, as a regular expression. */
    stacks: z.string(),
    reason: z.string().min(20),
  }),
);
export type Waiver = z.output<typeof waiversSchema>[number];

/** A check that a resource has failed. */
export interface FailedCheck {
  readonly check: string;
  readonly what: string;
  readonly stack: string;
  readonly resource: string;
}

/** What is wrong with failed checks and waivers: those without the other; one sentence each. */
export function policyProblems(
  failed: readonly FailedCheck[],
  waivers: readonly Waiver[],
): string[] {
  const waives = (waiver: Waiver, { check, stack }: FailedCheck) =>
    waiver.check === check && new RegExp(`^(?:${waiver.stacks})$`).test(stack);
  return [
    ...failed
      .filter((each) => !waivers.some((waiver) => waives(waiver, each)))
      .map(
        ({ check, what, stack, resource }) =>
          `${stack}: ${resource} must pass ${check} (${what}), or have a waiver with its reason in tools/policy-waivers.json`,
      ),
    ...waivers
      .filter((waiver) => !failed.some((each) => waives(waiver, each)))
      .map(
        ({ check, stacks }) =>
          `tools/policy-waivers.json must hold no waiver that nothing needs, got ${check} for ${stacks}`,
      ),
  ];
}

/** @see https://www.checkov.io/2.Basics/Reviewing%20Scan%20Results.html */
const checkovReport = z.object({
  summary: z.object({ passed: z.number(), failed: z.number(), parsing_errors: z.number() }),
  results: z.object({
    failed_checks: z.array(
      z.object({
        check_id: z.string(),
        check_name: z.string(),
        file_path: z.string(),
        resource: z.string(),
      }),
    ),
  }),
});

/** Runs all tools; gives the exit code. */
function checkPolicy(args: readonly string[]): number {
  const { values } = parseOptions(args, {
    python: { type: "string", default: "python3" },
    plugins: { type: "string" },
  });
  const stacks = new TemporaryFolder("stacks");
  try {
    execFileSync(process.execPath, ["--import", "tsx/esm", "main.ts"], {
      cwd: project,
      env: { ...process.env, CDKTF_OUTDIR: stacks.path },
    });
    const folder = path.join(stacks.path, "stacks");
    const problems = [
      ...withPythonTools(values.python, "policy-requirements.txt", (tool) => [
        ...stackProblems(tool, folder, stacks.path),
        ...zizmorProblems(tool),
      ]),
      ...actionlintProblems(),
      ...validateProblems(folder, values.plugins, stacks.path),
    ];
    problems.forEach((problem) => console.error(problem));
    return problems.length > 0 ? 1 : 0;
  } finally {
    stacks.close();
  }
}

function stackProblems(tool: PythonTools, folder: string, work: string): string[] {
  const readable = path.join(work, "checkov");
  for (const stack of readdirSync(folder)) {
    const text = readFileSync(path.join(folder, stack, "cdk.tf.json"), "utf8");
    const blocks = JSON.parse(text) as Record<string, unknown>;
    // It cannot read the others, which make no resource.
    const read = Object.entries(blocks).filter(([name]) => readBlocks.includes(name));
    mkdirSync(path.join(readable, stack), { recursive: true });
    writeFileSync(
      path.join(readable, stack, "cdk.tf.json"),
      JSON.stringify(Object.fromEntries(read), null, 2),
    );
  }
  const { stdout } = spawnSync(
    tool("checkov"),
    [
      ...["--directory", readable, "--framework", "terraform_json", "--output", "json"],
      ...["--quiet", "--compact", "--skip-download", "--download-external-modules", "false"],
    ],
    { encoding: "utf8", maxBuffer: 1 << 28 },
  );
  const { results, summary } = checkovReport.parse(JSON.parse(stdout));
  const failed = results.failed_checks.map((each) => ({
    check: each.check_id,
    what: each.check_name,
    stack: path.basename(path.dirname(each.file_path)),
    resource: each.resource,
  }));
  const waivers = waiversSchema.parse(
    JSON.parse(readFileSync(path.join(project, "tools", "policy-waivers.json"), "utf8")),
  );
  const problems = policyProblems(failed, waivers);
  console.log(
    `checkov: ${summary.passed} checks passed, ${failed.length} failed, ${waivers.length} waivers, ${problems.length} problems`,
  );
  return summary.parsing_errors > 0 || summary.passed === 0
    ? [...problems, `checkov must read every stack, got ${summary.parsing_errors} that it cannot`]
    : problems;
}

const readBlocks = ["provider", "resource", "data", "locals"];

function zizmorProblems(tool: PythonTools): string[] {
  const { status, stdout, stderr } = spawnSync(
    tool("zizmor"),
    ["--offline", "--no-progress", "--format", "plain", "--color", "never", workflows],
    { encoding: "utf8" },
  );
  console.log(`zizmor: ${status === 0 ? "no findings in the workflows" : "findings, told below"}`);
  return status === 0 ? [] : [`zizmor: ${stdout || stderr}`];
}

/** What actionlint finds, which is a program of Go. */
function actionlintProblems(): string[] {
  const go = findProgram("go", process.env["PATH"] ?? "");
  if (go === undefined) {
    console.log("actionlint: skipped, since no go is in a folder of PATH");
    return [];
  }
  const { status, stdout, stderr } = spawnSync(
    go,
    ["run", `github.com/rhysd/actionlint/cmd/actionlint@${actionlintVersion}`, "-no-color"],
    { cwd: project, encoding: "utf8" },
  );
  if (status === 0) {
    console.log("actionlint: no findings in the workflows");
    return [];
  }
  if (
    stdout === "" &&
    /proxy|dial tcp|lookup|no required module|GOPROXY|timeout|not found/i.test(stderr)
  ) {
    console.log(`actionlint: skipped, since it cannot be had: ${stderr.trim().split("\n").at(-1)}`);
    return [];
  }
  return [`actionlint: ${stdout || stderr}`];
}

const actionlintVersion = "v1.7.12";

/** Whether Terraform and its providers take every stack, where they can be had. */
function validateProblems(folder: string, plugins: string | undefined, work: string): string[] {
  const program = findProgram("terraform", process.env["PATH"] ?? "");
  if (program === undefined) {
    console.log("terraform validate: skipped, since no terraform is in a folder of PATH");
    return [];
  }
  const mirror = providerMirror(program, plugins, path.join(work, "providers"));
  if (mirror.folder === undefined) {
    console.log(`terraform validate: skipped, since ${mirror.missing}`);
    return [];
  }
  const configuration = path.join(work, "terraform.tfrc");
  writeFileSync(configuration, mirrorConfiguration(mirror.folder));
  const env = { HOME: work, TF_CLI_CONFIG_FILE: configuration, CHECKPOINT_DISABLE: "1" };
  const stacks = readdirSync(folder);
  const problems = stacks.flatMap((stack) => {
    const run = (args: readonly string[]) =>
      spawnSync(program, args, { cwd: path.join(folder, stack), env, encoding: "utf8" });
    const init = run(["init", "-backend=false", "-input=false", "-no-color"]);
    const validate = run(["validate", "-no-color"]);
    return init.status === 0 && validate.status === 0 && !/warning/i.test(validate.stdout)
      ? []
      : [`${stack}: ${init.stderr || validate.stderr || validate.stdout}`];
  });
  console.log(`terraform validate: ${stacks.length} stacks, ${problems.length} with problems`);
  return problems;
}

if (import.meta.filename === process.argv[1]) {
  await runScript({ command: "npm run check:tools --", usage, run: checkPolicy });
}
