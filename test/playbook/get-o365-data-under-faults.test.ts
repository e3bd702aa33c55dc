import { describe, expect, test } from "vitest";
import { localClientSecret } from "../../local/deployed-tenant.ts";
import { leaksIn } from "../../local/faults/leaks.ts";
import type { RunOptions } from "../../local/logic-apps/run-workflow.ts";
import { runWorkflow } from "../../local/logic-apps/run-workflow.ts";
import {
  at,
  cancelledAfter,
  checkpointAt,
  Collector,
  hourMs,
  minuteMs,
  record,
  zulu,
} from "./collector.ts";
import { ok, outcome, undone } from "./outcome.ts";

/** Answers in the feed's place where `answer` gives something. */
function intercept(
  collector: Collector,
  answer: (url: URL, request: Request) => Response | undefined | Promise<Response | undefined>,
): void {
  collector.deployed.feed.before = async (request) => answer(new URL(request.url), request);
}

/** Changes what the feed answers. */
function rewrite(
  collector: Collector,
  change: (url: URL, response: Response) => Response | Promise<Response>,
): void {
  const { feed } = collector.deployed;
  const handle = feed.handle.bind(feed);
  feed.handle = async (request) => change(new URL(request.url), await handle(request));
}

const isListing = ({ pathname }: URL) => pathname.endsWith("/subscriptions/content");
const isBlob = ({ pathname }: URL) => pathname.includes("/audit/");

describe("Get-O365Data, when something is wrong for ever", () => {
  test("collects the pages after a page with a blob that cannot be fetched", async () => {
    const collector = await Collector.start({ feed: { pageSize: 2 } });
    const { contentId } = collector.publish([record("bad")]);
    for (const id of ["a", "b", "c", "d", "e"]) {
      collector.publish([record(id)]);
    }
    intercept(collector, ({ href }) =>
      href.includes(encodeURI(contentId)) ? new Response("wrong", { status: 400 }) : undefined,
    );

    expect(outcome(await collector.run())).toEqual(
      undone(
        "Audit.General from 2026-01-14T07:05:00Z to 2026-01-14T10:05:00Z: 1 of 1 new blobs not collected",
      ),
    );

    expect(await collector.ids()).toEqual(["a", "b", "c", "d", "e"]);
    expect(await collector.checkpoint()).toMatchObject({ through: "2026-01-14T09:05:00Z" });
    expect(await collector.lastHealth()).toMatchObject({ BlobsCollected: 5, BlobsFailed: 1 });
  });

  test.each([
    ["an object", "{}", {}],
    ["a number", "5", {}],
    ["a number, where all parts of a condition are evaluated", "5", { eagerLogic: true }],
    ["nothing", "", {}],
    ["a list with something else in it", '["blob"]', {}],
  ])("collects the other windows when one is listed as %s", async (_, body, options) => {
    const collector = await Collector.start({
      options,
      checkpoint: checkpointAt(zulu(at(50 * hourMs)), ["Audit.General"]),
    });
    collector.publish([record("a")]);
    rewrite(collector, (url, response) =>
      url.searchParams.get("startTime")?.startsWith("2026-01-12T13:59") === true
        ? new Response(body, { headers: { "content-type": "application/json" } })
        : response,
    );

    expect((await collector.run()).error?.message).toContain(
      "Audit.General from 2026-01-12T14:00:00Z to 2026-01-13T13:00:00Z: the listing could not be read",
    );

    expect(await collector.ids()).toEqual(["a"]);
    expect(await collector.checkpoint()).toMatchObject({ through: "2026-01-12T14:00:00Z" });
  });

  test("leaves a window whose pages lead round in a circle, and goes on", async () => {
    const collector = await Collector.start({
      feed: { pageSize: 1 },
      checkpoint: checkpointAt(zulu(at(24 * hourMs)), ["Audit.General"]),
    });
    collector.publish([record("a")], { created: at(23 * hourMs) });
    collector.publish([record("b")], { created: at(22 * hourMs) });
    collector.publish([record("c")]);
    let circle: string | undefined;
    rewrite(collector, (url, response) => {
      const next = response.headers.get("NextPageUri");
      circle ??= next ?? undefined;
      return url.searchParams.has("nextPage") &&
        url.searchParams.get("startTime")?.startsWith("2026-01-12T13")
        ? new Response(response.body, {
            headers: { ...Object.fromEntries(response.headers), NextPageUri: circle! },
          })
        : response;
    });

    expect((await collector.run()).error?.message).toContain(
      "Audit.General from 2026-01-12T14:00:00Z to 2026-01-13T13:00:00Z: its pages lead round in a circle",
    );

    expect(await collector.ids()).toEqual(["a", "b", "c"]);
    expect(await collector.checkpoint()).toMatchObject({ through: "2026-01-13T10:05:00Z" });
  });
});

