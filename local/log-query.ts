import { kqlFiles, loadFunctions, parametersOf, withDeclarations } from "../content/kql.ts";
import { loadText } from "../content/load.ts";
import { loadTables } from "../content/tables.ts";
import type { Clock } from "./clock.ts";
import type { DataAccess, TokenProblem } from "./directory.ts";
import type { Service } from "./service.ts";
import { KustoAnalyzer, type KustoColumn } from "./workspace/kusto-analyzer.ts";
import { translatedSql } from "./workspace/translation.ts";
import type { Row, Values, Workspace } from "./workspace/workspace.ts";

/** Host names with the audience of their tokens. */
const audiences: Readonly<Record<string, string>> = {
  "api.loganalytics.azure.com": "https://api.loganalytics.io",
  "api.loganalytics.us": "https://api.loganalytics.us",
};

/** Roles that may query every table; one with a condition is taken for these too. */
const roles = ["Log Analytics Data Reader", "Log Analytics Reader"];

/**
 * The query API of Azure Monitor Logs, asked by the resource id of the workspace:
 * https://learn.microsoft.com/azure/azure-monitor/logs/api/azure-resource-queries. It runs only the
 * queries below `content/`, after `let` statements that set what they take. Where documents and
 * practice differ it takes the worse reading: a workspace without any row answers 204 with no body.
 */
export class LogQuery implements Service {
  private readonly clock: Clock;
  private readonly directory: DataAccess;
  private readonly workspace: Workspace;
  private readonly resourceId: string;
  private hasRows = false;

  /** `resourceId` is that of the workspace, compared without regard to case. */
  constructor(props: {
    clock: Clock;
    directory: DataAccess;
    workspace: Workspace;
    resourceId: string;
  }) {
    this.clock = props.clock;
    this.directory = props.directory;
    this.workspace = props.workspace;
    this.resourceId = props.resourceId;
  }

  serves(host: string): boolean {
    return host in audiences;
  }

  async handle(request: Request): Promise<Response> {
    const { hostname, pathname } = new URL(request.url);
    const { claims, problem } = this.directory.verifyToken(
      request.headers.get("authorization"),
      audiences[hostname]!,
    );
    if (problem !== undefined) {
      return refused(problem, audiences[hostname]!);
    }
    const path = `/v1${this.resourceId}/query`;
    if (request.method !== "POST" || pathname.toLowerCase() !== path.toLowerCase()) {
      return failure(404, "PathNotFoundError", "The requested path does not exist");
    }
    if (!this.directory.hasRole(claims.oid, roles, this.resourceId)) {
      return failure(
        403,
        "InsufficientAccessError",
        "The provided credentials have insufficient access to perform the requested operation",
      );
    }
    const isJson = /^application\/json\b/i.test(request.headers.get("content-type") ?? "");
    const query = isJson ? queryIn(await request.text()) : undefined;
    if (query === undefined) {
      return new Response(null, { status: 200 });
    }
    return this.answer(query);
  }

  private async answer(query: string): Promise<Response> {
    const known = knownQueries().find(({ text }) => plain(query).endsWith(text));
    if (known === undefined) {
      return invalid("SyntaxError", `the query must be one below content/, got ${query}`);
    }
    const given = letsIn(plain(query).slice(0, -known.text.length));
    if (given === undefined) {
      return invalid("SyntaxError", "only let statements of literals may precede the query");
    }
    const values: Record<string, string | Date> = { kqlnow: this.clock.now() };
    for (const [index, { name, type }] of known.parameters.entries()) {
      const value = given.get(name);
      if (value === undefined) {
        return invalid("SemanticError", `Failed to resolve scalar expression named '${name}'`);
      }
      if ((type === "datetime") !== value instanceof Date) {
        return invalid("SemanticError", `'${name}' must be of the type ${type}`);
      }
      values[`kqlp${index}`] = value;
    }
    if (await this.isEmpty()) {
      return new Response(null, { status: 204 });
    }
    const columns = known.columns();
    const rows = await this.rows(translatedSql(loadText(known.file)), values);
    return Response.json({
      tables: [
        {
          name: "PrimaryResult",
          columns,
          rows: rows.map((row) => columns.map(({ name, type }) => cell(row[name], type))),
        },
      ],
    });
  }

