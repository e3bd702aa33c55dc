import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { configFolder, loadEnvironments } from "../../config/environment.ts";
import { UsageError } from "../../scripts/command-line.ts";
import { parseTeardownArguments } from "../../scripts/teardown.ts";

const environments = loadEnvironments(configFolder);
const parse = (line: string, all = environments) => parseTeardownArguments(line.split(" "), all);

describe("npm run teardown", () => {
  test("takes an environment or one of its tenants", () => {
    expect(parse("--environment test --tenant contoso --confirm test/contoso")).toMatchObject({
      ...{ tenant: "contoso", name: "test/contoso", confirm: "test/contoso" },
      leaveSetAside: false,
    });
    expect(parse("--environment dev --leave-set-aside")).toMatchObject({
      ...{ tenant: undefined, name: "dev", confirm: undefined, leaveSetAside: true },
      leaveSubscriptions: false,
    });
  });

  test.each([
    ["--environment nowhere", "--environment must be one of dev, prod, test, got nowhere"],
    ["--environment dev --tenant no", "--tenant must be one of contoso, got no"],
    ["--environment dev --confirm prod", "--confirm must be dev, got prod"],
  ])("does not take %s", (line, message) => {
    expect(() => parse(line)).toThrow(new UsageError(message));
  });

  test("refuses production as its configuration says", () => {
    expect(() => parse("--environment prod --confirm prod")).toThrow(
      'protection must be test before an environment goes with its logs, got production for prod: see "Remove it" in the README',
    );
    const line = "--environment prod --tenant contoso";
    expect(() => parse(line)).toThrow(
      "the state of a tenant in production must be removed before its collector goes, got collected for prod/contoso: change it in a reviewed pull request first",
    );
    const removed = environments.map((environment) => ({
      ...environment,
      tenants: Object.fromEntries(
        Object.entries(environment.tenants).map(([name, tenant]) => [
          name,
          { ...tenant, state: "removed" as const },
        ]),
      ),
    }));
    expect(parse(line, removed).name).toBe("prod/contoso");
  });

  test("destroys nothing unasked", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "stacks-"));
    for (const stack of ["dev-workspace", "dev-contoso"]) {
      mkdirSync(path.join(folder, stack));
      const content = JSON.stringify({ terraform: { backend: { local: { path: "x" } } } });
      writeFileSync(path.join(folder, stack, "cdk.tf.json"), content);
    }
    // Would note that it was begun.
    const bin = mkdtempSync(path.join(tmpdir(), "bin-"));
    writeFileSync(path.join(bin, "terraform"), `#!/bin/sh\ntouch ${bin}/begun\n`, { mode: 0o755 });
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx/esm", "scripts/teardown.ts", "--environment", "dev", "--stacks", folder],
      { encoding: "utf8", env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}` } },
    );
    expect(status).toBe(2);
    expect(stderr).toContain("--confirm must be dev where nobody can be asked, got nothing");
    expect(existsSync(path.join(bin, "begun"))).toBe(false);
  });
});
