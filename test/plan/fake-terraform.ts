import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TerraformPlan } from "../../plan/terraform-plan.ts";

/** Answers as Terraform does, from the files `plans.json` and `applies.json` of the stack's folder. */
const program = `#!${process.execPath}
const { appendFileSync, copyFileSync, readFileSync, writeFileSync } = require("node:fs");
const { basename } = require("node:path");
const [command, ...args] = process.argv.slice(2);
const next = (file) => {
  const [first, ...rest] = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify(rest.length > 0 ? rest : [first]));
  return first;
};
if (command !== "init" && command !== "show") {
  const word = command === "import" ? args.slice(-2).join(" ") : "";
  const how = ["destroy", "refresh-only"].find((mode) => args.includes("-" + mode)) ?? word;
  appendFileSync(process.env.DONE, [command, basename(process.cwd()), how].join(" ").trim() + "\\n");
}
if (command === "plan") {
  const out = args.find((each) => each.startsWith("-out=")).slice("-out=".length);
  writeFileSync(out, JSON.stringify(next("plans.json")));
}
if (command === "show") {
  process.stdout.write(readFileSync(args.at(-1), "utf8"));
}
if (command === "apply") {
  const diagnostic = next("applies.json");
  if (diagnostic) {
    console.log(JSON.stringify({ type: "diagnostic", diagnostic }));
    process.exit(1);
  }
}
`;

export interface FakeStack {
  /** What it plans, one after the other; the last one again and again. */
  readonly plans: readonly TerraformPlan[];
  /**
   * What each apply fails with; null for one that succeeds.
   *
   * @default none fails
   */
  readonly applies?: readonly (object | null)[];
}

/** Stacks whose Terraform plans and applies nothing but what it is told, and what it was asked for. */
export function fakeTerraform(stacks: Readonly<Record<string, FakeStack>>) {
  const root = mkdtempSync(path.join(tmpdir(), "fake-terraform-"));
  const file = path.join(root, "terraform");
  writeFileSync(file, program);
  chmodSync(file, 0o755);
  const done = path.join(root, "done");
  const folders = Object.entries(stacks).map(([stack, { plans, applies = [null] }]) => {
    const folder = path.join(root, stack);
    mkdirSync(folder);
    const synthesized = { terraform: { backend: { local: { path: "terraform.tfstate" } } } };
    writeFileSync(path.join(folder, "cdk.tf.json"), JSON.stringify(synthesized));
    writeFileSync(path.join(folder, "plans.json"), JSON.stringify(plans));
    writeFileSync(path.join(folder, "applies.json"), JSON.stringify(applies));
    return { stack, folder };
  });
  return {
    /** Where the stacks and the program `terraform` are. */
    root,
    props: { stacks: folders, program: file, variables: { DONE: done } },
    /** Commands but `init` and `show`, such as `apply dev-workspace`. */
    done: () => (existsSync(done) ? readFileSync(done, "utf8").trim().split("\n") : []),
  };
}
