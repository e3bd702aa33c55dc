import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, test, vi } from "vitest";

import { loadText } from "../../../content/load.ts";
import { loadTables } from "../../../content/tables.ts";
import { Workspace, type Inflow } from "../../../local/workspace/workspace.ts";
import { collect } from "./collect.ts";

const opened: Workspace[] = [];
async function open(file?: string): Promise<Workspace> {
  const workspace = await Workspace.open(loadTables(), file);
  opened.push(workspace);
  return workspace;
}
afterEach(() => opened.splice(0).forEach((workspace) => workspace.close()));

describe("Workspace", () => {
  test("gives back the rows of a table in the order in which they came", async () => {
    const workspace = await open();
    const times = ["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.000Z"];
    const rows = times.map((TimeGenerated) => ({ TimeGenerated, Kind: "run", Pages: 2 }));
    expect(await workspace.append("M365AuditHealth_CL", JSON.stringify(rows))).toBe(2);
    const read = await collect(workspace.rows("M365AuditHealth_CL"));
    expect(read).toMatchObject(rows);
    expect(read[0]).toMatchObject({ Reason: "", BlobsListed: null, Details: null });
  });

  test("keeps numbers beyond a double as they were", async () => {
    const workspace = await open();
    const details = '{"n":123456789012345678901234567890,"big":9007199254740993}';
    await workspace.append("M365AuditHealth_CL", `[{"Kind":"gap","Details":${details}}]`);
    const [line] = await collect(workspace.lines("M365AuditHealth_CL"));
    expect(line).toContain(`"Details":${details}`);
  });

  test("takes text that was cut in the middle of a character", async () => {
    const workspace = await open();
    await workspace.append(
      "M365AuditHealth_CL",
      String.raw`[{"Kind":"\ud83d","Details":["\ud83d"]}]`,
    );
    const [row] = await collect(workspace.rows("M365AuditHealth_CL"));
    expect(row).toMatchObject({ Kind: "\ufffd", Details: ["\ufffd"] });
  });

  test("takes rows from several callers at once, and reads while rows are added", async () => {
    const workspace = await open();
    const add = (Kind: string) =>
      workspace.append("M365AuditHealth_CL", JSON.stringify([{ Kind }, { Kind }]));
    await Promise.all(["a", "b", "c"].map(add));
    const kinds = [];
    for await (const { Kind } of workspace.rows("M365AuditHealth_CL")) {
      kinds.push(Kind);
      await add("later");
    }
    expect(kinds).toEqual(["a", "a", "b", "b", "c", "c"]);
  });

  test("goes on after rows that were refused", async () => {
    const workspace = await open();
    await expect(workspace.append("M365AuditHealth_CL", "[{")).rejects.toThrow("Malformed JSON");
    expect(await workspace.append("M365AuditHealth_CL", '[{"Kind":"run"}]')).toBe(1);
  });

  describe("receives calls", () => {
    const inflow = (kind: string): Inflow => ({
      table: "M365AuditHealth_CL",
      select:
        `SELECT '${kind}' AS Kind, "call arrival" AS TimeGenerated, row ->> 'Reason' AS Reason ` +
        `FROM (SELECT unnest("rows"::JSON[]) AS row, "call arrival" FROM temp.calls) ` +
        `WHERE Reason <> 'left out'`,
    });
    const [gap, blob] = [inflow("gap"), inflow("blob")];
    const call = (minute: number, ...reasons: string[]) => ({
      rows: JSON.stringify(reasons.map((Reason) => ({ Reason }))),
      arrival: new Date(Date.UTC(2026, 0, 2, 3, minute)),
    });

    test("and shows them to whoever reads, each row with the arrival of its call", async () => {
      const workspace = await open();
      await workspace.receive(gap, call(1, "a", "b"));
      await workspace.receive(gap, call(2, "left out", "c"));
      await workspace.receive(blob, call(3, "d"));
      await workspace.append("M365AuditHealth_CL", '[{"Reason":"e"}]');
      await workspace.receive(gap, call(4, "f"));
      const rows = await collect(workspace.rows("M365AuditHealth_CL"));
      expect(rows.map((row) => [row["Kind"], row["Reason"], row["TimeGenerated"]])).toEqual([
        ["gap", "a", "2026-01-02T03:01:00.000Z"],
        ["gap", "b", "2026-01-02T03:01:00.000Z"],
        ["gap", "c", "2026-01-02T03:02:00.000Z"],
        ["blob", "d", "2026-01-02T03:03:00.000Z"],
        ["", "e", null],
        ["gap", "f", "2026-01-02T03:04:00.000Z"],
      ]);
    });

    test("and counts the rows that each way gave", async () => {
      const workspace = await open();
      expect(await workspace.stored(gap)).toBe(0);
      await workspace.receive(gap, call(1, "a", "left out"));
      await workspace.receive(blob, call(1, "b", "c", "d"));
      expect([await workspace.stored(gap), await workspace.stored(blob)]).toEqual([1, 3]);
      await workspace.receive(gap, call(2, "e"));
      expect(await workspace.stored(gap)).toBe(2);
    });

    test("and stores them unasked when many wait", async () => {
      const folder = mkdtempSync(join(tmpdir(), "workspace-"));
      try {
        const file = join(folder, "workspace.duckdb");
        const workspace = await Workspace.open(loadTables(), file);
        await workspace.receive(gap, call(1, "a".repeat(3_000_000)));
        await workspace.receive(gap, call(1, "b".repeat(3_000_000)));
        await workspace.receive(gap, call(1, "c".repeat(3_000_000)));
        await workspace.receive(gap, call(2, "d"));
        // It goes on in the background, and the database is closed after it.
        workspace.close();
        await vi.waitFor(async () => {
          const rows = await collect((await open(file)).rows("M365AuditHealth_CL"));
          expect(rows.map(({ Reason }) => (Reason as string)[0])).toEqual(["a", "b", "c"]);
        }, 30_000);
        opened.splice(0).forEach((each) => each.close());
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    test("fails from then on when rows could not be stored unasked", async () => {
      const workspace = await open();
      const broken = { table: "M365AuditHealth_CL", select: "SELECT nothing" };
      await workspace.receive(broken, call(1, "a".repeat(3_000_000)));
      await expect(workspace.stored(gap)).rejects.toThrow("nothing");
      await expect(workspace.receive(gap, call(2, "b"))).rejects.toThrow("nothing");
      await expect(workspace.stored(gap)).rejects.toThrow("nothing");
    });
  });

  test("fails for a table that it does not have", async () => {
    const workspace = await open();
    await expect(workspace.append("Audit_CL", "[]")).rejects.toThrow(
      "table must be one of M365AuditHealth_CL, M365Audit_CL, got Audit_CL",
    );
  });

  test("counts what a query gives, as of the time that it is given", async () => {
    const workspace = await open();
    const row = { Kind: "run", Collector: "dev-contoso", TimeGenerated: "2026-01-02T10:00:00Z" };
    await workspace.append("M365AuditHealth_CL", JSON.stringify([{ ...row, Status: "Succeeded" }]));
    const alert = loadText("alerts/no-successful-run.kql");
    expect(await workspace.count(alert, new Date("2026-01-02T11:59:59Z"))).toBe(0);
    expect(await workspace.count(alert, new Date("2026-01-02T12:00:00Z"))).toBe(1);
  });

  test("puts into files what is too much for memory, and removes them", async () => {
    const workspace = await open();
    const setting = async (name: string) => {
      const [line] = await collect(
        workspace.select(`SELECT value FROM duckdb_settings() WHERE name = '${name}'`),
      );
      return (JSON.parse(line!) as { value: string }).value;
    };
    expect(await setting("memory_limit")).toBe("244.1 MiB");
    const folder = await setting("temp_directory");
    expect(readdirSync(folder)).toEqual([]);
    const much = "SELECT md5(range::VARCHAR) || repeat('x', 400) AS Reason FROM range(800000)";
    const inflow = { table: "M365AuditHealth_CL", select: much };
    await workspace.receive(inflow, { rows: "[]", arrival: new Date(0) });
    expect(await workspace.stored(inflow)).toBe(800_000);
    expect(readdirSync(folder)).not.toEqual([]);
    opened.splice(0).forEach((each) => each.close());
    expect(existsSync(folder)).toBe(false);
  });

  test("runs a query as of the time that it is given", async () => {
    const workspace = await open();
    const run = { Kind: "run", Collector: "dev-contoso", Status: "Succeeded" };
    await workspace.append(
      "M365AuditHealth_CL",
      JSON.stringify([{ ...run, TimeGenerated: "2026-01-02T10:00:00Z" }]),
    );
    const alert = loadText("alerts/no-successful-run.kql");
    const at = (now: string) => collect(workspace.query(alert, new Date(now)));
    expect(await at("2026-01-02T11:59:59Z")).toEqual([]);
    expect(await at("2026-01-02T12:00:00Z")).toEqual([
      { Collector: "dev-contoso", SucceededRuns: 0 },
    ]);
  });

  test("takes a query's values as they are, whatever they look like", async () => {
    const workspace = await open();
    const text = "it's $kqlnow, or $1";
    const sql = `SELECT $kqlp0 AS "Text", $kqlp0 = 'x' AS "Same", $kqlp1::TIMESTAMP AS "At"`;
    const values = { kqlp0: text, kqlp1: new Date("2026-01-09T00:00:00.120Z"), kqlnow: "unused" };
    const expected = { Text: text, Same: false, At: "2026-01-09T00:00:00.120Z" };
    for (let time = 0; time < 2; time++) {
      const [line] = await collect(workspace.select(sql, values));
      expect(JSON.parse(line!)).toEqual(expected);
    }
  });

  test("knows the columns of its own tables, also when another has such a table", async () => {
    const tables = loadTables();
    const namesRead = async (count: number) => {
      const [table] = tables;
      const columns = table!.columns.slice(0, count);
      const workspace = await Workspace.open([{ ...table!, columns }]);
      opened.push(workspace);
      await workspace.append(table!.name, "[{}]");
      const [row] = await collect(workspace.rows(table!.name));
      return Object.keys(row!);
    };
    expect(await namesRead(2)).toHaveLength(2);
    expect(await namesRead(1)).toEqual(["TimeGenerated"]);
  });

  test("keeps a database file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "workspace-"));
    try {
      const file = join(folder, "workspace.duckdb");
      const first = await Workspace.open(loadTables(), file);
      await first.append("M365AuditHealth_CL", '[{"Kind":"run"}]');
      first.close();
      const rows = await collect((await open(file)).rows("M365AuditHealth_CL"));
      expect(rows).toMatchObject([{ Kind: "run" }]);
      opened.splice(0).forEach((workspace) => workspace.close());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
