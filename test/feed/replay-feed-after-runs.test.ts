import { describe, expect, test } from "vitest";
import { localClientSecret } from "../../local/deployed-tenant.ts";
import { ask } from "../content/ledger-rows.ts";
import { at, Collector, hourMs, minuteMs, now, record } from "../playbook/collector.ts";
import { replayOf } from "./operating.ts";

const tenantId = "00000000-0000-4000-8000-000000000101";
const day = 24 * hourMs;

/** A collector whose content is marked, so that it can be looked for in what a replay prints. */
async function setUp(props: Parameters<typeof Collector.start>[0] = {}) {
  const collector = await Collector.start(props);
  let operator: ReturnType<typeof replayOf> | undefined;
  const replay = async (how: Parameters<ReturnType<typeof replayOf>>[0] = {}) => {
    operator ??= replayOf(collector); // whose sign-in lasts a day
    await collector.pass(minuteMs);
    const said = await operator(how);
    const printed = [...said.output, ...said.errors].join("\n");
    expect(printed).not.toBe("");
    expect(printed).not.toMatch(/planted|Bearer|eyJ|^\s+at /m);
    expect(printed).not.toContain(localClientSecret);
    return said;
  };
  /** Runs the playbook until it has given up, with something in each run that it can collect. */
  const fourRuns = async () => {
    for (let run = 1; run <= 4; run++) {
      collector.publish([record(`run ${run}`)]);
      await collector.run();
      await collector.pass(15 * minuteMs);
    }
  };
  /** Names of what lies in a container. */
  const namesIn = async (container: "setAsideUri" | "originalsUri") => {
    const uri = `${collector.parameter(container)}?restype=container&comp=list`;
    const list = await (await collector.storage("GET", uri)).text();
    const names = [...list.matchAll(/<Name>([^<]*)<\/Name>/g)].map(([, name]) => name ?? "");
    return names.filter((name) => !name.startsWith("replayed/"));
  };
  const completeness = async (isStored: (row: Record<string, unknown>) => boolean = () => true) => {
    const rows = {
      health: await collector.health(),
      audit: (await collector.rows()).filter(isStored),
    };
    const [answer] = await ask(
      "functions/m365-audit-completeness.kql",
      rows,
      collector.clock.now(),
      at(hourMs),
      now,
    );
    return { Complete: answer!["Complete"], Reason: answer!["Reason"] };
  };
  /** Ids of the records of a blob in the table, by their places. */
  const recordsOf = async (contentId: string) => {
    const rows = (await collector.rows()).filter(({ ContentId }) => ContentId === contentId);
    return Object.fromEntries(
      rows.map(({ RecordIndex, RecordId }) => [RecordIndex as number, RecordId]),
    );
  };
  return { collector, replay, fourRuns, namesIn, completeness, recordsOf };
}

/** Makes the ingestion refuse calls with any of these ids, until the function given is called with fewer. */
function refusing(collector: Collector, status: number) {
  const { ingestion } = collector.deployed;
  const handle = ingestion.handle.bind(ingestion);
  return (...ids: string[]) => {
    ingestion.handle = async (request) => {
      const text = await request.clone().text();
      const isRefused = ids.some((id) => text.includes(`"Id":"${id}"`));
      return request.url.includes("/Custom-M365Audit?") && isRefused
        ? new Response("planted", { status })
        : handle(request);
    };
  };
}

const yes = { Complete: "yes", Reason: "everything listed is in the table" };
const nothing = { output: ["contoso: nothing is set aside"], errors: [], failed: false };

