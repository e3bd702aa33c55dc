import { describe, expect, test } from "vitest";

import {
  loadTable,
  loadTables,
  parseTable,
  streamColumnType,
  tableColumnType,
} from "../../content/tables.ts";

const time = { name: "TimeGenerated", type: "datetime", description: "When" };
const column = (name: string) => ({ name, type: "string", description: "What" });
const table = (traits: object) => ({
  name: "Example_CL",
  columns: [time],
  stream: { name: "Custom-Example" },
  ...traits,
});
const parse = (traits: object) => parseTable(table(traits), "tables/example.json");

describe("loadTables", () => {
  test("reads the shipped tables", () => {
    expect(loadTables().map(({ name }) => name)).toEqual(["M365AuditHealth_CL", "M365Audit_CL"]);
  });

  test("gives the health stream the columns of its table, since it has none of its own", () => {
    const { columns, stream } = loadTable("m365-audit-health");
    expect(stream.columns).toEqual(columns);
    expect(columns.at(-1)).toMatchObject({ name: "BlobsSetAside", type: "long" });
  });

  test("knows the stream that the playbook posts audit records to", () => {
    const { stream } = loadTable("m365-audit");
    expect(stream.name).toBe("Custom-M365Audit");
    expect(stream.columns.map(({ name, type }) => `${name}:${type}`)).toEqual([
      "Record:dynamic",
      "ContentId:string",
      "ContentType:string",
      "CollectedTime:datetime",
      "M365TenantId:string",
      "Collector:string",
      "OriginalBlob:string",
      "OriginalLength:long",
      "OriginalHash:string",
      "RecordIndex:int",
    ]);
  });
});

describe("parseTable", () => {
  test.each(["Id", "title", "TenantId", "_ResourceId", "Type"])(
    "refuses the reserved name %s in any case",
    (name) => {
      const rule = name.startsWith("_")
        ? `must be 2 to 45 letters, digits or underscores, the first a letter, got ${name}`
        : `must not be a name that Azure reserves, got ${name}`;
      expect(() => parse({ columns: [time, column(name)] })).toThrow(
        `tables/example.json: columns.1.name ${rule}`,
      );
    },
  );

  test("takes a name of 45 characters and refuses one of 46", () => {
    const name = "N".repeat(45);
    expect(parse({ columns: [time, column(name)] }).columns[1]?.name).toBe(name);
    expect(() => parse({ columns: [time, column(`${name}N`)] })).toThrow(
      `must be 2 to 45 letters, digits or underscores, the first a letter, got ${name}N`,
    );
  });

  test("refuses a column that is named twice, whatever the case", () => {
    expect(() => parse({ columns: [time, column("Name"), column("name")] })).toThrow(
      "tables/example.json: columns must name each column once, got name again",
    );
  });

  test("refuses a table that does not begin with its time", () => {
    expect(() => parse({ columns: [column("Name"), time] })).toThrow(
      "tables/example.json: columns must begin with TimeGenerated of the type datetime",
    );
  });

  test("reports the names of table and stream at once", () => {
    expect(() => parse({ name: "Example", stream: { name: "Example" } })).toThrow(
      "tables/example.json: name must end in _CL, got Example\n" +
        "tables/example.json: stream.name must begin with Custom-, got Example",
    );
  });
});

describe("spellings of a type", () => {
  test("the table says dateTime and boolean", () => {
    expect((["datetime", "bool", "dynamic", "long"] as const).map(tableColumnType)).toEqual([
      "dateTime",
      "boolean",
      "dynamic",
      "long",
    ]);
  });

  test("the stream says datetime and boolean", () => {
    expect((["datetime", "bool", "dynamic", "long"] as const).map(streamColumnType)).toEqual([
      "datetime",
      "boolean",
      "dynamic",
      "long",
    ]);
  });
});
