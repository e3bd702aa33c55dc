import { gzipSync } from "node:zlib";

import { describe, expect, test } from "vitest";

import { Ingestion } from "../../local/ingestion.ts";
import { arrival, host, shippedIngestion, shippedRule } from "./shipped-ingestion.ts";
import { collect } from "./workspace/collect.ts";

const path = `/dataCollectionRules/${shippedRule.immutableId}/streams/`;
const auditPath = `${path}Custom-M365Audit?api-version=2023-01-01`;
const healthPath = `${path}Custom-M365AuditHealth?api-version=2023-01-01`;
const error = (code: string, message: string) => ({ error: { code, message } });
const limit = 1_048_576;
/** A call of exactly so many bytes. */
const bodyOf = (bytes: number) => {
  const row = JSON.stringify([{ Collector: "", Unknown: "" }]);
  return row.replace('"Unknown":""', `"Unknown":"${"x".repeat(bytes - row.length)}"`);
};

const cloud = await shippedIngestion();

describe("Ingestion", () => {
  test("serves the hosts of collection endpoints", () => {
    const hosts = [host, "dce-x-1234.usgovvirginia-1.ingest.monitor.azure.us", "monitor.azure.com"];
    expect(hosts.map((each) => cloud.ingestion.serves(each))).toEqual([true, true, false]);
  });

  test("answers 204 without a body", async () => {
    const response = await cloud.post("[]");
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });

  test.each([
    ["another host", { host: host.replace("example", "other") }],
    ["an unknown rule", { path: auditPath.replace("dcr-0", "dcr-1") }],
    ["another path", { path: "/dataCollectionRules" }],
  ])("answers 404 at %s", async (_, changes) => {
    const response = await cloud.post("[]", changes);
    expect([response.status, await response.json()]).toEqual([
      404,
      error("NotFound", "no data collection rule has this address"),
    ]);
  });

  test.each([
    ["no token", "", "missing"],
    ["a token for another service", `Bearer ${cloud.token("https://vault.azure.net")}`, "audience"],
    ["a token of the other cloud", `Bearer ${cloud.token("https://monitor.azure.us")}`, "audience"],
  ])("answers 401 with %s", async (_, authorization, problem) => {
    const response = await cloud.post("[]", { headers: { authorization } });
    expect([response.status, await response.json()]).toEqual([
      401,
      error("InvalidToken", `the token is not accepted: ${problem}`),
    ]);
  });

  test("takes the tokens of the US Government cloud at its hosts", async () => {
    const government = host.replace(/com$/, "us");
    const { post, token } = await shippedIngestion([{ ...shippedRule, host: government }]);
    const call = (audience: string) =>
      post("[]", { host: government, headers: { authorization: `Bearer ${token(audience)}` } });
    expect((await call("https://monitor.azure.us")).status).toBe(204);
    expect((await call("https://monitor.azure.com")).status).toBe(401);
  });

  test("answers 403 without the role on the rule", async () => {
    const { directory, publisher, post } = await shippedIngestion();
    directory.removeRole({
      principalId: publisher.principalId,
      role: "Monitoring Metrics Publisher",
      scope: shippedRule.immutableId,
    });
    const response = await post("[]");
    expect([response.status, await response.json()]).toEqual([
      403,
      error("OperationFailed", "the identity lacks Monitoring Metrics Publisher on the rule"),
    ]);
  });

  test.each([
    [
      "another version",
      { path: auditPath.replace("2023", "2021") },
      error("InvalidApiVersion", "api-version must be 2023-01-01"),
    ],
    [
      "an unknown stream",
      { path: auditPath.replace("Custom-", "custom-") },
      error("InvalidStream", "the rule has no stream custom-M365Audit"),
    ],
    [
      "another type",
      { headers: { "content-type": "text/plain" } },
      error("InvalidContentType", "Content-Type must be application/json"),
    ],
    [
      "an encoding that is not the body's",
      { headers: { "content-encoding": "gzip" } },
      error("InvalidEncoding", "the body must be plain, or gzip as Content-Encoding says"),
    ],
    [
      "an encoding other than gzip",
      { headers: { "content-encoding": "br" } },
      error("InvalidEncoding", "the body must be plain, or gzip as Content-Encoding says"),
    ],
  ])("answers 400 to %s", async (_, changes, answer) => {
    const response = await cloud.post("[]", changes);
    expect([response.status, await response.json()]).toEqual([400, answer]);
  });

  test.each([
    '{"Record":{}}',
    "[1]",
    "[[]]",
    "[null]",
    "[{}",
    "",
    Buffer.from('[{"a":"\xff"}]', "latin1"),
  ])("answers 400 to the body %s", async (body) => {
    const response = await cloud.post(body);
    expect([response.status, await response.json()]).toEqual([
      400,
      error("InvalidRequestBody", "the body must be a JSON array of objects in UTF-8"),
    ]);
  });

  test("takes 1,048,576 bytes and answers 413 to one more", async () => {
    expect((await cloud.post(bodyOf(limit))).status).toBe(204);
    const response = await cloud.post(bodyOf(limit + 1));
    expect([response.status, await response.json()]).toEqual([
      413,
      error("ContentLengthLimitExceeded", "a call carries at most 1048576 bytes"),
    ]);
  });

  test("counts the bytes that gzip saves", async () => {
    const headers = { "content-encoding": "gzip" };
    expect((await cloud.post(gzipSync(bodyOf(limit)), { headers })).status).toBe(204);
    expect((await cloud.post(gzipSync(bodyOf(limit + 1)), { headers })).status).toBe(413);
  });

  test("takes text that was cut in the middle of a character", async () => {
    const { post, workspace } = await shippedIngestion();
    const body = String.raw`[{"Record":{"Id":"a","Text":"\ud83d"}}]`;
    expect((await post(body)).status).toBe(204);
    expect(await collect(workspace.rows("M365Audit_CL"))).toMatchObject([
      { RecordId: "a", Record: { Text: "\ufffd" } },
    ]);
  });

  test("stores nothing of a call that it refuses", async () => {
    const { post, workspace } = await shippedIngestion();
    await post('[{"Collector":"dev-contoso"},1]');
    expect(await collect(workspace.rows("M365Audit_CL"))).toEqual([]);
  });

  test("counts calls, rows and values without a column", async () => {
    const { post, store, ingestion } = await shippedIngestion();
    await store({ Collector: "dev-contoso", collector: "x" }, { Other: 1, Another: 2 });
    await post("[{}]");
    await post("not JSON");
    expect(await ingestion.counters(shippedRule.immutableId, "Custom-M365Audit")).toEqual({
      calls: 2,
      rowsReceived: 3,
      rowsDropped: 0,
      valuesDropped: 3,
    });
  });

  test("counts the rows that the transformation leaves out", async () => {
    const stream = "Custom-M365AuditHealth";
    const transformKql = "source | where Pages > 1";
    const flow = { stream, transformKql, outputTable: "M365AuditHealth_CL" };
    const { post, ingestion } = await shippedIngestion(
      [{ ...shippedRule, dataFlows: [flow] }],
      () => "SELECT * FROM source WHERE Pages > 1",
    );
    await post('[{"Pages":1},{"Pages":2},{}]', { path: healthPath });
    expect(await ingestion.counters(shippedRule.immutableId, stream)).toMatchObject({
      rowsReceived: 3,
      rowsDropped: 2,
    });
  });

  test("fills the health table with what it is sent", async () => {
    const { post, workspace } = await shippedIngestion();
    const row = {
      TimeGenerated: "2026-01-02T11:59:00.000Z",
      Kind: "run",
      RowsOut: 12,
      SecretExpires: "2026-06-30T00:00:00.000Z",
      Details: { problems: ["none"] },
    };
    expect((await post(JSON.stringify([row]), { path: healthPath })).status).toBe(204);
    expect(await collect(workspace.rows("M365AuditHealth_CL"))).toMatchObject([row]);
  });

  test.each([
    ["2025-12-31T12:00:00.000Z", "2025-12-31T12:00:00.000Z"],
    ["2025-12-31T11:59:59.999Z", arrival],
    ["2026-01-03T12:00:00.000Z", "2026-01-03T12:00:00.000Z"],
    ["2026-01-03T12:00:00.001Z", arrival],
    [null, arrival],
  ])("stores a row of the time %s under %s", async (time, stored) => {
    const { post, workspace } = await shippedIngestion();
    await post(JSON.stringify([{ TimeGenerated: time }]), { path: healthPath });
    expect(await collect(workspace.rows("M365AuditHealth_CL"))).toMatchObject([
      { TimeGenerated: stored },
    ]);
  });

  test("replaces the time of a row by the arrival of its own call", async () => {
    const { clock, post, workspace } = await shippedIngestion();
    const hourMs = 3_600_000;
    const edge = Date.parse(arrival) - 48 * hourMs;
    const rows = [null, edge, edge + hourMs].map((time) => ({
      TimeGenerated: time && new Date(time).toISOString(),
      // Of the audit stream, whose transformation lists its columns.
      Record: time && { CreationTime: new Date(time).toISOString() },
      CollectedTime: "2020-01-01T00:00:00Z",
    }));
    for (let call = 0; call < 2; call++) {
      await post(JSON.stringify(rows), { path: healthPath });
      await post(JSON.stringify(rows));
      await clock.run(() => clock.sleep(hourMs));
    }
    for (const table of ["M365AuditHealth_CL", "M365Audit_CL"]) {
      const stored = await collect(workspace.rows(table));
      expect(stored.map(({ TimeGenerated }) => TimeGenerated)).toEqual([
        ...[arrival, "2025-12-31T12:00:00.000Z", "2025-12-31T13:00:00.000Z"],
        ...["2026-01-02T13:00:00.000Z", "2026-01-02T13:00:00.000Z", "2025-12-31T13:00:00.000Z"],
      ]);
    }
  });

  test("cuts a string at 64 KB, between characters", async () => {
    const { post, workspace } = await shippedIngestion();
    const reasons = ["a".repeat(65_537), "ä".repeat(32_769), `aa${"€".repeat(21_846)}`];
    await post(JSON.stringify(reasons.map((Reason) => ({ Reason }))), { path: healthPath });
    const rows = await collect(workspace.rows("M365AuditHealth_CL"));
    expect(rows.map(({ Reason }) => Reason)).toEqual([
      "a".repeat(65_536),
      "ä".repeat(32_768),
      `aa${"€".repeat(21_844)}`,
    ]);
  });

  test("loses a dynamic value over 64 KB, and keeps one of 64 KB", async () => {
    const { post, workspace } = await shippedIngestion();
    const details = [65_534, 65_535].map((length) => ({ Details: "a".repeat(length) }));
    await post(JSON.stringify(details), { path: healthPath });
    const rows = await collect(workspace.rows("M365AuditHealth_CL"));
    expect(rows.map(({ Details }) => Details)).toEqual(["a".repeat(65_534), null]);
  });
});

