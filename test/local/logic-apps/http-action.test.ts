import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../local/json.ts";
import { type RetryPolicy, retryDelayMs } from "../../../local/logic-apps/retry-policy.ts";
import type { RunOptions } from "../../../local/logic-apps/run-workflow.ts";
import { recordOf, runActions, secondsAfterStart } from "./run.ts";

type Send = NonNullable<NonNullable<Parameters<typeof runActions>[1]>["send"]>;

const noRetry = { retryPolicy: { type: "none" } };
const http = (inputs: object = {}, members: object = {}) => ({
  H: {
    type: "Http",
    inputs: { method: "GET", uri: "https://example.org/x", ...inputs },
    ...members,
  },
});
const run = (actions: object, send: Send, options?: RunOptions) =>
  runActions(actions, { send, options });
const outputs = async (send: Send, options?: RunOptions) =>
  recordOf(await run(http(noRetry), send, options), "H").outputs as JsonObject;

/** The request that an action sends. */
async function sent(inputs: object, members: object = {}) {
  let request: Request | undefined;
  let body = "";
  const ended = await run(http({ ...noRetry, ...inputs }, members), async (received) => {
    request = received;
    body = await received.text();
    return new Response(null, { status: 204 });
  });
  return { request: request!, body, record: recordOf(ended, "H") };
}

