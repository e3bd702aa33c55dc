import path from "node:path";
import { attributeChanges, kindOf, secret } from "../plan/planned-change.ts";
import { problemOf, type StacksProps } from "../plan/plan-stacks.ts";
import { TemporaryFolder } from "../plan/temporary-folder.ts";
import type { TerraformPlan } from "../plan/terraform-plan.ts";
import { Terraform } from "../plan/terraform.ts";
import type { Drift } from "./drift.ts";

/** What others have changed in the resources of stacks; what cannot be looked at is drift as well. */
export async function stacksDrift(props: StacksProps): Promise<Drift[]> {
  const { stacks, program, variables, onProgress } = props;
  const plans = new TemporaryFolder("drift");
  try {
    const found = await Promise.all(
      stacks.map(async ({ stack, folder }) => {
        const terraform = new Terraform({ program, folder, environment: variables });
        try {
          onProgress?.(stack, "comparing the cloud with the state");
          await terraform.init();
          const file = path.join(plans.path, `${stack}.tfplan`);
          return infrastructureDrift(stack, await terraform.plan(file, { refreshOnly: true }));
        } catch (error) {
          return [{ stack, what: "Terraform", says: problemOf(props, stack, error) }];
        }
      }),
    );
    return found.flat();
  } finally {
    plans.close();
  }
}

/**
 * What differs between the state of a stack and the cloud, by a plan that only refreshes. What a
 * provider writes as null in one place and as an empty list in another is the same.
 */
export function infrastructureDrift(stack: string, { resource_drift }: TerraformPlan): Drift[] {
  return resource_drift.flatMap((resource): Drift[] => {
    const { address: what } = resource;
    if (kindOf(resource) === "destroy") {
      return [{ stack, what, says: "is gone" }];
    }
    return (
      attributeChanges(resource)
        .filter(({ before, after }) => !isNothing(before) || !isNothing(after))
        // Whoever may only read is given no keys, and finds none where the state has some.
        .filter(({ before, after }) => !(before === secret && isNothing(after)))
        .map(({ path, before, after }) => ({
          ...{ stack, what },
          says: `${path} is ${shown(after)}, and was deployed as ${shown(before)}`,
        }))
    );
  });
}

const isNothing = (value: string | undefined) => !value;

const shown = (value: string | undefined) => (value || "nothing").slice(0, 200);
