import { createHash } from "node:crypto";

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CaseRecord } from "../../../local/faults/case-content.ts";
import { judgeTable } from "../../../local/faults/judge-table.ts";
import { simulateCase, type SimulatedCase } from "../../../local/faults/simulate-case.ts";
import { requestStorage } from "../../../local/playbook-storage.ts";
import { appendRows, rowOf } from "./case-rows.ts";
import { smallCase } from "./small-case.ts";

let outcome: SimulatedCase;

beforeEach(async () => {
  outcome = await simulateCase(smallCase([], { hours: 1 }), { patienceMs: 0 });
});

afterEach(() => outcome.deployed.workspace.close());

/** Changes the table as nothing but a test can. */
async function alter(sql: string): Promise<void> {
  const { workspace } = outcome.deployed;
  await workspace.stored({ table: "M365Audit_CL", select: "" });
  await (workspace as unknown as { writer: { run(sql: string): Promise<unknown> } }).writer.run(
    sql,
  );
}

/** What becomes of a further record of the first blob whose row is this. */
async function judgedRow(record: Partial<CaseRecord> & { text: string }, row: object = {}) {
  const records = outcome.content.blobs[0]!.records as CaseRecord[];
  const place = records.push({ id: "extra", isKept: true, ...record }) - 1;
  await appendRows(outcome, [rowOf(outcome, place, row)]);
  const { altered, problems } = await judgeTable(outcome);
  records.pop();
  await alter(`DELETE FROM "M365Audit_CL" WHERE "RecordId" = 'extra'`);
  return { altered, problem: problems[0]?.replace(/^altered: record extra of [^:]*: /, "") };
}

const members = '"Id":"extra","CreationTime":"2026-01-05T00:00:00","Operation":"x","RecordType":25';
const others = '"OrganizationId":"o","UserType":0,"UserKey":"k","Workload":"w","UserId":"u"';
const textOf = (more = "") => `{${members},${others}${more}}`;

