import { describe, expect, test } from "vitest";
import { localHttpClient } from "../../local/http-client.ts";
import { ServiceClient } from "../../operate/service-client.ts";

/** A client of a service that gives one answer, and what it was asked. */
function clientOf(answer: () => Response) {
  const asked: { line: string; headers: Headers; body: string }[] = [];
  const httpClient = localHttpClient(async (request) => {
    const { method, url, headers } = request;
    asked.push({ line: `${method} ${url}`, headers, body: await request.text() });
    return answer();
  });
  const tokens: unknown[] = [];
  const client = new ServiceClient(
    {
      uri: "https://management.azure.com",
      operator: {
        getToken: async (...given: unknown[]) => {
          tokens.push(given);
          return { token: "planted-token", expiresOnTimestamp: 0 };
        },
      },
      tenantId: "home",
      neededRole: "Reader",
    },
    { httpClient, retryDelayMs: 1 },
  );
  return { asked, client, tokens };
}

describe("ServiceClient", () => {
  test("asks with a token of the tenant, and gives what is there", async () => {
    const { asked, client, tokens } = clientOf(() => Response.json({ a: 1 }));
    expect(await client.get("/x?api-version=1")).toEqual({ a: 1 });
    expect(await client.post("/x/do", { b: 2 })).toEqual({ a: 1 });
    expect(asked.map(({ line }) => line)).toEqual([
      "GET https://management.azure.com/x?api-version=1",
      "POST https://management.azure.com/x/do",
    ]);
    expect(asked[1]!.body).toBe('{"b":2}');
    expect(asked[0]!.headers.get("authorization")).toBe("Bearer planted-token");
    expect(tokens[0]).toEqual(["https://management.azure.com/.default", { tenantId: "home" }]);
  });

  test("gives nothing for what is not there, and an answer without a body", async () => {
    expect(
      await clientOf(() => new Response("", { status: 404 })).client.get("/x"),
    ).toBeUndefined();
    const accepted = clientOf(() => new Response(null, { status: 202 })).client;
    expect(await accepted.post("/x")).toBeUndefined();
  });

  test.each([
    [401, "takes no token of this sign-in for /x: sign in to the tenant of that subscription"],
    [403, "you may not do this at management.azure.com, /x: let somebody give you Reader"],
    [404, "management.azure.com has no /x: deploy the environment first"],
    [500, "gave no answer that can be used for /x (HTTP 500): repeat the command"],
  ])("says what HTTP %i means", async (status, sentence) => {
    const { client } = clientOf(() => new Response("planted answer", { status }));
    const problem = await client.post("/x?secret=planted").catch((error: Error) => error.message);
    expect(problem).toContain(sentence);
    expect(problem).not.toContain("planted");
  });
});
