import { describe, expect, test } from "vitest";
import type { AuditFeed } from "../../local/audit-feed.ts";
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
  zulu,
} from "./collector.ts";

const quarter = 15 * minuteMs;
const json = { "content-type": "application/json" };

/** Rows of a kind and status that were told so far, with the times that they are about. */
async function toldTimes(collector: Collector, kind: string, status: string) {
  return (await collector.health())
    .filter((row) => row["Kind"] === kind && row["Status"] === status)
    .map(({ WindowStart, WindowEnd }) => ({
      from: new Date(WindowStart as string),
      to: new Date(WindowEnd as string),
    }));
}

/** Marks in the lists of collected blobs that begin with this content id. */
async function marksOf(collector: Collector, contentId: string): Promise<string[]> {
  const container = collector.parameter("checkpointUri");
  const list = await collector.storage(
    "GET",
    `${container}?restype=container&comp=list&prefix=collected/`,
  );
  const marks = new Set<string>();
  for (const [, name] of (await list.text()).matchAll(/<Name>([^<]*)<\/Name>/g)) {
    const collected = await collector.storage("GET", `${container}/${name}`);
    ((await collected.json()) as string[]).forEach((mark) => marks.add(mark));
  }
  return [...marks].filter((mark) => mark.startsWith(contentId)).sort();
}

/** Leaves what is on a page as the only known blob. */
async function forgetCollectedUri(collector: Collector) {
  const { collectedUri, ...entry } = await collector.checkpoint();
  expect(collectedUri).toEqual(expect.any(String));
  const whole = await collector.storage("GET", collector.blobUri("checkpoint.json"));
  await collector.putBlob("checkpoint.json", {
    ...((await whole.json()) as object),
    contentTypes: { "Audit.General": entry },
  });
}

/** Lets the feed answer requests for blobs with these statuses, as long as it holds any for them. */
function failing(collector: Collector, statuses: Record<string, number | (() => number)>) {
  const asked: string[] = [];
  collector.deployed.feed.before = async ({ url }) => {
    const contentId = decodeURIComponent(new URL(url).pathname).split("/audit/").at(1) ?? "";
    asked.push(contentId);
    const answer = statuses[contentId] ?? 200;
    const status = typeof answer === "number" ? answer : answer();
    return status === 200 ? undefined : new Response("{}", { status });
  };
  return asked;
}

describe("Get-O365Data tells silence", () => {
  test("of before its checkpoint was lost, where nothing was published yet", async () => {
    const collector = await Collector.start();
    const began = collector.clock.now().getTime();
    await collector.runs(7, hourMs);
    await collector.putBlob("checkpoint.json", "lost");
    await collector.runs(2, hourMs);
    const [silence] = await toldTimes(collector, "gap", "Silent");
    expect(silence?.from.getTime()).toBeLessThanOrEqual(began);
  });

  /** Publishes at the start and again after that many hours, running once an hour. */
  async function silentFor(hours: number) {
    const collector = await Collector.start({ tenant: { recurrenceMinutes: 60 } });
    const first = collector.publish([record("first")], { created: collector.clock.now() });
    let last = first;
    for (let hour = 1; hour <= hours + 3; hour++) {
      await collector.pass(hourMs);
      if (hour === hours) {
        last = collector.publish([record("last")], {
          created: new Date(collector.clock.now().getTime() - 10 * minuteMs),
        });
      }
      await collector.run();
    }
    return { first, last, silent: await toldTimes(collector, "gap", "Silent") };
  }

  test("in pieces that follow each other, from the last content to the next", async () => {
    const { first, last, silent } = await silentFor(30);
    expect(silent.map(({ from }) => from)).toEqual([
      first.created,
      ...silent.slice(0, -1).map(({ to }) => to),
    ]);
    expect(silent.at(-1)?.to).toEqual(last.created);
    const hours = silent.map(({ from, to }) => (to.getTime() - from.getTime()) / hourMs);
    expect(hours).toHaveLength(3);
    expect(Math.min(...hours)).toBeGreaterThan(0);
    expect(Math.max(...hours)).toBeLessThanOrEqual(13.1); // twelve, and until the next run
  });

  test("in one piece that a late run learns of with its end", async () => {
    const collector = await Collector.start();
    const first = collector.publish([record("first")]);
    await collector.run();
    await collector.pass(13 * hourMs);
    const last = collector.publish([record("last")]);
    await collector.run();
    expect(await toldTimes(collector, "gap", "Silent")).toEqual([
      { from: first.created, to: last.created },
    ]);
  });

  test("of twelve hours or less not at all", async () => {
    expect((await silentFor(12)).silent).toEqual([]);
  });

  test.each([200, 2])("that ends with several blobs, in pages of %d", async (pageSize) => {
    const collector = await Collector.start({ feed: { pageSize } });
    const first = collector.publish([record("first")]);
    await collector.run();
    await collector.pass(30 * hourMs);
    const [next] = [30, 29, 28].map((minutes) =>
      collector.publish([record(`${minutes}`)], {
        created: new Date(collector.clock.now().getTime() - minutes * minuteMs),
      }),
    );
    await collector.run();
    expect(await toldTimes(collector, "gap", "Silent")).toEqual([
      { from: first.created, to: next!.created },
    ]);
  });

  test("though a blob from before it is listed with its end", async () => {
    const collector = await Collector.start();
    const first = collector.publish([record("first")]);
    await collector.run();
    await collector.pass(15 * hourMs);
    collector.publish([record("late")], {
      created: new Date(first.created.getTime() - 10 * minuteMs),
      listedFrom: new Date(collector.clock.now().getTime() - hourMs),
    });
    const last = collector.publish([record("last")]);
    await collector.run();
    expect(await collector.ids()).toEqual(["first", "last", "late"]);
    expect(await toldTimes(collector, "gap", "Silent")).toEqual([
      { from: first.created, to: last.created },
    ]);
  });
});