describe("judgeTable", () => {
  test("finds nothing wrong with what was collected", async () => {
    expect(await judgeTable(outcome)).toMatchObject({
      altered: 0,
      duplicates: 0,
      mostCopies: 1,
      problems: [],
    });
  });

  test("finds rows that were altered, doubled or never offered", async () => {
    const { id, text } = outcome.content.blobs[0]!.records[0]!;
    const changed = JSON.parse(text.replace('"Version":1', '"Version":2')) as unknown;
    await appendRows(outcome, [
      rowOf(outcome, 0),
      rowOf(outcome, 0, { Record: changed }),
      rowOf(outcome, 0, { RecordId: "never" }),
      rowOf(outcome, 0, { ContentId: "never" }),
      rowOf(outcome, 0, { RecordIndex: 1 }),
      rowOf(outcome, 0, { Record: null, RecordOversized: true }),
    ]);
    const judged = await judgeTable(outcome);
    expect(judged).toMatchObject({ altered: 5, duplicates: 6, mostCopies: 5 });
    expect(judged.problems[0]).toBe(
      `altered: record ${id} of ${outcome.content.blobs[0]!.contentId}: Record is not what was offered`,
    );
  });

  test("compares columns of every record", async () => {
    const wrong: object[] = [
      { CreationTime: "2026-01-05T01:00:00Z" },
      { Operation: "" },
      { UserId: "person" },
      { Workload: "x" },
      { RecordType: null },
      { OrganizationId: "" },
      { UserKey: "x" },
      { UserType: 1 },
      { ContentType: "Audit.Exchange" },
      { M365TenantId: "" },
      { Collector: "another" },
      { ItemName: "x" },
      { Members: ["x"] },
    ];
    for (const more of wrong) {
      const [column] = Object.keys(more);
      const { altered, problem } = await judgedRow({ text: textOf() }, more);
      expect(problem).toMatch(`${column} is `);
      expect(altered).toBe(1);
    }
  });

  test("compares columns that only some records have", async () => {
    const text = textOf(',"ItemName":"a \\u2028 b","Members":[{"UPN":"u"}]');
    expect(await judgedRow({ text })).toMatchObject({ altered: 0 });
    expect((await judgedRow({ text }, { ItemName: "" })).problem).toBe('ItemName is ""');
    expect((await judgedRow({ text }, { Members: null })).problem).toBe("Members is null");
  });

  test("minds the order of members, and not how a table writes a number", async () => {
    const judged = (Record: object) => judgedRow({ text: textOf(',"Amount":1E3') }, { Record });
    const record = JSON.parse(textOf()) as object;
    expect(await judged({ ...record, Amount: 1000 })).toMatchObject({ altered: 0 });
    expect(await judged({ Amount: 1000, ...record })).toMatchObject({ altered: 1 });
    expect(await judged({ ...record, Amount: 1001 })).toMatchObject({ altered: 1 });
  });

  const textWith = (bytes: number, members = "") => {
    const extra = "a".repeat(bytes - textOf(`${members},"Extra":""`).length);
    return textOf(`${members},"Extra":"${extra}"`);
  };
  /** Stores a record as an original; what its row tells of it. */
  const storeOriginal = async (text: string) => {
    const OriginalBlob = `${text.length}.json`;
    const { deployed } = outcome;
    const root = deployed.parameters["originalsUri"]!.value as string;
    await requestStorage(deployed, "PUT", `${root}/${OriginalBlob}`, text);
    return {
      Record: null,
      RecordOversized: true,
      RecordLength: text.length,
      RecordHash: createHash("sha256").update(text).digest("hex"),
      OriginalBlob,
    };
  };

  test("does without further columns of a record that no call takes, and of no other", async () => {
    const members = ',"ItemName":"a","Members":[1]';
    const judged = async (bytes: number, kept: object) => {
      const text = textWith(bytes, members);
      return judgedRow({ text }, { ...(await storeOriginal(text)), ...kept });
    };
    const without = { ItemName: "", Members: null };
    expect(await judged(880_000, without)).toMatchObject({ altered: 1 });
    expect(await judged(880_000, { ItemName: "a", Members: [1] })).toMatchObject({ altered: 0 });
    expect(await judged(880_001, without)).toMatchObject({ altered: 0 });
  });

  test("takes 65,535 bytes for whole and a byte more for too large", async () => {
    const whole = textWith(65_535);
    const large = textWith(65_536);
    const told = await storeOriginal(large);
    expect(await judgedRow({ text: whole })).toMatchObject({ altered: 0 });
    expect(await judgedRow({ text: large }, told)).toMatchObject({ altered: 0 });
    expect((await judgedRow({ text: whole }, told)).problem).toBe(
      "it has no more than 65535 bytes and is not whole in Record",
    );
    expect((await judgedRow({ text: large })).problem).toBe(
      "it has more than 65535 bytes and is not told as oversized",
    );
  });

  test("does not let a missing row make up for one that is there twice", async () => {
    await appendRows(outcome, [rowOf(outcome, 0)]);
    await alter(
      `DELETE FROM "M365Audit_CL" WHERE "ContentId" = '${outcome.content.blobs[0]!.contentId}' AND "RecordIndex" = 1`,
    );
    expect(await judgeTable(outcome)).toMatchObject({ duplicates: 1, mostCopies: 2 });
  });

  test("allows ten more copies for a failed run in which a record was collected", async () => {
    const { blobs } = outcome.content;
    const failed = outcome.observations.runs[2]!;
    failed.run = { ...failed.run!, status: "Failed" };
    const copies = async (times: number, CollectedTime: Date) => {
      await alter(
        `DELETE FROM "M365Audit_CL" WHERE "ContentId" = '${blobs[0]!.contentId}' AND "RecordIndex" = 0`,
      );
      await appendRows(outcome, Array<object>(times).fill(rowOf(outcome, 0, { CollectedTime })));
      return (await judgeTable(outcome)).problems;
    };
    expect(await copies(40, failed.start)).toEqual([]);
    expect(await copies(41, failed.start)).toEqual([
      "copies: a record is in the table 41 times, 40 allowed",
    ]);
    expect(await copies(31, outcome.end)).toEqual([
      "copies: a record is in the table 31 times, 30 allowed",
    ]);
  });

  test("finds what the view shows and the feed did not offer", async () => {
    const { id, text } = outcome.content.blobs[0]!.records[0]!;
    await appendRows(outcome, [rowOf(outcome, 0, { RecordId: "never" })]);
    expect((await judgeTable(outcome)).problems).toContain(
      "view: M365Audit shows what was never offered, 1 times",
    );
    const records = outcome.content.blobs[0]!.records as CaseRecord[];
    records.splice(0, 1, { id, text, isKept: false });
    expect((await judgeTable(outcome)).problems).toContain(
      "view: M365Audit shows what was never offered, 2 times",
    );
  });

  test("finds a record that the view shows again, under another tenant", async () => {
    await appendRows(outcome, [rowOf(outcome, 0, { M365TenantId: "another" })]);
    expect((await judgeTable(outcome)).problems).toContain(
      "view: M365Audit shows a record again, 1 times",
    );
  });

  test("finds a record of the table that the view does not show", async () => {
    const { deployed } = outcome;
    // As if the view left out a record.
    const { id } = outcome.content.blobs[0]!.records[0]!;
    const select = deployed.workspace.select.bind(deployed.workspace);
    deployed.workspace.select = (sql, values) =>
      values === undefined
        ? select(sql)
        : select(`SELECT * FROM (${sql}) WHERE "RecordId" <> '${id}'`, values);
    expect((await judgeTable(outcome)).problems).toEqual([
      "view: M365Audit does not show a record of the table, 1 times",
    ]);
  });

  test("finds a view that shows another row than the one collected first", async () => {
    const { deployed } = outcome;
    const select = deployed.workspace.select.bind(deployed.workspace);
    deployed.workspace.select = (sql, values) =>
      values === undefined
        ? select(sql)
        : select(`SELECT * REPLACE ('x' AS "Operation") FROM (${sql})`, values);
    const { rows } = await judgeTable(outcome);
    expect((await judgeTable(outcome)).problems).toEqual([
      `view: M365Audit shows another row than the one collected first, ${rows} times`,
    ]);
  });
});