describe("a rule", () => {
  const flow = { stream: "Custom-M365Audit", transformKql: "source", outputTable: "M365Audit_CL" };
  const create = (changes: object) => () =>
    new Ingestion({ ...cloud, rules: [{ ...shippedRule, ...changes }] });

  test("must transform by what rules support", () => {
    const transformKql = "source | summarize count()";
    expect(create({ dataFlows: [{ ...flow, transformKql }] })).toThrow(
      "transformation must be one that the rule can run, got\nSummarizeOperator: summarize count()",
    );
  });

  test("must give the columns of the table", () => {
    expect(create({ dataFlows: [flow] })).toThrow(
      "transformation must be one that the rule can run, got\nno column TimeGenerated:datetime",
    );
  });

  test("must have a transformation whose SQL is there", () => {
    const transformKql = "source | where RowsOut > 0";
    const health = { stream: "Custom-M365AuditHealth", outputTable: "M365AuditHealth_CL" };
    expect(create({ dataFlows: [{ ...health, transformKql }] })).toThrow(
      "query must be one that local/sql holds, got\nsource | where RowsOut > 0\n",
    );
  });

  test("must declare the streams that its flows use", () => {
    expect(create({ streams: {}, dataFlows: [flow] })).toThrow(
      "dataFlow must use a Custom- stream that the rule declares, got Custom-M365Audit",
    );
  });

  test("must spell types as streams do", () => {
    const streams = { "Custom-M365Audit": [{ name: "CollectedTime", type: "dateTime" }] };
    expect(create({ streams, dataFlows: [flow] })).toThrow(
      "type of the stream's column CollectedTime must be one of string, int, long, real, boolean, dynamic, datetime, got dateTime",
    );
  });

  test("must name a table of the workspace", () => {
    expect(create({ dataFlows: [{ ...flow, outputTable: "Custom-M365Audit_CL" }] })).toThrow(
      "table must be one of M365AuditHealth_CL, M365Audit_CL, got Custom-M365Audit_CL",
    );
  });
});
