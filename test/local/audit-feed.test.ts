import { describe, expect, test } from "vitest";

import { AuditFeed, type AuditFeedProps, type Publication } from "../../local/audit-feed.ts";
import { VirtualClock } from "../../local/clock.ts";
import { Directory } from "../../local/directory.ts";

const TENANT = "11111111-2222-3333-4444-555555555555";
const PUBLISHER = "abcdef77-2222-3333-4444-555555555555";
const APP = "aaaaaaaa-0000-4000-8000-000000000001";
const HOST = "manage.office.com";
const START = new Date("2026-03-01T00:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function setUp(options: Partial<AuditFeedProps> = {}) {
  const clock = new VirtualClock(START);
  const directory = new Directory({ clock });
  directory.addTenant(TENANT);
  const add = (clientId: string, tenantId = TENANT) => {
    const application = directory.addApplication({ clientId, tenantId });
    directory.grantAppRole(application.principalId, "ActivityFeed.Read");
    return application;
  };
  const application = add(APP);
  const feed = new AuditFeed({ clock, directory, ...options });
  const audience = `https://${options.host ?? HOST}`;

  const call = (path: string, init: CallInit = {}) => {
    const { tenant = TENANT, caller = application, publisher = PUBLISHER } = init;
    const url = new URL(
      path.startsWith("https:") ? path : `${audience}/api/v1.0/${tenant}/activity/feed/${path}`,
    );
    if (publisher) {
      url.searchParams.set("PublisherIdentifier", publisher);
    }
    const authorization = init.authorization ?? `Bearer ${directory.issueToken(caller, audience)}`;
    return feed.handle(
      new Request(url, { method: init.method, body: init.body, headers: { authorization } }),
    );
  };
  /** Status and error, or the whole body. */
  const outcome = async (path: string, init: CallInit = {}) => {
    const response = await call(path, init);
    const text = await response.text();
    const body = text && (JSON.parse(text) as { error?: { code: string; message: string } });
    const { error } = Object(body) as { error?: { code: string; message: string } };
    return error ? [response.status, error.code, error.message] : [response.status, body];
  };
  const post = (operation: "start" | "stop", contentType = "Audit.General", init: CallInit = {}) =>
    outcome(`subscriptions/${operation}?contentType=${contentType}`, { ...init, method: "POST" });
  const list = async (startTime: string, endTime: string, init: CallInit = {}) => {
    const response = await call(
      `subscriptions/content?contentType=Audit.General&startTime=${startTime}&endTime=${endTime}`,
      init,
    );
    const entries = (await response.json()) as { contentId: string }[];
    return entries.map(({ contentId }) => contentId);
  };
  const publish = (contentId: string, created: string, rest: Partial<Publication> = {}) =>
    feed.publish(TENANT, "Audit.General", {
      contentId,
      created: new Date(created),
      body: "[]",
      ...rest,
    });
  const wait = (ms: number) => clock.run(() => clock.sleep(ms));
  return { clock, directory, application, add, feed, call, outcome, post, list, publish, wait };
}

interface CallInit {
  tenant?: string;
  caller?: ReturnType<Directory["addApplication"]>;
  publisher?: string;
  authorization?: string;
  method?: string;
  body?: string;
}

async function setUpEnabled(options: Partial<AuditFeedProps> = {}) {
  const all = setUp(options);
  expect(await all.post("start")).toEqual([200, enabled]);
  return all;
}

const enabled = { contentType: "Audit.General", status: "enabled", webhook: null };
const windowError =
  "Start time and end time must both be specified (or both omitted) and must be less than or equal to 24 hours apart, with the start time prior to end time and start time no more than 7 days in the past.";

