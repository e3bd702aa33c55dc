import { describe, expect, test } from "vitest";
import type { Run, RunOptions } from "../../local/logic-apps/run-workflow.ts";
import {
  at,
  checkpointAt,
  Collector,
  hourMs,
  ingestionAnswers,
  minuteMs,
  record,
  zulu,
} from "./collector.ts";
import { ok, outcome } from "./outcome.ts";

interface Waiting {
  readonly contentId: string;
  readonly records: readonly unknown[];
}

/** Publishes that many blobs, by default of one to three records each. */
function publishBlobs(
  collector: Collector,
  count: number,
  recordsOf = (blob: number): unknown[] =>
    Array.from({ length: 1 + (blob % 3) }, (_, index) => record(`b${blob}-r${index}`)),
): Waiting[] {
  return Array.from({ length: count }, (_, blob) => {
    const records = recordsOf(blob);
    return { contentId: collector.publish(records).contentId, records };
  });
}

/** The row that each record of the blobs has to become, as text: its id, its blob, its place there. */
const rowsOf = (blobs: readonly Waiting[]) =>
  blobs
    .flatMap(({ contentId, records }) =>
      records.map((value, index) => {
        const id = (value as { Id?: string } | undefined)?.Id ?? "";
        return `${id} ${contentId} ${index}`;
      }),
    )
    .sort();

/** What the table has of each record, as `rowsOf` writes it. */
const rowsIn = async (collector: Collector) =>
  (await collector.rows())
    .map(
      ({ RecordId, ContentId, RecordIndex }) =>
        `${RecordId as string} ${ContentId as string} ${RecordIndex as number}`,
    )
    .sort();

/** What the ledger tells of each blob that was collected: its counts by its id. */
const told = async (collector: Collector) =>
  Object.fromEntries(
    (await collector.health())
      .filter(({ Kind, Status }) => Kind === "blob" && Status === "Collected")
      .map(({ ContentId, RecordsIn, RowsOut, RecordsFiltered }) => [
        ContentId as string,
        [RecordsIn, RowsOut, RecordsFiltered],
      ]),
  );

/** Blobs that a page's groups brought in, for each time that a page was gone through. */
const collectedInGroups = ({ actions }: Run) =>
  actions
    .filter(({ name, status }) => name === "Collected_ids" && status === "Succeeded")
    .map(({ outputs }) => (outputs as { body: unknown[] }).body.length);

/** How often an action ran. */
const times = ({ actions }: Run, action: string) =>
  actions.filter(({ name, status }) => name === action && status !== "Skipped").length;

/** Answers for one blob in the feed's place. */
function answerFor(collector: Collector, { contentId }: Waiting, answer: () => Response): void {
  collector.deployed.feed.before = async ({ url }) =>
    url.includes(encodeURI(contentId)) ? answer() : undefined;
}

/** Sees the bytes of each call that brings rows of records. */
function watchCalls(collector: Collector): number[] {
  const bytes: number[] = [];
  const { ingestion } = collector.deployed;
  const handle = ingestion.handle.bind(ingestion);
  ingestion.handle = async (request) => {
    if (request.url.includes("/streams/Custom-M365Audit?")) {
      bytes.push((await request.clone().arrayBuffer()).byteLength);
    }
    return handle(request);
  };
  return bytes;
}