  /** Until a first row came in; none ever goes out again. */
  private async isEmpty(): Promise<boolean> {
    if (this.hasRows) {
      return false;
    }
    const tables = loadTables().map(({ name }) => `SELECT 1 FROM "${name}"`);
    this.hasRows = (await this.rows(`${tables.join(" UNION ALL ")} LIMIT 1`)).length > 0;
    return !this.hasRows;
  }

  private async rows(sql: string, values?: Values): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const line of this.workspace.select(sql, values)) {
      rows.push(JSON.parse(line) as Row);
    }
    return rows;
  }
}

interface KnownQuery {
  readonly file: string;
  readonly text: string;
  readonly parameters: readonly KustoColumn[];
  readonly columns: () => readonly KustoColumn[];
}

let known: readonly KnownQuery[] | undefined;

function knownQueries(): readonly KnownQuery[] {
  known ??= kqlFiles()
    .filter((file) => !file.startsWith("transformations/"))
    .map((file) => {
      const text = loadText(file);
      let columns: readonly KustoColumn[] | undefined;
      return {
        file,
        text: plain(text),
        parameters: parametersOf(text),
        // Parsing takes a quarter of a second.
        columns: () =>
          (columns ??= new KustoAnalyzer(loadTables(), loadFunctions()).analyze(
            withDeclarations(text),
          ).columns),
      };
    });
  return known;
}

const literalOrComment = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\/\/[^\n]*/g;

/** The query without comments, on one line. */
function plain(query: string): string {
  return query
    .replace(literalOrComment, (_, literal: string | undefined) => literal ?? "")
    .replace(/\s+/g, " ")
    .trim();
}

const letStatement =
  /\s*let (\w+) ?= ?(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|datetime\(([\w:.+-]+)\)) ?;\s*/y;

/** What the statements set; undefined when they are anything else. */
function letsIn(statements: string): Map<string, string | Date> | undefined {
  const values = new Map<string, string | Date>();
  letStatement.lastIndex = 0;
  while (letStatement.lastIndex < statements.length) {
    const [, name, double, single, time] = letStatement.exec(statements) ?? [];
    const value = time === undefined ? unescaped(double ?? single ?? "") : new Date(time);
    if (name === undefined || (value instanceof Date && Number.isNaN(value.getTime()))) {
      return undefined;
    }
    values.set(name, value);
  }
  return values;
}

/** https://learn.microsoft.com/kusto/query/scalar-data-types/string */
const unescaped = (text: string) => text.replace(/\\(["'\\])/g, "$1");

function queryIn(body: string): string | undefined {
  try {
    const { query } = JSON.parse(body) as { query?: unknown };
    return typeof query === "string" ? query : undefined;
  } catch {
    return undefined;
  }
}

/** A dynamic value is answered as its JSON text. */
const cell = (value: unknown, type: string) =>
  type === "dynamic" && value !== null ? JSON.stringify(value) : value;

/** Errors of https://learn.microsoft.com/azure/azure-monitor/logs/api/errors. */
function refused(problem: TokenProblem, audience: string): Response {
  switch (problem) {
    case "missing":
      return failure(
        401,
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing.",
      );
    case "audience":
      return failure(
        403,
        "InvalidAuthenticationTokenAudience",
        `The access token has been obtained from wrong audience or resource. It should exactly match (including forward slash) with one of the allowed audiences '${audience}'.`,
      );
    default:
      return failure(403, "InvalidAuthenticationToken", "The access token is invalid.");
  }
}

const failure = (status: number, code: string, message: string) =>
  Response.json({ error: { message, code } }, { status });

const invalid = (code: string, message: string) =>
  Response.json(
    {
      error: {
        message: "The request had some invalid properties",
        code: "BadArgumentError",
        innererror: { code, message },
      },
    },
    { status: 400 },
  );
