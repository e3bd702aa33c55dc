import { describe, expect, test } from "vitest";

import { loadText } from "../../content/load.ts";
import { loadTables } from "../../content/tables.ts";
import { Workspace } from "../../local/workspace/workspace.ts";
import { collect } from "../local/workspace/collect.ts";
import { ask, blob, health, records } from "./ledger-rows.ts";

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

describe("alerts/gap.kql", () => {
  const gap = (Status: string, columns: object = {}) =>
    health("gap", Status, {
      TimeGenerated: "2026-01-10T11:30:00.000Z",
      Reason: "why",
      WindowStart: "2026-01-03T00:00:00.000Z",
      WindowEnd: "2026-01-03T01:00:00.000Z",
      ...columns,
    });
  const aside = (Status: string, columns: object = {}) =>
    gap(Status, {
      Kind: "setAside",
      ContentId: "a",
      WindowStart: null,
      WindowEnd: null,
      ...columns,
    });
  const later = { TimeGenerated: "2026-01-10T11:45:00.000Z" };
  /** A row of the day before that was told later, or once more. */
  const toldLate = (at: string) => ({
    TimeGenerated: "2026-01-09T08:00:00.000Z",
    Details: { toldBy: "another run", toldAt: at },
  });

  test("is raised by one that was told late", async () => {
    const rows = await raised("gap", gap("Expired", toldLate("2026-01-10T11:30:00.000Z")));
    expect(rows).toMatchObject([{ Status: "Expired" }]);
  });

  test("is raised by each that is open, once", async () => {
    const rows = await raised(
      "gap",
      ...[gap("Expired"), gap("Expired", later), aside("SetAside")],
      gap("Gone", { ContentId: "b" }),
    );
    expect(rows).toHaveLength(3);
    expect(rows).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          Collector: "dev-contoso",
          Kind: "gap",
          Status: "Expired",
          Reason: "why",
          From: "2026-01-03T00:00:00.000Z",
          To: "2026-01-03T01:00:00.000Z",
        }),
        expect.objectContaining({ Kind: "setAside", ContentId: "a" }),
        expect.objectContaining({ Status: "Gone", ContentId: "b", From: null }),
      ]),
    );
  });

  test.each([
    ["it was told an hour ago", [gap("Expired", { TimeGenerated: "2026-01-10T11:00:00.000Z" })]],
    ["it was told late, an hour ago", [gap("Expired", toldLate("2026-01-10T11:00:00.000Z"))]],
    ["it is closed", [gap("Expired"), gap("Closed", later)]],
    ["it was collected after all", [aside("SetAside"), aside("Collected", later)]],
    ["it was replayed", [aside("SetAside"), aside("Replayed", later)]],
    ["there was silence", [gap("Silent")]],
    ["it is another collector's", [gap("Expired", { Collector: "dev-fabrikam" })]],
    ["the row is of another kind", [gap("Failed", { Kind: "window" })]],
  ])("is silent when %s", async (_, rows) => {
    expect(await raised("gap", ...rows)).toEqual([]);
  });
});

describe("alerts/shortfall.kql", () => {
  const hours = (count: number) => new Date(now.getTime() - count * 3_600_000).toISOString();
  const told = (hoursAgo: number, createdHoursAgo: number, columns: object = {}) =>
    blob("a", 2, {
      TimeGenerated: hours(hoursAgo),
      ContentCreated: hours(createdHoursAgo),
      ...columns,
    });
  const rows = (row: object, audit: object[] = []) =>
    ask("alerts/shortfall.kql", { health: [row], audit }, now);

  test("is raised by rows that are missing", async () => {
    expect(await rows(told(1, 2), records("a", [1]))).toEqual([
      {
        Collector: "dev-contoso",
        ContentType: "Audit.General",
        ContentId: "a",
        ContentCreated: hours(2),
        Told: hours(1),
        Expected: 2,
        Found: 1,
      },
    ]);
  });

  test("is silent when they are there", async () => {
    expect(await rows(told(1, 2), records("a", [1, 0]))).toEqual([]);
  });

  test.each([
    ["was told half an hour ago", told(0.5, 2), 0],
    ["was told a little earlier", told(0.51, 2), 1],
    ["was told a day ago", told(24, 24), 0],
    ["was made a little less than a day ago", told(1, 23.9), 1],
    ["may have rows that the alert cannot see", told(1, 30), 0],
    ["has rows with the time of their arrival", told(1, 52), 1],
    ["is another collector's", told(1, 2, { Collector: "dev-fabrikam" }), 0],
  ])("judges a blob that %s", async (_, row, count) => {
    expect(await rows(row)).toHaveLength(count);
  });

  const found = (hoursAgo: number, short: number, columns: object = {}) =>
    health("run", "Succeeded", {
      TimeGenerated: hours(hoursAgo),
      Details: { blobs: 3, short },
      ...columns,
    });

  test("is raised by a run that found some, of whatever age", async () => {
    expect(await rows(found(1, 2))).toEqual([
      expect.objectContaining({ Collector: "dev-contoso", Told: hours(1), Expected: 2, Found: 0 }),
    ]);
  });

  test.each([
    ["found none", found(1, 0)],
    ["does not say", health("run", "Succeeded", { TimeGenerated: hours(1) })],
    ["was long ago", found(2.1, 2)],
    ["is another collector's", found(1, 2, { Collector: "dev-fabrikam" })],
  ])("is silent about a run that %s", async (_, row) => {
    expect(await rows(row)).toEqual([]);
  });
});