describe("Get-O365Data, with blobs waiting", () => {
  test.each([1, 19, 20, 21, 39, 45])("collects all of %d in groups", async (count) => {
    const collector = await Collector.start();
    const blobs = publishBlobs(collector, count);
    const calls = watchCalls(collector);

    const run = await collector.run();

    expect(outcome(run)).toEqual(ok);
    expect(await rowsIn(collector)).toEqual(rowsOf(blobs));
    expect(collectedInGroups(run)).toEqual([count]);
    expect(times(run, "Get_lone_blob")).toBe(0);
    expect(calls).toHaveLength(Math.ceil(count / 20));
    expect(await told(collector)).toEqual(
      Object.fromEntries(
        blobs.map(({ contentId, records: { length } }) => [contentId, [length, length, 0]]),
      ),
    );
    expect(await collector.lastHealth()).toMatchObject({
      BlobsListed: count,
      BlobsCollected: count,
      BlobsFailed: 0,
      RecordsIn: rowsOf(blobs).length,
      RowsOut: rowsOf(blobs).length,
    });
  });

  const cut = '[{"Id":"b7-r0","CreationTime":"2026-01-14T09:00:00"},{"Id":"b7';
  test.each([
    ["answers 404", () => new Response("{}", { status: 404 })],
    ["answers 500", () => new Response("gone wrong", { status: 500 })],
    [
      "is cut in the middle",
      () => new Response(cut, { headers: { "content-type": "application/json" } }),
    ],
    [
      "is a page of a proxy",
      () => new Response("<html></html>", { headers: { "content-type": "text/html" } }),
    ],
  ])("collects 19 of a full group at once when one %s", async (_, answer) => {
    for (const options of [{}, { brokenJson: "string", textBodies: "string" }] as const) {
      const collector = await Collector.start({ options });
      const blobs = publishBlobs(collector, 20);
      const [bad, ...others] = [blobs[7]!, ...blobs.slice(0, 7), ...blobs.slice(8)];
      answerFor(collector, bad, answer);

      const run = await collector.run();

      expect(run.error?.message).toMatch(/: 1 of \d+ new blobs not collected$/);
      expect(collectedInGroups(run)[0]).toBe(19);
      expect(await rowsIn(collector)).toEqual(rowsOf(others));
      expect(Object.keys(await told(collector)).sort()).toEqual(
        others.map(({ contentId }) => contentId).sort(),
      );
      expect(await collector.lastHealth()).toMatchObject({ BlobsCollected: 19, BlobsFailed: 1 });

      delete collector.deployed.feed.before;
      await collector.pass(15 * minuteMs);
      expect(outcome(await collector.run())).toEqual(ok);
      expect(await rowsIn(collector)).toEqual(rowsOf(blobs));
    }
  });

  test.each(['{"error":{}}', "5", "true", '"planted"', "null"])(
    "collects the others of a full group in the same run when one is %s",
    async (body) => {
      for (const options of [{}, { eagerLogic: true }] as const) {
        const collector = await Collector.start({ options });
        const blobs = publishBlobs(collector, 20);
        const others = blobs.filter((_, blob) => blob !== 7);
        answerFor(
          collector,
          blobs[7]!,
          () => new Response(body, { headers: { "content-type": "application/json" } }),
        );

        const run = await collector.run();

        expect(run.error?.message).toMatch(/: 1 of \d+ new blobs not collected$/);
        expect(await rowsIn(collector)).toEqual(rowsOf(others));
      }
    },
  );

  test("tells for each blob of a group what it kept of it", async () => {
    const collector = await Collector.start({ tenant: { keepWorkloads: ["MicrosoftTeams"] } });
    const kept = (blob: number, index: number) => (blob * 7 + index * 3) % 4 !== 0;
    const blobs = publishBlobs(collector, 23, (blob) =>
      Array.from({ length: blob % 5 }, (_, index) =>
        record(`b${blob}-r${index}`, {
          Workload: kept(blob, index) ? "MicrosoftTeams" : "OneDrive",
        }),
      ),
    );

    expect(outcome(await collector.run())).toEqual(ok);

    const counts = blobs.map(({ contentId, records }, blob) => {
      const rows = records.filter((_, index) => kept(blob, index)).length;
      return [contentId, [records.length, rows, records.length - rows]];
    });
    expect(await told(collector)).toEqual(Object.fromEntries(counts));
    // The place of a record in its blob does not depend on what was left out.
    const all = rowsOf(blobs);
    const found = await rowsIn(collector);
    expect(found.filter((row) => !all.includes(row))).toEqual([]);
    expect(found).toHaveLength(
      blobs.flatMap(({ records }, blob) => records.filter((_, index) => kept(blob, index))).length,
    );
  });

  test("sends blobs of very different sizes in calls of at most 900,000 bytes", async () => {
    const collector = await Collector.start();
    const blobs = publishBlobs(collector, 20, (blob) =>
      Array.from({ length: blob === 3 ? 3000 : blob === 4 ? 0 : 1 }, (_, index) =>
        record(`b${blob}-r${index}`, { ItemName: "é".repeat(index % 40) }),
      ),
    );
    const calls = watchCalls(collector);

    const run = await collector.run();

    expect(outcome(run)).toEqual(ok);
    expect(await rowsIn(collector)).toEqual(rowsOf(blobs));
    expect(collectedInGroups(run)).toEqual([20]);
    expect(Math.max(...calls)).toBeLessThanOrEqual(900_000);
    expect(calls.length).toBeLessThanOrEqual(4);
  });

  test("collects every blob of a full group in which one has a record of 70 KB", async () => {
    const collector = await Collector.start();
    const blobs = publishBlobs(collector, 20, (blob) => [
      record(`b${blob}-r0`),
      record(`b${blob}-r1`, blob === 11 ? { Extra: "x".repeat(70_000) } : {}),
    ]);
    const calls = watchCalls(collector);

    expect(outcome(await collector.run())).toEqual(ok);

    expect(await rowsIn(collector)).toEqual(rowsOf(blobs));
    expect(Math.max(...calls)).toBeLessThanOrEqual(900_000);
    const large = (await collector.rows()).filter(({ RecordOversized }) => RecordOversized);
    expect(large).toMatchObject([{ RecordId: "b11-r1", RecordIndex: 1 }]);
  });

  test.each([
    ["a number", 5],
    ["a text", "planted"],
    ["nothing", null],
  ])("collects every blob of a full group in which a record is %s", async (_, odd) => {
    const collector = await Collector.start();
    const blobs = publishBlobs(collector, 20, (blob) => [
      record(`b${blob}-r0`),
      ...(blob === 5 ? [odd] : []),
      record(`b${blob}-r1`),
    ]);

    await collector.run();

    const records = (await rowsIn(collector)).filter((row) => row.startsWith("b"));
    expect(records).toEqual(rowsOf(blobs).filter((row) => row.startsWith("b")));
  });

  const readings: readonly RunOptions[] = [
    { eagerLogic: true },
    { loopResults: "byIteration" },
    { skippedInLoop: "earlierIteration" },
    { skippedInLoop: "earlierIteration", loopResults: "byIteration", eagerLogic: true },
    { memberNames: "exact" },
    { textBodies: "string" },
    { brokenJson: "string" },
    { searchIgnoresCase: false },
    { nullEqualsEmptyText: true },
    { envelopesAsText: "content" },
    { stringLimit: 104_857_600 },
  ];
  test.each(readings.map((options) => [JSON.stringify(options), options] as const))(
    "collects the same under %s",
    async (_, options) => {
      const collector = await Collector.start({
        options,
        tenant: { keepWorkloads: ["MicrosoftTeams"] },
      });
      const blobs = publishBlobs(collector, 45, (blob) =>
        Array.from({ length: blob === 30 ? 2 : 1 + (blob % 3) }, (__, index) =>
          record(`b${blob}-r${index}`, blob === 42 ? { Extra: "x".repeat(70_000) } : {}),
        ),
      );

      const run = await collector.run();

      expect(outcome(run)).toEqual(ok);
      expect(await rowsIn(collector)).toEqual(rowsOf(blobs));
      expect(await told(collector)).toEqual(
        Object.fromEntries(
          blobs.map(({ contentId, records: { length } }) => [contentId, [length, length, 0]]),
        ),
      );
    },
  );
});