describe("AuditFeed access", () => {
  test.each(["manage.office.com", "manage-gcc.office.com", "manage.protection.apps.mil"])(
    "answers under %s alone, which is also its audience",
    async (host) => {
      const { feed, call, publish, wait, post } = setUp({ host });
      expect(feed.serves(host)).toBe(true);
      expect(feed.serves("manage.office365.us")).toBe(false);
      await post("start");
      publish("a$b", START.toISOString());
      await wait(HOUR);
      const response = await call("subscriptions/content?contentType=Audit.General");
      expect(await response.json()).toMatchObject([
        { contentUri: `https://${host}/api/v1.0/${TENANT}/activity/feed/audit/a$b` },
      ]);
    },
  );

  test("answers 401 without the error object to a token that is not for it", async () => {
    const { application, call, directory, wait } = setUp();
    const foreign = `Bearer ${directory.issueToken(application, "https://vault.azure.net")}`;
    const late = `Bearer ${directory.issueToken(application, "https://manage.office.com")}`;
    await wait(2 * HOUR);
    for (const authorization of ["Basic x", foreign, late]) {
      const response = await call("subscriptions/list", { authorization });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      expect(await response.json()).toEqual({
        Message: "Authorization has been denied for this request.",
      });
    }
  });

  test("needs ActivityFeed.Read, and ActivityFeed.ReadDlp for DLP.All", async () => {
    const { directory, application, feed, outcome, post } = setUp();
    const dlp = { contentId: "dlp$1", created: START, body: "[]" };
    feed.publish(TENANT, "DLP.All", dlp);
    expect(await post("start", "DLP.All")).toEqual([
      401,
      "AF10001",
      "The permission set (ActivityFeed.Read) sent in the request does not include the expected permission.",
    ]);
    directory.grantAppRole(application.principalId, "ActivityFeed.ReadDlp");
    expect(await post("start", "DLP.All")).toMatchObject([200, { status: "enabled" }]);
    expect(await outcome("audit/dlp$1")).toEqual([200, []]);
    directory.revokeAppRole(application.principalId, "ActivityFeed.ReadDlp");
    expect((await outcome("audit/dlp$1"))[1]).toBe("AF10001");
    directory.revokeAppRole(application.principalId, "ActivityFeed.Read");
    expect(await outcome("subscriptions/list")).toEqual([
      401,
      "AF10001",
      "The permission set () sent in the request does not include the expected permission.",
    ]);
  });

  test("checks the tenant in the address", async () => {
    const { directory, outcome } = setUp();
    const other = "99999999-2222-3333-4444-555555555555";
    expect(await outcome("subscriptions/list", { tenant: "contoso.example.org" })).toEqual([
      400,
      "AF20013",
      "The tenant ID passed in the URL (contoso.example.org) is not a valid GUID.",
    ]);
    expect(await outcome("subscriptions/list", { tenant: other })).toEqual([
      400,
      "AF20010",
      `The tenant ID passed in the URL (${other}) does not match the tenant ID passed in the access token (${TENANT}).`,
    ]);
    const gone = { clientId: APP, principalId: APP, tenantId: other, secrets: [] };
    const caller = { ...gone, assertions: new Set<string>() };
    directory.grantAppRole(APP, "ActivityFeed.Read");
    expect(await outcome("subscriptions/list", { tenant: other, caller })).toEqual([
      400,
      "AF20011",
      `Specified tenant ID (${other}) does not exist in the system or has been deleted.`,
    ]);
  });

  test("answers 404 to an address that it does not have", async () => {
    const { call } = setUp();
    for (const [path, method] of [
      ["subscriptions/start", "GET"],
      ["subscriptions/other", "GET"],
    ] as const) {
      const response = await call(path, { method });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        Message: expect.stringContaining("No HTTP resource was found") as unknown,
      });
    }
  });
});

