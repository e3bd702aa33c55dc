import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { findProgram, Terraform, TerraformError } from "../../../local/rehearsal/terraform.ts";

const program = findProgram("terraform", process.env["PATH"] ?? "");

/** Terraform in a folder with a configuration of its built-in provider alone. */
function terraformOf(resources: object) {
  const folder = mkdtempSync(path.join(tmpdir(), "stack-"));
  const write = (next: object) => {
    const text = JSON.stringify({ resource: { terraform_data: next } });
    writeFileSync(path.join(folder, "cdk.tf.json"), text);
  };
  write(resources);
  const messages: string[] = [];
  const terraform = new Terraform({
    program: program!,
    folder,
    environment: { CHECKPOINT_DISABLE: "1", HOME: folder },
    onMessage: (message) => messages.push(message),
  });
  return { messages, terraform, write };
}

test("A program is found where PATH says", () => {
  expect(findProgram("no-such-program", process.env["PATH"] ?? "")).toBeUndefined();
  expect(findProgram(path.basename(process.execPath), path.dirname(process.execPath))).toBe(
    process.execPath,
  );
});

describe.skipIf(program === undefined)(
  "Terraform, skipped where no terraform is on the PATH,",
  () => {
    test("plans, applies, replaces and destroys", { timeout: 60_000 }, async () => {
      const { messages, terraform, write } = terraformOf({ one: { input: "a" } });
      await terraform.init();
      const one = { address: "terraform_data.one", type: "terraform_data" };
      expect(await terraform.plan("p")).toEqual([{ ...one, actions: ["create"] }]);
      await terraform.apply("p");
      expect(messages.join("\n")).toContain("Apply complete! Resources: 1 added");
      expect(await terraform.plan("p")).toEqual([]);
      write({ one: { input: "b" } });
      expect(await terraform.plan("p")).toEqual([{ ...one, actions: ["update"] }]);
      expect(await terraform.plan("p", { replace: [one.address] })).toEqual([
        { ...one, actions: ["delete", "create"] },
      ]);
      await terraform.apply("p");
      expect(await terraform.plan("p", { destroy: true })).toEqual([
        { ...one, actions: ["delete"] },
      ]);
      await terraform.apply("p");
      const state = await terraform.show<{ values?: object }>();
      expect(state.values).toBeUndefined();
    });

    test("says what is wrong, and where", { timeout: 60_000 }, async () => {
      const { terraform } = terraformOf({
        one: {
          input: "a",
          lifecycle: {
            postcondition: [{ condition: '${self.input == "b"}', error_message: "It is no b." }],
          },
        },
      });
      await terraform.init();
      const failure = await terraform.plan("p").catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(TerraformError);
      expect(failure).toMatchObject({
        message: "terraform plan failed: Resource postcondition failed: It is no b.",
        diagnostics: [{ severity: "error", summary: "Resource postcondition failed" }],
      });
    });

    test("says why it does not even begin", { timeout: 60_000 }, async () => {
      const { terraform } = terraformOf({ one: { nothing: 1 } });
      await expect(terraform.show("missing")).rejects.toThrow("terraform show failed: ");
    });
  },
);
