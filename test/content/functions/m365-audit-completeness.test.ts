import { describe, expect, test } from "vitest";

import { ask, blob, health, records, type LedgerRows } from "../ledger-rows.ts";

const start = "2026-01-09T00:00:00.000Z";
const end = "2026-01-10T00:00:00.000Z";
const later = "2026-01-10T01:00:00.000Z";

const complete = (rows: LedgerRows) =>
  ask(
    "functions/m365-audit-completeness.kql",
    rows,
    new Date("2026-01-11T00:00:00Z"),
    new Date(start),
    new Date(end),
  );

/** A collector that has listed the whole day. */
const run = health("run", "Succeeded", { TimeGenerated: later, CheckpointAfter: later });
const window = health("window", "Succeeded", { WindowStart: start, WindowEnd: later });
const listed = [run, window];
const everything = { Complete: "yes", Reason: "everything listed is in the table" };

describe("functions/m365-audit-completeness.kql", () => {
  test("says yes when every row that was told is there", async () => {
    const rows = await complete({
      health: [...listed, blob("a", 2), blob("b", 1)],
      audit: [...records("a", [0, 1, 1]), ...records("b", [0])],
    });
    expect(rows).toEqual([
      {
        Collector: "dev-contoso",
        ContentType: "Audit.General",
        ...everything,
        ListedFrom: start,
        ListedThrough: later,
        ShortfallRows: 0,
        ShortfallBlobs: 0,
        Gaps: [],
        Silent: [],
        SetAside: [],
      },
    ]);
  });

  test.each([
    ["in the time asked for", "2026-01-09T10:00:00.000Z", "2026-01-09T11:30:00.000Z", true],
    ["before it", "2026-01-08T10:00:00.000Z", start, false],
    ["after it", end, later, false],
  ])("warns when no run looked %s", async (_, WindowStart, WindowEnd, isWarned) => {
    const missed = health("run", "Missed", { TimeGenerated: later, WindowStart, WindowEnd });
    expect(await complete({ health: [...listed, missed] })).toMatchObject([
      {
        Complete: "yes",
        Reason:
          everything.Reason +
          (isWarned
            ? "; nothing was listed from 2026-01-09 10:00:00 to 2026-01-09 11:30:00, when a subscription that was off would leave no trace"
            : ""),
      },
    ]);
  });

  describe("warns when runs failed before they had listed anything", () => {
    const listedAt = (TimeGenerated: string, RunId: string, columns: object = {}) =>
      health("window", "Succeeded", {
        ...{ TimeGenerated, RunId, WindowStart: start, WindowEnd: TimeGenerated },
        ...columns,
      });
    const failedAt = (TimeGenerated: string, RunId: string) =>
      health("run", "Failed", { TimeGenerated, RunId });

    test.each<[string, unknown[], string?]>([
      [
        "in the time asked for",
        [
          listedAt("2026-01-09T10:00:00Z", "a"),
          failedAt("2026-01-09T10:15:00Z", "b"),
          failedAt("2026-01-09T10:30:00Z", "c"),
          listedAt("2026-01-09T10:45:00Z", "d"),
        ],
        "2026-01-09 10:00:00 to 2026-01-09 10:45:00",
      ],
      [
        "in and about it",
        [
          listedAt("2026-01-08T10:00:00Z", "a"),
          failedAt("2026-01-09T10:15:00Z", "b"),
          // Listed at 12:00, which the times of all that was not listed pass over.
          failedAt("2026-01-09T12:15:00Z", "c"),
          listedAt("2026-01-10T00:45:00Z", "d"),
        ],
        "2026-01-08 10:00:00 to 2026-01-10 00:45:00",
      ],
      [
        "but listed something else",
        [
          listedAt("2026-01-09T10:00:00Z", "a"),
          listedAt("2026-01-09T10:15:00Z", "b", { ContentType: "Audit.Exchange" }),
          failedAt("2026-01-09T10:15:01Z", "b"),
          listedAt("2026-01-09T10:30:00Z", "c"),
        ],
        "2026-01-09 10:00:00 to 2026-01-09 10:30:00",
      ],
      [
        "and not when they had",
        [
          listedAt("2026-01-09T10:00:00Z", "a"),
          listedAt("2026-01-09T10:15:00Z", "b"),
          failedAt("2026-01-09T10:15:01Z", "b"),
          listedAt("2026-01-09T10:30:00Z", "c"),
        ],
      ],
      [
        "and not before it",
        [
          listedAt("2026-01-08T10:00:00Z", "a"),
          failedAt("2026-01-08T10:15:00Z", "b"),
          listedAt("2026-01-08T10:30:00Z", "c"),
        ],
      ],
    ])("%s", async (_, rows, times) => {
      const answers = await complete({ health: [...listed, ...rows] as LedgerRows["health"] });
      expect(answers.find(({ ContentType }) => ContentType === "Audit.General")).toMatchObject({
        Complete: "yes",
        Reason:
          everything.Reason +
          (times === undefined
            ? ""
            : `; nothing was listed from ${times}, when a subscription that was off would leave no trace`),
      });
    });
  });

  test("says no when rows were dropped after they were accepted", async () => {
    const rows = await complete({
      health: [...listed, blob("a", 5), blob("b", 1), blob("c", 1)],
      audit: [...records("a", [0, 1, 1]), ...records("c", [0])],
    });
    expect(rows).toMatchObject([
      {
        Complete: "no",
        Reason: "4 rows of 2 blobs are not in the table",
        ShortfallRows: 4,
        ShortfallBlobs: 2,
      },
    ]);
  });

  test("goes by what was told last of a blob", async () => {
    const again = blob("a", 1, { TimeGenerated: "2026-01-09T13:00:00.000Z" });
    const audit = records("a", [0]);
    expect(await complete({ health: [...listed, again, blob("a", 9)], audit })).toMatchObject([
      everything,
    ]);
  });

  test("does not expect records that were filtered", async () => {
    const told = blob("a", 1, { RecordsIn: 4, RecordsFiltered: 3 });
    const rows = await complete({ health: [...listed, told], audit: records("a", [2]) });
    expect(rows).toMatchObject([everything]);
  });

  test.each([
    ["before the start", "2026-01-08T23:59:59.999Z", "yes"],
    ["at the start", start, "no"],
    ["before the end", "2026-01-09T23:59:59.999Z", "no"],
    ["at the end", end, "yes"],
    ["at an unknown time", null, "no"],
  ])("asks of a blob that was made %s", async (_, ContentCreated, Complete) => {
    const told = blob("a", 1, { ContentCreated, TimeGenerated: later });
    expect(await complete({ health: [...listed, told] })).toMatchObject([{ Complete }]);
    const gap = health("gap", "Gone", { TimeGenerated: later, ContentId: "a", ContentCreated });
    expect(await complete({ health: [...listed, gap] })).toMatchObject([{ Complete }]);
    const aside = health("setAside", "SetAside", { TimeGenerated: later, ContentCreated });
    expect(await complete({ health: [...listed, aside] })).toMatchObject([{ Complete }]);
  });

  test("finds rows that are as old as rows of a blob can be", async () => {
    const audit = records("a", [0], { TimeGenerated: "2026-01-07T00:00:00.000Z" });
    const told = blob("a", 1, { ContentCreated: start });
    expect(await complete({ health: [...listed, told], audit })).toMatchObject([everything]);
  });

  describe("says no when the time was not listed", () => {
    test("to its end", async () => {
      const early = { ...run, CheckpointAfter: "2026-01-09T23:59:59.000Z" };
      expect(await complete({ health: [early, window] })).toMatchObject([
        {
          Complete: "no",
          Reason: "listed only through 2026-01-09 23:59:59",
        },
      ]);
      expect(await complete({ health: [{ ...run, CheckpointAfter: end }, window] })).toMatchObject([
        everything,
      ]);
    });

    test("by the newest run that says how far, though an earlier one said further", async () => {
      const at = (minute: number, CheckpointAfter: string | null, Status = "Succeeded") =>
        health("run", Status, {
          TimeGenerated: `2026-01-10T02:0${minute}:00.000Z`,
          CheckpointAfter,
        });
      const [ahead, back] = [at(1, later), at(2, "2026-01-09T20:00:00.000Z")];
      const rows = await complete({ health: [back, ahead, at(3, null, "Failed"), window] });
      expect(rows).toMatchObject([{ Complete: "no", ListedThrough: "2026-01-09T20:00:00.000Z" }]);
    });

    test("and does not go by a run that was missed", async () => {
      const missed = health("run", "Missed", {
        TimeGenerated: "2026-01-10T05:00:00.000Z",
        CheckpointAfter: start,
      });
      expect(await complete({ health: [missed, ...listed] })).toMatchObject([everything]);
    });

    test("from its start", async () => {
      const late = { ...window, WindowStart: "2026-01-09T06:00:00.000Z" };
      expect(await complete({ health: [run, late] })).toMatchObject([
        {
          Complete: "no",
          Reason: "listed only from 2026-01-09 06:00:00",
        },
      ]);
    });

    test("at all, since each window failed or the collector is paused", async () => {
      const failed = [health("run", "Failed"), { ...window, Status: "Failed" }];
      const nothing = [
        { Complete: "no", Reason: "no window is listed; not listed through any time" },
      ];
      expect(await complete({ health: failed })).toMatchObject(nothing);
      expect(await complete({ health: [health("run", "Paused")] })).toMatchObject(nothing);
    });

    test("and has no row for a collector that told nothing", async () => {
      expect(await complete({})).toEqual([]);
    });
  });

  describe("with a gap", () => {
    const gap = (Status: string, columns: object = {}) =>
      health("gap", Status, {
        Reason: "why",
        WindowStart: "2026-01-09T03:00:00.000Z",
        WindowEnd: "2026-01-09T04:00:00.000Z",
        ...columns,
      });
    const closed = (columns: object = {}) =>
      gap("Closed", { TimeGenerated: "2026-01-09T15:00:00.000Z", ...columns });

    test.each(["Expired", "SubscriptionOff", "Gone", "Unlisted"])(
      "says no while it is %s, and yes when it is closed",
      async (status) => {
        const [row] = await complete({ health: [...listed, gap(status), gap(status)] });
        expect(row).toMatchObject({ Complete: "no", Reason: "open gaps: 1" });
        expect(row!["Gaps"]).toMatchObject([{ Status: status, Reason: "why" }]);
        expect(await complete({ health: [...listed, closed(), gap(status)] })).toMatchObject([
          { ...everything, Gaps: [] },
        ]);
      },
    );

    test("tells silence without taking it for a gap", async () => {
      expect(await complete({ health: [...listed, gap("Silent")] })).toMatchObject([
        { ...everything, Gaps: [], Silent: [{ Status: "Silent", Reason: "why" }] },
      ]);
      expect(await complete({ health: [...listed, gap("Silent"), closed()] })).toMatchObject([
        { ...everything, Silent: [] },
      ]);
    });

    test("closes by its content id, whatever windows the rows name", async () => {
      const gone = gap("Gone", { ContentId: "a", ContentCreated: "2026-01-09T03:30:00.000Z" });
      const got = closed({ ContentId: "a", WindowStart: null, WindowEnd: null });
      const other = closed({ ContentId: "b" });
      expect(await complete({ health: [...listed, gone, other] })).toMatchObject([
        { Complete: "no", Gaps: [{ ContentId: "a" }] },
      ]);
      expect(await complete({ health: [...listed, gone, got] })).toMatchObject([everything]);
    });

    test("does not close by another window", async () => {
      const other = closed({ WindowEnd: "2026-01-09T05:00:00.000Z" });
      expect(await complete({ health: [...listed, gap("Expired"), other] })).toMatchObject([
        { Complete: "no", Reason: "open gaps: 1" },
      ]);
    });

    test.each([
      ["ends at the start", "2026-01-08T20:00:00.000Z", start, "yes"],
      ["reaches over the start", "2026-01-08T20:00:00.000Z", "2026-01-09T00:00:01.000Z", "no"],
      ["reaches over the end", "2026-01-09T23:59:59.000Z", "2026-01-10T02:00:00.000Z", "no"],
      ["begins at the end", end, "2026-01-10T02:00:00.000Z", "yes"],
      ["is around it", "2026-01-08T00:00:00.000Z", "2026-01-11T00:00:00.000Z", "no"],
      ["has no times", null, null, "no"],
    ])("asks of one that %s", async (_, WindowStart, WindowEnd, Complete) => {
      const rows = { health: [...listed, gap("Expired", { WindowStart, WindowEnd })] };
      expect(await complete(rows)).toMatchObject([{ Complete }]);
    });
  });

  describe("with content set aside", () => {
    const aside = (Status: string, columns: object = {}) =>
      health("setAside", Status, {
        ContentId: "a",
        ContentCreated: "2026-01-09T03:00:00.000Z",
        Reason: "why",
        Details: { blob: "tenant-a/a.json" },
        ...columns,
      });

    test("says no and where it lies", async () => {
      const [row] = await complete({ health: [...listed, aside("SetAside"), aside("SetAside")] });
      expect(row).toMatchObject({
        Complete: "no",
        Reason: "blobs set aside: 1",
        SetAside: [{ ContentId: "a", Reason: "why", Blob: "tenant-a/a.json" }],
      });
    });

    test.each(["Collected", "Replayed"])("says yes when it is %s", async (status) => {
      const done = aside(status, { TimeGenerated: later });
      expect(await complete({ health: [...listed, done, aside("SetAside")] })).toMatchObject([
        { ...everything, SetAside: [] },
      ]);
      const other = aside(status, { TimeGenerated: later, ContentId: "b" });
      expect(await complete({ health: [...listed, other, aside("SetAside")] })).toMatchObject([
        { Complete: "no" },
      ]);
    });
  });

  describe("with records set aside", () => {
    const told = blob("a", 2, { RecordsIn: 4, RecordsSetAside: 2 });
    const aside = (Status: string, RecordsSetAside: number, hour = 12) =>
      health("setAside", Status, {
        TimeGenerated: `2026-01-09T${hour}:00:00.000Z`,
        ContentId: "a",
        ContentCreated: "2026-01-09T11:00:00.000Z",
        RecordsSetAside,
        Details: { blob: "tenant-a/Audit.General/a/" },
      });
    const others = [told, aside("SetAside", 2)];
    const [part, whole] = [aside("SetAside", 1, 13), aside("Replayed", 0, 14)];

    test("does not expect their rows before they are replayed", async () => {
      const [row] = await complete({ health: [...listed, ...others], audit: records("a", [0, 2]) });
      expect(row).toMatchObject({ Reason: "blobs set aside: 1", ShortfallRows: 0 });
    });

    test("expects the rows of those that were replayed", async () => {
      const all = [...listed, ...others, part];
      expect(await complete({ health: all, audit: records("a", [0, 1, 2]) })).toMatchObject([
        { Reason: "blobs set aside: 1", ShortfallRows: 0 },
      ]);
      expect(await complete({ health: all, audit: records("a", [0, 2]) })).toMatchObject([
        { ShortfallRows: 1, ShortfallBlobs: 1 },
      ]);
    });

    test("says yes when all are replayed, and no when one of any row is gone then", async () => {
      for (const replayed of [[whole], [part, whole], [whole, whole, part]]) {
        const all = [...listed, ...others, ...replayed];
        expect(await complete({ health: all, audit: records("a", [0, 1, 2, 3]) })).toMatchObject([
          { ...everything, SetAside: [] },
        ]);
        expect(await complete({ health: all, audit: records("a", [1, 2, 3]) })).toMatchObject([
          { Complete: "no", Reason: "1 rows of 1 blobs are not in the table" },
        ]);
      }
    });

    test("goes by what the collector told since, whole or with records set aside again", async () => {
      const hour = { TimeGenerated: "2026-01-09T15:00:00.000Z" };
      const collected = blob("a", 4, { ...hour, RecordsSetAside: 0 });
      const again = [blob("a", 3, { ...hour, RecordsSetAside: 1 }), aside("SetAside", 1, 15)];
      const audit = records("a", [0, 1, 2, 3]);
      expect(
        await complete({ health: [...listed, ...others, whole, collected], audit }),
      ).toMatchObject([everything]);
      expect(
        await complete({
          health: [...listed, ...others, whole, ...again],
          audit: audit.slice(1),
        }),
      ).toMatchObject([{ Reason: "blobs set aside: 1", ShortfallRows: 0 }]);
    });
  });

  test("names all that is missing", async () => {
    const rows = await complete({
      health: [
        ...[{ ...run, CheckpointAfter: null }, blob("a", 1)],
        health("gap", "Gone", { ContentId: "b" }),
        health("setAside", "SetAside", { ContentId: "c" }),
      ],
    });
    expect(rows.map(({ Reason }) => Reason)).toEqual([
      "no window is listed; not listed through any time; 1 rows of 1 blobs are not in the table; " +
        "open gaps: 1; blobs set aside: 1",
    ]);
  });

  test("answers for each collector and content type on its own", async () => {
    const of = (Collector: string, ContentType: string) => ({ Collector, ContentType });
    const rows = await complete({
      health: [
        { ...run, ContentType: "Audit.General, DLP.All" },
        { ...window, ...of("dev-contoso", "Audit.General") },
        { ...window, ...of("dev-contoso", "DLP.All") },
        { ...run, ...of("dev-fabrikam", "Audit.General") },
        { ...window, ...of("dev-fabrikam", "Audit.General") },
        ...[blob("a", 1, of("dev-contoso", "DLP.All")), blob("b", 1)],
        ...[blob("b", 1, of("dev-fabrikam", "Audit.General"))],
      ],
      audit: records("b", [0]),
    });
    const answers = rows.map(
      ({ Collector, ContentType, Complete }) =>
        `${String(Collector)} ${String(ContentType)} ${String(Complete)}`,
    );
    expect(answers.sort()).toEqual([
      "dev-contoso Audit.General yes",
      "dev-contoso DLP.All no",
      "dev-fabrikam Audit.General no",
    ]);
  });
});
