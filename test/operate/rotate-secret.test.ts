import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { emptyCheckpoint } from "../../feed/checkpoint.ts";
import { rotateSecret, slotAddress } from "../../operate/rotate-secret.ts";
import { TerraformError } from "../../plan/terraform.ts";
import { localFeed } from "../feed/local-feed.ts";
import { aPlan, type GivenChange } from "../plan/a-plan.ts";

const password = "azuread_application_password";
const changes: GivenChange[] = [
  { type: password, actions: ["create", "delete"], before: {}, after: {} },
  { type: "azurerm_key_vault_secret", actions: ["update"], before: {}, after: {} },
];

/** A synthesized stack with the two slots. */
function aStack(names = ["secret_even_0123ABCD", "secret_odd_0123ABCE"]) {
  const folder = mkdtempSync(path.join(tmpdir(), "stack-"));
  const resource = { [password]: Object.fromEntries(names.map((name) => [name, {}])) };
  writeFileSync(path.join(folder, "cdk.tf.json"), JSON.stringify({ resource }));
  return folder;
}

function rotation({
  given = changes,
  status = "Succeeded",
  dryRun = false,
  tenant = {},
  paused = false,
} = {}) {
  const local = localFeed(tenant);
  const done: string[] = [];
  const props = {
    ...{ target: local.target, stackFolder: aStack(), clock: local.options.clock, dryRun },
    terraform: {
      init: async () => void done.push("init"),
      plan: async (_file: string, { replace = [] }: { replace?: readonly string[] } = {}) => {
        done.push(`plan ${replace.join()}`);
        return aPlan(...given);
      },
      apply: async () => void done.push("apply"),
    },
    checkpoint: { read: async () => emptyCheckpoint(paused) },
    runs: {
      ended: async () => void done.push("wait"),
      runOnce: async () => {
        done.push("run");
        return { name: "0858", status };
      },
    },
  };
  return { done, local, props, rotate: () => rotateSecret(props, local.report) };
}

describe("rotateSecret", () => {
  test("renews the slot of the present period and waits for a run that collects", async () => {
    const { done, local, rotate } = rotation();
    await rotate();
    // The clock says January 2026, which is in an even quarter.
    expect(done).toEqual([
      "init",
      `plan ${password}.secret_even_0123ABCD`,
      ...["wait", "apply", "run"],
    ]);
    expect(local.lines()).toEqual([
      "contoso: the secret of the even periods is new, and in the vault",
      "contoso: run 0858 has collected with it",
    ]);
  });

  test("only tells with --dry-run", async () => {
    const { done, local, rotate } = rotation({ dryRun: true });
    await rotate();
    expect(done).not.toContain("apply");
    expect(local.lines()).toEqual([
      `contoso: would replace ${password}.one, update azurerm_key_vault_secret.two`,
    ]);
  });

  test("changes nothing when more than the secret would change", async () => {
    const given = [...changes, { type: "azurerm_storage_account", actions: ["update"] }];
    const { done, rotate } = rotation({ given });
    await expect(rotate()).rejects.toThrow(
      "a rotation must change the secret alone, but the plan would update azurerm_storage_account.three as well: run npm run deploy -- --environment dev --unreviewed first",
    );
    expect(done).not.toContain("apply");
  });

  test("does not say that a paused playbook has collected", async () => {
    const { done, local, rotate } = rotation({ paused: true });
    await rotate();
    expect(done).not.toContain("run");
    expect(local.lines().at(-1)).toBe(
      "contoso: its playbook is paused: nothing has collected with the new secret yet",
    );
  });

  test("says when the run with the new secret fails", async () => {
    const { rotate } = rotation({ status: "Failed" });
    await expect(rotate()).rejects.toThrow(
      "run 0858 of the playbook ended Failed with the new secret",
    );
  });

  test("says what Terraform says", async () => {
    const { local, props } = rotation();
    const problem = { severity: "error", summary: "no", detail: "" } as const;
    const plan = () => Promise.reject(new TerraformError("plan", [problem]));
    const terraform = { ...props.terraform, plan };
    await expect(rotateSecret({ ...props, terraform }, local.report)).rejects.toThrow(
      "terraform plan failed: no",
    );
  });

  test("has nothing to do for a managed identity", async () => {
    const { done, local, rotate } = rotation({ tenant: { credential: "managed-identity" } });
    await rotate();
    expect(done).toEqual([]);
    expect(local.lines()).toEqual([
      "contoso: has no secret, since its playbook signs in by a managed identity",
    ]);
  });
});

test("A stack without a secret, or none, is told", () => {
  expect(() => slotAddress(aStack([]), "even")).toThrow(
    /cdk.tf.json must be a synthesized stack with a secret: run npm run synth first$/,
  );
  expect(() => slotAddress("nowhere", "even")).toThrow(/^nowhere/);
});