describe("Get-O365Data does not take for collected", () => {
  test.each([
    ["cut in the middle", '[{"Id":"a","CreationTime":"2026-01-14T09:00:00"},{"Id":"b'],
    ["cut in its first name", '[{"CreationTime":"2026-01-14T09:00:00","OrganizationId'],
    ["a page of a proxy", "<html><body>Identify yourself</body></html>"],
    ["empty", ""],
    ["null", "null"],
  ])("a blob that is %s", async (_, body) => {
    for (const options of [{}, { brokenJson: "string" }, { textBodies: "string" }] as const) {
      const collector = await Collector.start({ options });
      collector.publish([record("a"), record("b")]);
      rewrite(collector, (url, response) =>
        isBlob(url) && response.ok
          ? new Response(body, { headers: { "content-type": "application/json" } })
          : response,
      );
      expect((await collector.run()).error?.message).toContain("1 of 1 new blobs not collected");
      expect(await collector.rows()).toEqual([]);
    }
  });

  test("a blob that says it has a next page", async () => {
    const collector = await Collector.start();
    collector.publish([record("a")]);
    rewrite(collector, (url, response) => {
      if (isBlob(url)) {
        response.headers.set("NextPageUri", `${url.href}?page=2`);
      }
      return response;
    });
    expect((await collector.run()).error?.message).toContain("1 of 1 new blobs not collected");
  });

  test("a blob that tells its creation in another way", async () => {
    const collector = await Collector.start();
    collector.publish([record("a")]);
    rewrite(collector, async (url, response) =>
      isListing(url)
        ? new Response(
            (await response.text()).replace(
              /"contentCreated":"[^"]*"/,
              '"contentCreated":"Wed, 14 Jan 2026 09:35:00 GMT"',
            ),
            response,
          )
        : response,
    );
    const run = await collector.run();
    const ids = await collector.ids();
    expect(run.status === "Failed" || ids.includes("a")).toBe(true);
  });
});

describe("Get-O365Data, where a blob comes in part when a window starts in its second", () => {
  test("collects whole blobs from the seconds in which windows and their listings start", async () => {
    const checkpoint = checkpointAt("2026-01-14T09:05:00Z", ["Audit.General"]);
    const collector = await Collector.start({ checkpoint });
    const { feed } = collector.deployed;
    feed.traits = { ...feed.traits, partialAtWindowStart: true };
    const seconds = [
      // Two hours before the checkpoint, and the minute before that from which it lists.
      "2026-01-14T07:05:00",
      "2026-01-14T07:04:00",
      // Slices of 23 hours.
      "2026-01-13T13:00:00",
      "2026-01-13T12:59:00",
      "2026-01-14T12:00:00",
      "2026-01-14T11:59:00",
    ];
    const ids = seconds.flatMap((second) => {
      const created = new Date(`${second}.400Z`);
      const own = ["a", "b", "c"].map((each) => `${second} ${each}`);
      const listedFrom = new Date(Math.max(created.getTime(), at(10 * minuteMs).getTime()));
      collector.publish(
        own.map((id) => record(id)),
        { created, listedFrom },
      );
      return own;
    });
    const starts = new Set<string>();
    intercept(collector, ({ searchParams }) => {
      starts.add(searchParams.get("startTime") ?? "");
      return undefined;
    });

    // Half a day on everything has been swept.
    expect(new Set(await collector.runs(52))).toEqual(new Set(["Succeeded"]));

    expect(await collector.ids()).toEqual(ids.sort());
    expect([...starts]).toEqual(
      expect.arrayContaining(seconds.filter((second) => /:(59|04):/.test(second))),
    );
  });
});