/** Lets the feed answer listings that begin before a time in its own way, while it gives anything for them. */
function listing(collector: Collector, answer: (startTime: Date) => Response | undefined) {
  const before: AuditFeed["before"] = async ({ url }) => {
    const { pathname, searchParams } = new URL(url);
    return pathname.endsWith("/subscriptions/content")
      ? answer(new Date(`${searchParams.get("startTime")}Z`))
      : undefined;
  };
  collector.deployed.feed.before = before;
}

describe("Get-O365Data tells what expired", () => {
  test("up to where the feed was really listed, and takes none of it for silence", async () => {
    const collector = await Collector.start();
    await collector.run();
    const stopped = collector.clock.now().getTime();
    await collector.pass(8 * 24 * hourMs);
    const resumed = collector.clock.now().getTime();
    for (let hour = 1; hour < 8 * 24; hour++) {
      collector.publish([record(`hour ${hour}`)], { created: new Date(stopped + hour * hourMs) });
    }
    const edge = resumed - 10_075 * minuteMs;
    const atEdge = Array.from({ length: 6 }, (_, minute) =>
      collector.publish([record(`edge ${minute}`)], {
        created: new Date(edge + minute * minuteMs + 30_000),
      }),
    );
    const throttledTo = resumed + 6.5 * minuteMs;
    listing(collector, () =>
      collector.clock.now().getTime() < throttledTo
        ? Response.json({ error: { code: "AF429", message: "Too many requests" } }, { status: 403 })
        : undefined,
    );
    await collector.run();

    const ids = await collector.ids();
    const missing = atEdge.filter((_, minute) => !ids.includes(`edge ${minute}`));
    expect(missing.length).toBeGreaterThan(0);
    const expired = await toldTimes(collector, "gap", "Expired");
    expect(expired).toHaveLength(1);
    const lastMissing = missing.at(-1)!.created.getTime();
    expect(expired[0]!.to.getTime()).toBeGreaterThan(lastMissing);
    expect(expired[0]!.to.getTime()).toBeLessThan(lastMissing + 2 * minuteMs);
    for (const silent of await toldTimes(collector, "gap", "Silent")) {
      expect(silent.from.getTime()).toBeGreaterThanOrEqual(expired[0]!.to.getTime());
    }
  });
});

