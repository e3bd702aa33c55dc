import { describe, expect, test } from "vitest";

import { loadText } from "../../content/load.ts";
import { loadTables } from "../../content/tables.ts";
import { Workspace } from "../../local/workspace/workspace.ts";
import { collect } from "../local/workspace/collect.ts";

const now = new Date("2026-01-10T12:00:00Z");

/** What an alert's query returns over these rows of the health table. */
async function raised(name: string, ...rows: object[]) {
  const workspace = await Workspace.open(loadTables());
  await workspace.append("M365AuditHealth_CL", JSON.stringify(rows));
  const result = await collect(workspace.query(loadText(`alerts/${name}.kql`), now));
  workspace.close();
  return result;
}

const run = (hoursAgo: number, columns: object = {}) => ({
  TimeGenerated: new Date(now.getTime() - hoursAgo * 3_600_000).toISOString(),
  Kind: "run",
  Collector: "dev-contoso",
  Status: "Succeeded",
  RowsOut: 10,
  SecretExpires: "2026-06-01T00:00:00Z",
  ...columns,
});

describe("alerts/no-successful-run.kql", () => {
  const alert = [{ Collector: "dev-contoso", SucceededRuns: 0 }];

  test("is silent while a run has succeeded", async () => {
    expect(await raised("no-successful-run", run(1), run(0, { Status: "Failed" }))).toEqual([]);
  });

  test.each([
    ["there was no run", []],
    ["the last success is two hours ago", [run(2)]],
    ["runs fail", [run(0, { Status: "Failed" })]],
    ["the collector is paused", [run(0, { Status: "Paused" })]],
    ["only another collector succeeds", [run(0, { Collector: "dev-fabrikam" })]],
    ["only a blob succeeds", [run(0, { Kind: "blob" })]],
  ])("is raised when %s", async (_, rows) => {
    expect(await raised("no-successful-run", ...rows)).toEqual(alert);
  });
});

describe("alerts/nothing-arrives.kql", () => {
  const alert = [{ Collector: "dev-contoso", RowsOut: 0 }];

  test("is silent when rows have arrived within a day", async () => {
    expect(await raised("nothing-arrives", run(23), run(0, { RowsOut: 0 }))).toEqual([]);
  });

  test.each([
    ["there was no run", []],
    ["runs find nothing", [run(1, { RowsOut: 0 }), run(0, { RowsOut: null })]],
    ["the last rows came a day ago", [run(24)]],
    ["only another collector has rows", [run(0, { Collector: "dev-fabrikam" })]],
  ])("is raised when %s", async (_, rows) => {
    expect(await raised("nothing-arrives", ...rows)).toEqual(alert);
  });
});

describe("alerts/secret-expires.kql", () => {
  const expires = (SecretExpires: string | null) => ({ SecretExpires });

  test("is raised within fourteen days of the end", async () => {
    expect(await raised("secret-expires", run(0, expires("2026-01-24T11:59:59Z")))).toEqual([
      { Collector: "dev-contoso", SecretExpires: "2026-01-24T11:59:59.000Z" },
    ]);
  });

  test.each([
    ["the end is fourteen days off", [run(0, expires("2026-01-24T12:00:00Z"))]],
    ["a newer secret is in use", [run(1, expires("2026-01-11T00:00:00Z")), run(0)]],
    ["there is no secret", [run(0, expires(null))]],
    ["there was no run", []],
    [
      "it is another collector's",
      [run(0, { ...expires("2026-01-11T00:00:00Z"), Collector: "dev-fabrikam" })],
    ],
  ])("is silent when %s", async (_, rows) => {
    expect(await raised("secret-expires", ...rows)).toEqual([]);
  });
});