describe("Get-O365Data keeps its checkpoint", () => {
  const paused = checkpointAt("2026-01-14T09:05:00Z", ["Audit.General"], true);

  test("when the connection is lost while it reads it", async () => {
    const collector = await Collector.start({ checkpoint: paused });
    let lost = 0;
    collector.deployed.storage[0]!.before = async ({ method, url }) => {
      if (method === "GET" && url.endsWith("/checkpoint.json") && lost++ < 5) {
        throw new Error("socket hang up");
      }
      return undefined;
    };

    expect(outcome(await collector.run())).toEqual(
      undone("the checkpoint could not be read: storage answered nothing"),
    );

    expect(lost).toBeGreaterThanOrEqual(5);
    await collector.run();
    expect(await collector.lastHealth()).toMatchObject({ Status: "Paused" });
  });

  test("when storage serves half of it once", async () => {
    for (const options of [{}, { brokenJson: "string" }] as const) {
      const collector = await Collector.start({ checkpoint: paused, options });
      let served = 0;
      collector.deployed.storage[0]!.before = async ({ method, url }) =>
        method === "GET" && url.endsWith("/checkpoint.json") && served++ === 0
          ? new Response('{"version":1,"pau', { headers: { "content-type": "application/json" } })
          : undefined;

      expect((await collector.run()).error?.message).toContain("the checkpoint could not be read");

      await collector.run();
      expect(await collector.lastHealth()).toMatchObject({ Status: "Paused" });
    }
  });

  test.each(["through", "sweptAt"])("from standing still when %s lies ahead", async (key) => {
    const checkpoint = checkpointAt("2026-01-14T09:05:00Z", ["Audit.General"]);
    Object.assign(checkpoint.contentTypes["Audit.General"]!, { [key]: "2027-01-01T00:00:00Z" });
    const collector = await Collector.start({ checkpoint });
    collector.publish([record("old")], { created: at(100 * hourMs) });
    collector.publish([record("new")]);

    await collector.run();
    expect(await collector.ids()).toContain("new");
    await collector.pass(13 * hourMs);
    await collector.run();
    expect(await collector.ids()).toEqual(["new", "old"]);
    const { through, sweptAt } = await collector.checkpoint();
    expect([through, sweptAt].every((time) => (time as string).startsWith("2026-01-14T23"))).toBe(
      true,
    );
  });

  test("only while it can read where collecting was to begin", async () => {
    const checkpoint = checkpointAt("2026-01-14T09:05:00Z", ["Audit.General"]);
    Object.assign(checkpoint.contentTypes["Audit.General"]!, { collectFrom: "yesterday" });
    const collector = await Collector.start({ checkpoint });
    collector.publish([record("a")]);

    expect(outcome(await collector.run())).toEqual(ok);

    expect(await collector.ids()).toEqual(["a"]);
    expect((await collector.lastHealth())["Reason"]).toContain("there was no readable checkpoint");
  });
});

describe("Get-O365Data starts a subscription", () => {
  /** Times of the start requests. */
  function starts(
    collector: Collector,
    answer?: () => Response | undefined | Promise<Response | undefined>,
  ): Date[] {
    const times: Date[] = [];
    intercept(collector, ({ pathname }) => {
      if (pathname.endsWith("/start")) {
        times.push(collector.clock.now());
        return answer?.();
      }
      return undefined;
    });
    return times;
  }

  test.each([429, 500])("once when the feed answers %d", async (status) => {
    const collector = await Collector.start();
    await collector.feed("POST", "stop?contentType=Audit.General");
    const times = starts(collector, () => new Response("{}", { status }));

    expect((await collector.run()).status).toBe("Failed");

    expect(times).toHaveLength(1);
  });

  test.each(["start", "content"])(
    "and shows no token that an error of %s repeats",
    async (call) => {
      const collector = await Collector.start();
      await collector.feed("POST", "stop?contentType=Audit.General");
      let repeats = 0;
      intercept(collector, ({ pathname }, { headers }) => {
        if (!pathname.endsWith(`/${call}`)) {
          return undefined;
        }
        repeats++;
        return new Response(`not understood: ${headers.get("authorization")}`, { status: 400 });
      });
      const { actions } = await collector.run();
      expect(repeats).toBeGreaterThan(0);
      expect(leaksIn(actions)).toEqual([]);
    },
  );

  test("not again within 20 minutes when the run was cancelled after it", async () => {
    const collector = await Collector.start();
    await collector.feed("POST", "stop?contentType=Audit.General");
    const times = starts(collector, () => new Response("{}", { status: 400 }));
    await collector.run(cancelledAfter("Start_subscription"));
    await collector.pass(10 * minuteMs);
    await collector.run();
    expect(times).toHaveLength(1);
    await collector.pass(10 * minuteMs);
    await collector.run();
    expect(times).toHaveLength(2);
  });

  test("not when feed stop paused it in the middle of the run", async () => {
    const collector = await Collector.start();
    const times: unknown[] = [];
    let stopped = false;
    intercept(collector, async (url) => {
      if (url.pathname.endsWith("/start")) {
        times.push(url);
      }
      if (isListing(url) && !stopped) {
        stopped = true;
        const paused = checkpointAt("2026-01-14T09:05:00Z", ["Audit.General"], true);
        await collector.putBlob("checkpoint.json", paused);
        await collector.feed("POST", "stop?contentType=Audit.General");
      }
      return undefined;
    });

    expect((await collector.run()).status).toBe("Failed");

    expect(stopped).toBe(true);
    expect(times).toEqual([]);
  });
});

