import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { StackPlan } from "./plan-summary.ts";
import { Terraform } from "./terraform.ts";

/** A synthesized stack. */
export interface StackFolder {
  /** Its id. */
  readonly stack: string;
  /** Where its configuration is. */
  readonly folder: string;
}

/** What a command of Terraform for several stacks needs. */
export interface StacksProps {
  readonly stacks: readonly StackFolder[];
  /** Path of Terraform. */
  readonly program: string;
  /** All variables that Terraform sees. */
  readonly variables: Readonly<Record<string, string>>;
  /** Told of what goes on. */
  readonly onProgress?: (stack: string, message: string) => void;
  /**
   * Says why Terraform failed.
   *
   * @default in its own words
   */
  readonly explain?: (stack: string, error: unknown) => string;
}

/** Why Terraform failed for a stack. */
export const problemOf = ({ explain }: StacksProps, stack: string, error: unknown): string =>
  explain?.(stack, error) ?? (error as Error).message;

export interface PlanStacksProps extends StacksProps {
  /** Gets `<stack>.tfplan` and `<stack>.plan.json`, which hold secrets in clear. */
  readonly out: string;
  /**
   * Whether everything is to go.
   *
   * @default false
   */
  readonly destroy?: boolean;
}

/** What a stack's plan came to: what it does, or why there is none. */
export type PlannedStack =
  | (StackPlan & { readonly problem?: undefined })
  | { readonly stack: string; readonly problem: string };

/** Whether there is a plan. */
export const isPlanned = (each: PlannedStack): each is StackPlan & { problem?: undefined } =>
  each.problem === undefined;

/** Plans stacks side by side. The plans stay, readable by their owner alone. */
export async function planStacks(props: PlanStacksProps): Promise<PlannedStack[]> {
  const { stacks, program, variables, onProgress, destroy = false } = props;
  const out = path.resolve(props.out);
  mkdirSync(out, { recursive: true, mode: 0o700 });
  return Promise.all(
    stacks.map(async ({ stack, folder }) => {
      const terraform = new Terraform({ program, folder, environment: variables });
      try {
        onProgress?.(stack, "fetching providers and state");
        await terraform.init();
        onProgress?.(stack, "planning");
        const file = path.join(out, `${stack}.tfplan`);
        const plan = await terraform.plan(file, { destroy });
        chmodSync(file, 0o600);
        const text = JSON.stringify(plan);
        writeFileSync(path.join(out, `${stack}.plan.json`), text, { mode: 0o600 });
        return { stack, plan };
      } catch (error) {
        return { stack, problem: problemOf(props, stack, error) };
      }
    }),
  );
}