describe("AuditFeed quota", () => {
  test("counts each publisher of a tenant by the minute and answers 403", async () => {
    const { add, directory, outcome, wait } = setUp({ requestsPerMinute: 2 });
    const tenant = directory.addTenant("99999999-2222-3333-4444-555555555555").id;
    const caller = add("aaaaaaaa-0000-4000-8000-000000000010", tenant);
    const ask = (publisher: string) => outcome("subscriptions/list", { publisher });
    expect(await ask(PUBLISHER)).toEqual([200, []]);
    expect(await ask(PUBLISHER.toUpperCase())).toEqual([200, []]);
    expect(await ask(PUBLISHER)).toEqual([
      403,
      "AF429",
      `Too many requests. Method=ListSubscriptions, PublisherId=${PUBLISHER}`,
    ]);
    expect(await ask(TENANT)).toEqual([200, []]);
    expect(await outcome("subscriptions/list", { tenant, caller })).toEqual([200, []]);
    await wait(MINUTE);
    expect(await ask(PUBLISHER)).toEqual([200, []]);
  });

  test.each([
    ["any 60 seconds", {}, "AF429"],
    ["a minute of the clock", { quotaWindow: "clockMinute" }, []],
  ] as const)("counts %s", async (_, traits, afterTheMinute) => {
    const { outcome, wait } = setUp({ requestsPerMinute: 2, ...traits });
    const ask = async () => (await outcome("subscriptions/list"))[1];
    await wait(MINUTE - 1);
    expect([await ask(), await ask(), await ask()]).toEqual([[], [], "AF429"]);
    await wait(1);
    expect(await ask()).toEqual(afterTheMinute);
    // The refused request did not count.
    await wait(MINUTE - 1);
    expect(await ask()).toEqual([]);
  });

  test("counts a request for a minute to the millisecond", async () => {
    const { outcome, wait } = setUp({ requestsPerMinute: 1 });
    const ask = async () => (await outcome("subscriptions/list"))[1];
    expect(await ask()).toEqual([]);
    await wait(MINUTE - 1);
    expect(await ask()).toBe("AF429");
    await wait(1);
    expect(await ask()).toEqual([]);
  });

  test("can tell the same by status 429, of requests and of starts", async () => {
    const { outcome, post } = setUp({ requestsPerMinute: 3, throttledStatus: 429 });
    await post("start");
    expect((await post("start")).slice(0, 2)).toEqual([429, "429"]);
    await outcome("subscriptions/list");
    expect((await outcome("subscriptions/list")).slice(0, 2)).toEqual([429, "AF429"]);
  });

  test("shares the quota of those without a publisher with other tenants and the world", async () => {
    const { add, directory, outcome } = setUp({ requestsPerMinute: 100, sharedQuotaUsed: 98 });
    const tenant = directory.addTenant("99999999-2222-3333-4444-555555555555").id;
    const caller = add("aaaaaaaa-0000-4000-8000-000000000010", tenant);
    const ask = (init: CallInit) => outcome("subscriptions/list", { publisher: "", ...init });
    expect(await ask({})).toEqual([200, []]);
    expect(await ask({ tenant, caller })).toEqual([200, []]);
    expect((await ask({ tenant, caller }))[1]).toBe("AF429");
    expect((await ask({}))[1]).toBe("AF429");
    expect(await ask({ publisher: PUBLISHER })).toEqual([200, []]);
  });

  test("puts all who name no publisher into one bucket and counts them", async () => {
    const { feed, outcome } = setUp({ requestsPerMinute: 1 });
    await outcome("subscriptions/list", { publisher: "" });
    expect(await outcome("audit/a$b", { publisher: "" })).toEqual([
      403,
      "AF429",
      "Too many requests. Method=GetBlob, PublisherId=00000000-0000-0000-0000-000000000000",
    ]);
    await outcome("subscriptions/list");
    expect(feed.requestsWithoutPublisher).toBe(2);
    expect(await outcome("subscriptions/list?publisherIdentifier=x", { publisher: "" })).toEqual([
      400,
      "AF20002",
      "Invalid parameter type: PublisherIdentifier. Expected type: guid",
    ]);
  });

  test("allows 2,000 requests a minute unless told otherwise", async () => {
    const { outcome } = setUp();
    for (let request = 0; request < 2000; request++) {
      await outcome("subscriptions/list");
    }
    expect((await outcome("subscriptions/list"))[1]).toBe("AF429");
  });

  test("counts requests by operation", async () => {
    const { feed, outcome, post, list } = setUp();
    await post("start");
    await list("2026-03-01", "2026-03-02");
    await outcome("audit/a$b");
    await outcome("audit/a$b", { authorization: "Basic x" });
    await outcome("subscriptions/list");
    await post("stop");
    expect(feed.requests).toEqual({
      start: 1,
      stop: 1,
      list: 1,
      content: 1,
      blob: 2,
      notifications: 0,
    });
  });
});