describe("Get-O365Data lists what expires next in each run after an outage", () => {
  /** Runs once, is off for so many days and runs again, with a blob so long before the edge then. */
  async function resume(days: number, published: Record<string, { hours: number; late?: number }>) {
    const collector = await Collector.start();
    await collector.run();
    await collector.pass(days * 24 * hourMs);
    const resumed = collector.clock.now().getTime();
    const edge = resumed - 7 * 24 * hourMs;
    for (const [id, { hours, late }] of Object.entries(published)) {
      const created = new Date(edge + hours * hourMs);
      const listedFrom = late === undefined ? created : new Date(resumed + late * hourMs);
      collector.publish([record(id)], { created, listedFrom });
    }
    const windowsOfRun = async () => {
      const told = (await toldTimes(collector, "window", "Succeeded")).length;
      const { status } = await collector.run();
      await collector.pass(quarter);
      return { status, windows: (await toldTimes(collector, "window", "Succeeded")).slice(told) };
    };
    return { collector, edge, resumed, windowsOfRun };
  }

  test("and tells what can have expired when a listing had left something out", async () => {
    const { collector, edge, windowsOfRun } = await resume(8, {
      listed: { hours: 2 },
      gone: { hours: 1, late: 2 },
      kept: { hours: 3, late: 2 },
    });
    await windowsOfRun();
    const before = await toldTimes(collector, "gap", "Expired");
    expect(before).toHaveLength(1);
    for (let run = 1; run < 8; run++) {
      const { status, windows } = await windowsOfRun();
      expect(status).toBe("Succeeded");
      const oldest = windows.at(0)!.from.getTime() - edge - run * quarter;
      expect(oldest).toBeLessThan(10 * minuteMs);
      expect(windows.length).toBeLessThan(4);
    }
    expect(await collector.ids()).not.toContain("kept");

    // A listing shows it, and the record from before it is past.
    expect((await windowsOfRun()).status).toBe("Failed");
    expect(await collector.ids()).toEqual(expect.arrayContaining(["kept", "listed"]));
    const [, since, ...more] = await toldTimes(collector, "gap", "Expired");
    expect(more).toEqual([]);
    expect(since!.from).toEqual(before[0]!.to);
    expect(since!.from.getTime()).toBeLessThan(edge + hourMs);
    expect(since!.to.getTime()).toBeGreaterThan(edge + hourMs);
    expect(since!.to.getTime()).toBeLessThan(edge + 3 * hourMs);

    expect((await windowsOfRun()).status).toBe("Succeeded");
  });

  test("that was so long that the next sweep comes too late, and tells of nothing then", async () => {
    const { collector, windowsOfRun } = await resume(6.8, { kept: { hours: 6, late: 0.1 } });
    await windowsOfRun();
    expect(await collector.ids()).not.toContain("kept");
    await windowsOfRun();
    expect(await collector.ids()).toContain("kept");
  });

  test("until a sweep has been there, and not after a shorter one", async () => {
    const long = await resume(8, {});
    await long.windowsOfRun();
    await long.collector.pass(11 * hourMs);
    expect((await long.windowsOfRun()).windows.length).toBeGreaterThan(1);
    await long.collector.pass(2 * hourMs);
    await long.windowsOfRun();
    expect((await long.windowsOfRun()).windows).toHaveLength(1);

    const short = await resume(6, {});
    await short.windowsOfRun();
    expect((await short.windowsOfRun()).windows).toHaveLength(1);
  });
});

describe("Get-O365Data, with a clock that is eight minutes slow after an outage of eight days,", () => {
  test("tells what expired though the feed refuses the oldest window for good", async () => {
    const collector = await Collector.start();
    await collector.run();
    const { created } = collector.publish([record("missed")], {
      created: new Date(now.getTime() + 3 * hourMs),
    });
    await collector.pass(8 * 24 * hourMs);
    const edge = () => collector.clock.now().getTime() - 7 * 24 * hourMs;
    listing(collector, (startTime) =>
      startTime.getTime() < edge() + 8 * minuteMs
        ? Response.json({ error: { code: "AF20055", message: "Out of range" } }, { status: 400 })
        : undefined,
    );
    for (let run = 0; run < 12; run++) {
      await collector.run();
      await collector.pass(quarter);
    }
    const [expired] = await toldTimes(collector, "gap", "Expired");
    expect(expired!.from.getTime()).toBeLessThan(created.getTime());
    expect(expired!.to.getTime()).toBeGreaterThan(created.getTime());
  });
});

describe("Get-O365Data tells a window that cannot be listed", () => {
  test("and closes it with the same times when it is listed after all", async () => {
    const checkpoint = checkpointAt(zulu(at(50 * hourMs)), ["Audit.General"]);
    checkpoint.contentTypes["Audit.General"]!.sweptAt = zulu(now);
    const collector = await Collector.start({ checkpoint });
    const until = new Date("2026-01-12T13:58:00Z");
    listing(collector, (startTime) =>
      startTime < until
        ? Response.json({ error: { code: "AF50000", message: "Internal" } }, { status: 400 })
        : undefined,
    );
    for (let run = 0; run < 6; run++) {
      await collector.run();
      await collector.pass(quarter);
    }
    const [unlisted] = await toldTimes(collector, "gap", "Unlisted");
    expect(unlisted).toBeDefined();
    collector.deployed.feed.before = undefined;
    for (let hour = 0; hour < 26; hour++) {
      await collector.pass(hourMs);
      await collector.run();
    }
    // Once, though later sweeps list it as well.
    expect(await toldTimes(collector, "gap", "Closed")).toEqual([unlisted]);
  });

  test("as failed when one of its pages left a blob, whatever the last page was like", async () => {
    const collector = await Collector.start({ feed: { pageSize: 1 } });
    const { contentId } = collector.publish([record("bad")]);
    collector.publish([record("good")], {
      created: new Date(collector.clock.now().getTime() - 20 * minuteMs),
    });
    failing(collector, { [contentId]: 500 });
    await collector.run();
    const windows = (await collector.health()).filter(({ Kind }) => Kind === "window");
    expect(windows.at(-1)).toMatchObject({ Status: "Failed", BlobsFailed: 1 });
  });
});

