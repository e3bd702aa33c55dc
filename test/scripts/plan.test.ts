import { cpSync, mkdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { aPlan } from "../plan/a-plan.ts";
import { fakeTerraform } from "../plan/fake-terraform.ts";
import { runProgram } from "../run-program.ts";

const plan = (args: readonly string[], variables: Readonly<Record<string, string>> = {}) =>
  runProgram(process.execPath, ["--import", "tsx/esm", "scripts/plan.ts", ...args], variables);

describe("npm run plan", () => {
  test("takes from somebody else's proposal its stacks alone", async () => {
    const { root, props, done } = fakeTerraform({ "dev-workspace": { plans: [aPlan()] } });
    mkdirSync(path.join(root, "dev-workspace", ".terraform"));
    const run = (...more: string[]) =>
      plan(["--environment", "dev", "--stacks", root, ...more], {
        ...props.variables,
        PATH: root,
      });
    const config = path.join(root, "proposed");
    cpSync("config", config, { recursive: true });
    const { status, stderr } = await run("--config", config);
    expect(status).toBe(1);
    expect(stderr).toContain(
      "dev-workspace: must be cdk.tf.json alone, got .terraform as well: delete it",
    );
    expect(done()).toEqual([]);
    expect((await run("--config", "./config/")).status).toBe(0);
  });

  test("tells what each stack would do, with no value of it, and applies nothing", async () => {
    const { root, props, done } = fakeTerraform({
      "dev-workspace": { plans: [aPlan()] },
      "dev-contoso": {
        plans: [
          aPlan({
            ...{ type: "azurerm_key_vault_secret", actions: ["create"] },
            ...{ after: { value: "planted~secret" }, after_sensitive: { value: true } },
          }),
        ],
      },
    });
    const ended = await plan(["--environment", "dev", "--stacks", root], {
      ...props.variables,
      PATH: root,
    });
    expect(ended.status).toBe(0);
    expect(ended.stdout).toBe("dev-workspace: Nothing changes.\ndev-contoso: 1 to create.\n");
    expect(ended.stdout + ended.stderr).not.toContain("planted");
    expect(done().sort()).toEqual(["plan dev-contoso", "plan dev-workspace"]);
  });
});
