import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseOptions } from "../../scripts/command-line.ts";

describe("parseOptions", () => {
  const options = {
    out: { type: "string" },
    json: { type: "boolean", default: false },
  } as const;

  test("gives what is asked for, and defaults for the rest", () => {
    expect(parseOptions(["--out", "day"], options).values).toEqual({ out: "day", json: false });
    expect(parseOptions(["--out=-day", "--json"], options).values).toEqual({
      out: "-day",
      json: true,
    });
    expect(parseOptions(["start", "now"], options, { takesWords: true }).positionals).toEqual([
      "start",
      "now",
    ]);
  });

  test.each([
    [["--force"], "option must be one of --out, --json, got --force"],
    [["-f"], "option must be one of --out, --json, got -f"],
    [["--toString"], "option must be one of --out, --json, got --toString"],
    [["start"], "option must be one of --out, --json, got start"],
    [["--"], "option must be one of --out, --json, got --"],
    [["--out"], "--out must have a value, got none"],
    [["--out="], "--out must have a value, got none"],
    [["--out", "--json"], "--out must have a value, got --json"],
    [["--json=yes"], "--json must have no value, got yes"],
    [["--json="], "--json must have no value, got an empty one"],
  ])("refuses %j", (args, sentence) => {
    expect(() => parseOptions(args, options)).toThrow(sentence);
  });
});

describe("every script", () => {
  const elsewhere = mkdtempSync(path.join(tmpdir(), "elsewhere-"));
  afterAll(() => rmSync(elsewhere, { recursive: true }));

  /** Runs a script in a folder that is not the project's. */
  function run(script: string, ...args: string[]) {
    const file = path.resolve(`scripts/${script}.ts`);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", import.meta.resolve("tsx"), file, ...args],
      { cwd: elsewhere, encoding: "utf8" },
    );
    return { code: status, stdout, stderr };
  }

  test("goes on when nobody reads what it prints any more", async () => {
    const script = path.resolve("scripts/faults.ts");
    const args = ["--import", import.meta.resolve("tsx"), script, "--kinds"];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let errors = "";
    child.stderr.on("data", (text: Buffer) => (errors += text.toString()));
    child.stdout.destroy();
    expect(await once(child, "close")).toEqual([0, null]);
    expect(errors).toBe("");
  });

  test.each([
    ["feed", "start --help", "feed -- start|stop|status|replay|rotate|revoke --environment NAME "],
    ["teardown", "--help", "teardown -- --environment NAME "],
    ["drift", "--help", "drift -- --environment NAME "],
    ["rehearse", "-h", "rehearse -- ENVIRONMENT "],
    ["config-lock", "-h", "config:lock -- [--forget ENVIRONMENT/TENANT] [--dry-run]\n"],
    ["config-schema", "--help", "config:schema -- [--dry-run]\n"],
    ["bench", "synth --help", "bench -- synth [--json]\n"],
    ["translate-kql", "-h", "translate -- [--dry-run] [--python COMMAND]\n"],
    ["playbook", "-h", "playbook -- FILE"],
    ["logic-apps-page", "-h", "docs:logic-apps -- [--dry-run]\n"],
    ["faults", "-h", "faults -- [--seed N]"],
  ])("%s %s tells how to use it, each option on a line", (script, args, usage) => {
    const { code, stdout, stderr } = run(script, ...args.split(" "));
    expect(stdout.startsWith(`usage: npm run ${usage}`), stdout).toBe(true);
    const [first = "", ...lines] = stdout.split("\n");
    for (const [option] of [...first.matchAll(/--[a-z-]+/g), ["-h, --help"]]) {
      expect(lines.filter((line) => line.startsWith(`  ${option} `))).toHaveLength(1);
    }
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test.each([
    [
      "feed",
      "begin",
      "command must be one of start, stop, status, replay, rotate, revoke, got begin; npm run feed --",
    ],
    [
      "config-lock",
      "--forget contoso",
      "--forget must be an environment and its tenant, such as dev/contoso, got contoso; npm run config:lock --",
    ],
    [
      "config-schema",
      "--force",
      "option must be one of --dry-run, got --force; npm run config:schema --",
    ],
    ["bench", "plan", "subject must be one of synth, playbook, got plan; npm run bench --"],
    ["translate-kql", "--python", "--python must have a value, got none; npm run translate --"],
  ])("%s %s ends with 2 and says where to read on", (script, args, sentence) => {
    expect(run(script, ...args.split(" "))).toEqual({
      code: 2,
      stdout: "",
      stderr: `${sentence} --help tells what it takes\n`,
    });
  });

  test.each([
    ["config-lock", "config/tenants.lock.json"],
    ["config-schema", "config/environment.schema.json"],
  ])("%s finds the project from everywhere", (script, file) => {
    const { code, stdout, stderr } = run(script, "--dry-run");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [, told = ""] = /^(.+): already up to date\n$/.exec(stdout) ?? [];
    expect(path.resolve(elsewhere, told)).toBe(path.resolve(file));
  });
});