describe("Get-O365Data tells that the subscription was off", () => {
  test("within one run that started it again", async () => {
    const checkpoint = checkpointAt(zulu(at(30 * hourMs)), ["Audit.General"]);
    const collector = await Collector.start({ checkpoint });
    let listings = 0;
    collector.deployed.feed.before = async ({ url }) => {
      if (url.includes("/subscriptions/content") && ++listings === 2) {
        await collector.feed("POST", "stop?contentType=Audit.General");
      }
      return undefined;
    };
    await collector.run();
    const [off] = await toldTimes(collector, "gap", "SubscriptionOff");
    expect(off!.from.getTime()).toBeLessThanOrEqual(now.getTime() + minuteMs);
    expect(off!.to.getTime()).toBeGreaterThan(off!.from.getTime());
  });

  test("though the run that started it again was cancelled", async () => {
    const collector = await Collector.start();
    await collector.run();
    await collector.feed("POST", "stop?contentType=Audit.General");
    await collector.pass(2 * hourMs);
    await collector.run(cancelledAfter("Start_subscription"));
    await collector.pass(quarter);
    await collector.run();
    const [off] = await toldTimes(collector, "gap", "SubscriptionOff");
    expect(off!.from.getTime()).toBeLessThan(now.getTime() + minuteMs);
    expect(off!.to.getTime()).toBeGreaterThan(now.getTime() + 2 * hourMs);
  });

  test("from when the ledger knows it listed last, when the checkpoint is lost", async () => {
    const collector = await Collector.start();
    await collector.run();
    await collector.feed("POST", "stop?contentType=Audit.General");
    await collector.pass(3 * hourMs);
    await collector.putBlob("checkpoint.json", "lost");
    await collector.run();
    const [off] = await toldTimes(collector, "gap", "SubscriptionOff");
    expect(off!.from.getTime()).toBeLessThan(now.getTime() + minuteMs);
    expect(off!.to.getTime()).toBeGreaterThan(now.getTime() + 3 * hourMs);
  });

  test("though a run that knew it ended while it started another one", async () => {
    const collector = await Collector.start({
      tenant: { contentTypes: ["Audit.General", "Audit.Exchange"] },
    });
    await collector.run();
    await collector.pass(quarter);
    await collector.feed("POST", "stop?contentType=Audit.General");
    collector.deployed.feed.before = async ({ url }) =>
      url.includes("/subscriptions/start") ? new Response("{}", { status: 500 }) : undefined;
    await collector.run();
    await collector.pass(2 * quarter);
    collector.deployed.feed.before = undefined;
    await collector.feed("POST", "start?contentType=Audit.General");
    await collector.feed("POST", "stop?contentType=Audit.Exchange");
    expect((await collector.run(cancelledAfter("Note_start"))).status).toBe("Cancelled");
    await collector.pass(quarter);
    await collector.run();
    const gaps = (await collector.health()).filter(({ Kind }) => Kind === "gap");
    expect(gaps).toContainEqual(
      expect.objectContaining({ Status: "SubscriptionOff", ContentType: "Audit.General" }),
    );
  });
});