describe("AuditFeed subscriptions", () => {
  test("start, are listed per application and stop", async () => {
    const { add, outcome, post } = setUp();
    const other = add("aaaaaaaa-0000-4000-8000-000000000009");
    expect(await outcome("subscriptions/list")).toEqual([200, []]);
    expect(await post("start", "audit.general")).toEqual([200, enabled]);
    expect(await outcome("subscriptions/list")).toEqual([200, [enabled]]);
    expect(await outcome("subscriptions/list", { caller: other })).toEqual([200, []]);
    expect(await post("stop")).toEqual([200, ""]);
    expect(await outcome("subscriptions/list")).toEqual([
      200,
      [{ ...enabled, status: "disabled" }],
    ]);
  });

  test("are told by AF20022 and AF20023 when there is none or it is off", async () => {
    const { outcome, post, publish } = setUp();
    publish("a$b", START.toISOString());
    const content = "subscriptions/content?contentType=Audit.General";
    const notifications = "subscriptions/notifications?contentType=Audit.General";
    const none = [400, "AF20022", "No subscription found for the specified content type."];
    const off = [400, "AF20023", "The subscription was disabled."];
    for (const path of [content, notifications, "audit/a$b"]) {
      expect(await outcome(path)).toEqual(none);
    }
    expect(await post("stop")).toEqual(none);
    await post("start");
    expect(await outcome(notifications)).toEqual([200, []]);
    await post("stop");
    for (const path of [content, notifications, "audit/a$b"]) {
      expect(await outcome(path)).toEqual(off);
    }
    expect(await post("stop")).toEqual(off);
  });

  test("answer AF20024 when they are on already", async () => {
    const { post, wait } = await setUpEnabled();
    await wait(15 * MINUTE);
    expect(await post("start")).toEqual([
      400,
      "AF20024",
      "The subscription is already enabled. No property change.",
    ]);
  });

  test("start again only after 15 minutes, and tell the wait", async () => {
    const { post, wait } = await setUpEnabled();
    const tooSoon = (wait: string) => [
      403,
      "429",
      `Too many frequent subscription start requests. Please retry again after ${wait}.`,
    ];
    await post("stop");
    expect(await post("start")).toEqual(tooSoon("15m 0s"));
    await wait(6 * MINUTE + 14_500);
    expect(await post("start")).toEqual(tooSoon("8m 46s"));
    await wait(8 * MINUTE + 45_499);
    expect(await post("start")).toEqual(tooSoon("0m 1s"));
    await wait(1);
    expect(await post("start")).toEqual([200, enabled]);
  });

  test.each([
    ["contentType", 200, 200, 200],
    ["application", 403, 200, 200],
    ["tenant", 403, 403, 200],
    [undefined, 403, 403, 200],
  ] as const)("cool down per %s", async (startCoolDownPer, otherType, otherApp, otherTenant) => {
    const { add, directory, post } = await setUpEnabled({ startCoolDownPer });
    const tenant = directory.addTenant("99999999-2222-3333-4444-555555555555").id;
    const neighbour = add("aaaaaaaa-0000-4000-8000-000000000009");
    const stranger = add("aaaaaaaa-0000-4000-8000-000000000010", tenant);
    expect((await post("start", "Audit.Exchange"))[0]).toBe(otherType);
    expect((await post("start", "Audit.General", { caller: neighbour }))[0]).toBe(otherApp);
    expect((await post("start", "Audit.General", { caller: stranger, tenant }))[0]).toBe(
      otherTenant,
    );
  });

  test("can stay disabled for a while after they were stopped and started again", async () => {
    const { list, outcome, post, wait } = await setUpEnabled({
      startCoolDownPer: "contentType",
      disabledAfterRestartMs: HOUR,
    });
    expect(await list("2026-03-01", "2026-03-02")).toEqual([]);
    await post("stop");
    await wait(15 * MINUTE);
    expect(await post("start")).toEqual([200, enabled]);
    const content = () => outcome("subscriptions/content?contentType=Audit.General");
    await wait(HOUR - 1);
    expect(await content()).toEqual([400, "AF20023", "The subscription was disabled."]);
    await wait(1);
    expect(await content()).toEqual([200, []]);
  });

  test("can be silent for hours after the very first start", async () => {
    const { list, outcome, publish, wait } = await setUpEnabled({
      silentAfterFirstStartMs: 12 * HOUR,
    });
    publish("a$b", START.toISOString());
    await wait(12 * HOUR - 1);
    expect(await list("2026-03-01", "2026-03-02")).toEqual([]);
    expect((await outcome("audit/a$b"))[1]).toBe("AF20050");
    await wait(1);
    expect(await list("2026-03-01", "2026-03-02")).toEqual(["a$b"]);
    expect(await outcome("audit/a$b")).toEqual([200, []]);
  });

  test("can reach back behind the very first start, not behind later ones", async () => {
    const { list, post, publish, wait } = setUp({ contentBeforeFirstStartMs: 2 * HOUR });
    publish("old$1", "2026-03-01T00:59:59Z");
    publish("before$1", "2026-03-01T01:00:00Z");
    publish("off$1", "2026-03-01T04:30:00Z");
    await wait(3 * HOUR);
    await post("start");
    await wait(HOUR);
    await post("stop");
    await wait(HOUR);
    await post("start");
    expect(await list("2026-03-01", "2026-03-02")).toEqual(["before$1"]);
  });

  test("cannot start while auditing is off, and the attempt counts", async () => {
    const { directory, post, wait } = setUp();
    directory.tenant(TENANT)!.auditing = false;
    const [status, code, message] = await post("start");
    expect([status, message]).toEqual([
      400,
      `${APP}] failed. Exception: Microsoft.Office.Compliance.Audit.DataServiceException: Tenant ${TENANT} does not exist.`,
    ]);
    expect(code).toMatch(
      new RegExp(
        `^StartSubscription \\[CorrId=[0-9a-f-]{36}\\]\\[TenantId=${TENANT},ContentType=Audit.General,ApplicationId=${APP},PublisherId=${PUBLISHER}\\]\\[AppId$`,
      ),
    );
    directory.tenant(TENANT)!.auditing = true;
    expect((await post("start"))[1]).toBe("429");
    await wait(15 * MINUTE);
    expect(await post("start")).toEqual([200, enabled]);
  });

  test("take an empty body or one without webhook", async () => {
    const { post } = setUp({ startCoolDownPer: "contentType" });
    expect((await post("start", "Audit.General", { body: "{}" }))[0]).toBe(200);
    expect((await post("start", "Audit.Exchange", { body: '{"webhook":null}' }))[0]).toBe(200);
    const webhook = JSON.stringify({ webhook: { address: "https://hooks.example.org" } });
    expect(await post("start", "Audit.SharePoint", { body: webhook })).toEqual([
      400,
      "AF20021",
      "The webhook endpoint (https://hooks.example.org) could not be validated. The endpoint did not return HTTP 200.",
    ]);
    expect((await post("start", "Audit.SharePoint", { body: "{" }))[1]).toBe("AF20002");
  });

  test("need one of the five content types", async () => {
    const { outcome, post } = setUp();
    expect(await post("start", "Audit.Teams")).toEqual([
      400,
      "AF20020",
      "The specified content type is not valid.",
    ]);
    expect(await outcome("subscriptions/content")).toEqual([
      400,
      "AF20001",
      "Missing parameter: contentType.",
    ]);
  });
});

