import { describe, expect, test } from "vitest";
import { loadEnvironment } from "../../config/environment.ts";
import { dayReport } from "../../local/day-report.ts";
import type { PublishedDay } from "../../local/records/publish-day.ts";
import type { DayOutcome } from "../../local/simulate-day.ts";

const environment = loadEnvironment("config", "dev");
const created = new Date("2026-01-14T09:00:00Z");
const blob = (lateMs: number) => ({
  contentType: "Audit.General" as const,
  contentId: "blob",
  created,
  listedFrom: new Date(created.getTime() + lateMs),
  records: 1,
  body: "[]",
});
const day: PublishedDay = {
  recordsRead: 1500,
  recordsDistinct: 1499,
  recordsPublished: 1502,
  blobs: [blob(0), blob(60_000), blob(0)],
  lastListed: created,
};
const outcome: DayOutcome & { recordsInvalid: number } = {
  recordsRead: 1500,
  recordsInvalid: 0,
  recordsDistinct: 1499,
  recordsFiltered: 0,
  rows: 1502,
  rowsDistinct: 1499,
  rowsInView: 1498,
  rowsOfTeams: 1000,
  missing: 0,
  runs: 149,
  runsFailed: 2,
  pages: 230,
  blobs: 3,
  billableExecutions: 4000,
  costUsd: 0.1,
  from: new Date("2026-01-14T00:00:00Z"),
  until: new Date("2026-01-15T13:00:01Z"),
};
const report = (changes: Partial<typeof outcome> & { replayed?: string } = {}) =>
  dayReport({ environment, tenantName: "contoso", tenant: environment.tenants["contoso"]! }, day, {
    ...outcome,
    ...changes,
  });

describe("dayReport", () => {
  test("tells the day in a few lines", () => {
    expect(report()).toBe(
      [
        "The audit log of contoso (environment dev) on the local cloud, 37 simulated hours",
        "",
        "  Source    1,500 records, 1,499 different ids",
        "  Feed      3 blobs with 1,502 records: 3 repeats, 1 blob listed late",
        "  Playbook  149 runs every 15 minutes, 2 failed; 230 listings",
        "  Table     1,502 rows in M365Audit_CL",
        "  Views     1,498 rows in M365Audit, 1,000 rows in TeamsAudit",
        "  Missing   0 records",
        "  Cost      4,000 billable executions, 0.10 USD at list price",
      ].join("\n"),
    );
  });

  test("tells what was left out, and what is missing", () => {
    const lines = report({ recordsInvalid: 2, recordsFiltered: 1200, missing: 1 }).split("\n");
    expect(lines).toContain("  Source    1,500 records, 1,499 different ids; 2 rows left out");
    expect(lines).toContain(
      "  Table     1,502 rows in M365Audit_CL; 1,200 records filtered out as configured",
    );
    expect(lines).toContain("  Missing   1 record");
  });

  test("names the file whose records were replayed", () => {
    expect(report({ replayed: "out/export.csv" }).split("\n")[0]).toBe(
      "out/export.csv as the audit log of contoso (environment dev) on the local cloud, 37 simulated hours",
    );
  });
});