// https://learn.microsoft.com/azure/connectors/connectors-native-http
describe("the request of an Http action", () => {
  test("has method, uri, queries, headers and a JSON body", async () => {
    const { request, body } = await sent({
      method: "post",
      uri: "https://example.org/x?a=1",
      queries: { "b c": "d&e", f: 5 },
      headers: { "X-One": "@concat('o', 'ne')" },
      body: { n: [1, null] },
    });
    expect(request.method).toBe("POST");
    expect(request.url).toBe("https://example.org/x?a=1&b%20c=d%26e&f=5");
    expect(request.headers.get("x-one")).toBe("one");
    expect(request.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(body).toBe('{"n":[1,null]}');
  });

  test("sends a text as text, and an envelope as what is in it", async () => {
    const text = await sent({ method: "PUT", body: "été" });
    expect(text.request.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(text.body).toBe("été");
    const binary = await sent({
      method: "PUT",
      body: { "$content-type": "application/x-ndjson", $content: "e30KMQ==" },
    });
    expect(binary.request.headers.get("content-type")).toBe("application/x-ndjson");
    expect(binary.body).toBe("{}\n1");
  });

  // https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#implicit-data-conversions
  test("has text where a number or another value is given for it", async () => {
    const { request } = await sent({
      headers: { "x-number": "@add(1, 1)", "x-yes": true },
      queries: { list: "@createArray(1)" },
    });
    expect([request.headers.get("x-number"), request.headers.get("x-yes")]).toEqual(["2", "True"]);
    expect(request.url).toBe("https://example.org/x?list=%5B1%5D");
  });

  test("keeps the content type that the headers give", async () => {
    const { request } = await sent({
      method: "PUT",
      headers: { "Content-Type": "application/vnd.example+json" },
      body: [],
    });
    expect(request.headers.get("content-type")).toBe("application/vnd.example+json");
  });

  test("loses the headers that the page lists", async () => {
    const dropped = [
      "Accept-Language",
      "Allow",
      "Content-Language",
      "Content-MD5",
      "Cookie",
      "Expires",
      "Host",
      "Last-Modified",
      "Origin",
      "Set-Cookie",
      "Transfer-Encoding",
    ];
    const kept = ["Accept", "Content-Disposition", "Content-Encoding", "If-Match", "x-ms-version"];
    const headers = Object.fromEntries([...dropped, ...kept].map((name) => [name, "v"]));
    const { request } = await sent({ method: "PUT", headers, body: "x" });
    expect(dropped.filter((name) => request.headers.get(name) === "v")).toEqual([]);
    expect(kept.filter((name) => request.headers.get(name) !== "v")).toEqual([]);
  });

  test("carries workflow headers unless they are suppressed", async () => {
    const { request } = await sent({});
    expect(request.headers.get("x-ms-workflow-run-id")).toBe("run-1");
    expect(request.headers.get("x-ms-client-tracking-id")).toBe("run-1");
    const bare = await sent({}, { operationOptions: "SuppressWorkflowHeaders" });
    expect([...bare.request.headers.keys()].filter((name) => name.startsWith("x-ms-"))).toEqual([]);
  });

  // https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#http-action
  test.each([
    [
      { uri: "@concat('/relative')" },
      "Http request failed: the uri must be an absolute http or https address.",
    ],
    [
      { uri: "ftp://example.org/" },
      "Http request failed: the uri must be an absolute http or https address.",
    ],
    [
      { uri: `https://example.org/${"x".repeat(2029)}` },
      "Http request failed: the uri has 2049 bytes, more than the limit of 2048.",
    ],
    [{ headers: { "bad name": "v" } }, "Http request failed: the header 'bad name' is not valid."],
  ])("is not sent with %j", async (inputs, message) => {
    const { request, record } = await sent(inputs);
    expect(request).toBeUndefined();
    expect(record.error).toEqual({ code: "BadRequest", message });
  });

  test("is sent to an address of 2 KB", async () => {
    const { request } = await sent({ uri: `https://example.org/${"x".repeat(2028)}` });
    expect(request.url).toHaveLength(2048);
  });

  test("is sent to longer addresses when told so", async () => {
    let url = "";
    const long = http({ ...noRetry, uri: `https://example.org/${"x".repeat(5000)}` });
    await run(
      long,
      (request) => {
        url = request.url;
        return new Response(null, { status: 204 });
      },
      { uriLimit: 16_384 },
    );
    expect(url).toHaveLength(5020);
  });
});

// https://learn.microsoft.com/azure/connectors/connectors-native-http#trigger-and-action-outputs
describe("the outputs of an Http action", () => {
  test("are status code, headers and body", async () => {
    const got = await outputs(() =>
      Response.json([{ id: 1 }], { headers: { NextPageUri: "https://example.org/2" } }),
    );
    expect(got).toEqual({
      statusCode: 200,
      headers: { "Content-Type": "application/json", NextPageUri: "https://example.org/2" },
      body: [{ id: 1 }],
    });
  });

  test("lack the headers that the page lists, but have the content type", async () => {
    const headers = {
      "Content-Type": "application/json",
      "Content-Length": "2",
      "Content-Encoding": "identity",
      Allow: "GET",
      Expires: "0",
      "Last-Modified": "Mon, 05 Jan 2026 10:00:00 GMT",
      "Set-Cookie": "a=b",
      ETag: '"1"',
    };
    const got = await outputs(() => new Response("{}", { headers }));
    expect(got.headers).toEqual({ "Content-Type": "application/json", ETag: '"1"' });
  });

  test("have headers in the case in which services write them", async () => {
    const names = ["Retry-After", "WWW-Authenticate", "x-ms-request-id", "Server"];
    const headers = Object.fromEntries(names.map((name) => [name.toLowerCase(), "1"]));
    const got = await outputs(() => new Response(null, { headers }));
    expect(Object.keys(got.headers as object).sort()).toEqual([...names].sort());
  });

  test("keep numbers as they were written, up to the next request", async () => {
    const text = '[{"id":12345678901234567890,"score":1.10}]';
    let posted = "";
    await run(
      {
        ...http(noRetry),
        S: {
          type: "Select",
          inputs: { from: "@skip(body('H'), 0)", select: { Record: "@item()" } },
          runAfter: { H: ["Succeeded"] },
        },
        P: {
          ...http({ method: "POST", body: "@body('S')" }).H,
          runAfter: { S: ["Succeeded"] },
        },
      },
      async (request) => {
        posted = await request.text();
        return new Response(text, { headers: { "content-type": "application/json" } });
      },
    );
    expect(posted).toBe('[{"Record":{"id":12345678901234567890,"score":1.10}}]');
  });

  test.each(["text/plain; charset=utf-8", "application/xml", "application/octet-stream"])(
    "have %s in an envelope",
    async (contentType) => {
      const got = await outputs(
        () => new Response("abc", { headers: { "content-type": contentType } }),
      );
      expect(got.body).toEqual({ "$content-type": contentType, $content: "YWJj" });
    },
  );

  test("have content without a type in an envelope", async () => {
    const got = await outputs(() => new Response(new Uint8Array([0x7b, 0x7d])));
    expect(got.body).toEqual({ "$content-type": "application/octet-stream", $content: "e30=" });
  });

  test.each([
    "application/json; charset=utf-8",
    "Application/JSON",
    "application/problem+json",
    "text/json",
  ])("have %s as JSON", async (contentType) => {
    const got = await outputs(
      () => new Response('\ufeff{"a":1}', { headers: { "content-type": contentType } }),
    );
    expect(got.body).toEqual({ a: 1 });
  });

  test("have a text as a string when told so", async () => {
    const send = () => new Response("abc", { headers: { "content-type": "text/plain" } });
    expect((await outputs(send, { textBodies: "string" })).body).toBe("abc");
  });

  test("have no body where there is none", async () => {
    const got = await outputs(
      () => new Response(null, { headers: { "content-type": "application/json" } }),
    );
    expect(got).not.toHaveProperty("body");
  });

  // https://github.com/Azure/LogicAppsUX/issues/4304
  test("are missing when the body is broken JSON", async () => {
    const broken = () =>
      new Response('[{"a":', { headers: { "content-type": "application/json" } });
    const record = recordOf(await run(http(), broken), "H");
    expect(record).toMatchObject({
      status: "Failed",
      error: {
        code: "BadRequest",
        message: "Http request failed: the content was not a valid JSON.",
      },
    });
    expect(record.outputs).toBeUndefined();
    expect(record.attempts).toHaveLength(1);
    expect((await outputs(broken, { brokenJson: "string" })).body).toBe('[{"a":');
  });

  test.each([
    [400, "BadRequest"],
    [401, "Unauthorized"],
    [403, "Forbidden"],
    [404, "NotFound"],
    [409, "Conflict"],
    [412, "PreconditionFailed"],
    [499, "499"],
    [302, "Found"],
  ])("stay with the status code %d, which fails the action as %s", async (status, code) => {
    const record = recordOf(
      await run(http(), () => Response.json({ error: { code: "AF1" } }, { status })),
      "H",
    );
    expect(record).toMatchObject({
      status: "Failed",
      code,
      outputs: { statusCode: status, body: { error: { code: "AF1" } } },
    });
    expect(record.attempts).toHaveLength(1);
  });
});

// https://learn.microsoft.com/azure/logic-apps/error-exception-handling#retry-policies
describe("retries", () => {
  const busy = () => new Response(null, { status: 429 });
  const starts = async (actions: object, send: Send, options?: RunOptions) =>
    recordOf(await run(actions, send, options), "H").attempts.map(({ startTime }) =>
      secondsAfterStart(startTime),
    );

  test("happen four times by default, after intervals that grow", async () => {
    // Half-way between 5 and 7.5, 7.5 and 15, 15 and 30, 30 and 45 seconds.
    const expected = [0, 6.25, 17.5, 40, 77.5];
    expect(await starts(http(), busy)).toEqual(expected);
    expect(await starts(http({ retryPolicy: { type: "default" } }), busy)).toEqual(expected);
  });

  test.each([408, 429, 500, 501, 502, 503, 504, 599])(
    "happen for the status %d",
    async (status) => {
      let calls = 0;
      const ended = await run(http(), () =>
        ++calls === 1 ? new Response(null, { status }) : Response.json(1),
      );
      const { status: result, attempts } = recordOf(ended, "H");
      expect(result).toBe("Succeeded");
      expect(attempts.map((attempt) => attempt.result)).toEqual([status, 200]);
    },
  );

  test("happen for a lost connection", async () => {
    let calls = 0;
    const ended = await run(http(), () => {
      if (++calls < 3) {
        throw new Error("connection reset");
      }
      return Response.json(1);
    });
    expect(recordOf(ended, "H").attempts.map(({ result }) => result)).toEqual([
      "Http request failed: the connection failed: connection reset",
      "Http request failed: the connection failed: connection reset",
      200,
    ]);
  });

  test("happen for an answer that breaks off", async () => {
    let calls = 0;
    const ended = await run(http(), () => {
      if (++calls > 1) {
        return Response.json(1);
      }
      return new Response(
        new ReadableStream({ pull: (controller) => controller.error(new Error("cut off")) }),
      );
    });
    expect(recordOf(ended, "H").attempts[0]!.result).toBe(
      "Http request failed: the connection failed: cut off",
    );
  });

  test("do not happen when the policy is none", async () => {
    expect(await starts(http(noRetry), busy)).toEqual([0]);
  });

  test("happen at a fixed interval", async () => {
    const retryPolicy = { type: "fixed", count: 3, interval: "PT10S" };
    expect(await starts(http({ retryPolicy }), busy)).toEqual([0, 10, 20, 30]);
  });

  test("wait within the bounds of an exponential policy", async () => {
    const retryPolicy = {
      type: "exponential",
      count: 4,
      interval: "PT10S",
      minimumInterval: "PT8S",
      maximumInterval: "PT30S",
    };
    // 8 to 10, 10 to 20, 20 to 30 (for 40), then 30.
    expect(await starts(http({ retryPolicy }), busy)).toEqual([0, 9, 24, 49, 79]);
  });

  test("wait for 5 seconds to a day where an exponential policy has no bounds", async () => {
    const growing = { type: "exponential", count: 4, interval: "PT6S" };
    // 5 to 6, 6 to 12, 12 to 24, 24 to 48.
    expect(await starts(http({ retryPolicy: growing }), busy)).toEqual([0, 5.5, 14.5, 32.5, 68.5]);
    const long = { type: "exponential", count: 3, interval: "PT16H" };
    const hours = (await starts(http({ retryPolicy: long }), busy)).map((at) => at / 3600);
    // 5 seconds to 16 hours, 16 to 24 hours, then 24.
    expect(hours).toEqual([0, 8 + 2.5 / 3600, 28 + 2.5 / 3600, 52 + 2.5 / 3600]);
  });

  // https://learn.microsoft.com/azure/logic-apps/error-exception-handling#exponential-interval
  test("wait at random from the least to the most of the table of the page", () => {
    const policy: RetryPolicy = {
      ...{ type: "exponential", count: 4, intervalMs: 10_000 },
      ...{ minimumIntervalMs: 5000, maximumIntervalMs: 70_000 },
    };
    const range = (n: number) => [retryDelayMs(policy, n, 0), retryDelayMs(policy, n, 1)];
    expect([1, 2, 3, 4, 5].map(range)).toEqual([
      [5000, 10_000],
      [10_000, 20_000],
      [20_000, 40_000],
      [40_000, 70_000],
      [70_000, 70_000],
    ]);
    const late: RetryPolicy = { ...policy, minimumIntervalMs: 15_000 };
    expect(retryDelayMs(late, 1, 0.5)).toBe(15_000);
    expect(retryDelayMs(late, 2, 0.5)).toBe(17_500);
  });

  test("look at Retry-After only when told to", async () => {
    const later = () => new Response(null, { status: 429, headers: { "Retry-After": "60" } });
    const retryPolicy = { type: "fixed", count: 1, interval: "PT10S" };
    expect(await starts(http({ retryPolicy }), later)).toEqual([0, 10]);
    expect(await starts(http({ retryPolicy }), later, { retryAfter: "honoured" })).toEqual([0, 60]);
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#http-limits
describe("time limits", () => {
  const slow =
    (ms: number): Send =>
    async (_request, clock) => {
      await clock.sleep(ms);
      return Response.json(1);
    };

  // https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#http-limits
  test("an attempt may take 120 seconds", async () => {
    expect(recordOf(await run(http(), slow(119_999)), "H").status).toBe("Succeeded");
    const record = recordOf(
      await run(
        http({ retryPolicy: { type: "fixed", count: 1, interval: "PT10S" } }),
        slow(120_001),
      ),
      "H",
    );
    expect(record).toMatchObject({
      status: "Failed",
      error: {
        code: "ActionTimedOut",
        message: "Http request failed: the server did not respond within 120 seconds.",
      },
    });
    expect(
      record.attempts.map(({ startTime, endTime }) => [
        secondsAfterStart(startTime),
        secondsAfterStart(endTime),
      ]),
    ).toEqual([
      [0, 120],
      [130, 250],
    ]);
  });

  test("a request without an answer can be read as TimedOut", async () => {
    const ended = await run(http(noRetry), slow(200_000), { requestTimeoutStatus: "TimedOut" });
    expect(recordOf(ended, "H").status).toBe("TimedOut");
  });

  test("many requests at once each have their own 120 seconds", async () => {
    let calls = 0;
    const ended = await run(
      {
        L: {
          type: "Foreach",
          foreach: [0, 1, 2],
          actions: {
            W: {
              type: "Wait",
              inputs: { interval: { count: "@add(1, mul(items('L'), 50))", unit: "Second" } },
            },
            H: { ...http(noRetry).H, runAfter: { W: ["Succeeded"] } },
          },
        },
      },
      (request, clock) => slow(++calls === 2 ? 1000 : 500_000)(request, clock),
    );
    const ends = ended.actions
      .filter(({ name }) => name === "H")
      .map(({ status, endTime }) => [status, secondsAfterStart(endTime)]);
    expect(ends).toEqual([
      ["Succeeded", 52],
      ["Failed", 121],
      ["Failed", 221],
    ]);
  });

  // https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers
  test("limit.timeout ends the action as Cancelled, which no runAfter accepts", async () => {
    const limited = {
      ...http({}, { limit: { timeout: "PT30S" } }),
      Any: {
        type: "Compose",
        inputs: 1,
        runAfter: { H: ["Succeeded", "Failed", "Skipped", "TimedOut"] },
      },
    };
    const ended = await run(limited, () => new Response(null, { status: 503 }));
    expect(recordOf(ended, "H")).toMatchObject({ status: "Cancelled", code: "ActionTimedOut" });
    expect(secondsAfterStart(recordOf(ended, "H").endTime)).toBe(30);
    expect(recordOf(ended, "Any").status).toBe("Skipped");
    // The skipped end stands for what was cancelled.
    expect(ended.status).toBe("Failed");
    const other = await run(limited, () => new Response(null, { status: 503 }), {
      limitTimeoutStatus: "TimedOut",
    });
    expect(recordOf(other, "Any").status).toBe("Succeeded");
  });
});

// https://learn.microsoft.com/azure/connectors/connectors-native-http#asynchronous-request-response-behavior
describe("the asynchronous pattern", () => {
  const asynchronous = (): Send => {
    let polls = 0;
    return ({ url }) => {
      if (url.endsWith("/x")) {
        return new Response(null, {
          status: 202,
          headers: { Location: "/status", "Retry-After": "7" },
        });
      }
      return ++polls < 3
        ? new Response(null, { status: 202, headers: { Location: "/status" } })
        : Response.json({ url });
    };
  };

  test("polls the location until there is another answer", async () => {
    const record = recordOf(await run(http(), asynchronous()), "H");
    expect(record.outputs).toMatchObject({ body: { url: "https://example.org/status" } });
    expect(secondsAfterStart(record.endTime)).toBe(47);
  });

  test("takes a 202 without location for an answer", async () => {
    const record = recordOf(await run(http(), () => new Response(null, { status: 202 })), "H");
    expect(record).toMatchObject({ status: "Succeeded", outputs: { statusCode: 202 } });
    expect(record.attempts).toHaveLength(1);
  });

  test("can be switched off", async () => {
    const off = http({}, { operationOptions: "DisableAsyncPattern" });
    expect(recordOf(await run(off, asynchronous()), "H").outputs).toMatchObject({
      statusCode: 202,
    });
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#add-authentication-outbound
describe("authentication", () => {
  const authorization = async (authentication: object) =>
    (await sent({ authentication })).request.headers.get("authorization");

  test("of type Raw, Basic and None", async () => {
    expect(await authorization({ type: "Raw", value: "Bearer abc" })).toBe("Bearer abc");
    expect(await authorization({ type: "Basic", username: "u", password: "p" })).toBe("Basic dTpw");
    expect(await authorization({ type: "None" })).toBe(null);
  });

  test("by managed identity asks the host for the exact audience", async () => {
    const type = "ManagedServiceIdentity";
    const audience = "https://storage.azure.com/";
    expect(await authorization({ type, audience })).toBe(`Bearer system@${audience}`);
    expect(await authorization({ type, audience, identity: "SystemAssigned" })).toBe(
      `Bearer system@${audience}`,
    );
    expect(await authorization({ type, audience, identity: "/subscriptions/1/id" })).toBe(
      `Bearer /subscriptions/1/id@${audience}`,
    );
    expect(await authorization({ type })).toBe("Bearer system@https://management.azure.com/");
  });

  const oauth = {
    type: "ActiveDirectoryOAuth",
    tenant: "contoso-id",
    audience: "https://manage.office.com",
    clientId: "client",
    secret: "@concat('p&', 'w')",
  };
  const login = (answer: () => Response | Promise<Response>) => {
    const forms: string[] = [];
    const send: Send = async (request) => {
      const { hostname, pathname } = new URL(request.url);
      if (hostname.startsWith("login.")) {
        forms.push(`${hostname}${pathname}?${await request.text()}`);
        return answer();
      }
      return Response.json(request.headers.get("authorization"));
    };
    return { forms, send };
  };
  const token = (expires = "3599") => Response.json({ access_token: "t", expires_in: expires });

  test("by client credentials asks the v1 endpoint once in a run", async () => {
    const { forms, send } = login(() => token());
    const ended = await run(
      {
        L: {
          type: "Foreach",
          foreach: "@range(0, 30)",
          actions: http({ authentication: oauth }),
        },
      },
      send,
    );
    expect(ended.actions[0]!.outputs).toMatchObject({ body: "Bearer t" });
    expect(forms).toEqual([
      "login.microsoftonline.com/contoso-id/oauth2/token?grant_type=client_credentials&client_id=client&client_secret=p%26w&resource=https%3A%2F%2Fmanage.office.com",
    ]);
  });

  test("by client credentials renews the token before it ends, at another authority too", async () => {
    const { forms, send } = login(() => token("600"));
    const authentication = { ...oauth, authority: "https://login.microsoftonline.us" };
    await run(
      {
        U: {
          type: "Until",
          expression: "@equals(iterationIndexes('U'), 4)",
          actions: {
            L: { type: "Foreach", foreach: "@range(0, 5)", actions: http({ authentication }) },
            W: {
              type: "Wait",
              inputs: { interval: { count: 2, unit: "Minute" } },
              runAfter: { L: ["Succeeded"] },
            },
          },
        },
      },
      send,
    );
    // Five calls each at 0, 2, 4, 6 and 8 minutes; a token is used for five of its ten minutes.
    expect(forms).toHaveLength(2);
    expect(forms[0]).toMatch(/^login\.microsoftonline\.us\/contoso-id\/oauth2\/token\?/);
  });

  test.each([
    [
      () =>
        Response.json(
          { error_description: "AADSTS7000215: Invalid client secret provided." },
          { status: 401 },
        ),
      "AADSTS7000215: Invalid client secret provided.",
    ],
    [() => new Response("<html>", { status: 503 }), "status code 503"],
    [() => Promise.reject(new Error("no route")), "no route"],
  ])("that cannot be had fails the action at once (case %#)", async (answer, reason) => {
    const { forms, send } = login(answer);
    const ended = await run(http({ authentication: oauth }), send);
    expect(recordOf(ended, "H")).toMatchObject({
      status: "Failed",
      error: {
        code: "BadRequest",
        message: `Http request failed as there is an error getting AD OAuth token: '${reason}'.`,
      },
    });
    expect(forms).toHaveLength(1);
  });

  test("with a secret that is null fails the action", async () => {
    const { record, request } = await sent({ authentication: { ...oauth, secret: "@null" } });
    expect(request).toBeUndefined();
    expect(record.error?.message).toBe(
      "Http request failed as there is an error getting AD OAuth token: 'the secret is null'.",
    );
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#http-limits
describe("message sizes", () => {
  const limit = 104_857_600;

  test("are at most 100 MB for a response", async () => {
    const ended = await run(http(noRetry), () => new Response(new Uint8Array(limit + 1)));
    expect(recordOf(ended, "H").error).toEqual({
      code: "BadRequest",
      message: `Http request failed: the content of the response was more than ${limit} bytes.`,
    });
  });

  test("are at most 100 MB for a request", async () => {
    const big = {
      D: {
        type: "Foreach",
        foreach: [],
        actions: {},
      },
      ...http({
        method: "POST",
        body: ["@parameters('half')", "@parameters('half')"],
        ...noRetry,
      }),
    };
    const ended = await runActions(big, {
      more: { parameters: { half: { type: "string" } } },
      parameters: { half: { value: "x".repeat(limit / 2) } },
    });
    expect(recordOf(ended, "H").error).toEqual({
      code: "BadRequest",
      message: `Http request failed: the content of the request was more than ${limit} bytes.`,
    });
  });
});