describe("AuditFeed listing", () => {
  test("tells what a blob is and where", async () => {
    const { call, publish, wait } = await setUpEnabled();
    publish("20260301$1$audit_general$Audit_General$emea0000", "2026-03-01T00:00:10.500Z");
    await wait(HOUR);
    const response = await call(
      "subscriptions/content?contentType=Audit.General&startTime=2026-03-01T00:00&endTime=2026-03-01T01:00",
    );
    expect(response.headers.get("date")).toBe("Sun, 01 Mar 2026 01:00:00 GMT");
    expect(response.headers.get("NextPageUri")).toBeNull();
    expect(await response.json()).toEqual([
      {
        contentType: "Audit.General",
        contentId: "20260301$1$audit_general$Audit_General$emea0000",
        contentUri: `https://${HOST}/api/v1.0/${TENANT}/activity/feed/audit/20260301$1$audit_general$Audit_General$emea0000`,
        contentCreated: "2026-03-01T00:00:10.500Z",
        contentExpiration: "2026-03-08T00:00:10.500Z",
      },
    ]);
  });

  test("takes the start and leaves the end out", async () => {
    const { list, publish, wait } = await setUpEnabled();
    publish("before$1", "2026-03-01T00:59:59.999Z");
    publish("start$1", "2026-03-01T01:00:00.000Z");
    publish("end$1", "2026-03-01T02:00:00.000Z");
    await wait(DAY);
    expect(await list("2026-03-01T01:00:00", "2026-03-01T02:00:00")).toEqual(["start$1"]);
    expect(await list("2026-03-01T02:00:00", "2026-03-01T03:00:00")).toEqual(["end$1"]);
  });

  test("keeps tenants and content types apart", async () => {
    const { directory, feed, list, wait } = await setUpEnabled();
    const other = directory.addTenant("99999999-2222-3333-4444-555555555555").id;
    feed.publish(other, "Audit.General", { created: START, body: "[]" });
    feed.publish(TENANT, "Audit.Exchange", { created: START, body: "[]" });
    const own = feed.publish(TENANT, "Audit.General", { created: START, body: "[]" });
    await wait(HOUR);
    expect(await list("2026-03-01", "2026-03-02")).toEqual([own.contentId]);
  });

  test("orders by availability and shows nothing before its time", async () => {
    const { list, publish, wait } = await setUpEnabled();
    publish("second$1", "2026-03-01T02:00:00Z");
    publish("late$1", "2026-03-01T01:00:00Z", { listedFrom: new Date("2026-03-01T05:00:00Z") });
    publish("first$1", "2026-03-01T01:30:00Z");
    publish("third$1", "2026-03-01T02:00:00Z");
    const day = () => list("2026-03-01", "2026-03-02");
    await wait(2 * HOUR - 1);
    expect(await day()).toEqual(["first$1"]);
    await wait(1);
    expect(await day()).toEqual(["first$1", "second$1", "third$1"]);
    await wait(3 * HOUR);
    expect(await day()).toEqual(["first$1", "second$1", "third$1", "late$1"]);
  });

  test("hands out pages, with the address of the next in a header", async () => {
    const { call, publish, wait } = await setUpEnabled({ pageSize: 2 });
    const ids = ["1$1", "2$1", "3$1", "4$1", "5$1"];
    ids.forEach((id, minute) => publish(id, `2026-03-01T00:0${minute}:00Z`));
    publish("outside$1", "2026-03-01T02:00:00Z");
    await wait(3 * HOUR);
    const query = "contentType=Audit.General&startTime=2026-03-01T00:00&endTime=2026-03-01T02:00";
    const pages: string[][] = [];
    const addresses: string[] = [];
    let next: string | null = `subscriptions/content?${query}`;
    while (next) {
      const response = await call(next);
      const entries = (await response.json()) as { contentId: string }[];
      pages.push(entries.map(({ contentId }) => contentId));
      next = response.headers.get("NextPageUri");
      addresses.push(...(next ? [next] : []));
    }
    expect(pages).toEqual([["1$1", "2$1"], ["3$1", "4$1"], ["5$1"]]);
    for (const address of addresses.map((each) => new URL(each))) {
      expect(`${address.origin}${address.pathname}`).toBe(
        `https://${HOST}/api/v1/${TENANT}/activity/feed/subscriptions/content`,
      );
      expect(Object.fromEntries(address.searchParams)).toEqual({
        contentType: "Audit.General",
        startTime: "2026-03-01T00:00",
        endTime: "2026-03-01T02:00",
        nextPage: expect.any(String) as unknown,
      });
    }
  });

  test("offers no empty last page", async () => {
    const { call, publish, wait } = await setUpEnabled({ pageSize: 2 });
    publish("1$1", "2026-03-01T00:01:00Z");
    publish("2$1", "2026-03-01T00:02:00Z");
    await wait(HOUR);
    const response = await call("subscriptions/content?contentType=Audit.General");
    expect(response.headers.get("NextPageUri")).toBeNull();
  });

  test("refuses a nextPage that it did not make, or made for other content", async () => {
    const { call, outcome, post, publish, wait } = await setUpEnabled({
      pageSize: 1,
      startCoolDownPer: "contentType",
    });
    await post("start", "Audit.Exchange");
    publish("1$1", "2026-03-01T00:01:00Z");
    publish("2$1", "2026-03-01T00:02:00Z");
    await wait(HOUR);
    const page = (nextPage: string, contentType = "Audit.General", endTime = "2026-03-01T01:00") =>
      outcome(
        `subscriptions/content?contentType=${contentType}&startTime=2026-03-01T00:00&endTime=${endTime}&nextPage=${nextPage}`,
      );
    const first = await call(
      "subscriptions/content?contentType=Audit.General&startTime=2026-03-01T00:00&endTime=2026-03-01T01:00",
    );
    const token = new URL(first.headers.get("NextPageUri")!).searchParams.get("nextPage")!;
    const refusal = (given: string) => [400, "AF20031", `Invalid nextPage Input: ${given}.`];
    expect(await page(token)).toMatchObject([200, [{ contentId: "2$1" }]]);
    expect(await page("zzz")).toEqual(refusal("zzz"));
    expect(await page(`9${token}`)).toMatchObject([200, []]);
    expect(await page(token, "Audit.Exchange")).toEqual(refusal(token));
    expect(await page(token, "Audit.General", "2026-03-01T00:30")).toEqual(refusal(token));
  });

  test("can cut a window over 24 hours without a word", async () => {
    const { list, publish, wait } = await setUpEnabled({ longWindows: "cut" });
    publish("first$1", "2026-03-01T23:59:59Z");
    publish("second$1", "2026-03-02T00:00:00Z");
    await wait(3 * DAY);
    expect(await list("2026-03-01", "2026-03-03")).toEqual(["first$1"]);
  });

  test("without times means today from 00:00 UTC", async () => {
    const { call, publish, wait } = await setUpEnabled();
    publish("yesterday$1", "2026-03-01T23:59:59Z");
    publish("today$1", "2026-03-02T00:00:00Z");
    await wait(DAY + HOUR);
    const response = await call("subscriptions/content?contentType=Audit.General");
    expect(await response.json()).toMatchObject([{ contentId: "today$1" }]);
  });

  test.each([
    ["2026-03-01", "2026-03-02"],
    ["2026-03-01T00:00", "2026-03-02T00:00"],
    ["2026-03-01T00:00:00", "2026-03-02T00:00:00"],
    ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"],
    ["2026-03-01T00:00:00.9999999Z", "2026-03-02T00:00:00.9999999Z"],
  ])("takes times such as %s, fractions cut", async (startTime, endTime) => {
    const { list, publish, wait } = await setUpEnabled();
    publish("start$1", "2026-03-01T00:00:00.000Z");
    publish("end$1", "2026-03-02T00:00:00.000Z");
    await wait(2 * DAY);
    expect(await list(startTime, endTime)).toEqual(["start$1"]);
  });

  const problem = async (startTime?: string, endTime?: string) => {
    const { outcome, wait } = await setUpEnabled();
    await wait(10 * DAY + HOUR);
    const query = new URLSearchParams({
      contentType: "Audit.General",
      ...(startTime && { startTime }),
      ...(endTime && { endTime }),
    });
    return outcome(`subscriptions/content?${query.toString()}`);
  };

  test.each(["03/10/2026", "2026-03-10T01", "2026-03-10T00:00:00+01:00", "2026-13-10", "now"])(
    "refuses the time %s",
    async (time) => {
      expect(await problem(time, "2026-03-11")).toEqual([
        400,
        "AF20002",
        "Invalid parameter type: startTime. Expected type: datetime",
      ]);
    },
  );

  test("wants both times or neither", async () => {
    const expected = [
      400,
      "AF20030",
      "Start time and end time must both be specified (or both omitted) and must be less than or equal to 24 hours apart, with the start time no more than 7 days in the past.",
    ];
    expect(await problem("2026-03-10")).toEqual(expected);
    expect(await problem(undefined, "2026-03-10")).toEqual(expected);
  });

  // Now is 2026-03-11T01:00:00Z.
  test.each([
    ["longer than 24 hours", "2026-03-09T00:00:00", "2026-03-10T00:00:01"],
    ["empty", "2026-03-10", "2026-03-10"],
    ["that runs backwards", "2026-03-10", "2026-03-09"],
    ["that starts 7 days ago", "2026-03-04T01:00:00", "2026-03-04T02:00:00"],
  ])("refuses a window %s", async (_, startTime, endTime) => {
    expect(await problem(startTime, endTime)).toEqual([400, "AF20055", windowError]);
  });

  test.each([
    ["of 24 hours", "2026-03-09", "2026-03-10"],
    ["just inside 7 days", "2026-03-04T01:00:01", "2026-03-04T02:00:00"],
    ["into the future", "2026-03-11", "2026-03-12"],
  ])("takes a window %s", async (_, startTime, endTime) => {
    expect(await problem(startTime, endTime)).toEqual([200, []]);
  });
});

