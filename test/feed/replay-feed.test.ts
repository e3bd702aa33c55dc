import { describe, expect, test } from "vitest";
import { Collector, record } from "../playbook/collector.ts";
import { replayOf } from "./operating.ts";

const tenantId = "00000000-0000-4000-8000-000000000101";

/** A collector, and what its operator says. */
async function setUp(props: Parameters<typeof Collector.start>[0] = {}) {
  const collector = await Collector.start(props);
  const address = {
    ingestionEndpoint: collector.parameter("ingestionEndpoint"),
    dataCollectionRuleId: collector.parameter("dataCollectionRuleId"),
  };

  /** Sets a document aside as the playbook does; text is written as it is. */
  const setAside = async (name: string, document: object | string) => {
    const uri = `${collector.parameter("setAsideUri")}/${tenantId}/${name}.json`;
    const text =
      typeof document === "string" ? document : JSON.stringify({ ...address, ...document });
    expect((await collector.storage("PUT", uri, text)).status).toBe(201);
    return uri;
  };
  const replay = replayOf(collector);
  const isThere = async (uri: string) => (await collector.storage("GET", uri)).status === 200;
  return { collector, setAside, replay, isThere };
}

const content = {
  contentType: "Audit.General",
  contentId: "a$1",
  contentUri: null,
  contentCreated: "2026-01-14T09:00:00Z",
  reason: "ingestion refused it",
};
const told = (collector: Collector) => ({
  TimeGenerated: collector.clock.now().toISOString(),
  Collector: "dev-contoso",
  M365TenantId: tenantId,
  ContentType: "Audit.General",
  ContentId: "a$1",
  ContentCreated: "2026-01-14T09:00:00.000Z",
  Reason: "replayed by an operator",
  Details: { blob: `${tenantId}/a.json` },
});
const subject = (name = "a") => `contoso Audit.General ${tenantId}/${name}.json`;

