import { describe, expect, test } from "vitest";
import { leaksIn, readable } from "../../local/faults/leaks.ts";
import { at, checkpointAt, Collector, hourMs, minuteMs, record, zulu } from "./collector.ts";
import { ok, outcome, undone } from "./outcome.ts";

/** Sees the requests to a service of the collector before it answers them. */
function watch(service: { before?: (request: Request) => Promise<Response | undefined> }) {
  const requests: Request[] = [];
  service.before = async (request) => {
    requests.push(request.clone());
    return undefined;
  };
  return requests;
}

describe("Get-O365Data", () => {
  test("puts each record into the table, with where it came from", async () => {
    const collector = await Collector.start();
    const blob = collector.publish([record("a", { TeamName: "Project" }), record("b")]);

    expect(outcome(await collector.run())).toEqual(ok);

    const rows = await collector.rows();
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      RecordId: "a",
      TimeGenerated: "2026-01-14T09:00:00.000Z",
      CreationTime: "2026-01-14T09:00:00.000Z",
      ContentId: blob.contentId,
      ContentType: "Audit.General",
      M365TenantId: "00000000-0000-4000-8000-000000000101",
      Collector: "dev-contoso",
      TeamName: "Project",
      Record: record("a", { TeamName: "Project" }),
    });
  });

  test("collects a blob once, however often it is listed", async () => {
    const collector = await Collector.start();
    collector.publish([record("a")]);

    await collector.run();
    await collector.pass(15 * minuteMs);
    await collector.run();

    expect(await collector.ids()).toEqual(["a"]);
  });

  test("tells of each run, each window and each blob", async () => {
    const collector = await Collector.start();
    const first = collector.publish([record("a"), record("b")]);
    collector.publish([record("c")]);

    const run = await collector.run();

    const rows = await collector.health();
    expect(rows.map(({ Kind, Status }) => [Kind, Status])).toEqual([
      ["blob", "Collected"],
      ["blob", "Collected"],
      ["window", "Succeeded"],
      ["run", "Succeeded"],
    ]);
    expect(rows[0]).toMatchObject({
      ContentId: first.contentId,
      ContentCreated: "2026-01-14T09:35:00.000Z",
      RecordsIn: 2,
      RowsOut: 2,
      RecordsFiltered: 0,
      RecordsSetAside: 0,
    });
    expect(rows[2]).toMatchObject({
      WindowStart: "2026-01-14T07:05:00.000Z",
      WindowEnd: "2026-01-14T10:05:00.000Z",
      Pages: 1,
      BlobsListed: 2,
      BlobsFetched: 2,
      BlobsCollected: 2,
      BlobsFailed: 0,
      BlobsSetAside: 0,
      RecordsIn: 3,
      RowsOut: 3,
      RecordsFiltered: 0,
      RecordsSetAside: 0,
    });
    expect(rows[3]).toMatchObject({
      Kind: "run",
      Collector: "dev-contoso",
      M365TenantId: "00000000-0000-4000-8000-000000000101",
      ContentType: "Audit.General",
      RunId: run.id,
      Status: "Succeeded",
      Reason: "",
      WindowStart: "2026-01-14T07:05:00.000Z",
      WindowEnd: "2026-01-14T10:05:00.000Z",
      Pages: 1,
      BlobsListed: 2,
      BlobsCollected: 2,
      BlobsFailed: 0,
      RecordsIn: 3,
      RowsOut: 3,
      RecordsFiltered: 0,
      CheckpointBefore: "2026-01-14T09:05:00.000Z",
      CheckpointAfter: "2026-01-14T10:05:00.000Z",
    });
    expect(rows[3]!["LagSeconds"]).toBeLessThan(60);
    expect(rows[3]!["SecretExpires"]).toBe("2026-07-05T10:05:00.000Z");
  });

  test("follows the pages of a listing to the end", async () => {
    const collector = await Collector.start({ feed: { pageSize: 2 } });
    for (const id of ["a", "b", "c", "d", "e"]) {
      collector.publish([record(id)]);
    }

    expect(outcome(await collector.run())).toEqual(ok);

    expect(await collector.ids()).toEqual(["a", "b", "c", "d", "e"]);
    expect(await collector.lastHealth()).toMatchObject({ Pages: 3, BlobsListed: 5 });
  });

  test("sends PublisherIdentifier once with every call to the feed", async () => {
    const collector = await Collector.start({ feed: { pageSize: 1 } });
    collector.publish([record("a")]);
    collector.publish([record("b")]);
    const requests = watch(collector.deployed.feed);

    await collector.run();

    const publishers = requests.map(({ url }) =>
      new URL(url).searchParams.getAll("PublisherIdentifier"),
    );
    expect(publishers.length).toBeGreaterThanOrEqual(4);
    expect(new Set(publishers.flat())).toEqual(new Set(["00000000-0000-4000-8000-000000000101"]));
    expect(publishers.every((values) => values.length === 1)).toBe(true);
  });

  test("lists two hours of overlap, so that a late blob is found", async () => {
    const collector = await Collector.start();
    await collector.run();
    collector.publish([record("late")], { created: at(90 * minuteMs), listedFrom: at(-minuteMs) });

    await collector.pass(15 * minuteMs);
    await collector.run();

    expect(await collector.ids()).toEqual(["late"]);
  });

  test("finds a blob that is listed two days late by a sweep, and sweeps twice a day", async () => {
    const collector = await Collector.start();
    const requests = watch(collector.deployed.feed);
    collector.publish([record("late")], { created: at(47 * hourMs), listedFrom: at(-hourMs) });
    const listings = () => {
      const count = requests.filter(({ url }) => url.includes("/content?")).length;
      requests.length = 0;
      return count;
    };

    await collector.run();
    expect(listings()).toBe(1);
    await collector.pass(11.5 * hourMs);
    await collector.run();
    expect(listings()).toBe(8);
    expect(await collector.ids()).toEqual(["late"]);
    await collector.pass(15 * minuteMs);
    await collector.run();
    expect(listings()).toBe(1);
  });

  test("lists oldest first, in windows of at most 24 hours, up to 167 h 55 min back", async () => {
    const collector = await Collector.start({
      checkpoint: checkpointAt(zulu(at(9 * 24 * hourMs)), ["Audit.General"]),
    });
    const requests = watch(collector.deployed.feed);

    await collector.run();

    const windows = requests
      .map(({ url }) => new URL(url).searchParams)
      .map((query) => [query.get("startTime")!, query.get("endTime")!] as const);
    expect(windows[0]![0]).toBe(zulu(at((167 * 60 + 56) * minuteMs)).replace("Z", ""));
    expect(windows.at(-1)![1]).toBe("2026-01-14T10:05:00");
    expect(windows.map(([start]) => start)).toEqual(windows.map(([start]) => start).toSorted());
    for (const [index, [start, end]] of windows.entries()) {
      expect(Date.parse(`${end}Z`) - Date.parse(`${start}Z`)).toBeLessThanOrEqual(24 * hourMs);
      // Each begins a minute before the one before it ends: no second is only at a window's edge.
      expect(index === 0 || start < windows[index - 1]![1]).toBe(true);
    }
  });

  test("reports what expired in the feed while it did not run", async () => {
    const collector = await Collector.start({
      checkpoint: checkpointAt(zulu(at(9 * 24 * hourMs)), ["Audit.General"]),
    });

    const message =
      "Audit.General from 2026-01-03T10:05:00Z to 2026-01-07T10:10:00Z: expired in the feed before it was collected";
    expect(outcome(await collector.run())).toEqual(undone(message));
    expect(await collector.lastHealth()).toMatchObject({ Status: "Failed", Reason: message });
    await collector.pass(15 * minuteMs);
    expect(outcome(await collector.run())).toEqual(ok);
  });

  describe("moves its checkpoint", () => {
    test("to the end of what it listed", async () => {
      const collector = await Collector.start();
      await collector.run();
      expect(await collector.checkpoint()).toMatchObject({ through: "2026-01-14T10:05:00Z" });
    });

    test("not over a blob that could not be fetched, which is collected later", async () => {
      const collector = await Collector.start();
      collector.publish([record("good")]);
      const { contentId } = collector.publish([record("bad")]);
      collector.deployed.feed.before = async ({ url }) =>
        url.includes(encodeURI(contentId))
          ? new Response("gone wrong", { status: 400 })
          : undefined;

      expect(outcome(await collector.run())).toEqual(
        undone(
          "Audit.General from 2026-01-14T07:05:00Z to 2026-01-14T10:05:00Z: 1 of 1 new blobs not collected",
        ),
      );
      expect(await collector.ids()).toEqual(["good"]);
      expect(await collector.checkpoint()).toMatchObject({ through: "2026-01-14T09:05:00Z" });

      delete collector.deployed.feed.before;
      expect(outcome(await collector.run())).toEqual(ok);
      expect(await collector.ids()).toEqual(["bad", "good"]);
      expect(await collector.checkpoint()).toMatchObject({
        through: expect.stringMatching(/^2026-01-14T10:0[6-9]:\d\dZ$/) as string,
      });
    });

    test("not when the ingestion refuses the rows", async () => {
      const collector = await Collector.start();
      collector.publish([record("a")]);
      const { directory, identity } = collector.deployed;
      const role = {
        principalId: identity.principalId,
        role: "Monitoring Metrics Publisher",
        scope: collector.parameter("dataCollectionRuleId"),
      };
      directory.removeRole(role);

      expect((await collector.run()).error?.message).toBe(
        "Audit.General from 2026-01-14T07:05:00Z to 2026-01-14T10:05:00Z: 1 of 1 new blobs not collected; the health rows were not accepted: 403",
      );
      expect(await collector.checkpoint()).toMatchObject({ through: "2026-01-14T09:05:00Z" });

      directory.assignRole(role);
      expect(outcome(await collector.run())).toEqual(ok);
      expect(await collector.ids()).toEqual(["a"]);
    });

    test("back to a blob of long ago that a sweep found and could not fetch", async () => {
      const checkpoint = checkpointAt("2026-01-14T09:05:00Z", ["Audit.General"]);
      checkpoint.contentTypes["Audit.General"]!.sweptAt = zulu(at(13 * hourMs));
      const collector = await Collector.start({ checkpoint });
      collector.publish([record("late")], { created: at(50 * hourMs) });
      collector.deployed.feed.before = async ({ url }) =>
        url.includes("/audit/") ? new Response("gone wrong", { status: 400 }) : undefined;

      expect((await collector.run()).status).toBe("Failed");
      // The half day that holds it begins at noon; a run lists two hours before its checkpoint.
      expect(await collector.checkpoint()).toMatchObject({ through: "2026-01-11T17:00:00Z" });

      delete collector.deployed.feed.before;
      expect(outcome(await collector.run())).toEqual(ok);
      expect(await collector.ids()).toEqual(["late"]);
    });

    test("never over one that somebody else has written since, and ends", async () => {
      const collector = await Collector.start();
      collector.publish([record("a")]);
      const paused = checkpointAt("2026-01-14T09:05:00Z", ["Audit.General"], true);
      collector.deployed.feed.before = async ({ url }) => {
        if (url.includes("/audit/")) {
          await collector.putBlob("checkpoint.json", paused);
        }
        return undefined;
      };

      expect(outcome(await collector.run())).toEqual(
        undone("the checkpoint was not saved: storage answered 412"),
      );
      expect(await collector.checkpoint()).toMatchObject({ through: "2026-01-14T09:05:00Z" });
    });
  });

  test("tries a throttled page again, and gives up after seven minutes", async () => {
    const collector = await Collector.start();
    collector.publish([record("a")]);
    const throttled = () =>
      Response.json({ error: { code: "AF429", message: "Too many requests." } }, { status: 403 });
    let refused = 0;
    collector.deployed.feed.before = async () => (refused++ < 2 ? throttled() : undefined);
    expect(outcome(await collector.run())).toEqual(ok);
    expect(await collector.ids()).toEqual(["a"]);

    collector.deployed.feed.before = async () => throttled();
    const run = await collector.run();
    expect(run.error?.message).toContain(": listing answered 403 AF429");
    const minutes = (run.endTime.getTime() - run.startTime.getTime()) / minuteMs;
    expect(minutes).toBeGreaterThan(7);
    expect(minutes).toBeLessThan(8);
  });

  describe("finds the subscription off", () => {
    test("and starts it, says so, and collects", async () => {
      const collector = await Collector.start();
      await collector.feed("POST", "stop?contentType=Audit.General");

      expect(outcome(await collector.run())).toEqual(ok);
      expect(await collector.lastHealth()).toMatchObject({
        Reason: "the subscription Audit.General was off and has been started",
      });
      expect(await (await collector.feed("GET", "list")).json()).toMatchObject([
        { contentType: "Audit.General", status: "enabled" },
      ]);
    });

    test("but not more than once in 20 minutes", async () => {
      const collector = await Collector.start();
      const requests = watch(collector.deployed.feed);
      const starts = () => requests.filter(({ url }) => url.includes("/start?")).length;
      const stop = () => collector.feed("POST", "stop?contentType=Audit.General");

      await stop();
      await collector.run();
      expect(starts()).toBe(1);
      await stop();
      await collector.pass(10 * minuteMs);
      expect((await collector.run()).error?.message).toContain(": listing answered 400 AF20023");
      expect(starts()).toBe(1);
      await collector.pass(10 * minuteMs);
      expect(outcome(await collector.run())).toEqual(ok);
      expect(starts()).toBe(2);
    });

    test("but never while it is paused", async () => {
      const paused = checkpointAt("2026-01-14T09:05:00Z", ["Audit.General"], true);
      const collector = await Collector.start({ checkpoint: paused });
      const requests = watch(collector.deployed.feed);

      expect(outcome(await collector.run())).toEqual(ok);
      expect(requests).toEqual([]);
      expect(await collector.lastHealth()).toMatchObject({ Status: "Paused", Pages: 0 });
    });
  });

  test.each([
    ["is missing", null],
    ["is empty", ""],
    ["is not JSON", "{"],
    ["has another shape", { contentTypes: "none" }],
    ["holds no time", checkpointAt("yesterday", ["Audit.General"])],
  ])("goes back as far as the feed goes when its checkpoint %s", async (_, checkpoint) => {
    const collector = await Collector.start({ checkpoint });
    collector.publish([record("old")], { created: at(167 * hourMs) });

    expect(outcome(await collector.run())).toEqual(ok);

    expect(await collector.ids()).toEqual(["old"]);
    expect(await collector.lastHealth()).toMatchObject({
      Status: "Succeeded",
      Reason: "there was no readable checkpoint: collected from 2026-01-07T10:10:00Z",
    });
    expect((await collector.checkpoint())["through"]).toBe("2026-01-14T10:05:00Z");
  });

  test("collects nothing while storage does not answer, and does not go back for it", async () => {
    const collector = await Collector.start();
    collector.publish([record("a")]);
    collector.deployed.storage[0]!.before = async () => new Response(null, { status: 503 });

    expect(outcome(await collector.run())).toEqual(
      undone("the checkpoint could not be read: storage answered 503"),
    );
    expect(await collector.ids()).toEqual([]);

    delete collector.deployed.storage[0]!.before;
    expect(outcome(await collector.run())).toEqual(ok);
    expect(await collector.ids()).toEqual(["a"]);
  });

  test("collects a slice again when its list of collected blobs cannot be read, and says so", async () => {
    const collector = await Collector.start();
    collector.publish([record("a")]);
    await collector.run();
    await collector.putBlob("collected/Audit.General/2026011313.json", "[");

    await collector.pass(15 * minuteMs);
    expect(outcome(await collector.run())).toEqual(ok);

    expect(await collector.ids()).toEqual(["a", "a"]);
    expect(await collector.lastHealth()).toMatchObject({
      Reason: "the list of collected blobs of 2026011313 could not be read",
    });
    await collector.pass(15 * minuteMs);
    await collector.run();
    expect(await collector.ids()).toEqual(["a", "a"]);
  });

  test("collects nothing when the list of collected blobs does not come", async () => {
    const collector = await Collector.start();
    collector.publish([record("a")]);
    collector.deployed.storage[0]!.before = async ({ url }) =>
      url.includes("/collected/") ? new Response(null, { status: 500 }) : undefined;

    expect(outcome(await collector.run())).toEqual(
      undone(
        "Audit.General from 2026-01-14T07:05:00Z to 2026-01-14T10:05:00Z: the list of collected blobs could not be read: storage answered 500",
      ),
    );
    expect(await collector.ids()).toEqual([]);
  });

  test("starts a content type that the checkpoint does not know", async () => {
    const collector = await Collector.start({
      tenant: { contentTypes: ["Audit.General", "Audit.Exchange"] },
      checkpoint: checkpointAt("2026-01-14T09:05:00Z", ["Audit.General"]),
    });
    collector.publish([record("general")]);
    collector.publish([record("exchange")], {
      contentType: "Audit.Exchange",
      created: at(100 * hourMs),
    });

    expect(outcome(await collector.run())).toEqual(ok);

    expect(await collector.ids()).toEqual(["exchange", "general"]);
    expect(await collector.checkpoint("Audit.Exchange")).toMatchObject({
      through: "2026-01-14T10:05:00Z",
    });
  });

  test("does not go back beyond where collecting was to begin", async () => {
    const checkpoint = checkpointAt("2026-01-14T09:05:00Z", ["Audit.General"]);
    Object.assign(checkpoint.contentTypes["Audit.General"]!, {
      sweptAt: null,
      collectFrom: "2026-01-14T06:00:00Z",
    });
    const collector = await Collector.start({ checkpoint });
    collector.publish([record("before")], { created: at(5 * hourMs) });
    collector.publish([record("after")], { created: at(4 * hourMs) });

    await collector.run();

    expect(await collector.ids()).toEqual(["after"]);
  });

  test("keeps the records that the configuration asks for, and counts the others", async () => {
    const collector = await Collector.start({
      tenant: { keepWorkloads: ["MicrosoftTeams"], keepRecordTypes: [47] },
    });
    collector.publish([
      record("teams"),
      record("flow", { Workload: "MicrosoftFlow", RecordType: 30 }),
      record("threat", { Workload: "ThreatIntelligence", RecordType: 47 }),
    ]);
    collector.publish([record("other", { Workload: "Endpoint", RecordType: 63 })]);

    expect(outcome(await collector.run())).toEqual(ok);

    expect(await collector.ids()).toEqual(["teams", "threat"]);
    expect(await collector.lastHealth()).toMatchObject({
      RecordsIn: 4,
      RowsOut: 2,
      RecordsFiltered: 2,
    });
  });

  describe("cuts what it sends", () => {
    const sent = async (requests: readonly Request[]) =>
      Promise.all(
        requests
          .filter(({ url }) => url.includes("/streams/Custom-M365Audit?"))
          .map(async (request) => Buffer.byteLength(await request.text())),
      );

    test("between records, into calls of at most 900,000 bytes", async () => {
      const collector = await Collector.start();
      const records = Array.from({ length: 900 }, (_, index) =>
        record(`r${String(index).padStart(4, "0")}`, {
          // Two bytes a character, and some records of nearly 64 KB.
          ItemName: "é".repeat(index % 50 === 0 ? 31_000 : 800),
        }),
      );
      collector.publish(records);
      const requests = watchIngestion(collector);

      expect(outcome(await collector.run())).toEqual(ok);

      expect(await collector.ids()).toEqual(records.map(({ Id }) => Id));
      const sizes = await sent(requests);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(900_000);
      expect(sizes.length).toBeLessThanOrEqual(5);
    });

    test("not at all when it fits one call", async () => {
      const collector = await Collector.start();
      collector.publish(Array.from({ length: 400 }, (_, index) => record(`r${index}`)));
      const requests = watchIngestion(collector);
      await collector.run();
      expect(await sent(requests)).toHaveLength(1);
    });

    test.each([
      ["70 KB, more than a column may have", 70_000, /^[0-9a-f]{64}$/],
      ["500 KB, more than text may have", 500_000, /^[0-9a-f]{64}$/],
      ["1.2 MB, more than a call may have", 1_200_000, /^[\w+/]+=*$/],
    ])("a record of %s is kept in storage, its row tells where", async (_, length, hash) => {
      const collector = await Collector.start();
      const large = record("large", { Extra: "x".repeat(length), TeamName: "Project" });
      const { contentId } = collector.publish([record("small"), large]);

      expect(outcome(await collector.run())).toEqual(ok);

      const rows = await collector.rows();
      expect(rows.map(({ RecordId }) => RecordId).sort()).toEqual(["large", "small"]);
      const row = rows.find(({ RecordId }) => RecordId === "large")!;
      expect(row).toMatchObject({
        RecordOversized: true,
        Operation: "MemberAdded",
        TeamName: length < 900_000 ? "Project" : "",
        RecordLength: JSON.stringify(large).length,
        RecordHash: expect.stringMatching(hash) as string,
        OriginalBlob: `00000000-0000-4000-8000-000000000101/Audit.General/${contentId}/1.json`,
      });
      const uri = `${collector.parameter("originalsUri")}/${row["OriginalBlob"] as string}`;
      expect(await (await collector.storage("GET", uri)).json()).toEqual(large);
    });
  });

  test("sends its token to the configured host alone, whatever host the feed names", async () => {
    const collector = await Collector.start({ feed: { pageSize: 1 } });
    collector.publish([record("a")]);
    collector.publish([record("b")]);
    const { feed } = collector.deployed;
    const handle = feed.handle.bind(feed);
    feed.handle = async (request) => {
      const response = await handle(request);
      const next = response.headers.get("NextPageUri");
      const headers = new Headers(response.headers);
      if (next) {
        headers.set("NextPageUri", next.replace("manage.office.com", "feed.attacker.example"));
      }
      const body = (await response.text()).replaceAll(
        "https://manage.office.com/",
        "https://manage.office.com.attacker.example/",
      );
      return new Response(body, { status: response.status, headers });
    };
    // The local cloud refuses every host that it does not serve, so a call to another one would fail.
    const run = await collector.run();

    expect(outcome(run)).toEqual(ok);
    expect(await collector.ids()).toEqual(["a", "b"]);
  });

  test("shows no secret, token or record in the run history", async () => {
    const collector = await Collector.start();
    collector.publish([
      record("planted-in-the-feed-1"),
      record("planted-in-the-feed-2", { Extra: "planted-in-the-feed-".repeat(5000) }),
    ]);

    const run = await collector.run();

    expect(outcome(run)).toEqual(ok);
    const history = readable(run.actions);
    expect(history).toContain("Get_blob");
    expect(history).not.toContain("planted-in-the-feed");
    expect(leaksIn(run.actions)).toEqual([]);
  });

  test("works with the identity alone where there is no client secret", async () => {
    const collector = await Collector.start({ tenant: { credential: "managed-identity" } });
    collector.publish([record("a")]);
    expect(outcome(await collector.run())).toEqual(ok);
    expect(await collector.ids()).toEqual(["a"]);
    expect(await collector.lastHealth()).toMatchObject({ SecretExpires: null });
  });

  test("tells when the vault keeps the secret from it", async () => {
    const collector = await Collector.start();
    collector.deployed.vault.before = async () => new Response(null, { status: 403 });
    const message = "the client secret could not be read: the vault answered 403";
    expect(outcome(await collector.run())).toEqual(undone(message));
    expect(await collector.lastHealth()).toMatchObject({ Status: "Failed", Reason: message });
  });

  test.each([
    ["logic functions evaluate all arguments", { eagerLogic: true }],
    ["results of a loop come one iteration after the other", { loopResults: "byIteration" }],
    ["text stays text", { textBodies: "string" }],
    ["broken JSON is text", { brokenJson: "string" }],
    ["searches heed case", { searchIgnoresCase: false }],
    ["null equals empty text", { nullEqualsEmptyText: true }],
    ["text may be long", { stringLimit: 104_857_600 }],
  ] as const)("does the same where %s", async (_, options) => {
    const collector = await Collector.start({ options, feed: { pageSize: 2 } });
    for (const id of ["a", "b", "c"]) {
      collector.publish([record(id)]);
    }
    collector.publish([record("large", { Extra: "x".repeat(300_000) })]);
    expect(outcome(await collector.run())).toEqual(ok);
    expect(await collector.ids()).toEqual(["a", "b", "c", "large"]);
    await collector.putBlob("checkpoint.json", "{");
    await collector.pass(15 * minuteMs);
    expect(outcome(await collector.run())).toEqual(ok);
    expect(await collector.ids()).toEqual(["a", "b", "c", "large"]);
  });
});

/** Sees the rows that the collector sends. */
function watchIngestion(collector: Collector): Request[] {
  const requests: Request[] = [];
  const { ingestion } = collector.deployed;
  const handle = ingestion.handle.bind(ingestion);
  ingestion.handle = (request) => {
    requests.push(request.clone());
    return handle(request);
  };
  return requests;
}
