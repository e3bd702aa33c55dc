import { writeFileSync } from "node:fs";
import path from "node:path";
import { configFolder, loadEnvironment, type Environment } from "../config/environment.ts";
import { providerMirror } from "../local/rehearsal/provider-mirror.ts";
import { RequestRecorder } from "../local/rehearsal/recorded-requests.ts";
import { Rehearsal } from "../local/rehearsal/rehearsal.ts";
import {
  combinationJobs,
  failureJobs,
  setStage,
  type RehearsalTools,
  type Stage,
} from "../local/rehearsal/rehearsals.ts";
import { oneByOne, sideBySide, type Outcome } from "../local/rehearsal/side-by-side.ts";
import { TemporaryFolder } from "../plan/temporary-folder.ts";
import { terraformProgram } from "../plan/terraform.ts";
import { parseOptions, runScript, UsageError } from "./command-line.ts";

const usage = `ENVIRONMENT [--failures | --combinations] [--plugins DIR] [--json] [--keep] [--record FILE]

  deploys an environment to a local cloud with the real Terraform, operates it and takes it down

  ENVIRONMENT     a file of config/, such as dev
  --failures      rehearse instead what can go wrong in its first deployment
  --combinations  rehearse instead other environments, in which every two kinds of parts meet
  --plugins DIR   a plugin folder of Terraform with the providers (default those of this machine, then
                  Terraform's registry)
  --json          print one JSON object
  --keep          leave the local cloud up at the end, until Ctrl-C, and tell how to reach it
  --record FILE   only deploy, change and destroy, and keep there what Terraform's providers asked for
  -h, --help      show this`;

const options = {
  failures: { type: "boolean", default: false },
  combinations: { type: "boolean", default: false },
  plugins: { type: "string" },
  json: { type: "boolean", default: false },
  keep: { type: "boolean", default: false },
  record: { type: "string" },
} as const;

/** Each needs up to a gigabyte while it plans and applies, and waits most of the time. */
const atOnce = 4;

/** What the command line asks for. */
export interface RehearseArguments {
  readonly environment: string;
  readonly what: "life" | "failures" | "combinations";
  readonly plugins: string | undefined;
  readonly json: boolean;
  readonly keep: boolean;
  readonly record: string | undefined;
}

/** Reads the command line. Fails with a {@link UsageError}. */
export function parseRehearseArguments(args: readonly string[]): RehearseArguments {
  const { values, positionals } = parseOptions(args, options, { takesWords: true });
  const { failures, combinations, plugins, json, keep, record } = values;
  const [environment, ...rest] = positionals;
  if (environment === undefined || rest.length > 0) {
    throw new UsageError(`ENVIRONMENT must be one, got ${positionals.join(" ") || "none"}`);
  }
  if (failures && combinations) {
    throw new UsageError("only one of --failures and --combinations can be given, got both");
  }
  const what = failures ? "failures" : combinations ? "combinations" : "life";
  if (what !== "life" && (keep || record !== undefined)) {
    throw new UsageError(`--keep and --record must not be given with --${what}`);
  }
  return { environment, what, plugins, json, keep, record };
}

/** Rehearses what the command line says; gives the exit code. */
async function rehearse(args: readonly string[]): Promise<number> {
  const given = parseRehearseArguments(args);
  const environment = loadEnvironment(configFolder, given.environment);
  const program = terraformProgram();
  const work = new TemporaryFolder("rehearsal");
  try {
    const fetched = path.join(work.path, "providers");
    const mirror = providerMirror(program, given.plugins, fetched);
    if (mirror.folder === undefined) {
      throw new Error(mirror.missing);
    }
    const onProgress = (line: string) => console.error(`… ${line}`);
    const tools = { program, providers: mirror.folder, folder: work.path, onProgress };
    return await rehearseWith(tools, environment, given);
  } finally {
    work.close();
  }
}

async function rehearseWith(
  tools: RehearsalTools,
  environment: Environment,
  { what, json, keep, record }: RehearseArguments,
): Promise<number> {
  const started = performance.now();
  const tell = (outcome: Outcome) => (json ? undefined : console.log(lineOf(outcome)));
  let stage: Stage | undefined;
  try {
    let outcomes: readonly Outcome[];
    if (what === "life") {
      const recorder = record === undefined ? undefined : new RequestRecorder(Date.now);
      stage = await setStage(environment.name, environment, tools, recorder && { recorder });
      const rehearsal = new Rehearsal({ ...stage, program: tools.program });
      outcomes = await oneByOne(recorder ? rehearsal.recordedSteps() : rehearsal.steps(), tell);
      if (recorder && record !== undefined) {
        const { deployer, requests } = recorder.recording();
        const lines = requests.map((request) => JSON.stringify(request)).join(",\n");
        writeFileSync(
          record,
          `{"deployer":${JSON.stringify(deployer)},"requests":[\n${lines}\n]}\n`,
        );
      }
    } else {
      const jobs = what === "failures" ? failureJobs(environment, tools) : combinationJobs(tools);
      outcomes = await sideBySide(jobs, atOnce, tell);
    }
    const failed = outcomes.filter(({ problem }) => problem !== undefined);
    const seconds = Math.round((performance.now() - started) / 1000);
    const held = failed.length === 0;
    if (json) {
      const { name } = environment;
      console.log(JSON.stringify({ environment: name, what, held, seconds, steps: outcomes }));
    } else {
      const verdict = held ? "all held" : `failed at: ${failed.map(({ name }) => name).join("; ")}`;
      console.log(`${environment.name}: ${verdict}, ${formatted(seconds)} in all`);
    }
    if (keep && stage) {
      await keepUp(stage);
    }
    return held ? 0 : 1;
  } finally {
    await stage?.cloud.close();
  }
}

const lineOf = ({ name, seconds, found, problem }: Outcome) =>
  `${problem === undefined ? "held  " : "failed"}  ${formatted(seconds).padStart(7)}  ${name}: ${problem ?? found}`;

const formatted = (seconds: number) =>
  seconds < 60
    ? `${seconds.toFixed(1)} s`
    : `${Math.floor(seconds / 60)}m ${String(Math.floor(seconds % 60)).padStart(2, "0")}s`;

/** Tells how the cloud is reached and waits for Ctrl-C. */
async function keepUp({ project }: Stage): Promise<void> {
  console.error(`the local cloud stays up until Ctrl-C; the project is in ${project.folder}`);
  console.error("these variables lead a program to it, and to nothing else:");
  for (const [key, value] of Object.entries(project.environment)) {
    console.error(`  ${key}=${value}`);
  }
  await new Promise<void>((resolve) => process.once("SIGINT", resolve));
}

if (import.meta.filename === process.argv[1]) {
  await runScript({ command: "npm run rehearse --", usage, run: rehearse });
}
