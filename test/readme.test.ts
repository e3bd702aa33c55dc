import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadEnvironment } from "../config/environment.ts";
import { FeedReport } from "../feed/feed-report.ts";
import { runFeed } from "../feed/run-feed.ts";
import { VirtualClock } from "../local/clock.ts";
import { dayReport } from "../local/day-report.ts";
import { deployTenant } from "../local/deployed-tenant.ts";
import { connectAsOperator } from "../local/feed-operator.ts";
import { generateDay } from "../local/records/generate-records.ts";
import { publishDay } from "../local/records/publish-day.ts";
import { simulateDay } from "../local/simulate-day.ts";

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

  test("names only npm scripts that there are", () => {
    const named = Array.from(
      readme.matchAll(/npm (?:run )?([a-z]+(?::[a-z-]+)?)\b/g),
      ([, name]) => name!,
    );
    const known = [...Object.keys(scripts), "ci"];
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });
});
