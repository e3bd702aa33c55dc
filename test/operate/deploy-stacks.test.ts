import { describe, expect, test } from "vitest";
import { environmentSchema, type Environment } from "../../config/environment.ts";
import { tenantNames } from "../../config/names.ts";
import { deployStacks } from "../../operate/deploy-stacks.ts";
import { plannedChanges } from "../../plan/planned-change.ts";
import { summarize } from "../../plan/plan-summary.ts";
import type { Reviewed } from "../../plan/reviewed-changes.ts";
import type { TerraformPlan } from "../../plan/terraform-plan.ts";
import { environmentFile, tenantFile } from "../config/environment-files.ts";
import { aPlan } from "../plan/a-plan.ts";
import { fakeTerraform, type FakeStack } from "../plan/fake-terraform.ts";

const environment = (states: Record<string, string> = {}): Environment => ({
  name: "dev",
  ...environmentSchema.parse(
    environmentFile({
      tenants: {
        contoso: tenantFile({ state: states["contoso"] ?? "collected" }),
        fabrikam: tenantFile({
          tenantId: "00000000-0000-4000-8000-000000000102",
          state: states["fabrikam"] ?? "collected",
        }),
      },
    }),
  ),
});

const create = (type = "azurerm_thing") => aPlan({ type, actions: ["create"], after: { a: 1 } });
const update = (after: number, type = "azurerm_thing") =>
  aPlan({ type, actions: ["update"], before: { a: 1 }, after: { a: after } });
const destroy = (type: string) => aPlan({ type, actions: ["delete"], before: { a: 1 } });
const nothing = aPlan();

const all = (plan: TerraformPlan): Record<string, FakeStack> => ({
  "dev-workspace": { plans: [plan] },
  "dev-contoso": { plans: [plan] },
  "dev-fabrikam": { plans: [plan] },
});

/** What a review of plans has kept. */
function reviewOf(plans: Readonly<Record<string, TerraformPlan>>, accepted = ""): Reviewed {
  const given = Object.entries(plans).map(([stack, plan]) => ({ stack, plan }));
  return {
    digest: summarize(given).digest,
    changes: given.flatMap(({ stack, plan }) => plannedChanges(stack, plan)),
    accepted,
  };
}

const reviewed = (plan: TerraformPlan, accepted?: string) =>
  reviewOf({ "dev-workspace": plan, "dev-contoso": plan, "dev-fabrikam": plan }, accepted);

async function deploy(
  stacks: Record<string, FakeStack>,
  given: { reviewed?: Reviewed; accepted?: string; states?: Record<string, string> } = {},
) {
  const { done, props } = fakeTerraform(stacks);
  const lines: string[] = [];
  const problems = await deployStacks({
    ...{ ...props, environment: environment(given.states) },
    ...{ reviewed: given.reviewed, accepted: given.accepted ?? "" },
    onResult: (line) => lines.push(line),
  });
  return { problems, lines, applied: done().filter((line) => !line.startsWith("plan")) };
}

const existing = (id: string, address = "azurerm_thing.one") => ({
  ...{ severity: "error", summary: `A resource with the ID "${id}" already exists`, detail: "" },
  address,
});

