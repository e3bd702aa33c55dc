import { describe, expect, test } from "vitest";

import { loadText } from "../../content/load.ts";
import { loadTables } from "../../content/tables.ts";
import { Workspace } from "../../local/workspace/workspace.ts";
import { collect } from "../local/workspace/collect.ts";

/** What a function returns over these rows of the audit table. */
async function run(name: string, ...rows: object[]) {
  const workspace = await Workspace.open(loadTables());
  await workspace.append("M365Audit_CL", JSON.stringify(rows));
  const result = await collect(workspace.query(loadText(`functions/${name}.kql`), new Date()));
  workspace.close();
  return result;
}

const repeat = (RecordId: string, minute: number, columns: object = {}) => ({
  RecordId,
  M365TenantId: "tenant-a",
  CollectedTime: `2026-01-02T03:${String(minute).padStart(2, "0")}:00.000Z`,
  ContentId: `blob-${minute}`,
  Record: { Id: RecordId, minute },
  ...columns,
});

describe("functions/m365-audit.kql", () => {
  test("keeps of each record the row that was collected first, whole", async () => {
    const first = repeat("a", 5, { OriginalBlob: "" });
    const rows = await run("m365-audit", repeat("a", 9), first, repeat("a", 7), repeat("b", 1));
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(
      expect.arrayContaining([
        expect.objectContaining(first),
        expect.objectContaining(repeat("b", 1)),
      ]),
    );
  });

  test("mixes no columns of rows that were collected at the same time", async () => {
    const rows = await run(
      "m365-audit",
      ...Array.from({ length: 5000 }, (_, index) =>
        repeat("a", 1, { ContentId: `blob-${index}`, Collector: `collector-${index}` }),
      ),
    );
    expect(rows).toHaveLength(1);
    const number = (text: unknown) => String(text).split("-")[1];
    expect(number(rows[0]!["ContentId"])).toBe(number(rows[0]!["Collector"]));
  });

  test("keeps records of two tenants apart, and not those of two collectors", async () => {
    const rows = await run(
      "m365-audit",
      repeat("a", 1, { Collector: "dev-contoso" }),
      repeat("a", 2, { Collector: "test-contoso" }),
      repeat("a", 3, { M365TenantId: "tenant-b" }),
    );
    expect(rows.map(({ ContentId }) => ContentId).sort()).toEqual(["blob-1", "blob-3"]);
  });

  test("keeps every record without an id and a place", async () => {
    const rows = await run("m365-audit", repeat("", 1), repeat("", 2), repeat("", 2));
    expect(rows.map(({ ContentId }) => ContentId).sort()).toEqual(["blob-1", "blob-2", "blob-2"]);
  });

  test("knows a record without an id by its place in its blob", async () => {
    const at = (RecordIndex: number, minute: number, columns: object = {}) =>
      repeat("", minute, { ContentId: "blob", RecordIndex, ...columns });
    const rows = await run(
      "m365-audit",
      ...[at(0, 2), at(0, 1), at(1, 1), at(0, 3, { M365TenantId: "tenant-b" })],
      at(0, 4, { ContentId: "another" }),
    );
    expect(rows.map(({ CollectedTime }) => String(CollectedTime).slice(14, 16)).sort()).toEqual([
      "01",
      "01",
      "03",
      "04",
    ]);
  });

  test("keeps a record that was collected at an unknown time", async () => {
    const rows = await run("m365-audit", repeat("a", 1, { CollectedTime: null }));
    expect(rows).toMatchObject([{ RecordId: "a", ContentId: "blob-1", CollectedTime: null }]);
  });
});

describe("functions/teams-audit.kql", () => {
  test("tells Teams by the workload, in any case, or by the record type", async () => {
    const rows = await run(
      "teams-audit",
      repeat("workload", 1, { Workload: "microsoftteams", RecordType: 9999 }),
      repeat("type", 1, { Workload: "", RecordType: 73 }),
      repeat("other", 1, { Workload: "PowerBI", RecordType: 20 }),
      repeat("flow", 1, { Workload: "MicrosoftFlow", RecordType: 30 }),
      repeat("neither", 1),
    );
    expect(rows.map(({ RecordId }) => RecordId).sort()).toEqual(["type", "workload"]);
  });

  test("shows each record once", async () => {
    const teams = { Workload: "MicrosoftTeams", RecordType: 25 };
    const rows = await run("teams-audit", repeat("a", 2, teams), repeat("a", 1, teams));
    expect(rows).toMatchObject([{ ContentId: "blob-1" }]);
  });
});
