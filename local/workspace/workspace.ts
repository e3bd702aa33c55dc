import {
  DuckDBInstance,
  DuckDBTimestampValue,
  DuckDBTypeId,
  type DuckDBConnection,
  type DuckDBPreparedStatement,
} from "@duckdb/node-api";

import type { Table } from "../../content/tables.ts";
import { jsonRows, quoted, sqlTypes, wholeCharacters } from "./json-rows.ts";
import { translatedSql } from "./translation.ts";

/** Values of an SQL statement's parameters, by name. */
export type Values = Readonly<Record<string, string | Date>>;

/** One row as JSON holds it: times as ISO 8601 text, dynamic values as they are. */
export type Row = Readonly<Record<string, unknown>>;

/** The tables of a Log Analytics workspace, kept in DuckDB. All its times are UTC. */
export class Workspace {
  private readonly instance: DuckDBInstance;
  private readonly writer: DuckDBConnection;
  private readonly tables: ReadonlyMap<string, Table>;
  private readonly inserts = new Map<string, Promise<DuckDBPreparedStatement>>();
  private lastInsert: Promise<unknown> = Promise.resolve();

  private constructor(
    instance: DuckDBInstance,
    writer: DuckDBConnection,
    tables: readonly Table[],
  ) {
    this.instance = instance;
    this.writer = writer;
    this.tables = new Map(tables.map((table) => [table.name, table]));
  }

  /** Opens a workspace with these tables, in memory or in a new or existing database file. */
  static async open(tables: readonly Table[], file = ":memory:"): Promise<Workspace> {
    // Calls are small: a second thread costs half as much again and gains nothing.
    const instance = await DuckDBInstance.create(file, { threads: "1" });
    const workspace = new Workspace(instance, await connect(instance), tables);
    for (const { name, columns } of tables) {
      const definitions = columns.map((column) => {
        const empty = column.type === "string" ? " NOT NULL DEFAULT ''" : "";
        return `${quoted(column.name)} ${sqlTypes[column.type]}${empty}`;
      });
      await workspace.writer.run(
        `CREATE TABLE IF NOT EXISTS ${quoted(name)} (${definitions.join(", ")})`,
      );
    }
    return workspace;
  }

  /** The table of this name; fails when there is none. */
  table(name: string): Table {
    const table = this.tables.get(name);
    if (!table) {
      throw new Error(`table must be one of ${[...this.tables.keys()].join(", ")}, got ${name}`);
    }
    return table;
  }

  /** Adds rows, given as a JSON array of objects by the names of the columns; returns how many. */
  async append(tableName: string, rowsJson: string): Promise<number> {
    const { name, columns } = this.table(tableName);
    return this.insert(name, jsonRows(columns, "$rows"), { rows: wholeCharacters(rowsJson) });
  }

  /** Adds the rows that an SQL query gives, by the names of its columns; returns how many. */
  async insert(tableName: string, select: string, values: Values): Promise<number> {
    const sql = `INSERT INTO ${quoted(this.table(tableName).name)} BY NAME ${select}`;
    let prepared = this.inserts.get(sql);
    if (!prepared) {
      prepared = this.writer.prepare(sql);
      this.inserts.set(sql, prepared);
    }
    const statement = await prepared;
    // One after the other: a statement holds one set of values.
    const insert = this.lastInsert.then(async () => {
      bind(statement, values);
      return (await statement.run()).rowsChanged;
    });
    this.lastInsert = insert.catch(() => undefined);
    return insert;
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

  /** Like `query`, as lines of JSON with every number as it was delivered. */
  queryLines(kql: string, now: Date): AsyncGenerator<string> {
    return this.select(translatedSql(kql), { kqlnow: now });
  }

  /**
   * The rows that an SQL query gives, as lines of JSON; `values` may hold more than it asks for. They
   * are read as the caller asks for them.
   */
  async *select(sql: string, values: Values = {}): AsyncGenerator<string> {
    // A connection of its own: a statement on the same one would end the stream.
    const reader = await connect(this.instance);
    try {
      const shape = await reader.prepare(sql);
      const columns = Array.from({ length: shape.columnCount }, (_, index) => {
        const name = quoted(shape.columnName(index));
        const isTime = shape.columnTypeId(index) === DuckDBTypeId.TIMESTAMP;
        return `${name} := ${isTime ? `strftime(${name}, '%Y-%m-%dT%H:%M:%S.%gZ')` : name}`;
      });
      const statement = await reader.prepare(
        `SELECT to_json(struct_pack(${columns.join(", ")}))::VARCHAR FROM (${sql})`,
      );
      bind(statement, values);
      const result = await statement.stream();
      for await (const rows of result.yieldRows()) {
        for (const [line] of rows) {
          yield line as string;
        }
      }
    } finally {
      reader.closeSync();
    }
  }

  /** Closes the database; a workspace in memory is gone. */
  close(): void {
    this.writer.closeSync();
    this.instance.closeSync();
  }
}

async function connect(instance: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return connection;
}

function bind(statement: DuckDBPreparedStatement, values: Values): void {
  for (let index = 1; index <= statement.parameterCount; index++) {
    const value = values[statement.parameterName(index)]!;
    if (value instanceof Date) {
      statement.bindTimestamp(index, new DuckDBTimestampValue(BigInt(value.getTime()) * 1000n));
    } else {
      statement.bindVarchar(index, value);
    }
  }
}

async function* parsed(lines: AsyncGenerator<string>): AsyncGenerator<Row> {
  for await (const line of lines) {
    yield JSON.parse(line) as Row;
  }
}