describe("Get-O365Data, throttled for hours", () => {
  test("reports no gap for a sweep that it could not list, and sweeps afterwards", async () => {
    const checkpoint = checkpointAt("2026-01-14T09:05:00Z", ["Audit.General"]);
    checkpoint.contentTypes["Audit.General"]!.sweptAt = zulu(at(13 * hourMs));
    const collector = await Collector.start({ checkpoint });
    collector.publish([record("late")], { created: at(100 * hourMs) });
    collector.publish([record("new")]);
    intercept(collector, () =>
      Response.json({ error: { code: "AF429", message: "Too many requests." } }, { status: 403 }),
    );
    for (let hours = 0; hours < 4; hours++) {
      expect((await collector.run()).error?.message).not.toContain("expired");
      expect((await collector.checkpoint())["through"]).toBe("2026-01-14T09:05:00Z");
      await collector.pass(hourMs);
    }

    delete collector.deployed.feed.before;
    expect(outcome(await collector.run())).toEqual(ok);

    expect(await collector.ids()).toEqual(["late", "new"]);
    expect((await collector.checkpoint())["sweptAt"]).toMatch(/^2026-01-14T14/);
  });

  test("sweeps on from the one window that it could not list", async () => {
    const checkpoint = checkpointAt("2026-01-14T09:05:00Z", ["Audit.General"]);
    checkpoint.contentTypes["Audit.General"]!.sweptAt = zulu(at(13 * hourMs));
    const collector = await Collector.start({ checkpoint });
    collector.publish([record("late")], { created: at(60 * hourMs) });
    intercept(collector, ({ searchParams }) =>
      searchParams.get("startTime") === "2026-01-11T14:59:00"
        ? Response.json({ error: { code: "AF50000", message: "Internal error." } }, { status: 400 })
        : undefined,
    );

    expect((await collector.run()).error?.message).toContain(
      "Audit.General from 2026-01-11T15:00:00Z to 2026-01-12T14:00:00Z: listing answered 400 AF50000",
    );
    expect(await collector.checkpoint()).toMatchObject({
      through: "2026-01-14T10:05:00Z",
      sweptAt: zulu(at(13 * hourMs)),
      sweepFrom: "2026-01-11T15:00:00Z",
    });

    delete collector.deployed.feed.before;
    expect(outcome(await collector.run())).toEqual(ok);
    expect(await collector.ids()).toEqual(["late"]);
    expect((await collector.checkpoint())["sweepFrom"]).toBe(null);
  });
});

