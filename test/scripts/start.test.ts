import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateDay } from "../../local/records/generate-records.ts";
import { UsageError } from "../../scripts/command-line.ts";
import { parseStartArguments } from "../../scripts/start.ts";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const script = resolve("scripts/start.ts");
// A simulated day is made of some hundred runs, and the other core may be busy.
const patience = 600_000;

const folder = mkdtempSync(join(tmpdir(), "start-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Does what `npm start` does, in a folder that is not the project's. */
function start(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", tsx, script, ...args], {
    cwd: folder,
    env: {},
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (ended.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (ended.stderr += chunk.toString()));
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => done({ code, ...ended }));
  });
}

/** Errors without the lines that say how far it is. */
const errors = ({ stderr }: Ended) =>
  stderr.split("\n").filter((line) => line !== "" && !line.startsWith("… "));

const kept = (out: string, file: string) => readFileSync(join(folder, out, file), "utf8");
const lines = (text: string) => text.split("\n").slice(0, -1);
const summary = (out: string) =>
  JSON.parse(kept(out, "summary.json")) as Record<string, number | string>;

describe("a generated day", () => {
  let ended: Ended;
  beforeAll(async () => {
    const options = ["--seats", "20", "--seed", "7", "--environment", "test"];
    ended = await start(...options, "--out", "new/generated");
  }, patience);

  test("ends well, with a report on stdout alone", () => {
    expect(errors(ended)).toEqual([]);
    expect(ended.code).toBe(0);
    expect(lines(ended.stdout).map((line) => line.trim().split(/\s/)[0])).toEqual([
      ...["contoso", "contoso", ""], // the feed is turned on by what `npm run feed -- start` does
      ...["The", "", "Source", "Feed", "Playbook", "Table", "Views", "Missing", "Cost"],
      ...["", "Kept"],
    ]);
    expect(ended.stdout).toContain("The audit log of contoso (environment test)");
    expect(ended.stdout).toContain("Missing   0 records\n");
    expect(ended.stdout).toContain(
      "\nKept in new/generated: rows.ndjson, health.ndjson, summary.json\n",
    );
  });

  test("keeps rows, health and summary, which agree", () => {
    expect(readdirSync(join(folder, "new/generated")).sort()).toEqual([
      "health.ndjson",
      "rows.ndjson",
      "summary.json",
    ]);
    const counts = summary("new/generated");
    expect(Object.keys(counts)).toEqual(
      expect.arrayContaining([
        ...["recordsRead", "recordsInvalid", "recordsDistinct", "rows", "rowsDistinct"],
        ...["missing", "runs", "pages", "blobs", "billableExecutions", "costUsd"],
      ]),
    );
    expect(lines(kept("new/generated", "rows.ndjson"))).toHaveLength(counts["rows"] as number);
    const health = lines(kept("new/generated", "health.ndjson")).map(
      (line) => JSON.parse(line) as { Kind: string },
    );
    expect(health.filter(({ Kind }) => Kind === "run")).toHaveLength(counts["runs"] as number);
    expect(health.filter(({ Kind }) => Kind === "blob")).toHaveLength(counts["blobs"] as number);
    expect(counts["recordsInvalid"]).toBe(0);
    expect(counts["missing"]).toBe(0);
  });

  test("has the records that follow from seed and seats, if the environment keeps them", () => {
    const records = [
      ...generateDay({
        seed: 7,
        seats: 20,
        date: new Date("2026-01-14T00:00:00Z"),
        tenantId: "00000000-0000-4000-8000-000000000101",
        domain: "contoso.example.org",
      }),
    ];
    const teams = records.filter(({ workload }) => workload === "MicrosoftTeams");
    const rows = lines(kept("new/generated", "rows.ndjson")).map(
      (line) => JSON.parse(line) as { RecordId: string; Record: unknown },
    );
    const byId = new Map(rows.map(({ RecordId, Record }) => [RecordId, Record]));
    expect(byId).toEqual(new Map(teams.map(({ id, text }) => [id, JSON.parse(text) as unknown])));
    expect(summary("new/generated")).toMatchObject({
      recordsRead: records.length,
      recordsFiltered: records.length - teams.length,
      rowsDistinct: teams.length,
    });
  });
});

