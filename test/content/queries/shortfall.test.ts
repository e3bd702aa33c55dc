import { describe, expect, test } from "vitest";

import { ask, blob, records, type LedgerRows } from "../ledger-rows.ts";

const now = new Date("2026-01-10T00:00:00Z");
const before = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
const days = (count: number) => count * 24 * 60;
const again = (rows: LedgerRows) => ask("queries/shortfall.kql", rows, now, "dev-contoso");

describe("queries/shortfall.kql", () => {
  test("gives what is short, the oldest first", async () => {
    const rows = await again({
      health: [
        blob("younger", 1, { ContentCreated: before(60) }),
        blob("older", 2, { ContentCreated: before(120) }),
        blob("whole", 1),
      ],
      audit: [...records("older", [1, 1]), ...records("whole", [0])],
    });
    expect(rows).toEqual([
      { ContentId: "older", ContentCreated: before(120) },
      { ContentId: "younger", ContentCreated: before(60) },
    ]);
  });

  test.each([
    ["told half an hour ago", { TimeGenerated: before(30) }, 0],
    ["told a little earlier", { TimeGenerated: before(30.01) }, 1],
    ["made seven days ago", { ContentCreated: before(days(7)) }, 0],
    ["made a little later", { ContentCreated: before(days(7) - 0.01) }, 1],
    ["of another collector", { Collector: "dev-fabrikam" }, 0],
    ["failed", { Status: "Failed" }, 0],
    ["not a blob", { Kind: "window" }, 0],
  ])("judges one that was %s", async (_, columns, count) => {
    expect(await again({ health: [blob("a", 1, columns)] })).toHaveLength(count);
  });

  test("waits again for what was told again", async () => {
    const health = [blob("a", 1), blob("a", 1, { TimeGenerated: before(10) })];
    expect(await again({ health })).toEqual([]);
  });

  test("does not take another collector's rows for its own", async () => {
    const audit = records("a", [0], { Collector: "dev-fabrikam" });
    expect(await again({ health: [blob("a", 1)], audit })).toHaveLength(1);
  });

  test("sees the oldest row that a blob of the last seven days can have", async () => {
    const created = before(days(7) - 1);
    const rows = {
      health: [blob("a", 1, { ContentCreated: created, TimeGenerated: created })],
      audit: records("a", [0], { TimeGenerated: before(days(9) - 1) }),
    };
    expect(await again(rows)).toEqual([]);
  });

  test("gives no more than 500, and these the oldest", async () => {
    const health = Array.from({ length: 501 }, (_, index) =>
      blob(`blob-${index}`, 1, { ContentCreated: before(60 + index) }),
    );
    const rows = await again({ health });
    expect(rows).toHaveLength(500);
    expect(rows[0]).toMatchObject({ ContentId: "blob-500" });
    expect(rows.at(-1)).toMatchObject({ ContentId: "blob-1" });
  });
});
