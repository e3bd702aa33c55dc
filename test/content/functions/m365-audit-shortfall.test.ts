import { describe, expect, test } from "vitest";

import { ask, blob, health, records, type LedgerRows } from "../ledger-rows.ts";

const now = new Date("2026-01-10T00:00:00Z");
const shortfall = (rows: LedgerRows) => ask("functions/m365-audit-shortfall.kql", rows, now);

describe("functions/m365-audit-shortfall.kql", () => {
  test("tells a blob of which rows are missing, whole or in part", async () => {
    const rows = await shortfall({
      health: [blob("none", 2), blob("part", 3), blob("all", 1)],
      audit: [...records("part", [0, 2]), ...records("all", [0])],
    });
    const known = {
      Collector: "dev-contoso",
      M365TenantId: "tenant-a",
      ContentType: "Audit.General",
      ContentCreated: "2026-01-09T11:00:00.000Z",
      Told: "2026-01-09T12:00:00.000Z",
    };
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(
      expect.arrayContaining([
        { ...known, ContentId: "none", Expected: 2, Found: 0 },
        { ...known, ContentId: "part", Expected: 3, Found: 2 },
      ]),
    );
  });

  test("goes by what was told last, in whichever order it arrived", async () => {
    const first = blob("a", 1);
    const again = blob("a", 2, { TimeGenerated: "2026-01-09T13:00:00.000Z" });
    const audit = records("a", [0]);
    const expected = [{ ContentId: "a", Expected: 2, Told: "2026-01-09T13:00:00.000Z" }];
    expect(await shortfall({ health: [first, again], audit })).toMatchObject(expected);
    expect(await shortfall({ health: [again, first, again], audit })).toMatchObject(expected);
  });

  test("counts a row once that is there twice", async () => {
    const rows = await shortfall({ health: [blob("a", 3)], audit: records("a", [0, 1, 1, 1]) });
    expect(rows).toMatchObject([{ Expected: 3, Found: 2 }]);
  });

  test("does not expect records that were filtered or set aside", async () => {
    const told = blob("a", 2, { RecordsIn: 9, RecordsFiltered: 6, RecordsSetAside: 1 });
    expect(await shortfall({ health: [told], audit: records("a", [3, 8]) })).toEqual([]);
  });

  test("expects records that were set aside when they were replayed", async () => {
    const told = blob("a", 2, { RecordsSetAside: 2 });
    const aside = (Status: string, RecordsSetAside: number, hour: number) =>
      health("setAside", Status, {
        TimeGenerated: `2026-01-09T${hour}:00:00.000Z`,
        ContentId: "a",
        RecordsSetAside,
      });
    const before = [told, aside("SetAside", 2, 12)];
    const replayed = [...before, aside("SetAside", 1, 13), aside("Replayed", 0, 14)];
    expect(await shortfall({ health: before, audit: records("a", [0, 2]) })).toEqual([]);
    expect(await shortfall({ health: replayed, audit: records("a", [0, 1, 2, 3]) })).toEqual([]);
    expect(await shortfall({ health: replayed, audit: records("a", [0, 1, 2]) })).toMatchObject([
      { Expected: 4, Found: 3, Told: "2026-01-09T14:00:00.000Z" },
    ]);
    const other = replayed.map((row) => ({ ...row, Collector: "test-contoso" }));
    expect(
      await shortfall({ health: [told, ...other.slice(1)], audit: records("a", [0, 2]) }),
    ).toEqual([]);
  });

  test("does not take rows without a place for those that were told", async () => {
    const rows = await shortfall({ health: [blob("a", 1)], audit: records("a", [null]) });
    expect(rows).toMatchObject([{ ContentId: "a", Found: 0 }]);
  });

  test("keeps collectors apart", async () => {
    const rows = await shortfall({
      health: [blob("a", 1), blob("a", 1, { Collector: "test-contoso" })],
      audit: records("a", [0]),
    });
    expect(rows).toMatchObject([{ Collector: "test-contoso", ContentId: "a", Found: 0 }]);
  });

  test.each(["gap", "setAside", "window", "run"])(
    "expects no rows of the kind %s",
    async (kind) => {
      const told = health(kind, "Collected", { ContentId: "a", RowsOut: 5 });
      expect(await shortfall({ health: [told] })).toEqual([]);
    },
  );
});