const record = (number: number) => ({
  CreationTime: `2026-03-02T${String(6 + number).padStart(2, "0")}:15:00`,
  Id: `record-${number}`,
  Operation: "MemberAdded",
  RecordType: 25,
  Workload: "MicrosoftTeams",
  UserId: "owner@contoso.example.org",
  TeamName: 'Sales, "north"',
});
const [first, second, third, fourth] = [record(1), record(2), record(3), record(4)];
const csvRow = (auditData: string) =>
  `2026-03-02,owner@contoso.example.org,"${auditData.replaceAll('"', '""')}"`;
const broken = JSON.stringify(third).slice(0, -1);

/** The same records in each format, in the same order: two of them repeated, one row broken. */
const files = {
  csv: [
    "CreationDate,UserIds,AuditData",
    ...[first, third, first].map((each) => csvRow(JSON.stringify(each))),
    csvRow(broken),
    ...[second, fourth, second].map((each) => csvRow(JSON.stringify(each))),
    "",
  ].join("\r\n"),
  json: JSON.stringify(
    [first, third, first, { ...third, Id: undefined }, second, fourth, second],
    undefined,
    1,
  ),
  ndjson: [
    ...[first, third, first].map((each) => JSON.stringify(each)),
    JSON.stringify({ ...third, CreationTime: "yesterday" }),
    ...[second, fourth, second].map((each) => JSON.stringify(each)),
  ].join("\n"),
};

describe("a file of the user's own records", () => {
  const formats = ["csv", "json", "ndjson"] as const;
  const ended: Partial<Record<(typeof formats)[number], Ended>> = {};
  beforeAll(async () => {
    await Promise.all(
      formats.map(async (format) => {
        writeFileSync(join(folder, `export.${format}`), files[format]);
        ended[format] = await start("--records", `export.${format}`, "--out", format);
      }),
    );
  }, patience);

  test.each([
    ["csv", 5, "record must be a JSON object, got text that is not valid JSON"],
    ["json", 29, "Id must be a text that is not empty, got none"],
    ["ndjson", 4, 'CreationTime must be an ISO 8601 date and time, got "yesterday"'],
  ] as const)("in %s is replayed; the broken row is told and counted", (format, line, reason) => {
    expect(errors(ended[format]!)).toEqual([`export.${format}:${line}: left out: ${reason}`]);
    expect(ended[format]!.code).toBe(0);
    expect(ended[format]!.stdout).toContain(`export.${format} as the audit log of contoso`);
    expect(summary(format)).toMatchObject({
      recordsRead: 6,
      recordsInvalid: 1,
      recordsDistinct: 4,
      rows: 6,
      rowsDistinct: 4,
      missing: 0,
    });
    const ids = lines(kept(format, "rows.ndjson")).map(
      (row) => (JSON.parse(row) as { RecordId: string }).RecordId,
    );
    expect(ids.sort()).toEqual(
      [first, first, second, second, third, fourth].map(({ Id }) => Id).sort(),
    );
  });

  test("gives the same rows whatever its format is, since the seed is the same", () => {
    expect(kept("json", "rows.ndjson")).toBe(kept("csv", "rows.ndjson"));
    expect(kept("ndjson", "rows.ndjson")).toBe(kept("csv", "rows.ndjson"));
  });
});