describe.each([400, 413])("replayFeed, after the ingestion refused records with %i", (status) => {
  test("makes the blob whole, and the ledger expects it whole", async () => {
    const { collector, replay, fourRuns, namesIn, completeness, recordsOf } = await setUp();
    const refuse = refusing(collector, status);
    const ids = ["a", "b", "c", "d"];
    const { contentId } = collector.publish(ids.map((id) => record(id, { ItemName: "planted" })));
    refuse("b", "d");

    await fourRuns();

    const names = [1, 3].map((index) => `${tenantId}/Audit.General/${contentId}/${index}.json`);
    expect(await namesIn("setAsideUri")).toEqual(names);
    expect(await recordsOf(contentId)).toEqual({ 0: "a", 2: "c" });
    const aside = { Complete: "no", Reason: "blobs set aside: 1" };
    expect(await completeness()).toEqual(aside);

    const before = [await collector.rows(), await collector.health()];
    expect(await replay({ dryRun: true })).toEqual({
      output: names.map((name) => `contoso Audit.General ${name}: would be replayed, 1 rows`),
      errors: [],
      failed: false,
    });
    expect([await collector.rows(), await collector.health()]).toEqual(before);

    const { output, errors, failed } = await replay();
    expect([output, errors.length, failed]).toEqual([[], 2, true]);
    expect(await namesIn("setAsideUri")).toEqual(names);
    expect(await completeness()).toEqual(aside);

    refuse("d");
    expect(await replay()).toEqual({
      output: [`contoso Audit.General ${names[0]}: replayed, 1 rows`],
      errors: [expect.stringContaining(`contoso ${names[1]}: `)],
      failed: true,
    });
    expect(await namesIn("setAsideUri")).toEqual([names[1]]);
    expect(await recordsOf(contentId)).toEqual({ 0: "a", 1: "b", 2: "c" });
    expect(await completeness()).toEqual(aside);
    expect(await completeness(({ RecordId }) => RecordId !== "a")).toMatchObject({
      Reason: "1 rows of 1 blobs are not in the table; blobs set aside: 1",
    });

    refuse();
    expect(await replay()).toEqual({
      output: [`contoso Audit.General ${names[1]}: replayed, 1 rows`],
      errors: [],
      failed: false,
    });
    expect(await namesIn("setAsideUri")).toEqual([]);
    expect(await recordsOf(contentId)).toEqual({ 0: "a", 1: "b", 2: "c", 3: "d" });
    expect(await completeness()).toEqual(yes);
    for (const id of ids) {
      expect(await completeness(({ RecordId }) => RecordId !== id)).toEqual({
        Complete: "no",
        Reason: "1 rows of 1 blobs are not in the table",
      });
    }

    const after = [await collector.rows(), await collector.health()];
    expect(await replay()).toEqual(nothing);
    expect([await collector.rows(), await collector.health()]).toEqual(after);
  });
});

test("replayFeed sends once more what was accepted and dropped", async () => {
  const { collector, replay, fourRuns, namesIn, completeness, recordsOf } = await setUp();
  const refuse = refusing(collector, 413);
  const { contentId } = collector.publish([
    record("a", { ItemName: "planted" }),
    record("b", { ItemName: "planted" }),
  ]);
  refuse("b");
  await fourRuns();
  const name = `${tenantId}/Audit.General/${contentId}/1.json`;
  expect(await replay({ again: true })).toEqual({
    output: ["contoso: nothing was replayed lately"],
    errors: [],
    failed: false,
  });

  const { ingestion } = collector.deployed;
  const handle = ingestion.handle.bind(ingestion);
  ingestion.handle = async () => new Response(null, { status: 204 }); // at its daily cap
  expect(await replay()).toMatchObject({ failed: false });
  ingestion.handle = handle;
  refuse();
  expect(await namesIn("setAsideUri")).toEqual([]);
  expect(await recordsOf(contentId)).toEqual({ 0: "a" });

  expect(await replay({ again: true, dryRun: true })).toMatchObject({
    output: [`contoso Audit.General ${name}: would be replayed again, 1 rows`],
  });
  expect(await replay({ again: true })).toEqual({
    output: [`contoso Audit.General ${name}: replayed again, 1 rows`],
    errors: [],
    failed: false,
  });
  expect(await recordsOf(contentId)).toEqual({ 0: "a", 1: "b" });
  expect(await completeness()).toEqual(yes);
});

