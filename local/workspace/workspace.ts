import {
  DuckDBInstance,
  DuckDBTimestampValue,
  DuckDBTypeId,
  type DuckDBConnection,
  type DuckDBPreparedStatement,
} from "@duckdb/node-api";

import type { Table } from "../../content/tables.ts";
import { jsonRows, quoted, sqlTypes, wholeCharacters } from "./json-rows.ts";
import { TemporaryFolder } from "../../plan/temporary-folder.ts";
import { translatedSql } from "./translation.ts";

/** Values of an SQL statement's parameters, by name. */
export type Values = Readonly<Record<string, string | Date>>;

/** A way for the rows of calls into a table. */
export interface Inflow {
  readonly table: string;
  /** SQL that gives the table's rows, by the names of its columns, from those of `receivedCalls`. */
  readonly select: string;
}

/** What came in one call. */
export interface ReceivedCall {
  /** A JSON array of objects. */
  readonly rows: string;
  readonly arrival: Date;
}

/** Where the SQL of an inflow finds the calls: a table with one row for each, in their order. */
export const receivedCalls = {
  table: "temp.calls",
  rows: "rows",
  arrival: "call arrival",
} as const;

/** Characters of waiting calls that are stored without being asked for. */
const batchLength = 256 * 1024;
/** Characters that may wait while a batch is stored. */
const waitingLimit = 4 * 1024 * 1024;

/** What is known of queries, by the shape of the tables that they ask. */
const membersByShape = new Map<string, Map<string, string>>();

/** One row as JSON holds it: times as ISO 8601 text, dynamic values as they are. */
export type Row = Readonly<Record<string, unknown>>;

/** A table as a workspace has it. */
export type WorkspaceTable = Pick<Table, "name" | "columns">;

/** The tables of a Log Analytics workspace, kept in DuckDB. All its times are UTC. */
export class Workspace {
  private readonly instance: DuckDBInstance;
  private readonly spilled: TemporaryFolder;
  private readonly writer: DuckDBConnection;
  private readonly tables = new Map<string, WorkspaceTable>();
  private readonly inserts = new Map<string, DuckDBPreparedStatement>();
  /** Members of a result's rows, by the SQL of its query. */
  private members = new Map<string, string>();
  private readonly storedRows = new Map<Inflow, number>();
  private readonly waiting = new Map<Inflow, ReceivedCall[]>();
  private waitingLength = 0;
  private storing: Promise<void> = Promise.resolve();
  private isStoring = false;
  /** Why rows could not be stored while nobody waited for it: nothing works from then on. */
  private failure: Error | undefined;
  private lastStore: Promise<unknown> = Promise.resolve();

  private constructor(
    instance: DuckDBInstance,
    spilled: TemporaryFolder,
    writer: DuckDBConnection,
  ) {
    this.instance = instance;
    this.spilled = spilled;
    this.writer = writer;
  }

  /** Opens a workspace with these tables, in memory or in a new or existing database file. */
  static async open(tables: readonly WorkspaceTable[], file = ":memory:"): Promise<Workspace> {
    const spilled = new TemporaryFolder("workspace");
    const instance = await DuckDBInstance.create(file, {
      // Calls are small: a second thread costs half as much again and gains nothing.
      threads: "1",
      // Beyond it tables in memory go to files, and what DuckDB has freed goes back to the system.
      memory_limit: "256MB",
      temp_directory: spilled.path,
      allocator_bulk_deallocation_flush_threshold: "16MB",
    });
    const workspace = new Workspace(instance, spilled, await connect(instance));
    for (const table of tables) {
      await workspace.setTable(table);
    }
    const { table, rows, arrival } = receivedCalls;
    await workspace.writer.run(
      `CREATE TEMPORARY TABLE ${table} (${quoted(rows)} VARCHAR, ${quoted(arrival)} TIMESTAMP)`,
    );
    return workspace;
  }

