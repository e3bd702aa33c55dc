import path from "node:path";
import { areOwn, existingResources, type ExistingResource } from "./existing-resources.ts";
import { Terraform } from "./terraform.ts";
import { problemOf, type StackFolder, type StacksProps } from "./plan-stacks.ts";

/** The first of the stacks is applied alone, since the others need what it makes. */
export interface ApplyStacksProps extends StacksProps {
  /** Where `planStacks` has put the plans. */
  readonly plans: string;
  /**
   * Resource groups of a stack's own: what is there already is taken into the state.
   *
   * @default none
   */
  readonly ownGroups?: (stack: string) => readonly string[];
}

/** What became of a stack: applied, or why not. */
export interface AppliedStack {
  readonly stack: string;
  readonly problem: string | undefined;
  /** What was in the way, when that alone is why, and was taken into the state; none where nothing was begun. */
  readonly imported?: readonly ExistingResource[];
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
    return [workspace, ...others.map((each) => notBegun(each, workspace))];
  }
  return [workspace, ...(await Promise.all(others.map((each) => applyStack(each, props))))];
}

/**
 * Applies the saved plans by which stacks go: all side by side but that of the workspace, which goes
 * last, and not at all when another one failed.
 */
export async function destroyStacks(
  props: ApplyStacksProps & {
    /** Id of the workspace's stack, which need not be among them. */
    readonly workspace: string;
  },
): Promise<AppliedStack[]> {
  const { stacks, workspace } = props;
  const gone = await Promise.all(
    stacks.filter(({ stack }) => stack !== workspace).map((each) => applyStack(each, props)),
  );
  const last = stacks.find(({ stack }) => stack === workspace);
  if (!last) {
    return gone;
  }
  const failed = gone.find(({ problem }) => problem !== undefined);
  return [...gone, failed ? notBegun(last, failed) : await applyStack(last, props)];
}

const notBegun = ({ stack }: StackFolder, failed: AppliedStack): AppliedStack => ({
  stack,
  problem: `not begun, since ${failed.stack} failed`,
  imported: [],
});

async function applyStack(
  { stack, folder }: StackFolder,
  props: ApplyStacksProps,
): Promise<AppliedStack> {
  const { program, variables, plans, onProgress, ownGroups } = props;
  const terraform = new Terraform({
    ...{ program, folder, environment: variables },
    onMessage: (message) => onProgress?.(stack, message),
  });
  try {
    await terraform.apply(path.join(path.resolve(plans), `${stack}.tfplan`));
    return { stack, problem: undefined };
  } catch (error) {
    const problem = problemOf(props, stack, error);
    const found = existingResources(error);
    if (!areOwn(found, ownGroups?.(stack) ?? [])) {
      return { stack, problem };
    }
    try {
      for (const { address, id } of found) {
        onProgress?.(stack, `taking ${address} into the state, since it is there already`);
        await terraform.import(address, id);
      }
      return { stack, problem, imported: found };
    } catch (failure) {
      return { stack, problem: `${problem}; ${problemOf(props, stack, failure)}` };
    }
  }
}
