import { afterEach, describe, expect, test } from "vitest";

import { loadText } from "../../content/load.ts";
import { loadTables } from "../../content/tables.ts";
import { VirtualClock } from "../../local/clock.ts";
import { Directory } from "../../local/directory.ts";
import { LogQuery } from "../../local/log-query.ts";
import { Workspace } from "../../local/workspace/workspace.ts";
import { blob, health } from "../content/ledger-rows.ts";

const tenantId = "00000000-0000-4000-8000-00000000000a";
const resourceId =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-x/providers/Microsoft.OperationalInsights/workspaces/log-x";
const shortfall = loadText("queries/shortfall.kql");
const since =
  "let Since_ = datetime(2026-01-09);\nlet Told_ = datetime(2026-01-09);\nlet Ran_ = datetime(2026-01-09);\nlet Next_ = datetime(2026-01-09T00:15:00Z);\nlet Before_ = datetime(2030-01-01);\n";
const lets = `let Collector_ = 'dev-contoso';\n${since}`;

const opened: Workspace[] = [];
afterEach(() => {
  opened.splice(0).forEach((workspace) => workspace.close());
});

/** The service at midnight on 10 January, with these rows in the health table. */
async function setUp(rows: readonly object[] = [blob("a", 2)], role = "Log Analytics Data Reader") {
  const clock = new VirtualClock(new Date("2026-01-10T00:00:00Z"));
  const directory = new Directory({ clock });
  directory.addTenant(tenantId);
  const clientId = "00000000-0000-4000-8000-00000000000b";
  const reader = directory.addApplication({ clientId, tenantId });
  directory.assignRole({ principalId: reader.principalId, role, scope: resourceId });
  const workspace = await Workspace.open(loadTables());
  opened.push(workspace);
  await workspace.append("M365AuditHealth_CL", JSON.stringify(rows));
  const service = new LogQuery({ clock, directory, workspace, resourceId });

  /** Asks as the playbook does, `changes` aside. */
  const ask = async (
    query: unknown,
    changes: {
      host?: string;
      path?: string;
      method?: string;
      audience?: string;
      headers?: Record<string, string>;
    } = {},
  ) => {
    const { host = "api.loganalytics.azure.com", path = `/v1${resourceId}/query` } = changes;
    const token = directory.issueToken(reader, changes.audience ?? "https://api.loganalytics.io");
    const method = changes.method ?? "POST";
    const response = await service.handle(
      new Request(`https://${host}${path}`, {
        method,
        body: method === "GET" ? undefined : JSON.stringify({ query }),
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          ...changes.headers,
        },
      }),
    );
    const text = await response.text();
    return [response.status, text === "" ? undefined : (JSON.parse(text) as unknown)];
  };
  return { clock, service, ask };
}

const error = (code: string, message: string) => ({ error: { message, code } });
const invalid = (code: string, message: string) => ({
  error: {
    message: "The request had some invalid properties",
    code: "BadArgumentError",
    innererror: { code, message },
  },
});

/** The answer that names one blob. */
const short = [
  200,
  {
    tables: [
      {
        rows: [
          ["told", "0", null],
          ["blob", "a", {}],
        ],
      },
    ],
  },
];

