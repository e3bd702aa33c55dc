import { describe, expect, test } from "vitest";
import { FeedApi } from "../../feed/feed-api.ts";
import { FeedProblem } from "../../feed/feed-problem.ts";
import { applicationCredential } from "../../feed/sign-in.ts";
import { clientId, clientSecret, localFeed, refusal } from "./local-feed.ts";

type Answer = Response | Error;

/** The API of a feed that answers with these, one after the other, and then as the service does. */
function apiAfter(...answers: Answer[]) {
  const local = localFeed();
  let calls = 0;
  local.feed.before = async () => {
    const answer = answers[calls++];
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  };
  const credential = applicationCredential(local.target, clientId, clientSecret, local.options);
  const api = new FeedApi(local.target, clientId, credential, local.options);
  return { local, api, calls: () => calls };
}

const lost = () => Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
const down = (status: number) => new Response("", { status });

describe("FeedApi", () => {
  test("reads the permissions in the token", async () => {
    expect(await apiAfter().api.permissions()).toEqual(["ActivityFeed.Read"]);
  });

  test("finds no permissions in a token of another form", async () => {
    const { target } = localFeed();
    const opaque = { getToken: async () => ({ token: "opaque", expiresOnTimestamp: 0 }) };
    expect(await new FeedApi(target, clientId, opaque).permissions()).toEqual([]);
  });

  test.each([
    ["lost connections", lost()],
    ["408", down(408)],
    ["500", down(500)],
    ["503", down(503)],
    ["429", down(429)],
  ])("repeats after %s", async (_name, answer) => {
    const { api, calls } = apiAfter(answer);
    expect(await api.contentTypesOn()).toEqual(new Map());
    expect(calls()).toBe(2);
  });

  test("repeats three times", async () => {
    const { api, calls } = apiAfter(down(503), down(503), down(503), down(503));
    await expect(api.contentTypesOn()).rejects.toThrow(
      "Microsoft's service is down for the moment (HTTP 503): repeat the command in some minutes",
    );
    expect(calls()).toBe(4);
  });

  test.each([400, 401, 403, 404])("does not repeat after %i", async (status) => {
    const { api, calls } = apiAfter(down(status));
    await expect(api.contentTypesOn()).rejects.toThrow(`HTTP ${status}`);
    expect(calls()).toBe(1);
  });

  test("does not wait for a service that asks for more than half a minute", async () => {
    const busy = new Response("", { status: 503, headers: { "retry-after": "31" } });
    const { api, calls } = apiAfter(busy);
    await expect(api.contentTypesOn()).rejects.toThrow("HTTP 503");
    expect(calls()).toBe(1);
  });

  test("repeats when the service says", async () => {
    const busy = new Response("", { status: 503, headers: { "retry-after": "0" } });
    const { api, calls } = apiAfter(busy);
    await api.contentTypesOn();
    expect(calls()).toBe(2);
  });

  test("names the host after lost connections", async () => {
    const { api } = apiAfter(lost(), lost(), lost(), lost());
    await expect(api.contentTypesOn()).rejects.toThrow(
      "manage.office.com cannot be reached (ECONNRESET): check the network; behind a proxy set HTTPS_PROXY",
    );
  });

  test("does not take a page of a proxy for a list", async () => {
    const { api } = apiAfter(new Response("<html>"));
    await expect(api.contentTypesOn()).rejects.toThrow(
      "manage.office.com answered the list of subscriptions with something else: repeat the command; behind a proxy check that it lets this host through",
    );
  });

  test.each([
    ["403 with a text", refusal(403, "429", "Please retry again after 8m 46s."), 526_000],
    ["429 with a text", refusal(429, "429", "Retry after 14m 56s"), 896_000],
    ["seconds alone", refusal(403, "429", "Retry after 46s."), 46_000],
    ["a number as code", Response.json({ error: { code: 429 } }, { status: 403 }), 900_000],
    ["429 without a body", new Response("", { status: 429 }), 900_000],
    ["a header", new Response("", { status: 429, headers: { "retry-after": "60" } }), 60_000],
    ["a long wait", refusal(403, "429", "Retry after 99m 0s."), 900_000],
  ])("understands that a start has to wait: %s", async (_name, answer, waitMs) => {
    const { api, calls } = apiAfter(answer);
    expect(await api.start("Audit.General")).toEqual({ outcome: "cooling down", waitMs });
    expect(calls()).toBe(1);
  });

  test("understands the service's own cool-down", async () => {
    const { api, local } = apiAfter();
    await api.start("Audit.General");
    await local.clock.run(() => local.clock.sleep(374_000));
    expect(await api.start("Audit.Exchange")).toEqual({
      outcome: "cooling down",
      waitMs: 526_000,
    });
  });

  test("stops, and leaves off what is off", async () => {
    const { api } = apiAfter();
    await api.start("Audit.General");
    await api.stop("Audit.General");
    expect(await api.contentTypesOn()).toEqual(new Map());
    await api.stop("Audit.General");
    await api.stop("Audit.Exchange");
  });

  test("fails to stop what it may not", async () => {
    const { api } = apiAfter(refusal(401, "AF10001", "The permission set () ..."));
    await expect(api.stop("Audit.General")).rejects.toThrow(
      `application ${clientId} is not granted the application permission ActivityFeed.Read of the Office 365 Management APIs (AF10001): run npm run deploy -- --environment dev --unreviewed; a grant can take some minutes until it is in force`,
    );
  });

  describe("content", () => {
    const uri = "https://manage.example.org/api/v1.0/tenant/activity/feed/audit/a$1?x=1";

    test("asks the configured host for what stands after /api/, as the publisher", async () => {
      const { local, api } = apiAfter();
      let asked = "";
      local.feed.before = async ({ url }) => {
        asked = url;
        return new Response("[{}]");
      };
      expect(await api.content(uri)).toBe("[{}]");
      expect(asked).toBe(
        `https://manage.office.com/api/v1.0/tenant/activity/feed/audit/a$1?x=1&PublisherIdentifier=${local.target.tenant.publisherId}`,
      );
    });

    test("does not take a part of a blob for the whole", async () => {
      const headers = { nextpageuri: "https://manage.office.com/next" };
      const { api } = apiAfter(new Response("[{}]", { headers }));
      await expect(api.content(uri)).rejects.toThrow(
        new FeedProblem("manage.office.com answered with a part of the blob: repeat the command"),
      );
    });

    test.each([
      [400, "AF20051"],
      [400, "AF20050"],
      [404, "planted"],
      [410, "planted"],
    ])("gives none when the API has it no more: %i %s", async (status, code) => {
      const { api } = apiAfter(refusal(status, code));
      expect(await api.content(uri)).toBeUndefined();
    });

    test("says why it could not be asked", async () => {
      const { api } = apiAfter(refusal(400, "AF20022"));
      await expect(api.content(uri)).rejects.toThrow(
        "the subscription is off (AF20022): run npm run feed -- start --environment dev --tenant contoso",
      );
    });
  });
});
