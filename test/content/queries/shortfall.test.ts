import { describe, expect, test } from "vitest";

import { ask, blob, health, records, type LedgerRows } from "../ledger-rows.ts";

const now = new Date("2026-01-10T00:00:00Z");
const before = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
const days = (count: number) => count * 24 * 60;
const after = (time: Date, minutes: number) => new Date(time.getTime() + minutes * 60_000);
const found = (rows: LedgerRows, since = now, until = now, told = now) =>
  ask("queries/shortfall.kql", rows, now, "dev-contoso", since, told, told, after(told, 15), until);
const again = async (rows: LedgerRows) =>
  (await found(rows)).filter(({ Found }) => Found === "blob");

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
      { Found: "blob", Id: "older", At: before(120) },
      { Found: "blob", Id: "younger", At: before(60) },
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
    expect(rows[0]).toMatchObject({ Id: "blob-500" });
    expect(rows.at(-1)).toMatchObject({ Id: "blob-1" });
  });

  test("expects of a blob what was replayed of it, too", async () => {
    const health = [
      blob("a", 1, { RecordsSetAside: 2 }),
      setAside("a", 2, 100),
      setAside("a", 0, 20),
      blob("b", 1, { RecordsSetAside: 2 }),
      setAside("b", 2, 100),
      setAside("b", 1, 90),
    ];
    const audit = [...records("a", [0]), ...records("b", [0])];
    expect(await again({ health, audit })).toMatchObject([{ Id: "b" }]);
    expect(await again({ health, audit: [...audit, ...records("b", [1])] })).toEqual([]);
  });

  test.each([
    ["told as a gap since", "Gone", 60, 0],
    ["told as a gap that has closed since", "Closed", 60, 1],
    ["told as a gap before it was collected", "Gone", 120, 1],
  ])("goes by what was %s", async (_, Status, minutes, count) => {
    const gap = health("gap", Status, { ContentId: "short", TimeGenerated: before(minutes) });
    const collected = blob("short", 1, {
      ContentCreated: before(days(1)),
      TimeGenerated: before(90),
    });
    expect(await again({ health: [collected, gap] })).toHaveLength(count);
  });

  test("tells when each content type was listed last, and a run told last, before a time", async () => {
    const window = (minutes: number, columns: object = {}) =>
      health("window", "Succeeded", { TimeGenerated: before(minutes), ...columns });
    const rows = {
      health: [
        window(days(30)),
        window(60),
        window(50, { Status: "Failed" }),
        window(40, { ContentType: "Audit.Exchange" }),
        window(10),
        run("earlier", 60, 0),
        run("later", 10, 0),
      ],
    };
    expect(await found(rows, now, new Date(before(30)))).toEqual([
      { Found: "told", Id: "0", At: before(60) },
      { Found: "listed", Id: "Audit.General", At: before(60) },
      { Found: "listed", Id: "Audit.Exchange", At: before(40) },
      { Found: "allListed", Id: "", At: before(60) },
    ]);
  });

  test.each([
    ["four runs, of which a later one is whole", 4, 5, "stuck"],
    ["three runs", 3, 5, "blob"],
    ["four runs, and nothing later", 4, 200, "blob"],
    ["two dozen runs, and nothing later", 24, 200, "stuck"],
  ])("tells what to do with a blob that is short after %s", async (_, times, wholeAt, what) => {
    const collected = Array.from({ length: times }, (_each, index) =>
      blob("short", 2, {
        RunId: `run ${index}`,
        ContentCreated: before(days(1)),
        TimeGenerated: before(60 + index),
      }),
    );
    const whole = blob("whole", 1, { TimeGenerated: before(wholeAt) });
    const audit = [...records("short", [0]), ...records("whole", [0])];
    const rows = { health: [...collected, whole], audit };
    expect((await found(rows)).filter(({ Id }) => Id === "short")).toMatchObject([{ Found: what }]);
    const aside = setAside("short", 0, 40);
    expect(await again({ health: [...collected, whole, aside], audit })).toEqual([]);
    expect(
      await again({ health: [...collected, whole, { ...aside, Status: "Replayed" }], audit }),
    ).toHaveLength(what === "blob" ? 1 : 0);
  });

  test("tells the highest number that a run told of itself", async () => {
    const numbered = (RunId: string, minutes: number, number: number | null) =>
      run(RunId, minutes, 0, { Details: { blobs: 0, number } });
    const rows = await found({
      health: [
        numbered("a", 30, 20260100007),
        numbered("b", 20, 20260100006),
        numbered("c", 10, null),
      ],
    });
    expect(rows).toContainEqual({ Found: "number", Id: "20260100007", At: before(20) });
  });

  test("counts those on that could compare their number with none, and keeps the time", async () => {
    const numbered = (RunId: string, minutes: number, number: number, isUncompared: boolean) =>
      run(RunId, minutes, 0, {
        Details: { blobs: 0, number, isUncompared: isUncompared || null },
      });
    const health = [
      numbered("early", 70, 20260100004, true),
      numbered("compared", 60, 20260100007, false),
      numbered("missing before", 40, 20260100009, true),
      numbered("next", 30, 20260100010, true),
      // The same row twice is one run.
      numbered("next", 30, 20260100010, true),
    ];
    expect(await found({ health })).toContainEqual({
      ...{ Found: "number", Id: "20260100009", At: before(60) },
    });
    const none = await found({ health: health.slice(2) });
    expect(none.filter(({ Found }) => Found === "number")).toEqual([]);
  });

  test.each([
    ["two in turn", [-45, -30], 2],
    ["one, and another that somebody started beside it", [-45, -45], 1],
    ["one, and another that somebody started before the next", [-45, -33], 1],
    ["one that began a little early, and the one before", [-46.9, -60], 2],
    ["one that had waited for another, and the next", [-34, -30], 2],
    ["two that do not say when they began", [null, null], 2],
  ])("counts the times to run that have a run: %s", async (_, began, count) => {
    const health = began.map((minutes, index) =>
      run(`run ${index}`, 29 - 15 * index, 0, {
        Details: { blobs: 0, ...(minutes !== null && { startedAt: before(-minutes) }) },
      }),
    );
    // The run before began an hour and a quarter ago.
    const { Id } = (await found({ health }, now, now, new Date(before(75))))[0]!;
    expect(Id).toBe(String(count));
  });

  test("counts no run that began before the last missed one was told", async () => {
    const began = (RunId: string, minutes: number) =>
      run(RunId, minutes - 1, 0, { Details: { blobs: 0, startedAt: before(minutes) } });
    const missed = (minutes: number) => run("missed", minutes, null, { Status: "Missed" });
    const health = [began("before", 60), missed(44), began("teller", 45), began("after", 30)];
    const found_ = await found({ health }, now, now, new Date(before(75)));
    expect(found_[0]).toMatchObject({ Found: "told", Id: "1" });
    expect(found_).toContainEqual({ Found: "missed", Id: "", At: before(44) });
  });

  test("tells which runs are in the ledger whole, and when the newest was told", async () => {
    const health = [
      run("before", 121, 0),
      run("whole", 60, 2),
      ...told("whole", ["a", "b"]),
      run("short", 50, 2),
      ...told("short", ["c"]),
      // The same row twice is one row.
      ...told("short", ["c"]),
      run("none", 40, 0),
      run("again", 30, null),
      run("other", 20, 0, { Collector: "dev-fabrikam" }),
      run("missed", 10, 0, { Status: "Missed" }),
    ];
    const since = new Date(before(120));
    const toldSince = new Date(before(50));
    expect(
      (await found({ health }, since, now, toldSince)).filter(({ Found }) => Found !== "blob"),
    ).toEqual([
      { Found: "told", Id: "0", At: before(30) },
      { Found: "run", Id: "whole", At: before(60) },
      { Found: "run", Id: "none", At: before(40) },
      { Found: "run", Id: "again", At: before(30) },
      { Found: "missed", Id: "", At: before(10) },
    ]);
  });
});

const setAside = (ContentId: string, RecordsSetAside: number, minutes: number) =>
  health("setAside", "SetAside", { ContentId, RecordsSetAside, TimeGenerated: before(minutes) });

/** The row of a run that told that many rows of blobs. */
const run = (RunId: string, minutes: number, blobs: number | null, columns: object = {}) =>
  health("run", "Succeeded", {
    RunId,
    TimeGenerated: before(minutes),
    Details: blobs === null ? { toldAt: before(1) } : { blobs },
    ...columns,
  });

/** Rows of blobs of which nothing is missing, told by a run. */
const told = (RunId: string, ids: readonly string[]) => ids.map((id) => blob(id, 0, { RunId }));