describe.concurrent("ends with an exit code and one sentence", () => {
  writeFileSync(join(folder, "letter.txt"), "Dear administrator");
  writeFileSync(join(folder, "empty.ndjson"), '{"Id":""}\n');
  writeFileSync(join(folder, "line.json"), '[1,{"AuditData":1}]');

  test.for([
    [
      "for a missing file",
      ["--records", "none.csv"],
      "records file must exist, got none.csv: check the path",
    ],
    [
      "for an unknown format",
      ["--records", "letter.txt"],
      'records file must be a CSV with a column AuditData, a JSON array or NDJSON, got letter.txt, which starts with "Dear administrator": export it from Purview\'s audit search or with Search-UnifiedAuditLog',
    ],
    [
      "for a file without a usable record, after what is wrong with each",
      ["--records", "empty.ndjson"],
      'empty.ndjson:1: left out: Id must be a text that is not empty, got ""',
      "records file must hold at least one usable record, got empty.ndjson with 1 invalid row alone: a record is JSON with an Id and a CreationTime, check that the export is complete",
    ],
    [
      "for an array without one, whose line does not tell which element it was",
      ["--records", "line.json"],
      "line.json:1: left out: record must be a JSON object, got 1",
      "line.json:1: record 2: left out: AuditData must be the record as JSON text, got 1",
      "records file must hold at least one usable record, got line.json with 2 invalid rows alone: a record is JSON with an Id and a CreationTime, check that the export is complete",
    ],
    [
      "for a file in place of the folder, before anything is simulated",
      ["--out", "letter.txt"],
      "--out must be a folder that can be written, got letter.txt, where a file is",
    ],
  ] as const)("%s", { timeout: patience }, async ([, args, ...sentences], { expect }) => {
    const ended = await start(...args);
    expect(ended).toEqual({ code: 1, stdout: "", stderr: `${sentences.join("\n")}\n` });
  });

  test.for([
    [
      "for a wrong option",
      ["--seed=-1"],
      "--seed must be a whole number from 0 to 9007199254740991, got -1",
    ],
    [
      "for an environment that is not configured",
      ["--environment", "none"],
      "--environment must be one that collects a tenant (dev, prod, test), got none",
    ],
    [
      "for an option that there is not",
      ["--output", "x"],
      "option must be one of --records, --seed, --seats, --environment, --out, got --output",
    ],
  ] as const)("%s", { timeout: patience }, async ([, args, sentence], { expect }) => {
    expect(await start(...args)).toEqual({
      code: 2,
      stdout: "",
      stderr: `${sentence}; npm start -- --help tells what it takes\n`,
    });
  });
});

test(
  "makes no folder for records that cannot be used",
  async () => {
    const ended = await start("--records", "none.csv", "--out", "unused/folder");
    expect(ended.code).toBe(1);
    expect(existsSync(join(folder, "unused"))).toBe(false);
  },
  patience,
);

describe("parseStartArguments", () => {
  test("simulates a day of dev's tenant with 1,000 seats unless told otherwise", () => {
    expect(parseStartArguments([])).toEqual({
      seed: 1,
      seats: 1000,
      environment: "dev",
    });
    const args = ["--records", "a.csv", "--seed=0", "--seats", "100000", "--environment", "test"];
    expect(parseStartArguments([...args, "--out", "b"])).toEqual({
      records: "a.csv",
      seed: 0,
      seats: 100_000,
      environment: "test",
      out: "b",
    });
  });

  const names = "--records, --seed, --seats, --environment, --out";
  test.each([
    [["--seed", "1e3"], "--seed must be a whole number from 0 to 9007199254740991, got 1e3"],
    [
      ["--seed", "9007199254740992"],
      "--seed must be a whole number from 0 to 9007199254740991, got 9007199254740992",
    ],
    [["--seats", "0"], "--seats must be a whole number from 1 to 100000, got 0"],
    [["--seats", "0.5"], "--seats must be a whole number from 1 to 100000, got 0.5"],
    [["--seats", "100001"], "--seats must be a whole number from 1 to 100000, got 100001"],
    [["--sede", "1"], `option must be one of ${names}, got --sede`],
    [["-x"], `option must be one of ${names}, got -x`],
    [["export.csv"], `option must be one of ${names}, got export.csv`],
    [["--out"], "--out must have a value, got none"],
    [["--records="], "--records must have a value, got none"],
  ])("refuses %j", (args, message) => {
    expect(() => parseStartArguments(args)).toThrow(new UsageError(message));
  });
});

test(
  "--help tells every option on stdout",
  async () => {
    const ended = await start("--help");
    expect(ended.code).toBe(0);
    expect(ended.stderr).toBe("");
    expect(ended.stdout.match(/--\w+ (?=[A-Z]+ {2}|  +show)/g)?.map((name) => name.trim())).toEqual(
      ["records", "seed", "seats", "environment", "out", "help"].map((name) => `--${name}`),
    );
  },
  patience,
);
