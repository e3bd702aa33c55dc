import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { plannedChanges } from "../../plan/planned-change.ts";
import { findProgram, Terraform, TerraformError } from "../../plan/terraform.ts";

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

test("A plan that is shown is in no message, however that ends", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "stack-"));
  const program = path.join(folder, "terraform");
  writeFileSync(program, "#!/bin/sh\necho planted~secret\nkill -KILL $$\n", { mode: 0o755 });
  const terraform = new Terraform({ program, folder, environment: {} });
  await expect(terraform.showJson("tfplan")).rejects.toThrow(
    /^terraform show failed: it ended by SIGKILL$/,
  );
  await expect(terraform.init()).rejects.toThrow("terraform init failed: planted~secret");
});

test("Four Terraforms go on at a time", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "stack-"));
  const program = path.join(folder, "terraform");
  // Each tells how many there are while it goes on.
  const script = `#!/bin/sh\ntouch $$.on\nsleep 0.3\nls *.on | wc -l\nsleep 0.3\nrm $$.on\n`;
  writeFileSync(program, script, { mode: 0o755 });
  const environment = { PATH: process.env["PATH"] ?? "" };
  const counts = await Promise.all(
    Array.from({ length: 9 }, () => new Terraform({ program, folder, environment }).showJson()),
  );
  expect(Math.max(...counts.map(Number))).toBe(4);
});

describe.skipIf(program === undefined)(
  "Terraform, skipped where no terraform is on the PATH,",
  () => {
    test("plans, applies, replaces and destroys", { timeout: 60_000 }, async () => {
      const { messages, terraform, write } = terraformOf({ one: { input: "a" } });
      await terraform.init();
      const planned = async (options = {}) =>
        plannedChanges("stack", await terraform.plan("p", options)).map(
          ({ kind, address }) => `${kind} ${address}`,
        );
      const one = "terraform_data.one";
      expect(await planned()).toEqual([`create ${one}`]);
      await terraform.apply("p");
      expect(messages.join("\n")).toContain("Apply complete! Resources: 1 added");
      expect(await planned()).toEqual([]);
      write({ one: { input: "b" } });
      expect(await planned()).toEqual([`update ${one}`]);
      expect(await planned({ replace: [one] })).toEqual([`replace ${one}`]);
      await terraform.apply("p");
      expect(await planned({ destroy: true })).toEqual([`destroy ${one}`]);
      await terraform.apply("p");
      expect(JSON.parse(await terraform.showJson())).not.toHaveProperty("values");
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
      await expect(terraform.showJson("missing")).rejects.toThrow("terraform show failed: ");
    });
  },
);
