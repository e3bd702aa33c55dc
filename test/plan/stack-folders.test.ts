import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { refusals, stackFolders } from "../../plan/stack-folders.ts";

const content = JSON.stringify({ terraform: { backend: { local: { path: "x" } } } });

/** A folder of synthesized stacks, each with these files. */
function synthesizedStacks(...files: readonly string[]) {
  const folder = mkdtempSync(path.join(tmpdir(), "stacks-"));
  for (const stack of ["dev-contoso", "dev-workspace", "prod-workspace"]) {
    mkdirSync(path.join(folder, stack));
    for (const file of ["cdk.tf.json", ...files]) {
      writeFileSync(path.join(folder, stack, file), content);
    }
  }
  return folder;
}

describe("stackFolders", () => {
  test("are those of an environment, the workspace's first", () => {
    const names = stackFolders("dev", synthesizedStacks()).map(({ stack }) => stack);
    expect(names).toEqual(["dev-workspace", "dev-contoso"]);
  });

  test("must be there", () => {
    expect(() => stackFolders("test", "nowhere")).toThrow(
      "--environment must be one whose stacks are in nowhere, got test: run npm run synth first",
    );
  });
});

describe("refusals", () => {
  test("has nothing against what synthesis and Terraform leave there", () => {
    const folder = synthesizedStacks(".terraform.lock.hcl", "terraform.tfstate", "manifest");
    expect(refusals(stackFolders("dev", folder))).toEqual([]);
  });

  test.each([
    "x_override.tf.json",
    "more.tf",
    "terraform.tfvars",
    "x.auto.tfvars.json",
    "more.tofu",
  ])("names %s, which Terraform would read as well", (file) => {
    expect(refusals(stackFolders("prod", synthesizedStacks(file)))).toEqual([
      `prod-workspace: must be cdk.tf.json alone, got ${file} as well: delete it`,
    ]);
  });

  test.each([".terraform", ".terraform.lock.hcl", "terraform.tfstate", "manifest"])(
    "names %s beside what somebody else proposes, which Terraform may trust",
    (file) => {
      const stacks = stackFolders("prod", synthesizedStacks(file));
      expect(refusals(stacks, true)).toEqual([
        `prod-workspace: must be cdk.tf.json alone, got ${file} as well: delete it`,
      ]);
      expect(refusals(stackFolders("prod", synthesizedStacks()), true)).toEqual([]);
    },
  );
});
