import { mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { planStacks } from "../../plan/plan-stacks.ts";
import { plannedChanges } from "../../plan/planned-change.ts";
import { findProgram } from "../../plan/terraform.ts";

const program = findProgram("terraform", process.env["PATH"] ?? "");

describe.skipIf(program === undefined)(
  "planStacks, skipped where no terraform is on the PATH,",
  () => {
    test("plans each stack, keeps the plans to itself and tells what fails", async () => {
      const root = mkdtempSync(path.join(tmpdir(), "stacks-"));
      const stacks = Object.entries({
        "dev-workspace": { one: { input: "a" } },
        "dev-contoso": { one: { nothing: "b" } },
      }).map(([stack, resources]) => {
        const folder = path.join(root, stack);
        mkdirSync(folder);
        const text = JSON.stringify({ resource: { terraform_data: resources } });
        writeFileSync(path.join(folder, "cdk.tf.json"), text);
        return { stack, folder };
      });
      const out = path.join(root, "out");
      const told: string[] = [];
      const [workspace, contoso] = await planStacks({
        ...{ stacks, program: program!, out },
        variables: { CHECKPOINT_DISABLE: "1", HOME: root },
        onProgress: (stack, message) => told.push(`${stack}: ${message}`),
      });
      expect(workspace!.problem).toBeUndefined();
      const { plan } = workspace as Extract<typeof workspace, { plan: unknown }>;
      expect(plannedChanges("dev-workspace", plan)).toMatchObject([
        { kind: "create", address: "terraform_data.one" },
      ]);
      expect(contoso!.problem).toMatch(/^terraform (init|plan) failed: .*nothing/);
      expect(readdirSync(out).sort()).toEqual(["dev-workspace.plan.json", "dev-workspace.tfplan"]);
      expect(statSync(out).mode & 0o077).toBe(0);
      for (const file of readdirSync(out)) {
        expect(statSync(path.join(out, file)).mode & 0o077).toBe(0);
      }
      expect(told).toContain("dev-contoso: fetching providers and state");
    }, 60_000);
  },
);
