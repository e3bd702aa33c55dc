import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { AuditRecordText, InvalidRecord } from "../../../local/records/audit-record-text.ts";
import { readRecords } from "../../../local/records/read-records.ts";
import { RecordsFileError } from "../../../local/records/records-file-error.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "records-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function read(content: string | Buffer, name = "export") {
  const file = join(folder, name);
  writeFileSync(file, content);
  const records: AuditRecordText[] = [];
  const invalid: InvalidRecord[] = [];
  for await (const record of readRecords(file, { onInvalid: (row) => invalid.push(row) })) {
    records.push(record);
  }
  return { records, texts: records.map(({ text }) => text), invalid };
}

const record = (id: string, more = "") =>
  `{"CreationTime":"2026-01-02T03:04:05","Id":"${id}"${more}}`;
/** As nobody's serializer would write it: key order, spacing, escapes and numbers must survive. */
const oddRecord = (id: string) =>
  `{ "Z":1.50,"Big":9007199254740993 ,"E":2E+3,"U":"\\u00e9 é 🚀 \u2028", "Id":"${id}",` +
  `"N":[ ],"Text":"a, \\"b\\"; c\\\\","CreationTime":"2026-01-02T03:04:05.1234567Z" }`;
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const csv = (...cells: string[]) =>
  ["CreationDate,AuditData,Identity", ...cells.map((cell) => `1/2/2026,${cell},x`), ""].join("\n");