describe("LogQuery", () => {
  test("answers as the query API does", async () => {
    const { ask } = await setUp();
    expect(await ask(lets + shortfall)).toEqual([
      200,
      {
        tables: [
          {
            name: "PrimaryResult",
            columns: [
              { name: "Found", type: "string" },
              { name: "Id", type: "string" },
              { name: "At", type: "datetime" },
            ],
            rows: [
              ["told", "0", null],
              ["blob", "a", "2026-01-09T11:00:00.000Z"],
            ],
          },
        ],
      },
    ]);
  });

  test.each([
    ["between double quotes", 'let Collector_ = "dev-contoso";\n'],
    ["on a line of its own", "let Collector_='dev-contoso';\n"],
    ["after a comment", "// who asks\nlet Collector_ = 'dev-contoso'; "],
  ])("takes what a query needs %s", async (_, prefix) => {
    const { ask } = await setUp();
    expect(await ask(prefix + since + shortfall)).toMatchObject(short);
  });

  test("knows a query on one line, without its comments", async () => {
    const { ask } = await setUp();
    const onOneLine = shortfall.replace(/^ *\/\/.*\n/gm, "").replace(/\s+/g, " ");
    expect(await ask(lets + onOneLine)).toMatchObject(short);
  });

  test("reads escaped quotes and backslashes in a literal", async () => {
    const { ask } = await setUp([blob("a", 1, { Collector: "it's \\ one" })]);
    expect(await ask(`let Collector_ = 'it\\'s \\\\ one'; ${since}${shortfall}`)).toMatchObject(
      short,
    );
    expect(await ask(`let Collector_ = "it's \\\\ one"; ${since}${shortfall}`)).toMatchObject(
      short,
    );
  });

  test("goes by the time of its clock", async () => {
    const { ask, clock } = await setUp();
    await clock.run(() => clock.sleep(7 * 24 * 3_600_000));
    expect(await ask(lets + shortfall)).toMatchObject([
      200,
      { tables: [{ rows: [["told", "0", null]] }] },
    ]);
  });

  test("takes times, and answers dynamic values as text", async () => {
    const { ask } = await setUp([
      health("window", "Succeeded", { WindowStart: "2026-01-09T00:00:00Z" }),
      health("gap", "Gone", { ContentId: "b" }),
    ]);
    const completeness = loadText("functions/m365-audit-completeness.kql");
    const [status, answer] = await ask(
      `let startTime = datetime(2026-01-09); let endTime = datetime(2026-01-09T12:00:00Z); ${completeness}`,
    );
    expect(status).toBe(200);
    const [table] = (answer as { tables: { columns: { name: string }[]; rows: unknown[][] }[] })
      .tables;
    const gaps = table!.columns.findIndex(({ name }) => name === "Gaps");
    expect(table!.columns[gaps]).toEqual({ name: "Gaps", type: "dynamic" });
    expect(JSON.parse(table!.rows[0]![gaps] as string)).toMatchObject([{ ContentId: "b" }]);
  });

  test("has nothing to say about a workspace without any row", async () => {
    const { ask } = await setUp([]);
    expect(await ask(lets + shortfall)).toEqual([204, undefined]);
  });

  test("answers under the names of both clouds, each for tokens of its own", async () => {
    const { ask, service } = await setUp();
    const government = { host: "api.loganalytics.us", audience: "https://api.loganalytics.us" };
    expect(await ask(lets + shortfall, government)).toMatchObject([200, {}]);
    const hosts = ["api.loganalytics.azure.com", "api.loganalytics.us", "api.loganalytics.io"];
    expect(hosts.filter((host) => service.serves(host))).toEqual(hosts.slice(0, 2));
    const { audience } = government;
    expect(await ask(lets + shortfall, { audience })).toEqual([
      403,
      error(
        "InvalidAuthenticationTokenAudience",
        "The access token has been obtained from wrong audience or resource. It should exactly match (including forward slash) with one of the allowed audiences 'https://api.loganalytics.io'.",
      ),
    ]);
  });

  test("finds the workspace whatever the case of its id", async () => {
    const { ask } = await setUp();
    const path = `/v1${resourceId.toLowerCase()}/query`;
    expect(await ask(lets + shortfall, { path })).toMatchObject([200, {}]);
  });

  test.each([
    ["another workspace", { path: `/v1${resourceId}y/query` }],
    ["no query", { path: `/v1${resourceId}` }],
    ["another method", { method: "GET" }],
  ])("does not know %s", async (_, changes) => {
    const { ask } = await setUp();
    expect(await ask(lets + shortfall, changes)).toEqual([
      404,
      error("PathNotFoundError", "The requested path does not exist"),
    ]);
  });

  test("wants a token that is whole", async () => {
    const { ask } = await setUp();
    expect(await ask(shortfall, { headers: { authorization: "" } })).toEqual([
      401,
      error(
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing.",
      ),
    ]);
    expect(await ask(shortfall, { headers: { authorization: "Bearer a.b.c" } })).toEqual([
      403,
      error("InvalidAuthenticationToken", "The access token is invalid."),
    ]);
  });

  test("wants a role that reads the tables", async () => {
    const { ask } = await setUp([blob("a", 2)], "Monitoring Metrics Publisher");
    expect(await ask(lets + shortfall)).toEqual([
      403,
      error(
        "InsufficientAccessError",
        "The provided credentials have insufficient access to perform the requested operation",
      ),
    ]);
  });

  test("answers with nothing what is not JSON, or has no query", async () => {
    const { ask } = await setUp();
    const headers = { "content-type": "text/plain" };
    expect(await ask(lets + shortfall, { headers })).toEqual([200, undefined]);
    expect(await ask(undefined)).toEqual([200, undefined]);
  });

  test.each([
    [
      "a query of its own",
      "M365Audit_CL | count",
      invalid("SyntaxError", "the query must be one below content/, got M365Audit_CL | count"),
    ],
    [
      "more than let statements before it",
      `let Collector_ = 'x'; M365Audit_CL; ${shortfall}`,
      invalid("SyntaxError", "only let statements of literals may precede the query"),
    ],
    [
      "a value that is no literal",
      `let Collector_ = strcat('a', 'b'); ${shortfall}`,
      invalid("SyntaxError", "only let statements of literals may precede the query"),
    ],
    [
      "no value",
      shortfall,
      invalid("SemanticError", "Failed to resolve scalar expression named 'Collector_'"),
    ],
    [
      "a value of another type",
      `let Collector_ = datetime(2026-01-01); ${shortfall}`,
      invalid("SemanticError", "'Collector_' must be of the type string"),
    ],
  ])("refuses %s", async (_, query, answer) => {
    const { ask } = await setUp();
    expect(await ask(query)).toEqual([400, answer]);
  });
});
