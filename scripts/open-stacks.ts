import path from "node:path";
import { configFolder, type Environment } from "../config/environment.ts";
import { explainTerraform } from "../operate/explain-terraform.ts";
import type { StacksProps } from "../plan/plan-stacks.ts";
import { refusals, stackFolders } from "../plan/stack-folders.ts";
import { terraformProgram, terraformVariables } from "../plan/terraform.ts";

/** Whether a folder has another configuration than this project's, as somebody else proposes it. */
export const isProposal = (folder: string) => path.resolve(folder) !== path.resolve(configFolder);

/**
 * The stacks of an environment and the Terraform for them, which tells on stderr what it does. Fails
 * for stacks that must not be planned, with one sentence a line; of those that somebody else has proposed
 * more is asked.
 */
export function openStacks(
  environment: Environment,
  folder: string,
  isProposed = false,
): StacksProps {
  const stacks = stackFolders(environment.name, folder);
  const problems = refusals(stacks, isProposed);
  if (problems.length > 0) {
    throw new Error(problems.join("\n"));
  }
  return {
    stacks,
    program: terraformProgram(),
    variables: terraformVariables(),
    explain: (stack, error) => explainTerraform(environment, stack, error),
    onProgress: (stack, message) =>
      console.error(`… ${stack}: ${message.replace(/\s*\n\s*/g, " ")}`),
  };
}