  /** Adds a table, or to a table the columns that it does not have. */
  async setTable(table: WorkspaceTable): Promise<void> {
    const { name, columns } = table;
    const definitions = columns.map((column) => {
      const empty = column.type === "string" ? " NOT NULL DEFAULT ''" : "";
      return `${quoted(column.name)} ${sqlTypes[column.type]}${empty}`;
    });
    if (this.tables.has(name)) {
      for (const definition of definitions) {
        // DuckDB adds no column with a constraint.
        const added = definition.replace(" NOT NULL", "");
        await this.writer.run(`ALTER TABLE ${quoted(name)} ADD COLUMN IF NOT EXISTS ${added}`);
      }
    } else {
      await this.writer.run(
        `CREATE TABLE IF NOT EXISTS ${quoted(name)} (${definitions.join(", ")})`,
      );
    }
    this.tables.set(name, table);
    this.inserts.clear();
    const shape = JSON.stringify(
      [...this.tables.values()].map((each) => [each.name, each.columns]),
    );
    this.members = membersByShape.get(shape) ?? new Map<string, string>();
    membersByShape.set(shape, this.members);
  }

  /** The table of this name; fails when there is none. */
  table(name: string): WorkspaceTable {
    const table = this.tables.get(name);
    if (!table) {
      throw new Error(`table must be one of ${[...this.tables.keys()].join(", ")}, got ${name}`);
    }
    return table;
  }

  /** Adds rows, given as a JSON array of objects by the names of the columns; returns how many. */
  async append(tableName: string, rowsJson: string): Promise<number> {
    const { name, columns } = this.table(tableName);
    const select = jsonRows(columns, quoted(receivedCalls.rows), { from: receivedCalls.table });
    await this.storeWaiting();
    return this.store({ table: name, select }, [{ rows: rowsJson, arrival: new Date(0) }]);
  }

  /**
   * Takes a call's rows in; they are stored when somebody reads, or when many wait. DuckDB plans the
   * SQL of a transformation longer than it runs it for a hundred records, and the result is the same
   * for many calls at once, since a transformation looks at each row alone.
   */
  async receive(inflow: Inflow, call: ReceivedCall): Promise<void> {
    this.throwFailure();
    const calls = this.waiting.get(inflow) ?? [];
    this.waiting.set(inflow, calls);
    calls.push(call);
    this.waitingLength += call.rows.length;
    if (this.waitingLength > waitingLimit) {
      await this.storing;
    }
    if (this.waitingLength > batchLength && !this.isStoring) {
      // Beside the caller, on a processor of its own.
      this.isStoring = true;
      this.storing = this.storeBatches()
        .catch((error: Error) => {
          this.failure ??= error;
        })
        .finally(() => {
          this.isStoring = false;
        });
    }
  }

  /** How many rows have come into the table this way. */
  async stored(inflow: Inflow): Promise<number> {
    await this.storeWaiting();
    return this.storedRows.get(inflow) ?? 0;
  }

  /** The rows of a table, in the order in which they arrived. */
  rows(tableName: string): AsyncGenerator<Row> {
    return parsed(this.lines(tableName));
  }

  /** The rows of a table as lines of JSON, with every number as it was delivered. */
  lines(tableName: string): AsyncGenerator<string> {
    return this.select(`SELECT * FROM ${quoted(this.table(tableName).name)}`);
  }

  /** The rows that a query below `content/` gives, such as a saved function, at the time `now`. */
  query(kql: string, now: Date): AsyncGenerator<Row> {
    return parsed(this.queryLines(kql, now));
  }

  /** How many rows a query below `content/` gives at the time `now`. */
  async count(kql: string, now: Date): Promise<number> {
    const counted = `SELECT count(*) AS "rows" FROM (${translatedSql(kql)})`;
    for await (const { rows } of parsed(this.select(counted, { kqlnow: now }))) {
      return rows as number;
    }
    throw new Error("a count must give a row, got none");
  }

  /** Like `query`, as lines of JSON with every number as it was delivered. */
  queryLines(kql: string, now: Date): AsyncGenerator<string> {
    return this.select(translatedSql(kql), { kqlnow: now });
  }

