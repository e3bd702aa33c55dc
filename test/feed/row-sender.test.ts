import { describe, expect, test } from "vitest";
import { FeedProblem } from "../../feed/feed-problem.ts";
import { RowSender } from "../../feed/row-sender.ts";
import { localHttpClient } from "../../local/http-client.ts";
import { homeTenantId, localFeed } from "./local-feed.ts";

const host = "dce-x-0a1b.westeurope-1.ingest.monitor.azure.com";
const address = {
  ingestionEndpoint: `https://${host}`,
  dataCollectionRuleId: `dcr-${"0".repeat(32)}`,
};

/** A sender to an endpoint that answers with these statuses, then with 204. */
const senderTo = (...statuses: number[]) => senderOf(localFeed(), ...statuses);

function senderOf({ target }: ReturnType<typeof localFeed>, ...statuses: number[]) {
  const requests: Request[] = [];
  const httpClient = localHttpClient(async (request) => {
    requests.push(request);
    return new Response(null, { status: statuses.shift() ?? 204 });
  });
  const operator = {
    getToken: async (scope: string | string[]) => ({
      token: `for ${String(scope)}`,
      expiresOnTimestamp: 0,
    }),
  };
  return { requests, sender: new RowSender(target, operator, { httpClient, retryDelayMs: 1 }) };
}

describe("RowSender", () => {
  test("posts rows to the stream of the rule", async () => {
    const { requests, sender } = senderTo();
    await sender.send(address, "Custom-M365Audit", ['{"a":1}', '{"a":2}']);
    expect(requests).toHaveLength(1);
    const [request] = requests;
    expect(request!.url).toBe(
      `https://${host}/dataCollectionRules/${address.dataCollectionRuleId}/streams/Custom-M365Audit?api-version=2023-01-01`,
    );
    expect(request!.headers.get("authorization")).toBe(
      "Bearer for https://monitor.azure.com/.default",
    );
    expect(request!.headers.get("content-type")).toBe("application/json");
    expect(await request!.text()).toBe('[{"a":1},{"a":2}]');
  });

  test("fills calls of at most 900,000 bytes, and sends none without rows", async () => {
    const { requests, sender } = senderTo();
    const row = JSON.stringify("ä".repeat(224_998)); // with its comma 450,000 bytes less one
    await sender.send(address, "Custom-M365Audit", [row, row, row, row, '"b"']);
    const calls = await Promise.all(requests.map((request) => request.json() as Promise<string[]>));
    expect(calls.map((rows) => rows.length)).toEqual([2, 2, 1]);
    await sender.send(address, "Custom-M365Audit", []);
    expect(requests).toHaveLength(3);
  });

  test("repeats what may work the next time", async () => {
    const { requests, sender } = senderTo(503, 429);
    await sender.send(address, "Custom-M365Audit", ["{}"]);
    expect(requests).toHaveLength(3);
  });

  test.each([
    [
      401,
      `${host} takes no token of this sign-in, which is one of another tenant: sign in to tenant ${homeTenantId}`,
    ],
    [
      403,
      `you may not send rows to ${host}: let somebody give you the role Monitoring Metrics Publisher on the data collection rule dcr-m365audit-dev-contoso; a new role can take half an hour`,
    ],
    [
      404,
      `${host} does not know the data collection rule of the blob: run npm run deploy -- --environment dev --unreviewed, and set the fields of the blob to the new rule`,
    ],
    [413, `${host} takes no call of this size: leave the blob where it is and report it`],
    [400, `${host} did not take the rows (HTTP 400): repeat the command later`],
  ])("says what %i means", async (status, sentence) => {
    const { sender } = senderTo(status);
    await expect(sender.send(address, "Custom-M365Audit", ["{}"])).rejects.toThrow(
      new FeedProblem(sentence),
    );
  });

  test("posts in the cloud of the environment alone", async () => {
    const { requests, sender } = senderOf(
      localFeed({ cloud: "gcc-high" }, { azureCloud: "usgovernment", location: "usgovvirginia" }),
    );
    await expect(sender.send(address, "Custom-M365Audit", ["{}"])).rejects.toThrow(
      new FeedProblem(
        "ingestionEndpoint must be an https address that ends in .ingest.monitor.azure.us: somebody changed the blob",
      ),
    );
    const ingestionEndpoint = "https://dce-x-0a1b.usgovvirginia-1.ingest.monitor.azure.us";
    await sender.send({ ...address, ingestionEndpoint }, "Custom-M365Audit", ["{}"]);
    expect(requests.map(({ url }) => new URL(url).origin)).toEqual([ingestionEndpoint]);
  });

  test.each([
    "http://dce-x-0a1b.westeurope-1.ingest.monitor.azure.com",
    "https://dce-x-0a1b.westeurope-1.ingest.monitor.azure.com:8443",
    "https://dce-x-0a1b.westeurope-1.ingest.monitor.azure.us",
    "https://ingest.monitor.azure.com.example.org",
    "https://example.org/.ingest.monitor.azure.com",
    "https://dce-x.ingest.monitor.azure.com@example.org",
    "no address",
  ])("sends no token to %s", async (ingestionEndpoint) => {
    const { requests, sender } = senderTo();
    await expect(
      sender.send({ ...address, ingestionEndpoint }, "Custom-M365Audit", ["{}"]),
    ).rejects.toThrow(
      new FeedProblem(
        "ingestionEndpoint must be an https address that ends in .ingest.monitor.azure.com: somebody changed the blob",
      ),
    );
    expect(requests).toEqual([]);
  });
});
