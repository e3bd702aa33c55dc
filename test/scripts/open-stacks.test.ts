import { describe, expect, test } from "vitest";
import { runProgram } from "../run-program.ts";

describe.each([
  ["plan", "dev"],
  ["drift", "prod"],
])("npm run %s", (script, example) => {
  test.each([
    [[], 2, `--environment must be a file of config/, such as ${example}, got none`],
    [["--environment", "none"], 1, "environment must be one of dev, prod, test, got none"],
    [
      ["--environment", "dev", "--stacks", "test"],
      1,
      "--environment must be one whose stacks are in test, got dev: run npm run synth first",
    ],
  ])("says in one sentence why it opens no stacks: %j", async (args, code, message) => {
    const file = `scripts/${script}.ts`;
    const { status, stdout, stderr } = await runProgram(
      process.execPath,
      ["--import", "tsx/esm", file, ...args],
      {},
    );
    expect({ status, stdout }).toEqual({ status: code, stdout: "" });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(message);
  });
});