describe("replayFeed", () => {
  test("has nothing to do when nothing is set aside", async () => {
    const { replay } = await setUp();
    expect(await replay()).toEqual({
      output: ["contoso: nothing is set aside"],
      errors: [],
      failed: false,
    });
  });

  test("sends records as the playbook does, tells of them, and deletes the blob", async () => {
    const { collector, setAside, replay, isThere } = await setUp();
    const records = [
      { index: 3, record: record("three") },
      { index: 7, record: record("seven") },
    ];
    const uri = await setAside("a", { ...content, records });

    expect(await replay()).toEqual({
      output: [`${subject()}: replayed, 2 rows`],
      errors: [],
      failed: false,
    });

    const rows = await collector.rows();
    const common = {
      ContentId: "a$1",
      ContentType: "Audit.General",
      M365TenantId: tenantId,
      Collector: "dev-contoso",
      CollectedTime: collector.clock.now().toISOString(),
    };
    expect(rows).toMatchObject([
      { ...common, RecordId: "three", RecordIndex: 3, Record: record("three"), OriginalBlob: "" },
      { ...common, RecordId: "seven", RecordIndex: 7 },
    ]);
    expect(await collector.health()).toMatchObject([
      { ...told(collector), Kind: "setAside", Status: "Replayed", RowsOut: 2, RecordsSetAside: 0 },
    ]);
    expect(await isThere(uri)).toBe(false);
  });

  test("tells of each document what is left of its blob", async () => {
    const { collector, setAside, replay } = await setUp();
    const part = (index: number) => ({
      ...content,
      records: [{ index, record: record(`r${index}`) }],
    });
    const names = ["Audit.General/a$1/3", "Audit.General/a$1/7", "Audit.General/a$10"];
    await setAside(names[0]!, part(3));
    await setAside(names[1]!, part(7));
    await setAside(names[2]!, { ...content, contentId: "a$10", records: [] });

    await replay();

    const aside = { Kind: "setAside", ContentId: "a$1", RowsOut: 1 };
    const left = `${tenantId}/${names[1]}.json`;
    expect(await collector.health()).toMatchObject([
      {
        ...aside,
        Status: "SetAside",
        Reason: "replayed in part by an operator",
        RecordsSetAside: 1,
        Details: { blob: left },
      },
      { ...aside, Status: "Replayed", RecordsSetAside: 0, Details: { blob: left } },
      { Status: "Replayed", ContentId: "a$10" },
    ]);
    // The newest row of a blob counts, however fast they follow each other.
    const times = (await collector.health()).map(({ TimeGenerated }) => TimeGenerated);
    expect(times).toEqual([...new Set(times)].sort());
  });

  describe("takes a whole blob from its document, though the feed has it no more,", () => {
    const [one, two] = [record("one"), record("two")];
    const text = JSON.stringify([one, two]);
    const bare = record("bare");
    test.each([
      ["as the playbook read it", [one, two], ["one", "two"]],
      ["as text", text, ["one", "two"]],
      [
        "with its media type",
        {
          "$content-type": "application/octet-stream",
          $content: Buffer.from(text).toString("base64"),
        },
        ["one", "two"],
      ],
      ["a bare record in place of an array", bare, ["bare"]],
      ["a bare record as text", JSON.stringify(bare), ["bare"]],
      ["without any record", [], []],
    ])("%s", async (_, held, ids) => {
      const { collector, setAside, replay, isThere } = await setUp();
      const uri = await setAside("a", { ...content, content: held });
      expect(await replay()).toEqual({
        output: [`${subject()}: replayed, ${ids.length} rows`],
        errors: [],
        failed: false,
      });
      expect(
        (await collector.rows()).map(({ RecordId, RecordIndex }) => [RecordId, RecordIndex]),
      ).toEqual(ids.map((id, index) => [id, index]));
      expect(await collector.health()).toMatchObject([
        { ...told(collector), Kind: "setAside", Status: "Replayed", RecordsSetAside: 0 },
        {
          ...told(collector),
          Kind: "blob",
          Status: "Collected",
          RecordsIn: ids.length,
          RowsOut: ids.length,
          RecordsFiltered: 0,
          RecordsSetAside: 0,
        },
      ]);
      expect(await isThere(uri)).toBe(false);
    });
  });

  test.each([
    [{ keepWorkloads: ["Exchange"] }, ["mail"]],
    [{ keepRecordTypes: [25] }, ["team"]],
    [{ keepWorkloads: ["Exchange"], keepRecordTypes: [25] }, ["mail", "team"]],
    [{}, ["other", "mail", "team"]],
  ])("leaves out of a whole blob what %j leaves out", async (tenant, ids) => {
    const { collector, setAside, replay } = await setUp({ tenant });
    const records = [
      record("other", { Workload: "OneDrive", RecordType: 6 }),
      record("mail", { Workload: "Exchange", RecordType: 2 }),
      record("team"),
    ];
    await setAside("a", { ...content, content: records });
    expect((await replay()).output).toEqual([`${subject()}: replayed, ${ids.length} rows`]);
    expect(
      (await collector.rows()).map(({ RecordId, RecordIndex }) => [RecordId, RecordIndex]),
    ).toEqual(ids.map((id) => [id, records.findIndex(({ Id }) => Id === id)]));
    expect((await collector.health()).at(-1)).toMatchObject({
      Kind: "blob",
      RecordsIn: 3,
      RowsOut: ids.length,
      RecordsFiltered: 3 - ids.length,
    });
  });

  test.each([
    ["a broken text", { content: "[{ half a blob" }],
    ["no record", { content: { error: {} } }],
    ["more than records", { content: [record("one"), "two"] }],
    ["a part of the blob", { content: [record("one")], isPart: true }],
    ["nothing", {}],
  ])("fetches anew what has %s, from the configured host alone", async (_, held) => {
    const { collector, setAside, replay, isThere } = await setUp();
    const offered = collector.publish([record("one"), record("two")]);
    const uri = await setAside("a", {
      ...content,
      contentId: offered.contentId,
      contentUri: `https://manage.example.org/api/v1.0/${tenantId}/activity/feed/audit/${offered.contentId}`,
      ...held,
    });
    expect((await replay()).output).toEqual([`${subject()}: replayed, 2 rows`]);
    expect(await collector.rows()).toMatchObject([
      { RecordId: "one", RecordIndex: 0, ContentId: offered.contentId },
      { RecordId: "two", RecordIndex: 1 },
    ]);
    expect((await collector.health()).at(-1)).toMatchObject({
      Kind: "blob",
      RecordsIn: 2,
      RowsOut: 2,
    });
    expect(await isThere(uri)).toBe(false);
  });

  test.each([
    [404, "AF20050"],
    [400, "AF20051"],
    [404, "planted"],
  ])("keeps what the feed has no more (%i %s), and goes on", async (status, code) => {
    const { collector, setAside, replay, isThere } = await setUp();
    const broken = {
      ...content,
      contentUri: `https://manage.office.com/api/v1.0/${tenantId}/activity/feed/audit/a$1`,
      content: '[{"Id":"half',
    };
    const uri = await setAside("a", broken);
    await setAside("b", { ...content, content: [record("one")] });
    collector.deployed.feed.before = async () =>
      Response.json({ error: { code, message: "planted" } }, { status });
    expect(await replay()).toEqual({
      output: [`${subject("b")}: replayed, 1 rows`],
      errors: [
        `contoso ${tenantId}/a.json: stays, because its content cannot be read and the feed has it no more: search the audit log in Purview for what it held, and delete it by hand`,
      ],
      failed: true,
    });
    expect(await isThere(uri)).toBe(true);
  });

  test("keeps every number of a record as it was written", async () => {
    const { collector, setAside, replay } = await setUp();
    const text = JSON.stringify({ ...content, records: [{ index: 0, record: record("one") }] });
    const { ingestionEndpoint, dataCollectionRuleId } = {
      ingestionEndpoint: collector.parameter("ingestionEndpoint"),
      dataCollectionRuleId: collector.parameter("dataCollectionRuleId"),
    };
    await setAside(
      "a",
      text
        .replace('"Version":1', '"Version":1,"Big":12345678901234567890')
        .replace(
          "{",
          `{"ingestionEndpoint":"${ingestionEndpoint}","dataCollectionRuleId":"${dataCollectionRuleId}",`,
        ),
    );
    await replay();
    for await (const line of collector.deployed.workspace.lines("M365Audit_CL")) {
      expect(line).toContain('"Big":12345678901234567890');
    }
    expect(await collector.rows()).toHaveLength(1);
  });

  test.each([
    ["70 KB", 70_000, "Project"],
    ["1.2 MB", 1_200_000, "Project"],
  ])("keeps the original of a record of %s in storage", async (_, length, TeamName) => {
    const { collector, setAside, replay } = await setUp();
    const large = record("large", { Extra: "x".repeat(length), TeamName });
    await setAside("a", {
      ...content,
      records: [
        { index: 0, record: record("small") },
        { index: 1, record: large },
      ],
    });
    expect((await replay()).output).toEqual([`${subject()}: replayed, 2 rows`]);
    const row = (await collector.rows()).find(({ RecordId }) => RecordId === "large")!;
    expect(row).toMatchObject({
      RecordOversized: true,
      Record: null,
      RecordIndex: 1,
      RecordLength: JSON.stringify(large).length,
      RecordHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      TeamName,
      OriginalBlob: `${tenantId}/Audit.General/a$1/1.json`,
    });
    const uri = `${collector.parameter("originalsUri")}/${row["OriginalBlob"] as string}`;
    expect(await (await collector.storage("GET", uri)).json()).toEqual(large);
  });

  test("sends more than a call takes in several", async () => {
    const { collector, setAside, replay } = await setUp();
    const records = Array.from({ length: 40 }, (_, index) => ({
      index,
      record: record(`r${index}`, { Extra: "ä".repeat(25_000) }),
    }));
    await setAside("a", { ...content, records });
    expect((await replay()).output).toEqual([`${subject()}: replayed, 40 rows`]);
    expect(new Set(await collector.ids()).size).toBe(40);
    const stream = "Custom-M365Audit";
    const { calls } = await collector.deployed.ingestion.counters(
      collector.parameter("dataCollectionRuleId"),
      stream,
    );
    expect(calls).toBe(3);
  });

  test("only tells with --dry-run", async () => {
    const { collector, setAside, replay, isThere } = await setUp();
    const uri = await setAside("a", { ...content, records: [{ index: 0, record: record("one") }] });
    await setAside("b", content);
    expect(await replay({ dryRun: true })).toEqual({
      output: [
        `${subject()}: would be replayed, 1 rows`,
        `${subject("b")}: would be replayed, fetched anew`,
      ],
      errors: [],
      failed: false,
    });
    expect([await collector.rows(), await collector.health()]).toEqual([[], []]);
    expect(await isThere(uri)).toBe(true);
  });

  test("leaves other tenants' content alone", async () => {
    const { collector, replay } = await setUp();
    const uri = `${collector.parameter("setAsideUri")}/00000000-0000-4000-8000-000000000999/a.json`;
    await collector.storage("PUT", uri, JSON.stringify(content));
    expect((await replay()).output).toEqual(["contoso: nothing is set aside"]);
  });

  test("tells programs the same", async () => {
    const { setAside, replay } = await setUp();
    await setAside("a", { ...content, records: [{ index: 0, record: record("one") }] });
    await setAside("b", "no JSON");
    const { output, failed } = await replay({ json: true });
    expect(failed).toBe(true);
    expect(JSON.parse(output[0]!)).toEqual({
      results: [
        {
          tenant: "contoso",
          contentType: "Audit.General",
          blob: `${tenantId}/a.json`,
          result: "replayed, 1 rows",
          contentId: "a$1",
          rows: 1,
        },
      ],
      problems: [
        {
          tenant: "contoso",
          blob: `${tenantId}/b.json`,
          problem:
            "stays, because it is not what the playbook writes: look at it and delete it by hand",
        },
      ],
    });
  });

  test.each([
    [
      "not what the playbook writes",
      { ...content, contentType: "" },
      "stays, because it is not what the playbook writes: look at it and delete it by hand",
    ],
    [
      "without an address of the feed",
      { ...content, contentUri: "https://manage.office.com/audit/a$1" },
      "stays, because its content cannot be read and its contentUri is no address of the audit API: look at it and delete it by hand",
    ],
    [
      "with an ingestion endpoint of somebody else",
      {
        ...content,
        records: [],
        ingestionEndpoint: "https://x.ingest.monitor.azure.com.example.org",
      },
      "ingestionEndpoint must be an https address that ends in .ingest.monitor.azure.com: somebody changed the blob",
    ],
    [
      "without an ingestion endpoint",
      { ...content, records: [], ingestionEndpoint: null },
      "ingestionEndpoint must be an https address that ends in .ingest.monitor.azure.com: somebody changed the blob",
    ],
    [
      "with a rule's id that is none",
      { ...content, records: [], dataCollectionRuleId: "../x" },
      "dataCollectionRuleId must be dcr- and 32 hexadecimal digits: somebody changed the blob",
    ],
  ])("keeps one %s, says why, and goes on", async (_, document, problem) => {
    const { setAside, replay, isThere } = await setUp();
    const uri = await setAside("a", document);
    await setAside("b", { ...content, records: [] });
    expect(await replay()).toEqual({
      output: [`${subject("b")}: replayed, 0 rows`],
      errors: [`contoso ${tenantId}/a.json: ${problem}`],
      failed: true,
    });
    expect(await isThere(uri)).toBe(true);
  });

  test("keeps what the feed still answers with something else", async () => {
    const { collector, setAside, replay, isThere } = await setUp();
    const { contentId } = collector.publish('[{"Id":"half');
    const uri = await setAside("a", {
      ...content,
      contentId,
      contentUri: `https://manage.office.com/api/v1.0/${tenantId}/activity/feed/audit/${contentId}`,
    });
    expect((await replay()).errors).toEqual([
      `contoso ${tenantId}/a.json: stays, because the feed still answers with something else than records: repeat the command while the feed has it, for seven days`,
    ]);
    expect(await isThere(uri)).toBe(true);
  });

  test("can fetch nothing in the name of a managed identity, but replays records", async () => {
    const { setAside, replay } = await setUp({ tenant: { credential: "managed-identity" } });
    await setAside("a", content);
    await setAside("b", { ...content, records: [{ index: 0, record: record("one") }] });
    expect(await replay()).toEqual({
      output: [`${subject("b")}: replayed, 1 rows`],
      errors: [
        `contoso ${tenantId}/a.json: stays, because its content cannot be read and the playbook's managed identity alone can fetch it anew: search the audit log in Purview for what it held, and delete it by hand`,
      ],
      failed: true,
    });
  });

  test("keeps what could be sent but not told", async () => {
    const { collector, setAside, replay, isThere } = await setUp();
    const uri = await setAside("a", { ...content, records: [{ index: 0, record: record("one") }] });
    const { ingestion } = collector.deployed;
    const handle = ingestion.handle.bind(ingestion);
    ingestion.handle = async (request) =>
      request.url.includes("AuditHealth") ? new Response(null, { status: 400 }) : handle(request);
    expect((await replay()).errors).toEqual([
      `contoso ${tenantId}/a.json: ${new URL(collector.parameter("ingestionEndpoint")).hostname} did not take the rows (HTTP 400): repeat the command later`,
    ]);
    expect(await isThere(uri)).toBe(true);
    ingestion.handle = handle;
    expect((await replay()).output).toEqual([`${subject()}: replayed, 1 rows`]);
    expect(await collector.rows()).toHaveLength(2);
  });

  test.each([
    [
      "Monitoring Metrics Publisher",
      /^contoso \S+: you may not send rows to \S+: let somebody give you the role Monitoring Metrics Publisher on the data collection rule dcr-m365audit-dev-contoso; a new role can take half an hour$/,
    ],
    [
      "Storage Blob Data Contributor",
      /^contoso: you may not use content that is set aside in \S+: let somebody give you the role Storage Blob Data Contributor on its container set-aside; a new role can take ten minutes$/,
    ],
  ])("names the role %s when it is missing", async (role, sentence) => {
    const { collector, setAside, replay } = await setUp();
    await setAside("a", { ...content, records: [{ index: 0, record: record("one") }] });
    const { directory } = collector.deployed;
    const hasRole = directory.hasRole.bind(directory);
    directory.hasRole = (principalId, roles, scope) =>
      !roles.includes(role) && hasRole(principalId, roles, scope);
    expect(await replay()).toEqual({
      output: [],
      errors: [expect.stringMatching(sentence)],
      failed: true,
    });
  });
});
