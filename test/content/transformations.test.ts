import { createHash } from "node:crypto";

import { describe, expect, test } from "vitest";

import { arrival, shippedIngestion } from "../local/shipped-ingestion.ts";
import { collect } from "../local/workspace/collect.ts";

/** The row that a record becomes. */
async function rowOf(record: unknown, columns: object = {}) {
  const { store } = await shippedIngestion();
  const [row] = await store({ Record: record, CollectedTime: "2026-01-02T11:00:00Z", ...columns });
  return row!;
}

const record = {
  CreationTime: "2026-01-02T03:04:05",
  Id: "aaaaaaaa-0000-4000-8000-000000000001",
  Operation: "MemberAdded",
  RecordType: 25,
  UserType: 0,
  Version: 1,
  Workload: "MicrosoftTeams",
  UserId: "owner@example.org",
  Members: [{ UPN: "guest@example.com", DisplayName: "Gäst", Role: 3 }],
};

describe("transformations/m365-audit.kql", () => {
  test("spreads a record over the columns and keeps it whole", async () => {
    const collector = {
      ContentId: "20260102030405$example",
      ContentType: "Audit.General",
      M365TenantId: "00000000-0000-4000-8000-00000000000a",
      Collector: "dev-contoso",
      RecordIndex: 0,
    };
    expect(await rowOf(record, collector)).toMatchObject({
      ...collector,
      TimeGenerated: "2026-01-02T03:04:05.000Z",
      CreationTime: "2026-01-02T03:04:05.000Z",
      CollectedTime: "2026-01-02T11:00:00.000Z",
      RecordId: record.Id,
      Operation: "MemberAdded",
      RecordType: 25,
      UserType: 0,
      Workload: "MicrosoftTeams",
      UserId: "owner@example.org",
      Members: record.Members,
      Record: record,
      RecordOversized: false,
      RecordLength: null,
      RecordHash: "",
      OriginalBlob: "",
    });
  });

  test("leaves a column empty whose field is absent or null", async () => {
    const row = await rowOf({ ...record, TeamName: null, Members: null, Scope: null });
    expect(row).toMatchObject({
      TeamName: "",
      ChannelName: "",
      ClientIP: "",
      Scope: null,
      AddOnType: null,
      MessageSizeInBytes: null,
      Members: null,
      ParticipantInfo: null,
    });
  });

  test("leaves the place in the blob empty when it was not sent", async () => {
    expect(await rowOf(record)).toMatchObject({ RecordIndex: null });
  });

  test("keeps a record without any known field", async () => {
    expect(await rowOf({})).toMatchObject({ RecordId: "", Record: {}, RecordOversized: false });
    expect(await rowOf(undefined)).toMatchObject({ RecordId: "", Record: null });
  });

  test.each([
    ["AddOnName", "AddOnGuid", "AddOnType"],
    ["AddonName", "AddonGuid", "AddonType"],
  ])("reads the spellings %s, %s and %s", async (name, guid, type) => {
    const row = await rowOf({ ...record, [name]: "Poll", [guid]: "g-1", [type]: 3 });
    expect(row).toMatchObject({ AddOnName: "Poll", AddOnGuid: "g-1", AddOnType: 3 });
  });

  test("takes the documented spelling when both are there", async () => {
    const row = await rowOf({ ...record, AddonName: "other", AddOnName: "Poll" });
    expect(row).toMatchObject({ AddOnName: "Poll" });
  });

  test("calls a setting's Name SettingName", async () => {
    const setting = { Name: "Team access type", OldValue: "Private", NewValue: "Public" };
    expect(await rowOf({ ...record, ...setting })).toMatchObject({
      SettingName: "Team access type",
      OldValue: "Private",
      NewValue: "Public",
    });
  });

  test("takes numbers that are written as text", async () => {
    const row = await rowOf({
      ...record,
      RecordType: "25",
      UserType: "5",
      MessageSizeInBytes: "9007199254740993",
    });
    expect(row).toMatchObject({ RecordType: 25, UserType: 5 });
    expect(JSON.stringify(row["Record"])).toContain('"RecordType":"25"');
  });

  test.each([["Team"], [{}], [[]], [""]])("makes no number of %j", async (value) => {
    expect(await rowOf({ ...record, RecordType: value })).toMatchObject({ RecordType: null });
  });

  test.each([
    ["https://example.org/a", ["https://example.org/a"]],
    [["https://example.org/a"], "https://example.org/a"],
  ])("keeps irregular fields as they come: %j", async (one, other) => {
    const fields = { MessageURLs: one, Parameters: other, OperationProperties: '{"a":1}' };
    expect(await rowOf({ ...record, ...fields })).toMatchObject(fields);
  });

  test("keeps numbers in the record as they were delivered", async () => {
    const { post, workspace } = await shippedIngestion();
    await post('[{"Record":{"Id":"a","n":123456789012345678901234567890,"m":9007199254740993}}]');
    const [line] = await collect(workspace.lines("M365Audit_CL"));
    expect(line).toContain('{"Id":"a","n":123456789012345678901234567890,"m":9007199254740993}');
  });

  test.each([
    ["2026-01-02T03:04:05", "2026-01-02T03:04:05.000Z"],
    ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"],
    ["2026-01-02T03:04:05.6789012Z", "2026-01-02T03:04:05.678Z"],
    ["2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000Z"],
  ])("reads the time %s", async (CreationTime, time) => {
    const row = await rowOf({ ...record, CreationTime });
    expect(row).toMatchObject({ TimeGenerated: time, CreationTime: time });
  });

  test.each([undefined, null, "", "not a time", {}])(
    "takes the time of collection when the record's is %j",
    async (CreationTime) => {
      const row = await rowOf({ ...record, CreationTime });
      expect(row).toMatchObject({
        TimeGenerated: "2026-01-02T11:00:00.000Z",
        CreationTime: null,
      });
    },
  );

  test("keeps the record's own time when the service replaces the row's", async () => {
    const row = await rowOf({ ...record, CreationTime: "2025-12-20T00:00:00" });
    expect(row).toMatchObject({
      TimeGenerated: arrival,
      CreationTime: "2025-12-20T00:00:00.000Z",
    });
  });

  /** A record whose JSON has so many bytes, most of them in characters of this kind. */
  const recordOf = (bytes: number, character: string) => {
    const base = { Id: "large", Text: "" };
    const left = bytes - Buffer.byteLength(JSON.stringify(base));
    const size = Buffer.byteLength(character);
    const text = character.repeat(Math.floor(left / size)) + "x".repeat(left % size);
    return { ...base, Text: text };
  };

  test.each(["a", "ä", "😀"])("keeps a record of 65,535 bytes of %s", async (character) => {
    const large = recordOf(65_535, character);
    expect(await rowOf(large)).toMatchObject({ Record: large, RecordOversized: false });
  });

  test.each(["a", "ä", "😀"])("leaves out one of a byte more of %s", async (character) => {
    const large = recordOf(65_536, character);
    const json = JSON.stringify(large);
    expect(await rowOf(large, { OriginalBlob: "Audit.General/x/0.json" })).toMatchObject({
      RecordId: "large",
      Record: null,
      RecordOversized: true,
      RecordLength: [...json].length,
      RecordHash: createHash("sha256").update(json).digest("hex"),
      OriginalBlob: "Audit.General/x/0.json",
    });
  });

  test("leaves no trace of an oversized record that a query would take for a value", async () => {
    const { store, workspace } = await shippedIngestion();
    await store({ Record: recordOf(65_536, "a") });
    const lines = workspace.select("SELECT RecordId FROM M365Audit_CL WHERE Record IS NULL");
    expect(await collect(lines)).toEqual(['{"RecordId":"large"}']);
  });

  test("tells a record that came with some of its fields, by the hash of its original", async () => {
    const original = { OriginalBlob: "Audit.General/x/0.json", OriginalHash: "crc64" };
    expect(await rowOf(record, original)).toMatchObject({
      RecordId: record.Id,
      Operation: "MemberAdded",
      Record: null,
      RecordOversized: true,
      RecordLength: null,
      RecordHash: "crc64",
      OriginalBlob: "Audit.General/x/0.json",
    });
    const lengthToo = await rowOf(record, { ...original, OriginalLength: 1_500_000 });
    expect(lengthToo).toMatchObject({ RecordLength: 1_500_000 });
  });
});