describe("Get-O365Data counts a try of a blob that cannot be read", () => {
  /** Runs after another blob was collected, that many hours after it was published. */
  async function triesAfter(hours: number, statusOfKnown = 200, status = 500) {
    const collector = await Collector.start();
    const known = collector.publish([record("known")]);
    await collector.run();
    for (let hour = 0; hour < hours; hour++) {
      await collector.pass(hourMs);
      await collector.run();
    }
    if (hours === 0) {
      await forgetCollectedUri(collector);
    }
    await collector.pass(quarter);
    const { contentId } = collector.publish([record("unreadable")]);
    const asked = failing(collector, { [contentId]: status, [known.contentId]: statusOfKnown });
    const marks: string[][] = [];
    for (let run = 1; run <= 6; run++) {
      await collector.run();
      marks.push(await marksOf(collector, contentId));
      await collector.pass(quarter);
    }
    const tries = marks.map((all) => all.map((mark) => mark.replace(`${contentId} `, "")));
    const kinds = (await collector.health())
      .filter((row) => row["ContentId"] === contentId && row["Kind"] !== "blob")
      .map(({ Kind, Status }) => `${Kind as string} ${Status as string}`);
    return { tries, kinds, isKnownAsked: asked.includes(known.contentId) };
  }
  const counted = [
    ["try 1"],
    ["try 1", "try 2"],
    ["try 1", "try 2", "try 3"],
    ...Array.from({ length: 3 }, () => ["aside", "try 1", "try 2", "try 3"]),
  ];
  const never = Array.from({ length: 6 }, () => []);

  test.each([
    ["of the page", 0],
    ["that was collected last", 5],
  ])("when a known blob %s can be read, and gives it up in the fourth", async (_, hours) => {
    const { tries, kinds, isKnownAsked } = await triesAfter(hours);
    expect(tries).toEqual(counted);
    expect(kinds).toEqual(["gap Gone"]);
    expect(isKnownAsked).toBe(true);
  });

  test.each([
    ["was collected beside one that cannot be read", ["known", "broken"], false],
    ["was listed again after the checkpoint had been lost", ["known"], true],
  ])("when a blob %s", async (_, published, isLost) => {
    const collector = await Collector.start();
    const ids = published.map((id) => collector.publish([record(id)]).contentId);
    failing(collector, { [ids[1] ?? "no other"]: 500 });
    await collector.run();
    if (isLost) {
      await collector.putBlob("checkpoint.json", "lost");
      await collector.run();
    }
    await collector.pass(5 * hourMs);
    await collector.run();
    const { contentId } = collector.publish([record("unreadable")]);
    failing(collector, { [contentId]: 500, [ids[1] ?? "no other"]: 500 });
    await collector.pass(quarter);
    await collector.run();
    expect(await marksOf(collector, contentId)).toEqual([`${contentId} try 1`]);
  });

  test.each([
    ["of the page", 0],
    ["that was collected last", 5],
  ])("but not when a known blob %s cannot be read either", async (_, hours) => {
    expect(await triesAfter(hours, 500)).toEqual({ tries: never, kinds: [], isKnownAsked: true });
  });

  test("when it alone answers 401, and gives it up", async () => {
    expect(await triesAfter(0, 200, 401)).toMatchObject({ tries: counted, kinds: ["gap Gone"] });
  });

  test.each([
    ["401 as for every blob", 401, 401],
    ["429", 200, 429],
  ])("but not when the answer is %s, which is not about the blob", async (_, known, status) => {
    expect(await triesAfter(0, known, status)).toMatchObject({ tries: never, kinds: [] });
  });

  test("but not when no other blob is known", async () => {
    const collector = await Collector.start();
    const { contentId } = collector.publish([record("unreadable")]);
    failing(collector, { [contentId]: 500 });
    for (let run = 1; run <= 5; run++) {
      expect((await collector.run()).status).toBe("Failed");
      await collector.pass(quarter);
    }
    expect(await marksOf(collector, contentId)).toEqual([]);
    collector.deployed.feed.before = undefined;
    await collector.run();
    expect(await collector.ids()).toEqual(["unreadable"]);
  });

  test("once a run, however often its page is gone through", async () => {
    const collector = await Collector.start();
    const [broken, throttled] = ["broken", "throttled"].map((id) =>
      collector.publish([record(id)]),
    );
    collector.publish([record("good")]);
    let runs = 0;
    let throttledTimes = 0;
    failing(collector, {
      [broken!.contentId]: 500,
      [throttled!.contentId]: () => {
        throttledTimes++;
        return 429;
      },
    });
    for (const marks of counted.slice(0, 3)) {
      runs++;
      throttledTimes = 0;
      collector.publish([record(`good ${runs}`)]);
      await collector.run();
      // Each time that the page is gone through the playbook asks for it up to five times.
      expect(throttledTimes).toBeGreaterThan(10);
      expect(await marksOf(collector, broken!.contentId)).toEqual(
        marks.map((mark) => `${broken!.contentId} ${mark}`),
      );
      await collector.pass(quarter);
    }
  });
});