  /**
   * The rows that an SQL query gives, as lines of JSON; `values` may hold more than it asks for. They
   * are read as the caller asks for them.
   */
  async *select(sql: string, values: Values = {}): AsyncGenerator<string> {
    await this.storeWaiting();
    // A connection of its own: a statement on the same one would end the stream.
    const reader = await connect(this.instance);
    try {
      const query = withValues(sql, values);
      const members = this.members.get(sql) ?? (await membersOf(reader, query));
      this.members.set(sql, members);
      const result = await reader.stream(
        `SELECT to_json(struct_pack(${members}))::VARCHAR FROM (${query})`,
      );
      for await (const chunk of result) {
        const lines = chunk.getColumnVector(0);
        for (let row = 0; row < chunk.rowCount; row++) {
          // The vector itself would keep every line that it gives until all are read.
          yield lines.slice(row, 1).getItem(0) as string;
        }
        // Or else its memory, of which V8 knows nothing, waits for the next full collection.
        chunk.reset();
      }
    } finally {
      reader.closeSync();
    }
  }

  /**
   * Closes the database, after what is being stored; a workspace in memory is gone, and so are rows that
   * wait.
   */
  close(): void {
    const closeNow = () => {
      this.writer.closeSync();
      this.instance.closeSync();
      this.spilled.close();
    };
    if (this.isStoring) {
      void this.storing.then(closeNow);
    } else {
      closeNow();
    }
  }

  /** Without any batch there may still be one that another caller stores. */
  private async storeWaiting(): Promise<void> {
    await Promise.all([this.storing, this.lastStore, this.storeBatches()]);
    this.throwFailure();
  }

  private throwFailure(): void {
    if (this.failure) {
      throw this.failure;
    }
  }

  private async storeBatches(): Promise<void> {
    const batches = [...this.waiting];
    this.waiting.clear();
    this.waitingLength = 0;
    await Promise.all(batches.map((batch) => this.store(...batch)));
  }

  /** Stores calls, one batch after the other since they share a table; returns how many rows. */
  private store(inflow: Inflow, calls: readonly ReceivedCall[]): Promise<number> {
    const stored = this.lastStore.then(() => this.insert(inflow, calls));
    this.lastStore = stored.catch(() => undefined);
    return stored;
  }

  private async insert(inflow: Inflow, calls: readonly ReceivedCall[]): Promise<number> {
    const sql = `INSERT INTO ${quoted(inflow.table)} BY NAME ${inflow.select}`;
    const statement = this.inserts.get(sql) ?? (await this.writer.prepare(sql));
    this.inserts.set(sql, statement);
    try {
      const appender = await this.writer.createAppender("calls", null, "temp");
      for (const { rows, arrival } of calls) {
        appender.appendVarchar(wholeCharacters(rows));
        appender.appendTimestamp(timestamp(arrival));
        appender.endRow();
      }
      appender.closeSync();
      const { rowsChanged } = await statement.run();
      this.storedRows.set(inflow, (this.storedRows.get(inflow) ?? 0) + rowsChanged);
      return rowsChanged;
    } finally {
      // Deleted rows take memory until the checkpoint.
      await this.writer.run(`DELETE FROM ${receivedCalls.table}; CHECKPOINT temp`);
    }
  }
}

async function connect(instance: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return connection;
}

/** The columns that a query gives, as members of a struct, its times as text. */
async function membersOf(reader: DuckDBConnection, sql: string): Promise<string> {
  const shape = await reader.prepare(sql);
  const members = Array.from({ length: shape.columnCount }, (_, index) => {
    const name = quoted(shape.columnName(index));
    const isTime = shape.columnTypeId(index) === DuckDBTypeId.TIMESTAMP;
    return `${name} := ${isTime ? `strftime(${name}, '%Y-%m-%dT%H:%M:%S.%gZ')` : name}`;
  });
  return members.join(", ");
}

/**
 * The statement with its values in it: DuckDB takes longer to plan a query of an alert or a shortfall than
 * to answer it, and plans a prepared one twice.
 */
const withValues = (sql: string, values: Values) =>
  sql.replace(/\$(kql\w+)/g, (_, name: string) => {
    const value = values[name]!;
    return value instanceof Date
      ? `TIMESTAMP '${value.toISOString().replace("Z", "")}'`
      : `'${value.replaceAll("'", "''")}'`;
  });

const timestamp = (instant: Date) => new DuckDBTimestampValue(BigInt(instant.getTime()) * 1000n);

async function* parsed(lines: AsyncGenerator<string>): AsyncGenerator<Row> {
  for await (const line of lines) {
    yield JSON.parse(line) as Row;
  }
}