describe("AuditFeed blobs", () => {
  // Spacing, order, escapes and large numbers that a parser would not keep.
  const body = '[ {"Id":"1","b":1.0, "a":12345678901234567890,"t":"\\u00e4ä"} ]\r\n';

  test.each([
    ["a string", body],
    ["bytes", new TextEncoder().encode(body)],
    ["a function", () => body],
  ])("are served byte for byte from %s", async (_, given) => {
    const { call, publish, wait } = await setUpEnabled();
    publish("a$b", START.toISOString(), { body: given });
    await wait(1);
    const response = await call("audit/a$b");
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(Buffer.from(await response.arrayBuffer()).toString()).toBe(body);
    expect((await call("audit/a%24b")).status).toBe(200);
  });

  test("can come back with half of their records to a window that starts at their second", async () => {
    const all = await setUpEnabled({ partialAtWindowStart: true });
    const { feed, list, outcome, publish, wait } = all;
    const records = [{ Id: "1" }, { Id: "2" }, { Id: "3" }];
    const bytes = new TextEncoder().encode(JSON.stringify(records));
    publish("a$b", "2026-03-01T01:00:00.999Z", { body: bytes });
    publish("one$1", "2026-03-01T01:00:00.000Z", { body: JSON.stringify([records[0]]) });
    publish("later$1", "2026-03-01T01:00:01.000Z", { body: JSON.stringify(records) });
    await wait(2 * HOUR);
    expect(await outcome("audit/a$b")).toEqual([200, records]);
    expect(await list("2026-03-01T01:00:00", "2026-03-01T02:00:00")).toHaveLength(3);
    expect(await outcome("audit/a$b")).toEqual([200, [{ Id: "1" }]]);
    expect(await outcome("audit/one$1")).toEqual([200, [{ Id: "1" }]]);
    expect(await outcome("audit/later$1")).toEqual([200, records]);
    await list("2026-03-01T00:59:59", "2026-03-01T02:00:00");
    expect(await outcome("audit/a$b")).toEqual([200, records]);
    feed.traits = { ...feed.traits, partialAtWindowStart: false };
    await list("2026-03-01T01:00:00", "2026-03-01T02:00:00");
    expect(await outcome("audit/a$b")).toEqual([200, records]);
  });

  test("do not exist under other ids, for other tenants or before they are listed", async () => {
    const { directory, feed, outcome, publish, wait } = await setUpEnabled();
    const other = directory.addTenant("99999999-2222-3333-4444-555555555555").id;
    feed.publish(other, "Audit.General", { contentId: "other$1", created: START, body: "[]" });
    publish("late$1", START.toISOString(), { listedFrom: new Date(START.getTime() + HOUR) });
    for (const id of ["none$1", "other$1", "late$1"]) {
      expect(await outcome(`audit/${id}`)).toEqual([
        404,
        "AF20050",
        `The specified content (${id}) does not exist.`,
      ]);
    }
    await wait(HOUR);
    expect(await outcome("audit/late$1")).toEqual([200, []]);
    expect(await outcome("audit/mangled")).toEqual([
      400,
      "AF20052",
      "Content ID mangled in the URL is invalid.",
    ]);
  });

  test("expire seven days after they were listed, or when told", async () => {
    const { list, outcome, publish, wait } = await setUpEnabled();
    publish("late$1", "2026-03-01T00:00:00Z", { listedFrom: new Date("2026-03-01T12:00:00Z") });
    publish("short$1", "2026-03-06T00:00:00Z", { expires: new Date("2026-03-07T00:00:00Z") });
    const expired = (id: string) => [
      400,
      "AF20051",
      `Content requested with the key ${id} has already expired. Content older than 7 days cannot be retrieved.`,
    ];
    await wait(7 * DAY + 12 * HOUR - 1);
    expect(await list("2026-03-06", "2026-03-07")).toEqual(["short$1"]);
    expect(await outcome("audit/short$1")).toEqual(expired("short$1"));
    expect(await outcome("audit/late$1")).toEqual([200, []]);
    await wait(1);
    expect(await outcome("audit/late$1")).toEqual(expired("late$1"));
  });

  test("created while the subscription was off are neither listed nor fetchable", async () => {
    const { list, outcome, post, publish, wait } = setUp();
    publish("before$1", "2026-03-01T00:30:00Z");
    publish("during$1", "2026-03-01T01:30:00Z");
    publish("between$1", "2026-03-01T02:30:00Z");
    publish("after$1", "2026-03-01T03:30:00Z");
    await wait(HOUR);
    await post("start");
    await wait(HOUR);
    await post("stop");
    await wait(HOUR);
    await post("start");
    await wait(HOUR);
    expect(await list("2026-03-01", "2026-03-02")).toEqual(["during$1", "after$1"]);
    expect(await outcome("audit/during$1")).toEqual([200, []]);
    for (const id of ["before$1", "between$1"]) {
      expect((await outcome(`audit/${id}`))[1]).toBe("AF20050");
    }
  });

  test("are all offered to who wants to compare, with ids made up where none was given", () => {
    const { feed, publish } = setUp();
    publish("a$b", "2026-03-01T00:30:00Z");
    const made = [1, 2].map(() =>
      feed.publish(TENANT.toUpperCase(), "Audit.General", { created: START, body: "[]" }),
    );
    expect([...feed.offered()].map(({ contentId }) => contentId)).toEqual([
      "a$b",
      "20260301000000000000000001$20260301000000000000000001$audit_general$Audit_General$emea0000",
      "20260301000000000000000002$20260301000000000000000002$audit_general$Audit_General$emea0000",
    ]);
    expect(made[0]).toEqual({
      tenantId: TENANT,
      contentType: "Audit.General",
      contentId: made[0]!.contentId,
      created: START,
      listedFrom: START,
      expires: new Date(START.getTime() + 7 * DAY),
      body: "[]",
    });
  });

  test("must have a new id made of parts", () => {
    const { publish } = setUp();
    publish("a$b", START.toISOString());
    expect(() => publish("a$b", START.toISOString())).toThrow(
      "contentId must be new to the feed, got a$b",
    );
    expect(() => publish("ab", START.toISOString())).toThrow(
      "contentId must consist of parts joined by $, got ab",
    );
  });
});

describe("AuditFeed in a test", () => {
  test("answers while virtual time stands still", async () => {
    const { clock, call, post } = setUp();
    await clock.run(async () => {
      void clock.sleep(1);
      await post("start");
      await (await call("subscriptions/list")).text();
    });
    expect(clock.now()).toEqual(START);
  });

  test("lets a planned fault answer first, uncounted", async () => {
    const { feed, call } = setUp();
    feed.before = async ({ url }) =>
      url.includes("/list") ? new Response(null, { status: 503 }) : undefined;
    expect((await call("subscriptions/list")).status).toBe(503);
    expect((await call("audit/a$b")).status).toBe(404);
    expect(feed.requests).toMatchObject({ list: 0, blob: 1 });
  });
});