describe("Get-O365Data tells a run that was missed", () => {
  test.each([
    ["on time", 15, 0],
    ["five minutes late", 20, 0],
    ["half a recurrence late", 22, 0],
    ["more than half a recurrence late", 23, 1],
    ["two hours late", 135, 1],
  ])("when the next is too late, with its times: %s", async (_, minutes, count) => {
    const collector = await Collector.start();
    await collector.run();
    const ended = collector.clock.now();
    await collector.passUntil(new Date(now.getTime() + minutes * minuteMs));
    const began = collector.clock.now();
    await collector.run();
    const missed = await toldTimes(collector, "run", "Missed");
    expect(missed).toHaveLength(count);
    for (const { from, to } of missed) {
      expect(Math.abs(from.getTime() - ended.getTime())).toBeLessThan(minuteMs);
      expect(Math.abs(to.getTime() - began.getTime())).toBeLessThan(minuteMs);
    }
  });

  test.each(["Count_run", "Read_checkpoint", "Plan_windows", "Rows_to_tell"])(
    "that ended after %s, however soon the next one begins",
    async (action) => {
      const collector = await Collector.start();
      await collector.run();
      await collector.pass(minuteMs);
      expect((await collector.run(cancelledAfter(action))).status).toBe("Cancelled");
      await collector.run();
      await collector.run();
      expect(await toldTimes(collector, "run", "Missed")).toHaveLength(1);
    },
  );

  /** Answers for storage to writes of what ends so. */
  const storageAnswers = (collector: Collector, path: string, status: number) => {
    const storage = collector.deployed.storage[0]!;
    storage.before = async ({ method, url }) =>
      method === "PUT" && url.endsWith(path) ? new Response(null, { status }) : undefined;
    return () => delete storage.before;
  };

  /** Answers queries in the workspace's place, until what it gives is called. */
  const workspaceAnswers = (collector: Collector, answer: () => Response) => {
    const { hostname } = new URL(collector.parameter("queryEndpoint"));
    const query = collector.deployed.services.find((service) => service.serves(hostname))!;
    const handle = query.handle.bind(query);
    query.handle = async () => answer();
    return () => {
      query.handle = handle;
    };
  };

  test("that was the very first, and when a line could not be added to the list of runs", async () => {
    const collector = await Collector.start({ checkpoint: null });
    await collector.run(cancelledAfter("Create_checkpoint"));
    await collector.pass(minuteMs);
    await collector.run();
    expect(await toldTimes(collector, "run", "Missed")).toHaveLength(1);
    await collector.pass(minuteMs);
    await collector.run(cancelledAfter("Read_checkpoint"));
    await collector.pass(minuteMs);
    const answersAgain = storageAnswers(collector, "?comp=appendblock", 503);
    await collector.run();
    answersAgain();
    await collector.run();
    expect(await toldTimes(collector, "run", "Missed")).toHaveLength(2);
  });

  test("once, however long the checkpoint cannot be saved", async () => {
    const collector = await Collector.start();
    await collector.run();
    await collector.pass(quarter);
    await collector.run(cancelledAfter("Count_run"));
    const savesAgain = storageAnswers(collector, "/checkpoint.json", 403);
    await collector.pass(quarter);
    await collector.runs(5);
    savesAgain();
    await collector.run();
    expect(await toldTimes(collector, "run", "Missed")).toHaveLength(1);
  });

  test("though the run that found it could neither tell it nor save the checkpoint", async () => {
    const collector = await Collector.start();
    await collector.run();
    await collector.pass(3 * hourMs);
    let refused = 0;
    const savesAgain = storageAnswers(collector, "/checkpoint.json", 403);
    const takesAgain = ingestionAnswers(collector, async (request, handle) =>
      request.url.includes("/Custom-M365AuditHealth?") && refused++ === 0
        ? new Response("{}", { status: 403 })
        : handle(request),
    );
    await collector.run();
    savesAgain();
    takesAgain();
    await collector.pass(quarter);
    await collector.run();
    expect(await toldTimes(collector, "run", "Missed")).toHaveLength(1);
  });

  test("but not while runs cannot tell of themselves", async () => {
    const collector = await Collector.start();
    await collector.runs(2);
    const takesAgain = ingestionAnswers(collector, async () => new Response("{}", { status: 403 }));
    await collector.runs(5);
    takesAgain();
    await collector.runs(3);
    expect(await toldTimes(collector, "run", "Missed")).toEqual([]);
    expect((await collector.health()).filter(({ Kind }) => Kind === "run")).toHaveLength(10);
  });

  test.each([
    ["no answer", () => new Response("{}", { status: 500 })],
    ["half an answer", () => new Response('{"tables":[{"rows":[', { headers: json })],
    ["a page instead of an answer", () => new Response("<html></html>", { headers: json })],
  ])("but not one that had %s to what is missing", async (_, answer) => {
    const collector = await Collector.start({
      options: { brokenJson: "string", eagerLogic: true },
    });
    await collector.runs(2);
    const answersAgain = workspaceAnswers(collector, answer);
    await collector.runs(1);
    answersAgain();
    await collector.runs(2);
    expect(await toldTimes(collector, "run", "Missed")).toEqual([]);
    const reasons = (await collector.health()).map(({ Reason }) => Reason);
    expect(reasons.filter((reason) => String(reason).includes("could not be asked"))).toHaveLength(
      1,
    );
  });

  test.each([
    ["tells it", "nothing"],
    ["that can read the ledger alone tells it as well", "checkpoint.json"],
  ])(
    "but not by one that can read neither the checkpoint nor the ledger: the next one %s",
    async (_, blob) => {
      const collector = await Collector.start();
      await collector.runs(2);
      await collector.run(cancelledAfter("Read_checkpoint"));
      const missedFrom = collector.clock.now();
      await collector.pass(15 * minuteMs);
      const answersAgain = workspaceAnswers(collector, () => new Response(null, { status: 500 }));
      const storage = collector.deployed.storage[0]!;
      storage.before = async ({ url }) =>
        url.endsWith("/checkpoint.json") ? new Response(null, { status: 500 }) : undefined;
      await collector.runs(1);
      expect(await toldTimes(collector, "run", "Missed")).toEqual([]);

      answersAgain();
      storage.before = async ({ url }) =>
        url.endsWith(`/${blob}`) ? new Response(null, { status: 500 }) : undefined;
      await collector.runs(2);
      const [missed, ...others] = await toldTimes(collector, "run", "Missed");
      expect(others).toEqual([]);
      expect(missed!.from.getTime()).toBeLessThan(missedFrom.getTime());
      expect(missed!.to.getTime()).toBeGreaterThan(missedFrom.getTime());
    },
  );

  test("from the last one that told on, by one that can read the ledger and not the checkpoint", async () => {
    const collector = await Collector.start();
    await collector.runs(2);
    const toldAt = collector.clock.now();
    await collector.run(cancelledAfter("Read_checkpoint"));
    const missedFrom = collector.clock.now();
    await collector.pass(15 * minuteMs);
    collector.deployed.storage[0]!.before = async ({ url }) =>
      url.endsWith("/checkpoint.json") ? new Response(null, { status: 500 }) : undefined;
    await collector.runs(1);
    const [missed, ...others] = await toldTimes(collector, "run", "Missed");
    expect(others).toEqual([]);
    expect(missed!.from.getTime()).toBeLessThan(missedFrom.getTime());
    expect(missed!.from.getTime()).toBeGreaterThanOrEqual(
      toldAt.getTime() - 15 * minuteMs - minuteMs,
    );
    expect(missed!.to.getTime()).toBeGreaterThan(missedFrom.getTime());
  });

  test.each([
    ["could not save its checkpoint", "/checkpoint.json", 500],
    ["found the list of runs full", ".txt?comp=appendblock", 409],
    ["could not be counted", ".txt?comp=appendblock", 500],
  ])("but not one that %s", async (_, path, status) => {
    const collector = await Collector.start();
    await collector.runs(2);
    const answersAgain = storageAnswers(collector, path, status);
    await collector.runs(1);
    answersAgain();
    await collector.runs(3);
    expect(await toldTimes(collector, "run", "Missed")).toEqual([]);
  });

  const fewer = "fewer runs are known to have ended in this time than should have";

  test.each<[string, { isOneMore?: true; isLost?: true; Reason: string }]>([
    ["while storage was out of reach", { Reason: fewer }],
    [
      "while storage was out of reach, and somebody started one",
      { isOneMore: true, Reason: fewer },
    ],
    [
      "before the checkpoint was lost",
      {
        isLost: true,
        Reason:
          "the checkpoint was lost, and nothing had been listed since: which runs ended in this time is not known",
      },
    ],
  ])("though others told of themselves, %s", async (_, { isOneMore, isLost, Reason }) => {
    const collector = await Collector.start();
    const storage = collector.deployed.storage[0]!;
    await collector.run();
    await collector.pass(quarter);
    storage.before = async () => new Response(null, { status: 503 });
    for (const isTold of [true, false, true]) {
      const takesAgain = ingestionAnswers(collector, async (request, handle) =>
        isTold ? handle(request) : new Response(null, { status: 403 }),
      );
      await collector.run();
      if (isOneMore && isTold) {
        await collector.run();
      }
      takesAgain();
      await collector.passUntil(
        new Date(Math.ceil(collector.clock.now().getTime() / quarter) * quarter + 5 * minuteMs),
      );
    }
    delete storage.before;
    if (isLost) {
      await collector.putBlob("checkpoint.json", "lost");
    }
    await collector.run();
    expect(await collector.health()).toContainEqual(
      expect.objectContaining({ Status: "Missed", Reason }),
    );
  });

  test("and again one that was missed later, while the checkpoint cannot be saved", async () => {
    const collector = await Collector.start();
    const storage = collector.deployed.storage[0]!;
    const next = async (answers: "read" | "nothing", isTold = true) => {
      storage.before = async ({ method }) =>
        answers === "read" && method === "GET" ? undefined : new Response(null, { status: 503 });
      const takesAgain = ingestionAnswers(collector, async (request, handle) =>
        isTold ? handle(request) : new Response(null, { status: 403 }),
      );
      await collector.run();
      takesAgain();
      await collector.passUntil(
        new Date(Math.ceil(collector.clock.now().getTime() / quarter) * quarter + 5 * minuteMs),
      );
      return (await toldTimes(collector, "run", "Missed")).length;
    };
    await collector.run();
    await collector.pass(quarter);
    expect(await next("nothing")).toBe(0);
    expect(await next("nothing", false)).toBe(0);
    expect(await next("read")).toBe(1);
    expect(await next("read")).toBe(1);
    expect(await next("nothing", false)).toBe(1);
    expect(await next("read")).toBe(2);
    const [first, second] = await toldTimes(collector, "run", "Missed");
    expect(second!.from).toEqual(first!.to);
    expect(await next("read")).toBe(2);
  });

  test("but not the runs that a long one took the place of", async () => {
    const collector = await Collector.start({ tenant: { recurrenceMinutes: 5 } });
    await collector.run();
    await collector.pass(5 * minuteMs);
    const began = collector.clock.now().getTime();
    collector.deployed.feed.before = async () => new Response("{}", { status: 429 });
    await collector.run();
    collector.deployed.feed.before = undefined;
    const minutes = (collector.clock.now().getTime() - began) / minuteMs;
    expect(minutes).toBeGreaterThan(10);
    await collector.passUntil(new Date(began + Math.ceil(minutes / 5) * 5 * minuteMs));
    await collector.run();
    expect(await toldTimes(collector, "run", "Missed")).toEqual([]);
  });
});

