import { z } from "zod";

const value = z.unknown();

const resourceChange = z.object({
  address: z.string(),
  mode: z.enum(["managed", "data"]).default("managed"),
  type: z.string(),
  provider_name: z.string().optional(),
  change: z.object({
    actions: z.array(z.string()),
    before: value.default(null),
    after: value.default(null),
    after_unknown: value.default({}),
    // Without a mask anything may be secret.
    before_sensitive: value.default(true),
    after_sensitive: value.default(true),
  }),
});

/**
 * What `terraform show -json` tells of a saved plan, as far as it is read here. It holds secrets in
 * clear, beside masks that say where.
 *
 * @see https://developer.hashicorp.com/terraform/internals/json-format
 */
const planSchema = z.object({
  format_version: z.string().regex(/^1\./, "be 1.x"),
  errored: z.boolean().default(false),
  resource_changes: z.array(resourceChange).default([]),
  // What was changed by others since the last apply.
  resource_drift: z.array(resourceChange).default([]),
});

/** The data that was read for a plan, as far as it tells who has planned. */
const readSchema = z.object({
  prior_state: z
    .object({
      values: z.object({
        root_module: z.object({
          resources: z
            .array(
              z.object({
                mode: z.string(),
                type: z.string(),
                values: z.object({ object_id: z.string().nullish() }),
              }),
            )
            .default([]),
        }),
      }),
    })
    .optional(),
});

/** What stands for the object id of whoever has planned, who need not be whoever deploys. */
const deployer = "(whoever deploys)";

/** A plan of one stack. */
export type TerraformPlan = z.output<typeof planSchema>;

/** What a plan does to one resource, with its values in clear. */
export type ResourceChange = TerraformPlan["resource_changes"][number];

/** Reads the JSON of a plan; `name` says in errors which one. Fails for what is none. */
export function readPlan(name: string, text: string): TerraformPlan {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // What stands there may be secret, so the parser's words about it are not told.
    throw new Error(
      `${name} must be JSON as terraform show -json writes it, got text that is none`,
    );
  }
  const { data, error } = planSchema.safeParse(content);
  if (!data) {
    const [{ path, message }] = error.issues as [z.core.$ZodIssue];
    throw new Error(
      `${name} must be a plan as terraform show -json writes it: ${path.join(".")}: ${message}`,
    );
  }
  if (data.errored) {
    throw new Error(`${name} must be a whole plan, got one that ended with an error: plan again`);
  }
  return withoutPlanner(data, plannersIn(content));
}

/** The object ids of whoever has planned, in each directory. */
function plannersIn(content: unknown): ReadonlySet<string> {
  const resources =
    readSchema.safeParse(content).data?.prior_state?.values.root_module.resources ?? [];
  return new Set(
    resources.flatMap(({ mode, type, values }) =>
      mode === "data" && /^azure(ad|rm)_client_config$/.test(type) && values.object_id
        ? [values.object_id]
        : [],
    ),
  );
}

/**
 * The same plan whoever makes it: stacks name whoever deploys as an owner, and a pull request is planned
 * by somebody else.
 */
function withoutPlanner(plan: TerraformPlan, planners: ReadonlySet<string>): TerraformPlan {
  if (planners.size === 0) {
    return plan;
  }
  const replaced = (of: unknown): unknown => {
    if (typeof of === "string") {
      return planners.has(of) ? deployer : of;
    }
    if (Array.isArray(of)) {
      return of.map(replaced);
    }
    return typeof of === "object" && of !== null
      ? Object.fromEntries(Object.entries(of).map(([key, member]) => [key, replaced(member)]))
      : of;
  };
  const changed = (resources: readonly ResourceChange[]) =>
    resources.map((resource) => {
      const { before, after } = resource.change;
      const change = { ...resource.change, before: replaced(before), after: replaced(after) };
      return { ...resource, change };
    });
  return {
    ...plan,
    resource_changes: changed(plan.resource_changes),
    resource_drift: changed(plan.resource_drift),
  };
}
