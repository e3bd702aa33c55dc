import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadEnvironment } from "../config/environment.ts";
import { planRole } from "../config/plan-role.ts";
import { FeedReport } from "../feed/feed-report.ts";
import { runFeed } from "../feed/run-feed.ts";
import { VirtualClock } from "../local/clock.ts";
import { dayReport } from "../local/day-report.ts";
import { deployTenant } from "../local/deployed-tenant.ts";
import { connectAsOperator } from "../local/feed-operator.ts";
import { generateDay } from "../local/records/generate-records.ts";
import { publishDay } from "../local/records/publish-day.ts";
import { simulateDay } from "../local/simulate-day.ts";
import { WorkspaceStack } from "../stacks/workspace-stack.ts";
import { synthStack } from "./synth.ts";

const readme = readFileSync("README.md", "utf8");
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
  scripts: Record<string, string>;
};

describe("README", () => {
  test("shows what npm start prints", async () => {
    const start = new Date("2026-01-14T00:00:00Z");
    const environment = loadEnvironment("config", "dev");
    const { tenantId, primaryDomain: domain } = environment.tenants["contoso"]!;
    const records = generateDay({ seed: 1, seats: 1000, date: start, tenantId, domain });
    const day = await publishDay(records, { start, seed: 1 });
    const clock = new VirtualClock(start);
    const deployed = await deployTenant({ environment, tenantName: "contoso", clock, seed: 1 });

    const printed: string[] = [];
    const print = (line: string) => printed.push(line);
    const report = new FeedReport({ json: false, print, printError: print });
    const feed = connectAsOperator(deployed, clock);
    await runFeed("start", [feed], { dryRun: false, wait: false }, report);
    const outcome = await simulateDay(deployed, day, { clock });
    printed.push("", dayReport(deployed, day, { ...outcome, recordsInvalid: 0 }));

    expect(readme).toContain(["```text", ...printed, "```"].join("\n"));
  });

  test.each(["README.md", "docs/production.md", "docs/azure-devops.md"])(
    "and its pages name only npm scripts that there are: %s",
    (file) => {
      const named = Array.from(
        readFileSync(file, "utf8").matchAll(
          /npm (?:run )?(?:-s )?((?!script|run)[a-z]+(?::[a-z-]+)?)\b/g,
        ),
        ([, name]) => name!,
      );
      const known = [...Object.keys(scripts), "ci"];
      expect(named.length).toBeGreaterThan(5);
      expect(named.filter((name) => !known.includes(name))).toEqual([]);
    },
  );
});

test("The page for Azure DevOps is YAML, whose scripts stop at what fails", () => {
  const page = readFileSync("docs/azure-devops.md", "utf8");
  const pipelines = Array.from(
    page.matchAll(/```yaml\n([^]*?)```/g),
    ([, text]) => parse(text!) as object,
  );
  const shell = JSON.stringify(pipelines).match(/"inlineScript":"([^"\\]|\\.)*"/g)!;
  expect(shell).toHaveLength(2);
  expect(shell.filter((text) => !text.startsWith('"inlineScript":"set -e\\n'))).toEqual([]);
});

test("The page for production defines the role by which the rehearsal plans", () => {
  const page = readFileSync("docs/production.md", "utf8");
  const [, definition] = /--role-definition '([^']*)'/.exec(page)!;
  const { Name, Actions } = JSON.parse(definition!) as { Name: string; Actions: string[] };
  expect({ name: Name, actions: Actions }).toEqual(planRole);
});

test("The page for production registers every resource provider that the stacks name", () => {
  const environment = loadEnvironment("config", "prod");
  const { provider } = synthStack((app) => new WorkspaceStack(app, environment)) as unknown as {
    provider: { azurerm: [{ resource_providers_to_register: string[] }] };
  };
  const page = readFileSync("docs/production.md", "utf8");
  const [, listed] = /for namespace in ([^;]*); do/.exec(page)!;
  expect(listed!.split(/[\s\\]+/)).toEqual(provider.azurerm[0].resource_providers_to_register);
});
