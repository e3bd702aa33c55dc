import { spawnSync } from "node:child_process";
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
    const stacks = ["--stacks", "nowhere"];
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx/esm", "scripts/teardown.ts", "--environment", "dev", ...stacks],
      { encoding: "utf8" },
    );
    expect(status).toBe(1);
    expect(stderr).toBe(
      "--environment must be one whose stacks are in nowhere, got dev: run npm run synth first\n",
    );
  });
});
