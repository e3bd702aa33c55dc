import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { aPlan } from "../plan/a-plan.ts";
import { fakeTerraform } from "../plan/fake-terraform.ts";
import { runProgram } from "../run-program.ts";

/** Runs `npm run drift` as somebody who is signed in nowhere. */
const drift = (args: readonly string[], variables: Readonly<Record<string, string>> = {}) =>
  runProgram(process.execPath, ["--import", "tsx/esm", "scripts/drift.ts", ...args], variables);

describe("npm run drift", () => {
  test("tells what has drifted and what cannot be looked at, also in a file for an issue", async () => {
    const { root, props } = fakeTerraform({
      "dev-workspace": { plans: [{ ...aPlan(), resource_drift: [] }] },
      "dev-contoso": {
        plans: [
          {
            ...aPlan(),
            resource_drift: aPlan({ type: "azurerm_key_vault", actions: ["delete"], before: {} })
              .resource_changes,
          },
        ],
      },
    });
    const out = mkdtempSync(path.join(tmpdir(), "drift-"));
    const { status, stdout } = await drift(
      ["--environment", "dev", "--stacks", root, "--json", "--out", out],
      { ...props.variables, PATH: root, HOME: root },
    );
    expect(status).toBe(3);
    const { environment, drift: found } = JSON.parse(stdout) as {
      environment: string;
      drift: { stack: string; what: string; says: string }[];
    };
    expect(environment).toBe("dev");
    expect(found[0]).toEqual({
      ...{ stack: "dev-contoso", what: "azurerm_key_vault.one", says: "is gone" },
    });
    // Nobody is signed in, so that the playbook and the checkpoint cannot be looked at.
    expect(found.slice(1).map(({ what }) => what)).toContain("checkpoint");
    expect(found.slice(1).every(({ says }) => says.includes("az login"))).toBe(true);
    expect(readFileSync(path.join(out, "drift.json"), "utf8").trim()).toBe(stdout.trim());
    expect(readFileSync(path.join(out, "drift.md"), "utf8")).toContain("is gone");
  });
});