describe("readRecords", () => {
  describe.each([
    ["NDJSON", (texts: string[]) => texts.join("\n")],
    ["NDJSON with CR LF", (texts: string[]) => texts.join("\r\n") + "\r\n"],
    ["a JSON array", (texts: string[]) => `[${texts.join(",")}]`],
    ["a JSON array with a record a line", (texts: string[]) => `[\n  ${texts.join(",\n  ")}\n]\n`],
    ["a CSV", (texts: string[]) => csv(...texts.map(quoted))],
    [
      "a CSV with semicolons",
      (texts: string[]) =>
        `"Id";"AUDITDATA"\r\n${texts.map((t) => `"1";${quoted(t)}\r\n`).join("")}`,
    ],
    [
      "a CSV with tabs and unquoted cells",
      (texts: string[]) => `Id\tAuditData\n${texts.map((text) => `1\t${text}\n`).join("")}`,
    ],
    [
      "a CSV of Windows PowerShell",
      (texts: string[]) =>
        `#TYPE System.Management.Automation.PSObject\r\n"auditdata"\r\n${texts.map(quoted).join("\r\n")}`,
    ],
  ])("%s", (_, format) => {
    const texts = [oddRecord("a"), record("b"), oddRecord("c")];

    test("keeps each record's own text", async () => {
      expect(await read(format(texts))).toMatchObject({ texts, invalid: [] });
    });

    test.each([
      ["UTF-8 with a byte order mark", (text: string) => Buffer.from(`\ufeff${text}`)],
      ["UTF-16 LE", (text: string) => Buffer.from(`\ufeff${text}`, "utf16le")],
      ["UTF-16 BE", (text: string) => Buffer.from(`\ufeff${text}`, "utf16le").swap16()],
      ["UTF-16 LE without a mark", (text: string) => Buffer.from(text, "utf16le")],
      ["UTF-16 BE without a mark", (text: string) => Buffer.from(text, "utf16le").swap16()],
    ])("in %s", async (__, encode) => {
      expect(await read(encode(format(texts)))).toMatchObject({ texts, invalid: [] });
    });
  });

  describe("rows of Search-UnifiedAuditLog as JSON", () => {
    const texts = [oddRecord("a"), record("b"), record("c", `,"AuditData":"its own"`)];
    const row = (text: string, index: number) => ({
      CreationDate: "\\/Date(1767323045000)\\/",
      ["AuditData"]: text,
      ResultIndex: index,
    });
    const rows = texts.map(row);
    const list = { value: rows, Count: 3 };

    test.each([
      ["an array", JSON.stringify(rows, undefined, 4).replaceAll("\n", "\r\n"), 3],
      ["a compressed array", JSON.stringify(rows), 3],
      ["one row", JSON.stringify(rows[0], undefined, 4), 1],
      ["one compressed row", JSON.stringify(rows[0]), 1],
      ["rows one after the other", rows.map((each) => JSON.stringify(each, null, 2)).join("\n"), 3],
      ["an array within an object", JSON.stringify(list, undefined, 4), 3],
      ["a compressed array within an object", `${JSON.stringify(list)}\n`, 3],
      ["what follows a count", JSON.stringify({ Count: 3, value: rows }), 3],
      ["a page of OData", JSON.stringify({ "@odata.context": "https://x", value: rows }), 3],
      [
        "columns in another case",
        JSON.stringify(rows.slice(0, 2)).replaceAll("AuditData", "auditData"),
        2,
      ],
    ])("%s: the text in AuditData is the record", async (_, content, count) => {
      expect(await read(content)).toMatchObject({ texts: texts.slice(0, count), invalid: [] });
    });

    test.each([
      [{ AuditData: { Id: "a" } }, "AuditData must be the record as JSON text, got an object"],
      [{ AuditData: null }, "AuditData must be the record as JSON text, got null"],
      [{ AuditData: "" }, "AuditData must be the text of a JSON object, got nothing"],
      [{ AuditData: "7" }, "AuditData must be the text of a JSON object, got 7"],
      [
        { AuditData: "{" },
        "AuditData must be the text of a JSON object, got text that is not valid JSON",
      ],
      [{ AuditData: "{}" }, "Id must be a text that is not empty, got none"],
    ])("reports %j with the line of the row and goes on", async (bad, reason) => {
      const value = [rows[0], bad, rows[1]];
      expect(await read(JSON.stringify({ value }, undefined, 1))).toMatchObject({
        texts: texts.slice(0, 2),
        invalid: [{ line: 8, reason }],
      });
    });

    test("says nothing of what an object holds behind its array", async () => {
      const content = `{"value":[${JSON.stringify(rows[0])}],"more":[{}]}\n{}`;
      expect(await read(content)).toMatchObject({ texts: texts.slice(0, 1), invalid: [] });
    });
  });

  describe("JSON objects on several lines", () => {
    const pretty = (id: string) => JSON.stringify(JSON.parse(record(id)), undefined, 2);

    test("one alone is one record", async () => {
      const { records, invalid } = await read(`\n${pretty("a")}\n`);
      expect(records.map(({ text, line }) => [text, line])).toEqual([[pretty("a"), 2]]);
      expect(invalid).toEqual([]);
    });

    test("are records wherever their lines end", async () => {
      const second = record("b").replace(",", ",\r\n");
      const { records, invalid } = await read(`${pretty("a")}\n${second}${pretty("c")}`);
      expect(records.map(({ text, line }) => [text, line])).toEqual([
        [pretty("a"), 1],
        [second, 5],
        [pretty("c"), 6],
      ]);
      expect(invalid).toEqual([]);
    });

    test("are reported when something stands between them, or when the last is cut off", async () => {
      const content = `${pretty("a")},\n${pretty("b")}\n${pretty("c").slice(0, -3)}`;
      expect(await read(content)).toMatchObject({
        texts: [pretty("a"), pretty("b")],
        invalid: [
          { line: 4, reason: "record must be a JSON object, got text that is not valid JSON" },
          { line: 9, reason: "record must be whole, got a file that ends within it" },
        ],
      });
    });

    test("beyond 32 MiB are reported", async () => {
      const long = pretty("b").replace('"b"', `"${"b".repeat(32 * 1024 * 1024)}"`);
      expect(await read(`${pretty("a")}\n${long}\n${pretty("c")}`)).toMatchObject({
        texts: [pretty("a"), pretty("c")],
        invalid: [
          {
            line: 5,
            reason:
              "record must be at most 32 MiB long, got more: " +
              "a quote or a bracket before it may never be closed",
          },
        ],
      });
    });

    test("are not what a broken first line of NDJSON is", async () => {
      const content = `{"Id":"a",\n${record("b")}\n"c"\n${record("d")}`;
      expect(await read(content)).toMatchObject({
        texts: [record("b"), record("d")],
        invalid: [{ line: 1 }, { line: 3 }],
      });
    });
  });

  test("tells which element it is where the line does not", async () => {
    const reason = "record must be a JSON object, got 1";
    expect((await read(`[1,1,${record("a")},1\n,1\n,1,1]`)).invalid).toEqual([
      { line: 1, reason },
      { line: 1, record: 2, reason },
      { line: 1, record: 4, reason },
      { line: 2, reason },
      { line: 3, reason },
      { line: 3, record: 7, reason },
    ]);
    expect((await read(`[${record("a")},,${record("b")},{]`)).invalid).toMatchObject([
      { line: 1, record: 2, reason: "record must be a JSON object, got nothing" },
      { line: 1, record: 4, reason: "record must be whole, got a file that ends within it" },
    ]);
  });

  test("gives id, time, workload, record type and line", async () => {
    const text = record("a", `,"Workload":"MicrosoftTeams","RecordType":25`);
    const { records } = await read(`\n${text}\n\n${record("b", `,"RecordType":"25"`)}`);
    expect(records).toEqual([
      {
        text,
        id: "a",
        creationTime: new Date("2026-01-02T03:04:05Z"),
        workload: "MicrosoftTeams",
        recordType: 25,
        line: 2,
      },
      {
        text: record("b", `,"RecordType":"25"`),
        id: "b",
        creationTime: new Date("2026-01-02T03:04:05Z"),
        workload: undefined,
        recordType: undefined,
        line: 4,
      },
    ]);
  });

  test("recognises a file by its content, not by its name", async () => {
    expect((await read(csv(quoted(record("a"))), "records.json")).texts).toEqual([record("a")]);
    expect((await read(`[${record("a")}]`, "records.csv")).texts).toEqual([record("a")]);
  });

  test.each([
    ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"],
    ["2026-01-02T03:04:05", "2026-01-02T03:04:05.000Z"],
    ["2026-01-02 03:04", "2026-01-02T03:04:00.000Z"],
    ["2026-01-02T03:04:05.1234567", "2026-01-02T03:04:05.123Z"],
    ["2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000Z"],
    ["2024-02-29T00:00:00z", "2024-02-29T00:00:00.000Z"],
  ])("reads the CreationTime %s", async (written, meant) => {
    const { records } = await read(`{"Id":"a","CreationTime":"${written}"}`);
    expect(records[0]!.creationTime.toISOString()).toBe(meant);
  });

  const time = `"CreationTime":"2026-01-02T03:04:05"`;
  const timeRule = "CreationTime must be an ISO 8601 date and time, got";
  const idRule = "Id must be a text that is not empty, got";
  const jsonRule = "record must be a JSON object, got";
  const invalidRecords: [string, string][] = [
    [`{"Id":"a",}`, `${jsonRule} text that is not valid JSON`],
    [`{"Id":"a"`, `${jsonRule} text that is not valid JSON`],
    ["null", `${jsonRule} null`],
    ["17", `${jsonRule} 17`],
    [`"text"`, `${jsonRule} "text"`],
    [`[{"Id":"a"}]`, `${jsonRule} an array`],
    [`{${time}}`, `${idRule} none`],
    [`{"id":"a",${time}}`, `${idRule} none`],
    [`{"Id":"",${time}}`, `${idRule} ""`],
    [`{"Id":7,${time}}`, `${idRule} 7`],
    [`{"Id":{},${time}}`, `${idRule} an object`],
    [`{"Id":"a"}`, `${timeRule} none`],
    [`{"Id":"a","CreationTime":null}`, `${timeRule} null`],
    [`{"Id":"a","CreationTime":1767323045}`, `${timeRule} 1767323045`],
    [`{"Id":"a","CreationTime":"1/2/2026 3:04:05 AM"}`, `${timeRule} "1/2/2026 3:04:05 AM"`],
    [`{"Id":"a","CreationTime":"2026-02-30T00:00:00"}`, `${timeRule} "2026-02-30T00:00:00"`],
    [`{"Id":"a","CreationTime":"2026-01-02T25:00:00"}`, `${timeRule} "2026-01-02T25:00:00"`],
    [`{"Id":"a","CreationTime":"${"x".repeat(80)}"}`, `${timeRule} "${"x".repeat(59)}…`],
  ];

  test.each(invalidRecords)("reports %s and goes on", async (text, reason) => {
    const lines = await read([record("a"), text, record("b")].join("\n"));
    expect(lines.invalid).toEqual([{ line: 2, reason }]);
    expect(lines.texts).toEqual([record("a"), record("b")]);

    const rows = await read(csv(quoted(record("a")), quoted(text), quoted(record("b"))));
    expect(rows.invalid).toEqual([{ line: 3, reason }]);
    expect(rows.texts).toEqual([record("a"), record("b")]);
  });

  test.each(invalidRecords.filter(([text]) => text !== `{"Id":"a"`))(
    "reports %s as an element and goes on",
    async (text, reason) => {
      const elements = await read(`[${record("a")},\n\n${text}\n,${record("b")}]`);
      expect(elements.invalid).toEqual([{ line: 3, reason }]);
      expect(elements.texts).toEqual([record("a"), record("b")]);
    },
  );

  test("reports empty cells, short rows and empty elements", async () => {
    const reason = "record must be a JSON object, got nothing";
    const rows = await read(`A,AuditData\n1,\n1,"  "\n1\n\n1,${quoted(record("a"))}\n`);
    expect(rows.invalid).toEqual([2, 3, 4].map((line) => ({ line, reason })));
    const elements = await read(`[${record("a")},\n,${record("b")},\n]`);
    expect(elements.invalid).toEqual([2, 3].map((line) => ({ line, reason })));
  });

  test("reports a record in an 8-bit code page instead of altering it", async () => {
    const latin1 = Buffer.from(`${record("a")}\n${record("b", `,"Name":"Zoë"`)}\n`, "latin1");
    expect(await read(latin1)).toMatchObject({
      texts: [record("a")],
      invalid: [
        { line: 2, reason: "record must be UTF-8 text, got other bytes: export it as UTF-8" },
      ],
    });
  });

  test.each(["\n", "\r\n"])("counts the lines of cells with the line end %j", async (lineEnd) => {
    const lines = ["A,AuditData", `"1${lineEnd}1${lineEnd}",${quoted(record("a"))}`, "2,oops", ""];
    const rows = await read([...lines, `3,${quoted(record("b"))}`, "4,oops"].join(lineEnd));
    expect(rows.records.map(({ line }) => line)).toEqual([2, 7]);
    expect(rows.invalid.map(({ line }) => line)).toEqual([5, 8]);
  });

  test("keeps a record that spans lines of its cell", async () => {
    const text = `{\r\n "Id": "a",\n\n "CreationTime": "2026-01-02T03:04:05"\r\n}`;
    const { records } = await read(csv(quoted(text), quoted(record("b"))));
    expect(records.map((each) => [each.text, each.line])).toEqual([
      [text, 2],
      [record("b"), 7],
    ]);
  });

  test("reports a cell beyond 32 MiB", async () => {
    const { texts, invalid } = await read(
      csv(quoted(record("a", `,"More":"${"x".repeat(32 * 1024 * 1024)}"`)), quoted(record("b"))),
    );
    expect(texts).toEqual([record("b")]);
    expect(invalid).toEqual([
      {
        line: 2,
        reason:
          "record must be at most 32 MiB long, got more: " +
          "a quote or a bracket before it may never be closed",
      },
    ]);
  });

  test("takes rows that end in different ways", async () => {
    const rows = `A,AuditData\n1,${quoted(record("a"))}\r\n1,${quoted(record("b"))}\n`;
    expect(await read(rows)).toMatchObject({ texts: [record("a"), record("b")], invalid: [] });
  });

  test.each(["", "x"])("keeps UTF-16 letters that a chunk's end splits: %j", async (before) => {
    const texts = [record("a", `,"More":"${before}${"🚀".repeat(600_000)}"`)];
    const { texts: kept } = await read(Buffer.from(`\ufeff${texts.join("\n")}`, "utf16le"));
    expect(kept[0] === texts[0]).toBe(true);
  });

  test("takes rows of any length", async () => {
    const rows = `A,AuditData,B\n1,${quoted(record("a"))}\n1,${quoted(record("b"))},2,3,4\n`;
    expect(await read(rows)).toMatchObject({ texts: [record("a"), record("b")], invalid: [] });
  });

  test("loses no more than the row before to a quote that is not closed", async () => {
    const damaged = quoted(record("b"));
    for (let length = 1; length < damaged.length; length++) {
      const rows = [quoted(record("a")), damaged.slice(0, length)];
      const { records, invalid } = await read(
        csv(...rows, ...["c", "d"].map((id) => quoted(record(id)))),
      );
      expect([length, records.at(0)?.id, records.at(-1)?.id]).toEqual([length, "a", "d"]);
      expect(invalid[0]?.line).toBe(3);
    }
  });

  test("reports text behind the end of an array once", async () => {
    expect(await read(`[${record("a")}]\n[${record("b")}]\n[]`)).toMatchObject({
      texts: [record("a")],
      invalid: [
        {
          line: 2,
          reason: "record must stand inside the JSON array, got text behind the array's end",
        },
      ],
    });
  });

  describe("a file that is cut off", () => {
    const cutReason = "record must be whole, got a file that ends within it";

    test.each([
      ["NDJSON", `${record("a")}\n${record("b").slice(0, -9)}`, 2],
      ["a JSON array", `[${record("a")},\n${record("b").slice(0, -9)}`, 2],
      ["a JSON array, in a text", `[${record("a")},\n{"Id":"b`, 2],
      ["a JSON array, behind a comma", `[${record("a")}\n,`, 2],
      ["a quoted cell", csv(quoted(record("a")), quoted(record("b"))).slice(0, -14), 3],
    ])("%s gives what is whole and reports the rest", async (_, content, line) => {
      expect(await read(content)).toMatchObject({
        texts: [record("a")],
        invalid: [{ line, reason: cutReason }],
      });
    });

    test("behind a whole record loses nothing", async () => {
      const texts = [record("a"), record("b")];
      expect(await read(`[${texts.join(",")}`)).toMatchObject({ texts, invalid: [] });
      expect(await read(`AuditData\n${texts.map(quoted).join("\n")}`)).toMatchObject({
        texts,
        invalid: [],
      });
    });
  });

  test("holds less than the file in memory", async () => {
    const line = `${record("a", `,"Filler":"${"x".repeat(1000)}"`)}\n`;
    const file = join(folder, "large");
    writeFileSync(file, line.repeat(100_000));
    const before = process.memoryUsage().arrayBuffers;
    let count = 0;
    let most = 0;
    for await (const each of readRecords(file, { onInvalid: () => undefined })) {
      count += each.text.length === line.length - 1 ? 1 : 0;
      if (count % 1000 === 0) {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      }
    }
    expect(count).toBe(100_000);
    expect(most).toBeLessThan(line.length * 100_000);
  });

  describe("fails on", () => {
    const failure = async (reading: Promise<unknown>) => {
      const error: unknown = await reading.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(RecordsFileError);
      return (error as Error).message;
    };
    const drain = (file: string) => readRecords(file, { onInvalid: () => undefined }).next();

    test("a missing file", async () => {
      for (const file of [join(folder, "missing.csv"), join(folder, "missing", "a.csv")]) {
        expect(await failure(drain(file))).toBe(
          `records file must exist, got ${file}: check the path`,
        );
      }
    });

    test("a directory", async () => {
      expect(await failure(drain(folder))).toBe(
        `records file must be a file, got the directory ${folder}: name one file in it`,
      );
    });

    test("a file that cannot be opened", async () => {
      const file = join(folder, "x".repeat(5000));
      expect(await failure(drain(file))).toBe(
        `records file must be readable, got ENAMETOOLONG for ${file}: ` +
          "copy it to a place that you can read",
      );
    });

    test.each([
      ["", "is empty"],
      [" \n\n", "is empty"],
      ["PK\u0003\u0004 and more", 'starts with "PK\\u0003\\u0004 and more"'],
      ['"AuditData\nmore', 'starts with "\\"AuditData\\nmore"'],
      ["Date,User\n1,2\n", 'starts with "Date,User\\n1,2"'],
      [`Date,User\n1,${quoted(record("AuditData"))}`, 'starts with "Date,User\\n1,'],
    ])("an unknown format: %j", async (content, got) => {
      expect(await failure(read(content))).toContain(
        "records file must be a CSV with a column AuditData, a JSON array or NDJSON, " +
          `got ${join(folder, "export")}, which ${got}`,
      );
      expect(await failure(read(content))).toMatch(
        /: export it from Purview's audit search or with Search-UnifiedAuditLog$/,
      );
    });

    test.each([
      ["[]", "no rows"],
      ["Id,AuditData\n", "no rows"],
      ["{oops", "1 invalid row alone"],
      ["AuditData\noops\noops\n", "2 invalid rows alone"],
    ])("a file without a usable record: %j", async (content, got) => {
      expect(await failure(read(content))).toBe(
        `records file must hold at least one usable record, got ${join(folder, "export")} with ` +
          `${got}: a record is JSON with an Id and a CreationTime, check that the export is complete`,
      );
    });
  });
});