describe("Get-O365Data, where an action that is skipped in a loop shows what it did earlier", () => {
  const options = { skippedInLoop: "earlierIteration" } as const;

  test.each([
    ["a group that is not full", 165, -1],
    ["a full group with a record of 70 KB", 180, 170],
  ])("collects %s after eight full groups", async (_, count, large) => {
    const collector = await Collector.start({ options });
    const blobs = publishBlobs(collector, count, (blob) => [
      record(`b${blob}`, blob === large ? { Extra: "x".repeat(70_000) } : {}),
    ]);

    expect(outcome(await collector.run())).toEqual(ok);

    expect(await rowsIn(collector)).toEqual(rowsOf(blobs));
  });

  test.each([
    ["answers 404", () => new Response("{}", { status: 404 })],
    ["is null", () => new Response("null", { headers: { "content-type": "application/json" } })],
  ])(
    "does not take for collected a blob that %s, after 20 with large records",
    async (_, answer) => {
      const collector = await Collector.start({ options });
      const blobs = publishBlobs(collector, 40, (blob) => [
        record(`b${blob}`, { Extra: "x".repeat(70_000) }),
      ]);
      const bad = blobs[38]!;
      const others = blobs.filter((blob) => blob !== bad);
      answerFor(collector, bad, answer);

      expect((await collector.run()).error?.message).toMatch(/: 1 of \d+ new blobs not collected$/);

      expect(await rowsIn(collector)).toEqual(rowsOf(others));
      expect(Object.keys(await told(collector)).sort()).toEqual(
        others.map(({ contentId }) => contentId).sort(),
      );
    },
  );

  test("does not take for collected a large record that storage refuses, after a small one", async () => {
    const collector = await Collector.start({ options });
    const blobs = [[record("small"), record("large", { Extra: "x".repeat(70_000) })]].map(
      (records) => ({ contentId: collector.publish(records).contentId, records }),
    );
    collector.deployed.storage[1]!.before = async () => new Response(null, { status: 400 });

    expect((await collector.run()).error?.message).toContain("1 of 1 new blobs not collected");
    expect(await told(collector)).toEqual({});

    delete collector.deployed.storage[1]!.before;
    await collector.pass(15 * minuteMs);
    expect(outcome(await collector.run())).toEqual(ok);
    expect([...new Set(await rowsIn(collector))]).toEqual(rowsOf(blobs));
  });

  test("tells of each blob once, on whichever page it is", async () => {
    const collector = await Collector.start({ options, feed: { pageSize: 2 } });
    const blobs = publishBlobs(collector, 6, (blob) => [
      record(`b${blob}`, blob === 0 ? { Extra: "x".repeat(70_000) } : {}),
    ]);

    expect(outcome(await collector.run())).toEqual(ok);

    expect(await rowsIn(collector)).toEqual(rowsOf(blobs));
    const ids = (await collector.health())
      .filter(({ Kind }) => Kind === "blob")
      .map(({ ContentId }) => ContentId);
    expect(ids.sort()).toEqual(blobs.map(({ contentId }) => contentId).sort());
    expect(await collector.lastHealth()).toMatchObject({ RecordsIn: 6, RowsOut: 6 });
  });
});

