import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../scripts/command-line.ts";
import { parseDeployArguments } from "../../scripts/deploy.ts";

describe("npm run deploy", () => {
  test("takes an environment and the digest that was reviewed, or none", () => {
    const parse = (line: string) => parseDeployArguments(line.split(" "));
    expect(parse("--environment prod --reviewed 0123456789abcdef --accepted a.txt")).toEqual({
      environment: "prod",
      reviewed: "0123456789abcdef",
      accepted: "a.txt",
      stacks: "cdktf.out/stacks",
    });
    expect(parse("--environment dev --unreviewed").reviewed).toBeUndefined();
  });

  test.each([
    [[], "--environment must be a file of config/, such as dev, got none"],
    [["--environment", "dev"], "either --reviewed or --unreviewed must be given, got neither"],
    [
      ["--environment", "dev", "--reviewed", "x", "--unreviewed"],
      "either --reviewed or --unreviewed must be given, got both",
    ],
  ])("does not take %j", (args, message) => {
    expect(() => parseDeployArguments(args)).toThrow(new UsageError(message));
  });

  test.each([
    [
      ["--environment", "prod", "--unreviewed"],
      2,
      "--reviewed must be given for an environment of protection production, got --unreviewed for prod",
    ],
    [
      ["--environment", "dev", "--unreviewed", "--stacks", "test"],
      1,
      "--environment must be one whose stacks are in test, got dev: run npm run synth first",
    ],
    [
      ["--environment", "none", "--unreviewed"],
      1,
      "environment must be one of dev, prod, test, got none",
    ],
  ])("says in one sentence why it does not deploy %j", (args, code, message) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx/esm", "scripts/deploy.ts", ...args],
      { encoding: "utf8" },
    );
    expect({ status, stdout }).toEqual({ status: code, stdout: "" });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(message);
  });
});