describe("deployStacks", () => {
  test("applies the workspace's stack, then the others", async () => {
    const { applied, lines, problems } = await deploy(all(create()));
    expect(problems).toEqual([]);
    expect(applied[0]).toBe("apply dev-workspace");
    expect(applied.toSorted()).toEqual([
      ...["apply dev-contoso", "apply dev-fabrikam", "apply dev-workspace"],
    ]);
    expect(lines[0]).toMatch(/^dev: 3 to create\. Digest [0-9a-f]{16}\.$/);
    expect(lines.slice(1)).toEqual([
      ...["dev-workspace: deployed", "dev-contoso: deployed", "dev-fabrikam: deployed"],
    ]);
  });

  test("begins no tenant's stack when the workspace's fails", async () => {
    const applies = [{ severity: "error", summary: "no room", detail: "" }];
    const stacks = { ...all(create()), "dev-workspace": { plans: [create()], applies } };
    const { applied, problems } = await deploy(stacks);
    expect(applied).toEqual(["apply dev-workspace"]);
    expect(problems).toEqual([
      "dev-workspace: terraform apply failed: no room",
      "dev-contoso: not begun, since dev-workspace failed",
      "dev-fabrikam: not begun, since dev-workspace failed",
      "dev: run the same again when this is mended",
    ]);
  });

  test("applies what was reviewed, and nothing when the world has changed since", async () => {
    const review = reviewed(update(2));
    expect((await deploy(all(update(2)), { reviewed: review })).problems).toEqual([]);
    const { applied, problems } = await deploy(all(update(3)), { reviewed: review });
    expect(applied).toEqual([]);
    expect(problems[0]).toBe(
      "dev-contoso: it would update azurerm_thing.one, which was not reviewed so",
    );
    expect(problems.at(-1)).toMatch(
      /^dev: the plan must be the one that was reviewed, [0-9a-f]{16}, got [0-9a-f]{16}: .* review it again$/,
    );
  });

  test("applies nothing of what loses data until that is accepted, in the review or beside it", async () => {
    const plan = destroy("azurerm_key_vault");
    const line = (stack: string) => `Accept-data-loss: ${stack} azurerm_key_vault.one`;
    const lines = ["dev-workspace", "dev-contoso", "dev-fabrikam"].map(line).join("\n");
    const { applied, problems } = await deploy(all(plan), { accepted: line("dev-contoso") });
    expect(applied).toEqual([]);
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain(`write ${line("dev-fabrikam")} into the file of --accepted`);
    expect((await deploy(all(plan), { accepted: lines })).problems).toEqual([]);
    const review = reviewed(plan, lines);
    expect((await deploy(all(plan), { reviewed: review })).problems).toEqual([]);
  });

  test("leaves the collector of a removed tenant as it is", async () => {
    const stacks = {
      ...all(create()),
      "dev-contoso": { plans: [destroy("azurerm_key_vault")] },
      "dev-fabrikam": { plans: [nothing] },
    };
    const states = { contoso: "removed", fabrikam: "removed" };
    const { applied, lines, problems } = await deploy(stacks, { states });
    expect(problems).toEqual([]);
    expect(applied.toSorted()).toEqual(["apply dev-fabrikam", "apply dev-workspace"]);
    expect(lines).toContain(
      "dev-contoso: left as it is, since its tenant is removed: run npm run teardown -- --environment dev --tenant contoso",
    );
  });

  describe("takes what a killed deployment has left into the state", () => {
    const { playbookId } = tenantNames(environment(), "contoso");
    const left = (after: TerraformPlan): FakeStack => ({
      plans: [create(), after],
      applies: [existing(playbookId), null],
    });

    test("and plans and applies the rest", async () => {
      const stacks = {
        "dev-workspace": { plans: [create(), nothing] },
        "dev-contoso": left(update(2)),
        "dev-fabrikam": { plans: [create(), nothing] },
      };
      const review = reviewed(create());
      const { applied, problems } = await deploy(stacks, { reviewed: review });
      expect(problems).toEqual([]);
      expect(applied).toContain(`import dev-contoso azurerm_thing.one ${playbookId}`);
      expect(applied.filter((line) => line === "apply dev-contoso")).toHaveLength(2);
    });

    test("and nothing that somebody else may have made", async () => {
      const elsewhere = playbookId.replace("contoso", "others");
      const stacks = {
        ...all(create()),
        "dev-contoso": { plans: [create()], applies: [existing(elsewhere)] },
      };
      const { applied, problems } = await deploy(stacks);
      expect(applied.filter((line) => line.startsWith("import"))).toEqual([]);
      expect(problems[0]).toContain(`"${elsewhere}" already exists`);
    });

    test("and changes in no other stack what nobody has reviewed", async () => {
      const stacks = {
        "dev-workspace": { plans: [nothing] },
        "dev-contoso": left(update(2)),
        // The same address, which is another resource.
        "dev-fabrikam": { plans: [nothing, update(3)] },
      };
      const review = reviewOf({ "dev-contoso": create() });
      const { applied, problems } = await deploy(stacks, { reviewed: review });
      expect(problems[0]).toBe(
        "dev-fabrikam: it would update azurerm_thing.one, which was not reviewed so",
      );
      expect(applied.filter((line) => line === "apply dev-fabrikam")).toHaveLength(1);
    });
  });
});
