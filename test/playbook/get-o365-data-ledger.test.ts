import { describe, expect, test } from "vitest";
import {
  at,
  cancelledAfter,
  checkpointAt,
  Collector,
  hourMs,
  ingestionAnswers,
  minuteMs,
  now,
  record,
} from "./collector.ts";
import { ok, outcome } from "./outcome.ts";

const quarter = 15 * minuteMs;

/** Rows of a kind, told by all runs so far. */
async function told(collector: Collector, kind: string, ...columns: string[]) {
  const rows = (await collector.health()).filter((row) => row["Kind"] === kind);
  return rows.map((row) =>
    Object.fromEntries(["Status", ...columns].map((key) => [key, row[key]])),
  );
}

describe("Get-O365Data's ledger", () => {
  test("tells of the time in which no run ended, once", async () => {
    const collector = await Collector.start();
    await collector.runs(2);
    await collector.pass(2 * hourMs);
    await collector.runs(2);
    expect((await told(collector, "run")).map(({ Status }) => Status)).toEqual([
      "Succeeded",
      "Succeeded",
      "Missed",
      "Succeeded",
      "Succeeded",
    ]);
  });

  test.each([
    ["is refused", 403, 2, ["early"]],
    ["is refused for what it is", 400, 2, ["early", "late"]],
  ])("sends once a run what it cannot tell of when that %s", async (_, status, times, sent) => {
    const checkpoint = checkpointAt("2026-01-12T08:00:00Z", ["Audit.General"]);
    const collector = await Collector.start({ checkpoint });
    collector.publish([record("early")], { created: at(40 * hourMs) });
    collector.publish([record("late")]);
    const takesAgain = ingestionAnswers(collector, async (request, handle) =>
      request.url.includes("/Custom-M365AuditHealth?")
        ? new Response(null, { status })
        : handle(request),
    );
    const failed = await collector.run();
    expect(failed.error?.message).toContain("what was collected could not be told or saved");
    await collector.run();
    takesAgain();
    const copies = sent.flatMap((id) => Array<string>(times).fill(id));
    expect(await collector.ids()).toEqual(copies);
    await collector.run();
    expect(await collector.ids()).toEqual(
      expect.arrayContaining([...copies, "early", "late"].sort()),
    );
  });

  test("sends once more in a run at most what the ingestion takes without an answer", async () => {
    const collector = await Collector.start();
    collector.publish([record("lost")]);
    const answersAgain = ingestionAnswers(collector, async (request, handle) => {
      const response = await handle(request);
      return request.url.includes("/Custom-M365Audit?")
        ? new Response(null, { status: 503 })
        : response;
    });
    await collector.run();
    answersAgain();
    expect(await collector.ids()).toHaveLength(10);
  });

  test("keeps what could not be told, and tells it in the next run", async () => {
    const collector = await Collector.start();
    const { ingestion } = collector.deployed;
    const handle = ingestion.handle.bind(ingestion);
    ingestion.handle = async ({ url }) =>
      url.includes("/Custom-M365AuditHealth?")
        ? new Response(null, { status: 403 })
        : new Response(null, { status: 204 });
    const { error, status } = await collector.run();
    expect([status, error?.message]).toEqual(["Failed", "the health rows were not accepted: 403"]);
    ingestion.handle = handle;
    await collector.pass(quarter);
    await collector.run();
    expect(await told(collector, "run", "WindowEnd")).toEqual([
      { Status: "Succeeded", WindowEnd: "2026-01-14T10:05:00.000Z" },
      { Status: "Succeeded", WindowEnd: expect.stringMatching(/^2026-01-14T10:2/) as string },
    ]);
  });

  test("tells from when to when the subscription was off", async () => {
    const collector = await Collector.start();
    await collector.runs(1);
    await collector.feed("POST", "stop?contentType=Audit.General");
    await collector.pass(hourMs);
    await collector.runs(2);
    const gaps = await told(collector, "gap", "WindowStart", "WindowEnd");
    expect(gaps.filter(({ Status }) => Status === "SubscriptionOff")).toEqual([
      {
        Status: "SubscriptionOff",
        WindowStart: expect.stringMatching(/^2026-01-14T10:05/) as string,
        WindowEnd: expect.stringMatching(/^2026-01-14T11:2/) as string,
      },
    ]);
  });

  test("gives a blob up in the fourth run that cannot fetch it, goes on, and collects it when it comes back", async () => {
    const collector = await Collector.start();
    const { contentId } = collector.publish([record("gone")], { created: at(20 * minuteMs) });
    collector.publish([record("here")]);
    const { feed } = collector.deployed;
    feed.before = async ({ url }) =>
      decodeURIComponent(url).includes(`/audit/${contentId}`)
        ? Response.json({ error: { code: "AF20050", message: "Not there." } }, { status: 404 })
        : undefined;
    expect(await collector.runs(6)).toEqual([
      ...["Failed", "Failed", "Failed", "Failed"],
      ...["Succeeded", "Succeeded"],
    ]);
    expect(await told(collector, "gap", "ContentId", "Reason")).toEqual([
      { Status: "Gone", ContentId: contentId, Reason: "the feed answered 404 AF20050" },
    ]);
    expect(await collector.ids()).toEqual(["here"]);

    delete feed.before;
    await collector.pass(12 * hourMs);
    await collector.runs(1);
    expect(await collector.ids()).toEqual(["gone", "here"]);
    const gaps = await told(collector, "gap", "ContentId");
    expect(gaps.filter(({ ContentId }) => ContentId === contentId)).toEqual([
      { Status: "Gone", ContentId: contentId },
      { Status: "Closed", ContentId: contentId },
    ]);
  });

  test("tells a blob of more than 100 MB, and goes on", async () => {
    const collector = await Collector.start();
    const { contentId } = collector.publish([record("huge")], { created: at(20 * minuteMs) });
    collector.publish([record("here")]);
    const tooLong = new Uint8Array(100 * 1024 * 1024 + 1).fill(0x20);
    collector.deployed.feed.before = async ({ url }) =>
      decodeURIComponent(url).includes(`/audit/${contentId}`)
        ? new Response(tooLong, { headers: { "content-type": "application/json" } })
        : undefined;
    expect(await collector.runs(5)).toEqual([...Array<string>(4).fill("Failed"), "Succeeded"]);
    expect(await told(collector, "gap", "ContentId")).toEqual([
      { Status: "Gone", ContentId: contentId },
    ]);
    expect(await collector.ids()).toEqual(["here"]);
  });

  test("tells a blob that takes longer than a call may, and goes on", async () => {
    const collector = await Collector.start();
    const { contentId } = collector.publish([record("slow")], { created: at(20 * minuteMs) });
    collector.publish([record("here")]);
    const { clock, deployed } = collector;
    const host = { ...deployed.host };
    const send = async (request: Request) => {
      if (decodeURIComponent(request.url).includes(`/audit/${contentId}`)) {
        await clock.sleep(130_000);
      }
      return host.send(request);
    };
    Object.assign(deployed.host, { send });
    expect(await collector.runs(5)).toEqual([...Array<string>(4).fill("Failed"), "Succeeded"]);
    expect(await told(collector, "gap", "ContentId")).toEqual([
      { Status: "Gone", ContentId: contentId },
    ]);
    expect(await collector.ids()).toEqual(["here"]);
  });

  test("sets aside what cannot be read, with its text, where feed replay finds it", async () => {
    const collector = await Collector.start({ options: { brokenJson: "string" } });
    const { contentId } = collector.publish('[{"Id":"half"', { created: at(20 * minuteMs) });
    collector.publish([record("whole")]);
    expect(await collector.runs(5)).toEqual([
      ...["Failed", "Failed", "Failed", "Failed"],
      "Succeeded",
    ]);
    const [row] = (await collector.health()).filter(({ Kind }) => Kind === "setAside");
    expect(row).toMatchObject({ Status: "SetAside", ContentId: contentId });
    const { blob } = (
      typeof row!["Details"] === "string" ? JSON.parse(row!["Details"]) : row!["Details"]
    ) as { blob: string };
    const tenantId = "00000000-0000-4000-8000-000000000101";
    expect(blob).toBe(`${tenantId}/Audit.General/${encodeURIComponent(contentId)}.json`);
    const kept = await collector.storage("GET", `${collector.parameter("setAsideUri")}/${blob}`);
    expect(await kept.json()).toMatchObject({
      contentType: "Audit.General",
      contentId,
      reason: "its content cannot be read",
      content: '[{"Id":"half"',
    });
  });

  test("collects again what was accepted and is not in the table half an hour later", async () => {
    const collector = await Collector.start();
    collector.publish([record("dropped")]);
    const keepsAgain = ingestionAnswers(collector, async (request, handle) =>
      request.url.includes("/Custom-M365Audit?")
        ? new Response(null, { status: 204 })
        : handle(request),
    );
    expect(outcome(await collector.run())).toEqual(ok);
    keepsAgain();
    await collector.pass(quarter);
    expect(outcome(await collector.run())).toEqual(ok);
    expect(await collector.ids()).toEqual([]);
    await collector.pass(2 * quarter);
    expect(outcome(await collector.run())).toEqual(ok);
    expect(await collector.ids()).toEqual(["dropped"]);
    await collector.pass(quarter);
    await collector.run();
    expect(await collector.ids()).toEqual(["dropped"]);
    const runs = (await collector.health()).filter(
      ({ Kind, Status }) => Kind === "run" && Status !== "Missed",
    );
    expect(runs.map(({ Details }) => (Details as { short: number }).short)).toEqual([0, 0, 1, 0]);
  });

  test("says when it could not ask what is missing, and goes on", async () => {
    const collector = await Collector.start();
    collector.publish([record("a")]);
    const { hostname } = new URL(collector.parameter("queryEndpoint"));
    const query = collector.deployed.services.find((service) => service.serves(hostname))!;
    query.handle = async () => new Response("{}", { status: 500 });
    expect(outcome(await collector.run())).toEqual(ok);
    expect(await collector.ids()).toEqual(["a"]);
    expect(await collector.lastHealth()).toMatchObject({
      Status: "Succeeded",
      Reason: "what is missing in the table could not be asked: the workspace answered 500",
    });
  });

  test.each([
    [403, "Gone"],
    [404, "Expired"],
  ])(
    "gives up what is short and answers %i, ends Failed a few times and sweeps no more",
    async (status, gap) => {
      const collector = await Collector.start();
      const { contentId } = collector.publish([record("dropped")]);
      const keepsAgain = ingestionAnswers(collector, async (request, handle) =>
        request.url.includes("/Custom-M365Audit?")
          ? new Response(null, { status: 204 })
          : handle(request),
      );
      await collector.runs(1);
      keepsAgain();
      const error = { code: status === 404 ? "AF20051" : "AF10001", message: "planted" };
      collector.deployed.feed.before = async ({ url }) =>
        decodeURIComponent(url).includes(contentId)
          ? Response.json({ error }, { status })
          : undefined;
      const statuses: string[] = [];
      for (let run = 0; run < 16; run++) {
        collector.publish([record(`run ${run}`)], { created: collector.clock.now() });
        statuses.push(...(await collector.runs(1)));
      }
      expect(statuses.filter((each) => each === "Failed").length).toBeLessThanOrEqual(4);
      expect(statuses.slice(-8)).not.toContain("Failed");
      expect(await told(collector, "gap", "ContentId")).toEqual([
        { Status: gap, ContentId: contentId },
      ]);
      const last = await collector.lastHealth();
      expect(last).toMatchObject({ Kind: "run" });
      expect(last["Pages"]).toBeLessThanOrEqual(2);
    },
  );

  test("sets a blob aside whose rows are never all in the table, once", async () => {
    const collector = await Collector.start();
    const { contentId } = collector.publish([record("never"), record("always")]);
    let sent = 0;
    ingestionAnswers(collector, async (request, handle) => {
      if (!request.url.includes("/Custom-M365Audit?")) {
        return handle(request);
      }
      const rows = (await request.json()) as { Record: { Id: string } }[];
      sent += rows.filter(({ Record }) => Record.Id === "never").length;
      const { url, headers } = request;
      const body = JSON.stringify(rows.filter(({ Record }) => Record.Id !== "never"));
      return handle(new Request(url, { method: "POST", headers, body }));
    });
    const statuses: string[] = [];
    for (let run = 0; run < 20; run++) {
      collector.publish([record(`run ${run}`)], { created: collector.clock.now() });
      statuses.push(...(await collector.runs(1)));
    }
    expect(statuses.filter((status) => status === "Failed")).toHaveLength(1);
    expect(await told(collector, "setAside", "ContentId", "Reason")).toEqual([
      {
        Status: "SetAside",
        ContentId: contentId,
        Reason: "its rows were accepted again and again and are not in the table",
      },
    ]);
    expect(sent).toBeLessThanOrEqual(6);
    const uri = `${collector.parameter("setAsideUri")}/${collector.parameter("m365TenantId")}/Audit.General/${contentId}.json`;
    expect(await (await collector.storage("GET", uri)).json()).toMatchObject({
      content: [{ Id: "never" }, { Id: "always" }],
    });
  });

  test("never forgets a gap that cannot be told", async () => {
    const row = {
      TimeGenerated: "2026-01-12T00:00:00Z",
      Kind: "run",
      Collector: "dev-contoso",
      M365TenantId: "tenant",
      ContentType: "Audit.General",
      Status: "Failed",
    };
    const gap = { ...row, Kind: "gap", RunId: "old", Status: "SubscriptionOff" };
    const untold = [gap, ...Array.from({ length: 999 }, (_, n) => ({ ...row, RunId: `run ${n}` }))];
    const checkpoint = { ...checkpointAt("2026-01-14T09:05:00Z", ["Audit.General"]), untold };
    const collector = await Collector.start({ checkpoint });
    const worksAgain = ingestionAnswers(collector, async () => new Response("{}", { status: 403 }));
    await collector.runs(3);
    worksAgain();
    await collector.runs(1);
    expect(await told(collector, "gap", "RunId")).toEqual([
      { Status: "SubscriptionOff", RunId: "old" },
    ]);
  });

  describe("of a subscription that has never been on", () => {
    /** Statuses of the gaps told by runs that find it off; its start is refused for so many of them. */
    const gapsAfter = async (refusals: number) => {
      const collector = await Collector.start({ checkpoint: null });
      await collector.feed("POST", "stop?contentType=Audit.General");
      let refused = 0;
      collector.deployed.feed.before = async ({ url }) =>
        url.includes("/subscriptions/start") && refused++ < refusals
          ? new Response("{}", { status: 403 })
          : undefined;
      await collector.runs(3);
      return told(collector, "gap", "WindowStart");
    };

    test("tells nothing when the first run starts it", async () => {
      expect(await gapsAfter(0)).toEqual([]);
    });

    test("tells that it was off from the first run on, when that cannot start it", async () => {
      expect(await gapsAfter(1)).toContainEqual({
        Status: "SubscriptionOff",
        WindowStart: expect.stringMatching(/^2026-01-14T10:0/) as string,
      });
    });
  });

  test("tells what expired when its checkpoint cannot be read after more than seven days", async () => {
    const collector = await Collector.start();
    await collector.runs(1);
    await collector.pass(8 * 24 * hourMs);
    await collector.putBlob("checkpoint.json", "lost");
    await collector.runs(1);
    expect(await told(collector, "gap", "WindowStart", "WindowEnd")).toContainEqual({
      Status: "Expired",
      WindowStart: expect.stringMatching(/^2026-01-12T10:0/) as string,
      WindowEnd: expect.stringMatching(/^2026-01-15T10:2/) as string,
    });
  });

  test("tells that a run left no row when its checkpoint is lost as well", async () => {
    const collector = await Collector.start();
    await collector.runs(1);
    const worksAgain = ingestionAnswers(collector, async () => new Response("{}", { status: 403 }));
    await collector.runs(1);
    worksAgain();
    await collector.putBlob("checkpoint.json", "lost");
    await collector.runs(1);
    expect(await told(collector, "run")).toContainEqual({ Status: "Missed" });
  });

  test("tells the same when runs told all the while that they could not list", async () => {
    const collector = await Collector.start();
    await collector.runs(1);
    collector.deployed.feed.before = async () => new Response("{}", { status: 403 });
    for (let day = 0; day < 8; day++) {
      await collector.pass(24 * hourMs);
      await collector.runs(1);
    }
    collector.deployed.feed.before = undefined;
    await collector.putBlob("checkpoint.json", "lost");
    await collector.runs(1);
    const [expired] = await told(collector, "gap", "WindowStart", "WindowEnd");
    expect(expired).toEqual({
      Status: "Expired",
      WindowStart: expect.stringMatching(/^2026-01-12T10:0/) as string,
      WindowEnd: expect.stringMatching(/^2026-01-15T1/) as string,
    });
  });

  test.each(["Create_checkpoint", "Get_client_secret"])(
    "tells the same when the run that finds it so is cancelled after %s",
    async (action) => {
      const collector = await Collector.start();
      await collector.runs(1);
      await collector.pass(8 * 24 * hourMs);
      await collector.putBlob("checkpoint.json", "lost");
      expect((await collector.run(cancelledAfter(action))).status).toBe("Cancelled");
      await collector.pass(quarter);
      await collector.runs(3);
      const gaps = await told(collector, "gap", "WindowStart", "WindowEnd");
      expect(gaps.filter(({ Status }) => Status !== "Silent")).toEqual([
        {
          Status: "Expired",
          WindowStart: expect.stringMatching(/^2026-01-12T10:0/) as string,
          WindowEnd: expect.stringMatching(/^2026-01-15T10:40/) as string,
        },
      ]);
    },
  );

  describe("after the workspace has dropped what it took", () => {
    /** The ingestion answers 204 and drops every row, as at the daily cap, while `work` goes on. */
    const capped = async (collector: Collector, work: () => Promise<unknown>) => {
      const { ingestion } = collector.deployed;
      const handle = ingestion.handle.bind(ingestion);
      ingestion.handle = async () => new Response(null, { status: 204 });
      await work();
      ingestion.handle = handle;
    };
    const blobs = (collector: Collector) =>
      collector.publish([record("dropped")], { created: at(-20 * minuteMs) });

    /** A collector whose workspace has dropped a blob, and whose checkpoint cannot be read any more. */
    const cappedAndLost = async () => {
      const collector = await Collector.start();
      await collector.runs(1);
      blobs(collector);
      await collector.pass(quarter);
      await capped(collector, () => collector.runs(1));
      await collector.putBlob("checkpoint.json", "lost");
      return collector;
    };

    /** A collector whose workspace has dropped what a run told that did not save its checkpoint. */
    const cappedAndCancelled = async () => {
      const collector = await Collector.start();
      collector.publish([record("before")]);
      await collector.runs(2);
      collector.publish([record("dropped")]);
      await capped(collector, () => collector.run(cancelledAfter("Save_collected")));
      await collector.pass(quarter);
      return collector;
    };

    test("tells it again and collects it, once a later run is in the ledger", async () => {
      const collector = await Collector.start();
      collector.publish([record("before")]);
      await collector.runs(2);
      blobs(collector);
      await capped(collector, () => collector.runs(2));
      expect(await collector.runs(2)).toEqual(["Succeeded", "Succeeded"]);
      expect(await collector.ids()).toEqual(["before", "dropped"]);
      const told = await collector.health();
      expect(told.filter(({ Kind }) => Kind === "run")).toHaveLength(6);
      expect(told.at(-1)).toMatchObject({
        Reason: "the workspace had dropped what runs told it: that is told and collected again",
      });
      expect(told.filter(({ Kind }) => Kind === "blob")).toHaveLength(2);
      await collector.runs(3);
      const later = (await collector.health()).slice(told.length);
      expect(later.filter(({ Kind }) => Kind === "run")).toHaveLength(3);
      expect(later.map(({ Details }) => Details)).not.toContainEqual(
        expect.objectContaining({ toldBy: told.at(-1)!["RunId"] }),
      );
    });

    test("tells a gap again that it told meanwhile", async () => {
      const collector = await Collector.start();
      await collector.runs(1);
      await capped(collector, async () => {
        await collector.feed("POST", "stop?contentType=Audit.General");
        await collector.runs(2);
      });
      await collector.runs(2);
      expect(await told(collector, "gap")).toEqual([{ Status: "SubscriptionOff" }]);
    });

    test("does not go by what its lists say when its checkpoint is lost", async () => {
      const collector = await cappedAndLost();
      await collector.runs(1);
      expect(await collector.ids()).toEqual(["dropped"]);
    });

    test("does so when the first run without it is cancelled", async () => {
      const collector = await cappedAndLost();
      await collector.run(cancelledAfter("Create_checkpoint"));
      await collector.pass(quarter);
      await collector.runs(2);
      expect(await collector.ids()).toEqual(["dropped"]);
    });

    test("collects again what a run told that was cancelled before it saved its checkpoint", async () => {
      const collector = await cappedAndCancelled();
      await collector.runs(3);
      expect(await collector.ids()).toEqual(["before", "dropped"]);
    });

    test("does so though the run after that one could list nothing", async () => {
      const collector = await cappedAndCancelled();
      collector.deployed.feed.before = async () => new Response("{}", { status: 403 });
      await collector.runs(1);
      collector.deployed.feed.before = undefined;
      await collector.runs(3);
      expect(await collector.ids()).toEqual(["before", "dropped"]);
    });

    /** What runs told a day ago; the last of it is a gap. */
    const rowsOfRuns = (count: number) =>
      Array.from({ length: count }, (_, n) => ({
        TimeGenerated: new Date(now.getTime() - 24 * hourMs + n * 1000).toISOString(),
        Kind: n === count - 1 ? "gap" : n % 2 === 0 ? "window" : "run",
        Collector: "dev-contoso",
        M365TenantId: "tenant",
        ContentType: "Audit.General",
        RunId: `run ${Math.floor(n / 2)}`,
        Status: n === count - 1 ? "Expired" : "Succeeded",
        Reason: "of some length ".repeat(40),
        ...(n % 2 === 1 && { Details: { blobs: 0 } }),
      }));
    const checkpoint = checkpointAt("2026-01-14T09:05:00Z", ["Audit.General"]);

    test("tells again what a version before told that did not say when", async () => {
      const collector = await Collector.start({
        checkpoint: { ...checkpoint, unconfirmed: rowsOfRuns(4) },
      });
      await collector.runs(3);
      expect(await told(collector, "gap")).toEqual([{ Status: "Expired" }]);
    });

    test("tells more than a call takes in several runs", async () => {
      const unconfirmed = rowsOfRuns(3000).map((row) => ({
        ...row,
        Details: { ...row.Details, toldBy: row.RunId, toldAt: row.TimeGenerated },
      }));
      const collector = await Collector.start({ checkpoint: { ...checkpoint, unconfirmed } });
      expect(new Set(await collector.runs(14))).toEqual(new Set(["Succeeded"]));
      const ids = (await collector.health()).map(({ RunId }) => RunId);
      for (const id of ["run 0", "run 700", "run 1499"]) {
        expect(ids).toContain(id);
      }
    });

    test("tells again what a later run than the one that found it out told in vain", async () => {
      const collector = await Collector.start({
        checkpoint: { ...checkpoint, untold: rowsOfRuns(400) },
      });
      await collector.runs(1);
      await capped(collector, () => collector.runs(1));
      await collector.runs(5);
      expect(await told(collector, "gap")).toEqual([{ Status: "Expired" }]);
    });

    test("sees a row in the ledger whose own run never told of itself", async () => {
      const collector = await Collector.start({
        checkpoint: { ...checkpoint, untold: rowsOfRuns(1) },
      });
      await collector.runs(8);
      const notes = await told(collector, "run", "Reason");
      expect(JSON.stringify(notes)).not.toContain("dropped");
    });

    test("keeps count of the tries of a blob that cannot be collected", async () => {
      const collector = await cappedAndLost();
      const list = "collected/Audit.General/2026011313.json";
      await collector.putBlob(list, ["known", "poisonous try 2", "late try 1", "late"]);
      await collector.runs(1);
      const response = await collector.storage("GET", collector.blobUri(list));
      const marks: unknown = await response.json();
      expect(marks).toContain("poisonous try 2");
      for (const forgotten of ["known", "late", "late try 1"]) {
        expect(marks).not.toContain(forgotten);
      }
    });

    test("tells it once, however long the ingestion refuses that", async () => {
      const collector = await Collector.start();
      await collector.runs(1);
      await capped(collector, async () => {
        await collector.feed("POST", "stop?contentType=Audit.General");
        await collector.runs(2);
      });
      await collector.runs(1);
      const worksAgain = ingestionAnswers(
        collector,
        async () => new Response("{}", { status: 403 }),
      );
      await collector.runs(4);
      worksAgain();
      await collector.runs(2);
      expect(await told(collector, "gap")).toEqual([{ Status: "SubscriptionOff" }]);
    });

    test("goes on comparing until the workspace answers, and says so", async () => {
      const collector = await cappedAndLost();
      const { host } = collector.deployed;
      const send = host.send.bind(host);
      let refused = true;
      Object.assign(host, {
        send: async (request: Request) =>
          refused && request.url.endsWith("/query")
            ? new Response("{}", { status: 200, headers: { "content-type": "application/json" } })
            : send(request),
      });
      const run = await collector.run();
      expect([run.status, run.error?.message]).toEqual([
        "Failed",
        expect.stringContaining("could not be compared with what was collected"),
      ]);
      expect(await collector.ids()).toEqual([]);
      refused = false;
      await collector.pass(quarter);
      expect(await collector.runs(1)).toEqual(["Succeeded"]);
      expect(await collector.ids()).toEqual(["dropped"]);
    });

    test("tells from when to when rows can be missing that the feed has no more", async () => {
      const collector = await Collector.start();
      await collector.runs(1);
      await capped(collector, () => collector.runs(1));
      await collector.pass(6 * 24 * hourMs);
      await collector.runs(2);
      expect(await told(collector, "gap", "WindowStart", "WindowEnd")).toContainEqual({
        Status: "Dropped",
        WindowStart: "2026-01-12T10:20:07.000Z",
        WindowEnd: "2026-01-13T10:55:15.000Z",
      });
    });
  });
});