describe("Get-O365Data, interrupted", () => {
  test("says from where it collects when it was cancelled before its first window", async () => {
    const collector = await Collector.start({ checkpoint: null });
    await collector.run(cancelledAfter("Create_checkpoint"));
    expect(outcome(await collector.run())).toEqual(ok);
    expect(await collector.lastHealth()).toMatchObject({
      Reason: "Audit.General was not in the checkpoint: collected from 2026-01-07T10:10:00Z",
    });
  });

  test("sweeps from the beginning when it was cancelled in a sweep, and collects nothing twice", async () => {
    const checkpoint = checkpointAt("2026-01-14T09:05:00Z", ["Audit.General"]);
    checkpoint.contentTypes["Audit.General"]!.sweptAt = zulu(at(13 * hourMs));
    const collector = await Collector.start({ checkpoint });
    collector.publish([record("late")], { created: at(140 * hourMs) });
    collector.publish([record("new")]);
    const startTimes: string[] = [];
    intercept(collector, (url) => {
      startTimes.push(url.searchParams.get("startTime") ?? "");
      return undefined;
    });
    const listed = () => startTimes.splice(0).filter(Boolean).length;
    await collector.run(cancelledAfter("Set_progress", 5));
    expect(listed()).toBe(5);
    await collector.run();
    expect(listed()).toBe(8);
    // What the cancelled run told may have been dropped: all is compared and listed once more.
    await collector.run();
    expect(listed()).toBe(8);
    await collector.run();
    expect(listed()).toBe(1);
    expect(await collector.ids()).toEqual(["late", "new"]);
  });

  test("lists everything again after a page that is no longer valid", async () => {
    const collector = await Collector.start({ feed: { pageSize: 1 } });
    for (const id of ["a", "b", "c"]) {
      collector.publish([record(id)]);
    }
    let refused = 0;
    intercept(collector, (url) =>
      url.searchParams.get("nextPage")?.startsWith("1R") === true && refused++ === 0
        ? Response.json(
            { error: { code: "AF20031", message: "Invalid nextPage Input: 1R." } },
            { status: 400 },
          )
        : undefined,
    );
    let listedAgain = 0;
    rewrite(collector, (url, response) => {
      listedAgain += isListing(url) && !url.searchParams.has("nextPage") ? 1 : 0;
      return response;
    });

    expect(outcome(await collector.run())).toEqual(ok);

    expect(listedAgain).toBe(2);
    expect(await collector.ids()).toEqual(["a", "b", "c"]);
  });

  test("lists the edge of the seven days again that the feed refused after some tries", async () => {
    const collector = await Collector.start({ checkpoint: null });
    collector.publish([record("old")], { created: at(7 * 24 * hourMs - 20 * minuteMs) });
    const { clock, deployed } = collector;
    const host = { ...deployed.host };
    const answers: string[] = [];
    const send = async (request: Request) => {
      if (!isListing(new URL(request.url))) {
        return host.send(request);
      }
      if (answers.length < 4) {
        answers.push("late");
        await clock.sleep(100_000);
        return new Response(null, { status: 503 });
      }
      const response = await host.send(request);
      const text = await response.clone().text();
      answers.push(text.includes("AF20055") ? "AF20055" : String(response.status));
      return response;
    };
    Object.assign(deployed.host, { send });

    expect(outcome(await collector.run())).toEqual(ok);
    expect(answers.slice(4, 7)).toEqual(["AF20055", "200", "200"]);
    expect(await collector.ids()).toEqual(["old"]);
  });

  test("lists every moment even while the day that the feed goes back to changes", async () => {
    const collector = await Collector.start({ checkpoint: null });
    await collector.passUntil(new Date("2026-01-14T23:54:50Z"));
    const windows: (string | null)[][] = [];
    intercept(collector, ({ searchParams }) => {
      windows.push([searchParams.get("startTime"), searchParams.get("endTime")]);
      return undefined;
    });

    // Midnight less five minutes passes while the windows are worked out.
    const { clock } = collector;
    const { workflow, parameters, host } = collector.deployed;
    let moment: number | undefined;
    const ticking = {
      now: () => (moment === undefined ? clock.now() : new Date(moment++)),
      sleep: (ms: number) => clock.sleep(ms),
      busy: <T>(work: Promise<T> | T) => clock.busy(work),
    };
    const onAction: RunOptions["onAction"] = ({ name, phase }) => {
      if (name === "Plan_windows") {
        moment = phase === "started" ? Date.parse("2026-01-14T23:54:59.970Z") : undefined;
      }
    };
    await clock.run(() =>
      runWorkflow(workflow, {
        parameters,
        host: { ...host, clock: ticking },
        options: { onAction },
      }),
    );

    expect(windows.length).toBeGreaterThanOrEqual(8);
    for (const [index, [start]] of windows.slice(1).entries()) {
      expect(start! < windows[index]![1]!).toBe(true);
    }
  });

  test(
    "loses nothing when it is cancelled after any of its actions",
    { timeout: 600_000 },
    async () => {
      const collector = await Collector.start({
        feed: { pageSize: 2 },
        tenant: { keepWorkloads: ["MicrosoftTeams"] },
      });
      let published: string[] = [];
      const publish = (name: string) => {
        const ids = [`${name}-1`, `${name}-2`, `${name}-3`, `${name}-large`];
        collector.publish([record(ids[0]!), record(`${name}-no`, { Workload: "OneDrive" })]);
        collector.publish([record(ids[1]!)]);
        collector.publish([record(ids[2]!), record(ids[3]!, { Extra: "x".repeat(70_000) })]);
        published = [...published, ...ids].sort();
      };
      publish("whole");
      const whole = await collector.run();
      expect(outcome(whole)).toEqual(ok);
      const names = new Set(
        whole.actions.filter(({ status }) => status !== "Skipped").map(({ name }) => name),
      );
      expect(names.size).toBeGreaterThan(40);

      let cancelled = 0;
      for (const name of names) {
        publish(name);
        const { status } = await collector.run(cancelledAfter(name));
        cancelled += status === "Cancelled" ? 1 : 0;
        await collector.pass(15 * minuteMs);
        expect([name, outcome(await collector.run())]).toEqual([name, ok]);
        expect([...new Set(await collector.ids())]).toEqual(published);
      }
      // Not every run has to look whether there is a list of collected blobs.
      expect(cancelled).toBeGreaterThanOrEqual(names.size - 1);
    },
  );

  test("loses nothing when two runs go on at once", async () => {
    const collector = await Collector.start({ feed: { pageSize: 2 } });
    const ids = ["a", "b", "c", "d", "e", "f"];
    for (const id of ids) {
      collector.publish([record(id)]);
    }
    const { workflow, parameters, host } = collector.deployed;
    const runs = await collector.clock.run(() =>
      Promise.all([0, 1].map(() => runWorkflow(workflow, { parameters, host }))),
    );
    expect(runs.map(({ status }) => status).sort()).toEqual(["Failed", "Succeeded"]);
    await collector.run();
    expect([...new Set(await collector.ids())]).toEqual(ids);
  });

  test.each([-10, 10])("loses nothing when its clock is %d minutes off", async (minutes) => {
    const collector = await Collector.start();
    const { clock } = collector;
    const { workflow, parameters, host } = collector.deployed;
    const skewed = {
      now: () => new Date(clock.now().getTime() + minutes * minuteMs),
      sleep: (ms: number) => clock.sleep(ms),
      busy: <T>(work: Promise<T> | T) => clock.busy(work),
    };
    const published: string[] = [];
    for (let index = 0; index < 40; index++) {
      const id = `r${String(index).padStart(3, "0")}`;
      published.push(id);
      collector.publish([record(id)], { created: clock.now() });
      await collector.pass(15 * minuteMs);
      await clock.run(() =>
        runWorkflow(workflow, { parameters, host: { ...host, clock: skewed } }),
      );
    }
    expect(await collector.ids()).toEqual(published);
  });
});