test("Get-O365Data waits for a full group of broken blobs in the first run alone", async () => {
  const collector = await Collector.start();
  publishBlobs(collector, 1);
  await collector.run();
  const broken = new Set(publishBlobs(collector, 20).map(({ contentId }) => contentId));
  collector.deployed.feed.before = async ({ url }) =>
    broken.has(decodeURIComponent(url.split("/audit/").at(-1)!.split("?")[0]!))
      ? new Response("{}", { status: 500 })
      : undefined;
  const rounds: number[] = [];
  for (let run = 1; run <= 4; run++) {
    await collector.pass(15 * minuteMs);
    rounds.push(times(await collector.run(), "Pace_round"));
  }
  expect(rounds).toEqual([4, 1, 1, 1]);
  await collector.pass(15 * minuteMs);
  expect(outcome(await collector.run())).toEqual(ok);
});

describe("Get-O365Data, when the ingestion refuses one record for good", () => {
  /** Refuses every call that carries the planted record. */
  const refuse = (collector: Collector, status: number) =>
    ingestionAnswers(collector, async (request, handle) =>
      request.url.includes("/Custom-M365Audit?") &&
      (await request.clone().text()).includes("planted")
        ? new Response("{}", { status })
        : handle(request),
    );

  test("sets it aside in a later run, collects the rest of the group and shows nothing of it", async () => {
    const collector = await Collector.start();
    const blobs = publishBlobs(collector, 20, (blob) => [
      record(`b${blob}-r0`),
      record(blob === 7 ? "planted" : `b${blob}-r1`),
    ]);
    refuse(collector, 400);

    const runs: Run[] = [];
    for (let number = 1; number <= 5; number++) {
      blobs.push(...publishBlobs(collector, 1, () => [record(`run${number}`)]));
      runs.push(await collector.run());
      await collector.pass(15 * minuteMs);
    }

    expect(outcome(runs.at(-1)!)).toEqual(ok);
    expect([...new Set(await rowsIn(collector))]).toEqual(
      rowsOf(blobs).filter((row) => !row.startsWith("planted")),
    );
    expect(await collector.health()).toContainEqual(
      expect.objectContaining({ Kind: "setAside", Status: "SetAside", RecordsSetAside: 1 }),
    );
    expect(JSON.stringify(runs.map(({ actions }) => actions))).not.toContain("planted");
  });

  test("tells of each window what was fetched, accepted, set aside and filtered", async () => {
    const collector = await Collector.start({ tenant: { keepWorkloads: ["MicrosoftTeams"] } });
    refuse(collector, 413);
    const mail = record("mail", { Workload: "Exchange", RecordType: 2 });
    collector.publish([record("first"), mail]);
    collector.publish([record("planted"), record("second"), mail]);
    const window = async () => {
      await collector.run();
      await collector.pass(15 * minuteMs);
      return (await collector.health()).filter(({ Kind }) => Kind === "window").at(-1);
    };

    expect(await window()).toMatchObject({
      BlobsFetched: 2,
      BlobsCollected: 1,
      BlobsFailed: 1,
      BlobsSetAside: 0,
      RecordsIn: 2,
      RowsOut: 1,
      RecordsFiltered: 1,
      RecordsSetAside: 0,
    });
    await window();
    expect(await window()).toMatchObject({
      BlobsListed: 2,
      BlobsFetched: 1,
      BlobsCollected: 1,
      BlobsFailed: 0,
      BlobsSetAside: 1,
      RecordsIn: 3,
      RowsOut: 1,
      RecordsFiltered: 1,
      RecordsSetAside: 1,
    });
  });

  const setAsideInThird = ["Failed", "Failed", "Failed", "Succeeded"];
  test.each([
    ["refused for its size", 413, 0, 1, setAsideInThird],
    ["refused for hours", 400, 7, 1, setAsideInThird],
    ["of 70 KB and refused for hours", 400, 7, 70_000, setAsideInThird],
    ["refused as all can be that is sent", 400, 0, 1, Array(6).fill("Failed")],
    ["kept out by a role that is not there yet", 403, 7, 1, Array(6).fill("Failed")],
  ])("waits for no other blob where it is %s", async (_, status, hours, length, statuses) => {
    const collector = await Collector.start({
      checkpoint: checkpointAt(zulu(at(8 * hourMs)), ["Audit.General"]),
    });
    collector.publish([record("good"), record("planted", { padding: "x".repeat(length) })], {
      created: at(hours * hourMs + minuteMs),
    });
    refuse(collector, status);
    const ended: string[] = [];
    while (ended.length < statuses.length) {
      ended.push((await collector.run()).status);
      await collector.pass(15 * minuteMs);
    }
    expect(ended).toEqual(statuses);
    const isAside = statuses === setAsideInThird;
    expect((await collector.health()).filter(({ Kind }) => Kind === "setAside")).toHaveLength(
      isAside ? 1 : 0,
    );
    expect((await collector.ids()).includes("good")).toBe(isAside);
  });
});

describe("Get-O365Data costs", () => {
  const executions = async (blobs: number) => {
    const collector = await Collector.start();
    publishBlobs(collector, blobs);
    const run = await collector.run();
    expect(outcome(run)).toEqual(ok);
    return run.billable.executionsWithLoopCycles;
  };

  test("at most 25 executions when there is nothing to collect", async () => {
    expect(await executions(0)).toBeLessThanOrEqual(25);
  });

  test("at most 30 executions when it finds only what it knows", async () => {
    const collector = await Collector.start();
    publishBlobs(collector, 3);
    await collector.run();
    const { billable } = await collector.run();
    expect(billable.executionsWithLoopCycles).toBeLessThanOrEqual(30);
  });

  test("at most 3 executions more for each blob from 20 waiting blobs to 100", async () => {
    const first = await executions(20);
    for (const blobs of [40, 60, 80, 100]) {
      expect(((await executions(blobs)) - first) / (blobs - 20)).toBeLessThanOrEqual(3);
    }
  });
});