describe("Get-O365Data looks for all that the feed has in each run", () => {
  /** Runs with an empty feed for that long, then publishes a blob of an hour after the start. */
  async function isFoundAtOnce(hours: number, lose?: (collector: Collector) => Promise<void>) {
    const collector = await Collector.start({ checkpoint: null });
    const created = new Date(collector.clock.now().getTime() + hourMs);
    for (let hour = 0; hour < hours; hour++) {
      await collector.run();
      await collector.pass(hourMs);
      if (hour === 1) {
        await lose?.(collector);
      }
    }
    collector.publish([record("early")], { created, listedFrom: collector.clock.now() });
    await collector.pass(5 * minuteMs);
    await collector.run();
    return (await collector.ids()).length === 1;
  }

  test("through the first twelve hours, while nothing has come", async () => {
    expect(await isFoundAtOnce(11)).toBe(true);
  });

  test("even when the checkpoint is lost meanwhile", async () => {
    const lost = (collector: Collector) => collector.putBlob("checkpoint.json", "{");
    expect(await isFoundAtOnce(13, lost)).toBe(true);
  });

  test("and once more after that, though it did not run for a while", async () => {
    const collector = await Collector.start({ checkpoint: null });
    await collector.run();
    collector.publish([record("early")], { created: new Date(now.getTime() + hourMs) });
    await collector.pass(16 * hourMs);
    await collector.run();
    expect(await collector.ids()).toEqual(["early"]);
  });

  test("and not for ever", async () => {
    expect(await isFoundAtOnce(23)).toBe(false);
  });

  test.each([
    ["a later page", (url: URL) => url.searchParams.has("nextPage")],
    ["the oldest slice", (url: URL) => url.searchParams.get("startTime")! < zulu(at(120 * hourMs))],
  ])("until all was listed, though %s failed while the first content came", async (_, fails) => {
    const collector = await Collector.start({ checkpoint: null, feed: { pageSize: 1 } });
    await collector.run();
    await collector.pass(5 * hourMs);
    await collector.run();
    await collector.pass(2 * hourMs);
    const listedFrom = collector.clock.now();
    // The last two in the slice of now, and longer ago than what each run lists again.
    for (const hours of [-144, 2.2, 2.4]) {
      const created = new Date(now.getTime() + hours * hourMs);
      collector.publish([record(`hour ${hours}`)], { created, listedFrom });
    }
    collector.deployed.feed.before = async ({ url }) =>
      fails(new URL(url)) ? Response.json({}, { status: 500 }) : undefined;
    await collector.pass(minuteMs);
    await collector.run();
    expect(await collector.ids()).not.toEqual([]);
    expect(await collector.ids()).not.toHaveLength(3);

    collector.deployed.feed.before = undefined;
    await collector.pass(quarter);
    await collector.run();
    expect(await collector.ids()).toHaveLength(3);
  });
});

