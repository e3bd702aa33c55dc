import { readPlan, type TerraformPlan } from "../../plan/terraform-plan.ts";

/** A change of one resource as Terraform writes it, but for what does not differ between tests. */
export interface GivenChange {
  readonly type: string;
  readonly actions: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly after_unknown?: unknown;
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
}

/** A plan of one resource for each change, named `one`, `two` and so on. */
export function aPlan(...changes: readonly GivenChange[]): TerraformPlan {
  const names = ["one", "two", "three", "four", "five"];
  return readPlan(
    "a plan",
    JSON.stringify({
      format_version: "1.2",
      resource_changes: changes.map(({ type, ...change }, index) => ({
        ...{ address: `${type}.${names[index]}`, mode: "managed", type, name: names[index] },
        change: {
          ...{ before: null, after: null, after_unknown: {} },
          ...{ before_sensitive: false, after_sensitive: false },
          ...change,
        },
      })),
    }),
  );
}