describe("Get-O365Data, when a service answers with what it was sent", () => {
  /** Answers of a service that repeat the request, its authorization included. */
  const echo = async (request: Request) =>
    new Response(`${request.headers.get("authorization")} planted ${await request.text()}`, {
      status: 400,
      headers: { "content-type": "text/plain" },
    });
  const faults: Record<string, (collector: Collector) => void> = {
    feed: (collector) =>
      intercept(collector, (url, request) => (isBlob(url) ? echo(request) : undefined)),
    ingestion: ({ deployed: { ingestion } }) => {
      const handle = ingestion.handle.bind(ingestion);
      ingestion.handle = (request) =>
        request.url.includes("/Custom-M365Audit?") ? echo(request) : handle(request);
    },
    originals: ({ deployed: { storage } }) => {
      storage[1]!.before = echo;
    },
  };
  const readings: RunOptions[] = [
    {},
    { textBodies: "string", brokenJson: "string", eagerLogic: true },
  ];

  test.each(Object.entries(faults))("shows nothing of it: %s", async (_, breakIt) => {
    for (const options of readings) {
      const collector = await Collector.start({ options });
      collector.publish([
        record("planted-1"),
        record("planted-2", { Extra: "planted".repeat(15_000) }),
      ]);
      breakIt(collector);

      const run = await collector.run();

      expect(run.error?.message).toContain("1 of 1 new blobs not collected");
      const shown = JSON.stringify([run.actions, run.error, await collector.health()]);
      expect(shown).not.toContain("planted");
      expect(shown).not.toContain(localClientSecret);
      expect(shown).not.toMatch(/Bearer |eyJ[\w-]+\.eyJ/);
    }
  });
});