describe("replayFeed, after a blob was set aside as a whole", () => {
  test("sends it from what was kept, large records as the playbook does, when the feed has it no more", async () => {
    const { collector, replay, fourRuns, namesIn, completeness, recordsOf } = await setUp();
    const refuse = refusing(collector, 500);
    const large = (id: string, length: number) =>
      record(id, { Extra: "planted".repeat(length / 7), TeamName: "Project" });
    const records = [large("70 KB", 70_000), large("500 KB", 500_000), large("1.2 MB", 1_200_000)];
    const collected = collector.publish([record("small"), ...records]);
    const { contentId } = collector.publish([record("refused"), ...records]);
    refuse("refused");

    await fourRuns();

    const name = `${tenantId}/Audit.General/${contentId}.json`;
    expect(await namesIn("setAsideUri")).toEqual([name]);
    expect(await completeness()).toEqual({ Complete: "no", Reason: "blobs set aside: 1" });
    refuse();
    await collector.pass(8 * day);
    expect(await replay()).toEqual({
      output: [`contoso Audit.General ${name}: replayed, 4 rows`],
      errors: [],
      failed: false,
    });

    expect(await namesIn("setAsideUri")).toEqual([]);
    expect(await recordsOf(contentId)).toEqual({
      0: "refused",
      1: "70 KB",
      2: "500 KB",
      3: "1.2 MB",
    });
    expect(await completeness()).toEqual(yes);
    const replayTime = collector.clock.now().toISOString();
    const shown = async (of: string, isWanted = (_time: unknown) => true) =>
      new Set(
        (await collector.rows())
          .filter((row) => row["ContentId"] === of && isWanted(row["CollectedTime"]))
          .filter(({ RecordIndex }) => RecordIndex !== 0)
          .map((row) => [
            ...["RecordIndex", "RecordOversized", "RecordLength", "Record", "RecordId"].map(
              (key) => row[key],
            ),
            (row["OriginalBlob"] as string).replace(of, "the blob"),
          ])
          .map((columns) => JSON.stringify(columns)),
      );
    const byReplay = await shown(contentId, (time) => time === replayTime);
    expect(byReplay).toEqual(await shown(collected.contentId));
    expect(byReplay.size).toBe(3);
    for (const [index, { Id }] of records.entries()) {
      const original = `${tenantId}/Audit.General/${contentId}/${index + 1}.json`;
      expect(await namesIn("originalsUri")).toContain(original);
      const uri = `${collector.parameter("originalsUri")}/${original}`;
      expect(await (await collector.storage("GET", uri)).json()).toMatchObject({ Id });
    }
    expect(await replay()).toEqual(nothing);
  });

  test("waits until the feed gives something else than broken text", async () => {
    const { collector, replay, fourRuns, namesIn, completeness, recordsOf } = await setUp({
      options: { brokenJson: "string" },
    });
    const whole = JSON.stringify([record("a", { ItemName: "planted" }), record("b")]);
    let body = whole.slice(0, -1);
    const created = at(20 * minuteMs);
    const { contentId } = collector.deployed.feed.publish(tenantId, "Audit.General", {
      created,
      body: () => body,
    });

    await fourRuns();

    const name = `${tenantId}/Audit.General/${contentId}.json`;
    expect(await namesIn("setAsideUri")).toEqual([name]);
    const aside = { Complete: "no", Reason: "blobs set aside: 1" };
    expect(await completeness()).toEqual(aside);
    expect(await replay({ dryRun: true })).toEqual({
      output: [`contoso Audit.General ${name}: would be replayed, fetched anew`],
      errors: [],
      failed: false,
    });
    expect(await replay()).toEqual({
      output: [],
      errors: [
        `contoso ${name}: stays, because the feed still answers with something else than records: repeat the command while the feed has it, for seven days`,
      ],
      failed: true,
    });
    expect(await completeness()).toEqual(aside);

    body = whole;
    expect(await replay()).toEqual({
      output: [`contoso Audit.General ${name}: replayed, 2 rows`],
      errors: [],
      failed: false,
    });
    expect(await namesIn("setAsideUri")).toEqual([]);
    expect(await recordsOf(contentId)).toEqual({ 0: "a", 1: "b" });
    expect(await completeness()).toEqual(yes);
    expect(await completeness(({ RecordId }) => RecordId !== "b")).toMatchObject({
      Complete: "no",
    });
    const rows = await collector.rows();
    await collector.run();
    expect(await collector.rows()).toEqual(rows);
    expect(await replay()).toEqual(nothing);
  });

  test("asks the feed for the whole of a blob that came in part", async () => {
    const { collector, replay, fourRuns, recordsOf } = await setUp();
    const { contentId } = collector.publish([record("a"), record("b")]);
    const { feed } = collector.deployed;
    feed.before = async ({ url }) =>
      decodeURIComponent(url).includes(`/audit/${contentId}`)
        ? Response.json([record("a")], { headers: { NextPageUri: "https://planted" } })
        : undefined;
    await fourRuns();
    const name = `${tenantId}/Audit.General/${contentId}.json`;
    expect((await replay()).errors).toEqual([
      `contoso ${name}: manage.office.com answered with a part of the blob: repeat the command`,
    ]);
    feed.before = undefined;
    expect((await replay()).output).toEqual([`contoso Audit.General ${name}: replayed, 2 rows`]);
    expect(await recordsOf(contentId)).toEqual({ 0: "a", 1: "b" });
  });

  test("says when it comes too late for broken text, and replays the others", async () => {
    const { collector, replay, fourRuns, namesIn } = await setUp({
      options: { brokenJson: "string" },
    });
    const refuse = refusing(collector, 400);
    const broken = collector.publish('[{"Id":"planted"');
    const other = collector.publish([record("refused")], { created: at(10 * minuteMs) });
    refuse("refused");
    await fourRuns();
    refuse();
    await collector.pass(8 * day);

    const name = `${tenantId}/Audit.General/${broken.contentId}.json`;
    expect(await replay()).toEqual({
      output: [
        `contoso Audit.General ${tenantId}/Audit.General/${other.contentId}/0.json: replayed, 1 rows`,
      ],
      errors: [
        `contoso ${name}: stays, because its content cannot be read and the feed has it no more: search the audit log in Purview for what it held, and delete it by hand`,
      ],
      failed: true,
    });
    expect(await namesIn("setAsideUri")).toEqual([name]);
  });

  test.each(["ingestion", "feed", "storage"])(
    "prints nothing of what a service repeats: %s",
    async (service) => {
      const { collector, replay, fourRuns, namesIn } = await setUp({
        options: { brokenJson: "string" },
      });
      const refuse = refusing(collector, 400);
      const texts = [JSON.stringify([record("planted")]), '[{"Id":"planted"'];
      texts.forEach((text) => collector.publish(text));
      refuse("planted");
      await fourRuns();
      refuse();
      const names = await namesIn("setAsideUri");
      expect(names).toHaveLength(2);

      const { feed, ingestion, storage } = collector.deployed;
      const echo = async (request: Request) =>
        new Response(
          `${request.headers.get("authorization")} planted ${await request.clone().text()}`,
          { status: 400, headers: { "content-type": "text/plain" } },
        );
      if (service === "ingestion") {
        ingestion.handle = echo;
      } else if (service === "feed") {
        feed.before = echo;
      } else {
        storage[1]!.before = async (request) =>
          new URL(request.url).searchParams.has("comp") ? undefined : echo(request);
      }
      for (const json of [false, true]) {
        expect((await replay({ json })).failed).toBe(true);
      }
    },
  );
});
