import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

const folder = ".github/workflows";

export interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** Names of all workflows. */
export const workflowNames = readdirSync(folder).map((file) => path.basename(file, ".yml"));

export const loadWorkflow = (name: string): Workflow =>
  parse(readFileSync(path.join(folder, `${name}.yml`), "utf8")) as Workflow;

export function loadStep(workflow: string, job: string, step: string): Step & { run: string } {
  const found = loadWorkflow(workflow).jobs[job]?.steps.find(({ name }) => name === step);
  if (found?.run === undefined) {
    throw new Error(`${workflow}.${job} must have a step that runs, ${step}`);
  }
  return { ...found, run: found.run };
}
