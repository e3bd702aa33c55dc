import { MonitorDiagnosticSetting } from "@cdktf/provider-azurerm/lib/monitor-diagnostic-setting/index.js";
import { MonitorMetricAlert } from "@cdktf/provider-azurerm/lib/monitor-metric-alert/index.js";
import { MonitorScheduledQueryRulesAlertV2 } from "@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2/index.js";
import { describe, expect, test } from "vitest";
import { BenchTenant } from "../../../local/bench/bench-tenant.ts";
import { loadLatencyModel } from "../../../local/bench/latency-model.ts";
import { standingCosts } from "../../../local/bench/standing-costs.ts";
import { synthTenantStack } from "../../stacks/fixtures.ts";
import { all } from "../../synth.ts";

const amountOf = (item: string) => standingCosts.find((each) => each.item === item)?.amount;
const start = new Date("2026-01-14T12:00:00Z");

describe("the standing costs", () => {
  test("name each item once, with its amount and where its price stands", () => {
    expect(standingCosts.map(({ item }) => item)).toEqual([
      ...["alert rules on metrics", "alert rules on logs", "mails of alerts", "diagnostics"],
      ...["ledger", "transformations", "storage", "run history", "Key Vault"],
    ]);
    for (const { source } of standingCosts) {
      expect(source).toMatch(/^https:\/\/(azure|learn)\.microsoft\.com\//);
    }
  });

  test("give no price but that of the transformations, which alone was read", () => {
    const priced = standingCosts.filter(({ usdPerMonth }) => usdPerMonth !== undefined);
    expect(priced.map(({ item, usdPerMonth }) => [item, usdPerMonth])).toEqual([
      ["transformations", 0],
    ]);
  });

  test("have the alert rules and the diagnostics that are deployed", () => {
    const stack = synthTenantStack();
    const metric = all(stack, MonitorMetricAlert);
    expect(metric.map(({ frequency }) => frequency)).toEqual(["PT5M", "PT5M"]);
    expect(amountOf("alert rules on metrics")).toBe(
      "2 rules with one time series each, every 5 minutes",
    );
    const logs = all(stack, MonitorScheduledQueryRulesAlertV2);
    expect(logs.map((rule) => rule.evaluation_frequency).toSorted()).toEqual([
      ...["PT1H", "PT1H", "PT30M", "PT30M", "PT6H"],
    ]);
    expect(amountOf("alert rules on logs")).toMatch(
      /^5 rules: 2 every 30 minutes, 2 every hour, 1 every 6 hours;/,
    );
    const kept = all(stack, MonitorDiagnosticSetting).flatMap(
      ({ enabled_log: logs }) => logs as { category: string }[],
    );
    expect(new Set(kept.map(({ category }) => category))).toEqual(
      new Set([
        ...["WorkflowRuntime", "LogErrors", "AuditEvent"],
        ...["StorageRead", "StorageWrite", "StorageDelete"],
      ]),
    );
    for (const words of ["WorkflowRuntime", "LogErrors", "to storage", "use of the secret"]) {
      expect(amountOf("diagnostics")).toContain(words);
    }
  });

  test("have the rows of the ledger, the requests and the reads of the secret of a run", async () => {
    const tenant = await BenchTenant.deploy({
      volume: { recordsPerDay: 960, recordsPerBlob: 10 },
      model: loadLatencyModel(),
      seed: 1,
      start,
      collectedTo: start,
      sweptAt: start,
      ingestion: "stored",
    });
    const rows = async (kind: string) => {
      const sql = `SELECT count(*) AS n FROM "M365AuditHealth_CL" WHERE "Kind" = '${kind}'`;
      return (
        JSON.parse((await tenant.deployed.workspace.select(sql).next()).value as string) as {
          n: number;
        }
      ).n;
    };
    try {
      await tenant.run(); // begins the month's list of runs
      const { storage, vault } = tenant.network.requests;
      const windows = await rows("window");
      await tenant.run();
      expect(tenant.network.requests.storage - storage).toBe(3);
      expect(tenant.network.requests.vault - vault).toBe(1);
      expect(await rows("run")).toBe(2);
      expect([1, 2]).toContain((await rows("window")) - windows);
      const before = tenant.network.requests.storage;
      tenant.publish(new Date(tenant.clock.now().getTime() - 600_000), tenant.clock.now());
      await tenant.run();
      expect(tenant.network.requests.storage - before).toBeGreaterThanOrEqual(6);
      expect(await rows("blob")).toBe(tenant.blobsPublished);
    } finally {
      tenant.close();
    }
    expect(amountOf("ledger")).toContain(
      "a row for each run, one for each window that it lists (1 or 2 an ordinary run",
    );
    for (const words of [
      "collected/",
      "runs/",
      "originals",
      "set-aside",
      "3 requests an idle run",
    ]) {
      expect(amountOf("storage")).toContain(words);
    }
    expect(amountOf("run history")).toContain("90 days");
  }, 120_000);
});
