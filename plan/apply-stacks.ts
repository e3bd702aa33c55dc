import path from "node:path";
import { Terraform } from "./terraform.ts";
import type { StackFolder, StacksProps } from "./plan-stacks.ts";

/** The first of the stacks is applied alone, since the others need what it makes. */
export interface ApplyStacksProps extends StacksProps {
  /** Where `planStacks` has put the plans. */
  readonly plans: string;
}

/** What became of a stack: applied, or why not. */
export interface AppliedStack {
  readonly stack: string;
  readonly problem: string | undefined;
}

/**
 * Applies the saved plans of stacks: that of the workspace, then all others side by side. When the
 * workspace's fails, no other is begun; when another one fails, the rest go on.
 */
export async function applyStacks(props: ApplyStacksProps): Promise<AppliedStack[]> {
  const [first, ...others] = props.stacks;
  if (!first) {
    return [];
  }
  const workspace = await applyStack(first, props);
  if (workspace.problem !== undefined) {
    const problem = `not begun, since ${first.stack} failed`;
    return [workspace, ...others.map(({ stack }) => ({ stack, problem }))];
  }
  return [workspace, ...(await Promise.all(others.map((each) => applyStack(each, props))))];
}

async function applyStack(
  { stack, folder }: StackFolder,
  { program, variables, plans, onProgress }: ApplyStacksProps,
): Promise<AppliedStack> {
  const terraform = new Terraform({
    ...{ program, folder, environment: variables },
    onMessage: (message) => onProgress?.(stack, message),
  });
  try {
    await terraform.apply(path.join(path.resolve(plans), `${stack}.tfplan`));
    return { stack, problem: undefined };
  } catch (error) {
    return { stack, problem: (error as Error).message };
  }
}
