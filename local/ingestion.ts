import { gunzipSync } from "node:zlib";

import type { ColumnType } from "../content/tables.ts";
import type { Clock } from "./clock.ts";
import type { DataAccess } from "./directory.ts";
import type { Service } from "./service.ts";
import { carryColumn } from "./workspace/carry-column.ts";
import { jsonRows, quoted } from "./workspace/json-rows.ts";
import { checkTransformation } from "./workspace/transformation-subset.ts";
import { translatedSql } from "./workspace/translation.ts";
import { receivedCalls, type Inflow, type Workspace } from "./workspace/workspace.ts";

/** A column of a stream, its type in the rule's spelling (`datetime`, `boolean`). */
export interface StreamColumn {
  readonly name: string;
  readonly type: string;
}

/** A data collection rule and the host of the endpoint that it is reached by. */
export interface DataCollectionRule {
  /** `dcr-` and 32 hexadecimal digits. */
  readonly immutableId: string;
  readonly host: string;
  readonly streams: Readonly<Record<string, readonly StreamColumn[]>>;
  readonly dataFlows: readonly DataFlow[];
}

/** What becomes of a stream's rows. */
export interface DataFlow {
  readonly stream: string;
  readonly transformKql: string;
  /** Name of the table, such as `M365Audit_CL`. */
  readonly outputTable: string;
}

/** What a stream has received since the service was made. */
export interface StreamCounters {
  readonly calls: number;
  readonly rowsReceived: number;
  /** Rows that the transformation left out. */
  readonly rowsDropped: number;
  /** Values whose column the stream does not have. */
  readonly valuesDropped: number;
}

/** A stream of a rule, at work. */
interface Stream {
  readonly columns: ReadonlySet<string>;
  readonly inflows: readonly Inflow[];
  calls: number;
  rowsReceived: number;
  valuesDropped: number;
}

/** Limits of https://learn.microsoft.com/en-us/azure/azure-monitor/fundamentals/service-limits#logs-ingestion-api. */
const callLimitBytes = 1_048_576;
const valueLimitBytes = 65_536;

const hosts = /\.ingest\.monitor\.azure\.(com|us)$/;
const path = /^\/dataCollectionRules\/([^/]+)\/streams\/([^/]+)$/i;
const role = "Monitoring Metrics Publisher";

/**
 * The Logs Ingestion API, https://learn.microsoft.com/en-us/azure/azure-monitor/logs/logs-ingestion-api-overview:
 * checks a call, transforms its rows as the rule says and puts them into the workspace's tables. Where
 * the documents leave something open it takes the worse reading: the size limit counts expanded bytes,
 * and a dynamic value that would be cut is lost.
 */
export class Ingestion implements Service {
  private readonly clock: Clock;
  private readonly directory: DataAccess;
  private readonly workspace: Workspace;
  private readonly rules: readonly DataCollectionRule[];
  private readonly sqlOf: (kql: string) => string;
  /** By rule and name, as `<immutableId>/<stream>`. */
  private readonly streams = new Map<string, Stream>();

  /** Fails for a rule that Azure would refuse, or whose transformation was not translated. */
  constructor(props: {
    clock: Clock;
    directory: DataAccess;
    workspace: Workspace;
    rules: readonly DataCollectionRule[];
    /**
     * The SQL of a transformation.
     *
     * @default what local/sql holds
     */
    sqlOf?: (kql: string) => string;
  }) {
    this.clock = props.clock;
    this.directory = props.directory;
    this.workspace = props.workspace;
    this.rules = props.rules;
    this.sqlOf = props.sqlOf ?? translatedSql;
    props.rules.forEach((rule) => this.addRule(rule));
  }

  serves(host: string): boolean {
    return hosts.test(host);
  }

  /** What a stream has received; the stream must be one of the rule's. */
  async counters(immutableId: string, name: string): Promise<StreamCounters> {
    const stream = this.streams.get(`${immutableId}/${name}`)!;
    const { calls, rowsReceived, valuesDropped, inflows } = stream;
    let rowsDropped = 0;
    for (const inflow of inflows) {
      rowsDropped += rowsReceived - (await this.workspace.stored(inflow));
    }
    return { calls, rowsReceived, rowsDropped, valuesDropped };
  }

  async handle(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const [, immutableId, name] = path.exec(url.pathname) ?? [];
    const rule = this.rules.find(
      (candidate) =>
        candidate.host === url.hostname.toLowerCase() && candidate.immutableId === immutableId,
    );
    if (request.method !== "POST" || !rule || !name) {
      return failure(404, "NotFound", "no data collection rule has this address");
    }
    const { claims, problem } = this.directory.verifyToken(
      request.headers.get("authorization"),
      `https://monitor.azure.${url.hostname.split(".").at(-1)}`,
    );
    if (!claims) {
      return failure(401, "InvalidToken", `the token is not accepted: ${problem}`);
    }
    if (!this.directory.hasRole(claims.oid, [role], rule.immutableId)) {
      return failure(403, "OperationFailed", `the identity lacks ${role} on the rule`);
    }
    if (url.searchParams.get("api-version") !== "2023-01-01") {
      return failure(400, "InvalidApiVersion", "api-version must be 2023-01-01");
    }
    const stream = this.streams.get(`${rule.immutableId}/${decodeURIComponent(name)}`);
    if (!stream) {
      return failure(400, "InvalidStream", `the rule has no stream ${name}`);
    }
    return this.receive(request, stream);
  }