describe("Get-O365Data, before it starts a subscription,", () => {
  test("keeps in the checkpoint what could not be told, and since when", async () => {
    const collector = await Collector.start();
    await collector.run();
    await collector.pass(quarter);
    const { ingestion, feed } = collector.deployed;
    const handle = ingestion.handle.bind(ingestion);
    ingestion.handle = async (request) =>
      request.url.includes("/Custom-M365AuditHealth?")
        ? new Response(null, { status: 403 })
        : handle(request);
    await collector.run();
    const read = async () =>
      (await (await collector.storage("GET", collector.blobUri("checkpoint.json"))).json()) as {
        untold: unknown[];
        endedAt: string;
        ranAt: string;
        contentTypes: Record<string, { startRequestedAt: unknown }>;
      };
    const before = await read();
    expect(before.untold).not.toEqual([]);
    expect(before.ranAt).toMatch(/^2026-01-14T10:20:0/);

    await collector.feed("POST", "stop?contentType=Audit.General");
    await collector.pass(quarter);
    await collector.run(cancelledAfter("Note_start"));
    const { untold, endedAt, ranAt, contentTypes } = await read();
    expect(contentTypes["Audit.General"]!.startRequestedAt).not.toBeNull();
    expect({ endedAt, ranAt }).toEqual({ endedAt: before.endedAt, ranAt: before.ranAt });
    expect(untold).toEqual(before.untold);

    ingestion.handle = handle;
    feed.before = undefined;
    await collector.pass(quarter);
    await collector.run();
    const runIds = (await collector.health()).map(({ RunId }) => RunId);
    expect(runIds).toEqual(
      expect.arrayContaining(before.untold.map((row) => (row as { RunId: string }).RunId)),
    );
  });
});
