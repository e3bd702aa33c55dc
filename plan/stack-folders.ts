import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { StackFolder } from "./plan-stacks.ts";
import { policyProblems } from "./stack-policy.ts";

/** Where synthesis puts stacks. */
export const synthesized = path.join("cdktf.out", "stacks");

/**
 * The synthesized stacks of an environment, the workspace's first. Fails when there are none.
 */
export function stackFolders(environment: string, folder: string): StackFolder[] {
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

const configurationFile = "cdk.tf.json";

/** Files that Terraform reads as configuration. */
const isConfiguration = (file: string) => /\.(tf|tfvars|tofu)(\.json)?$/.test(file);

/**
 * Why stacks must not be planned; one sentence each. Beside one that somebody else has proposed nothing may
 * lie at all: Terraform takes a backend from there, and programs that it takes for providers.
 */
export const refusals = (stacks: readonly StackFolder[], isProposed = false): string[] =>
  stacks.flatMap(({ stack, folder }) => [
    ...policyProblems(stack, readFileSync(path.join(folder, configurationFile), "utf8")),
    ...readdirSync(folder)
      .filter((file) => file !== configurationFile && (isProposed || isConfiguration(file)))
      .map(
        (file) => `${stack}: must be ${configurationFile} alone, got ${file} as well: delete it`,
      ),
  ]);

function existing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