  private async receive(request: Request, stream: Stream): Promise<Response> {
    if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) {
      return failure(400, "InvalidContentType", "Content-Type must be application/json");
    }
    const body = expanded(
      Buffer.from(await request.arrayBuffer()),
      request.headers.get("content-encoding"),
    );
    if (body === "unreadable") {
      return failure(
        400,
        "InvalidEncoding",
        "the body must be plain, or gzip as Content-Encoding says",
      );
    }
    if (body === "too large") {
      return failure(
        413,
        "ContentLengthLimitExceeded",
        `a call carries at most ${callLimitBytes} bytes`,
      );
    }
    const received = readRows(body);
    if (!received) {
      return failure(
        400,
        "InvalidRequestBody",
        "the body must be a JSON array of objects in UTF-8",
      );
    }

    const { text, rows } = received;
    stream.calls++;
    stream.rowsReceived += rows.length;
    for (const row of rows) {
      stream.valuesDropped += Object.keys(row).filter((name) => !stream.columns.has(name)).length;
    }
    for (const inflow of stream.inflows) {
      await this.workspace.receive(inflow, { rows: text, arrival: this.clock.now() });
    }
    return new Response(null, { status: 204 });
  }

  private addRule({ immutableId, streams, dataFlows }: DataCollectionRule): void {
    for (const { stream, transformKql, outputTable } of dataFlows) {
      const columns = streams[stream];
      if (!columns || !stream.startsWith("Custom-")) {
        throw new Error(`dataFlow must use a Custom- stream that the rule declares, got ${stream}`);
      }
      checkTransformation(
        transformKql,
        columns.map(inKqlSpelling),
        this.workspace.table(outputTable).columns,
      );
    }
    for (const [name, columns] of Object.entries(streams)) {
      this.streams.set(`${immutableId}/${name}`, {
        columns: new Set(columns.map((column) => column.name)),
        inflows: dataFlows
          .filter(({ stream }) => stream === name)
          .map((flow) => this.inflow(flow, columns)),
        calls: 0,
        rowsReceived: 0,
        valuesDropped: 0,
      });
    }
  }

  private inflow(
    { transformKql, outputTable: table }: DataFlow,
    columns: readonly StreamColumn[],
  ): Inflow {
    const { table: from, rows, arrival } = receivedCalls;
    const source = jsonRows(columns.map(inKqlSpelling), quoted(rows), { from, carried: [arrival] });
    const values = this.workspace.table(table).columns.map(({ name, type }) => {
      const column = quoted(name);
      const value = name === "TimeGenerated" ? acceptedTime(column) : stored(column, type);
      return `${value} AS ${column}`;
    });
    const select =
      `WITH "source" AS (${source}) ` +
      `SELECT ${values.join(", ")} FROM (${carryColumn(this.sqlOf(transformKql), arrival)})`;
    return { table, select };
  }
}

const streamTypes: Readonly<Record<string, ColumnType>> = {
  string: "string",
  int: "int",
  long: "long",
  real: "real",
  boolean: "bool",
  dynamic: "dynamic",
  datetime: "datetime",
};

function inKqlSpelling({ name, type }: StreamColumn): { name: string; type: ColumnType } {
  const kqlType = streamTypes[type];
  if (!kqlType) {
    throw new Error(
      `type of the stream's column ${name} must be one of ${Object.keys(streamTypes).join(", ")}, got ${type}`,
    );
  }
  return { name, type: kqlType };
}

function expanded(body: Buffer, encoding: string | null): Buffer | "too large" | "unreadable" {
  if (body.length > callLimitBytes) {
    return "too large";
  }
  if (encoding === null) {
    return body;
  }
  if (encoding.toLowerCase() !== "gzip") {
    return "unreadable";
  }
  try {
    return gunzipSync(body, { maxOutputLength: callLimitBytes });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE"
      ? "too large"
      : "unreadable";
  }
}

function readRows(body: Buffer): { text: string; rows: readonly object[] } | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    const rows: unknown = JSON.parse(text);
    const isObject = (row: unknown) =>
      typeof row === "object" && row !== null && !Array.isArray(row);
    return Array.isArray(rows) && rows.every(isObject)
      ? { text, rows: rows as readonly object[] }
      : undefined;
  } catch {
    return undefined;
  }
}

const arrivalColumn = quoted(receivedCalls.arrival);

// More than two days before arrival or one day after it is replaced, and so is none at all:
// https://learn.microsoft.com/en-us/azure/azure-monitor/logs/log-standard-columns#timegenerated
const acceptedTime = (column: string) =>
  `CASE WHEN ${column} BETWEEN ${arrivalColumn} - INTERVAL 2 DAY AND ${arrivalColumn} + INTERVAL 1 DAY ` +
  `THEN ${column} ELSE ${arrivalColumn} END`;

function stored(column: string, type: ColumnType): string {
  if (type === "dynamic") {
    return `CASE WHEN strlen(${column}) <= ${valueLimitBytes} THEN nullif(${column}, 'null') END`;
  }
  if (type === "string") {
    // Bytes are cut, so up to three of them may be the start of a character.
    const cuts = [0, 1, 2, 3].map(
      (less) => `TRY(decode(encode(${column})[1:${valueLimitBytes - less}]))`,
    );
    return `CASE WHEN strlen(${column}) <= ${valueLimitBytes} THEN ${column} ELSE coalesce(${cuts.join(", ")}, '') END`;
  }
  return column;
}

const failure = (status: number, code: string, message: string) =>
  Response.json({ error: { code, message } }, { status });
