import { describe, expect, test } from "vitest";

import { parseAuditRecord } from "../../../local/records/audit-record-text.ts";
import { generateDay } from "../../../local/records/generate-records.ts";
import type { GenerateDayOptions } from "../../../local/records/generate-records.ts";

const options: GenerateDayOptions = {
  seed: 1,
  seats: 1000,
  date: new Date("2026-03-04T00:00:00Z"),
  tenantId: "11111111-2222-3333-4444-555555555555",
  domain: "contoso.example",
};
const day = [...generateDay(options)];
const values = day.map(({ text }) => JSON.parse(text) as Record<string, unknown>);
const ofOperation = (operation: string) =>
  values.filter(({ Operation }) => Operation === operation);
const texts = (...keys: string[]) =>
  values
    .flatMap((value) => keys.map((key) => value[key]))
    .filter((each) => typeof each === "string");

describe("generateDay", () => {
  test("makes about ten records a seat, mostly of Teams", () => {
    expect(day.length).toBeGreaterThan(8000);
    expect(day.length).toBeLessThan(12_000);
    const teams = day.filter(({ workload }) => workload === "MicrosoftTeams").length;
    expect(teams / day.length).toBeGreaterThan(0.5);
    expect(new Set(day.map(({ workload }) => workload)).size).toBeGreaterThan(10);
  });

  test("makes records that the reader takes as they are, in the order of their creation", () => {
    expect(day.map(({ text, line }) => parseAuditRecord(text, line))).toEqual(day);
    expect(day.map(({ line }) => line)).toEqual(Array.from(day.keys(), (key) => key + 1));
    const times = day.map(({ creationTime }) => +creationTime);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Set(day.map(({ id }) => id)).size).toBe(day.length);
  });

  test("follows office hours within the day", () => {
    const hours = Array<number>(24).fill(0);
    for (const { creationTime } of day) {
      expect(creationTime.toISOString().slice(0, 10)).toBe("2026-03-04");
      hours[creationTime.getUTCHours()]!++;
    }
    expect(hours[9]!).toBeGreaterThan(10 * hours[2]!);
    expect(hours[2]!).toBeGreaterThan(0);
  });

  test("does the same for the same seed", () => {
    const seats = 20;
    const again = (seed: number) => [...generateDay({ ...options, seats, seed })];
    expect(again(5)).toEqual(again(5));
    expect(again(5)).not.toEqual(again(6));
  });

  test("has every operation even in a tenant of one seat", () => {
    const operations = (seats: number) =>
      new Set(
        [...generateDay({ ...options, seats })].map(
          ({ text }) => text.match(/"Operation":"([^"]+)"/)![1],
        ),
      );
    expect(operations(1)).toEqual(operations(1000));
  });

  test("gives every record the mandatory properties of the common schema", () => {
    for (const value of values) {
      expect(value.CreationTime).toMatch(/^2026-03-04T\d\d:\d\d:\d\d$/);
      expect(value.OrganizationId).toBe(options.tenantId);
      const keys = ["Operation", "RecordType", "UserKey", "UserType", "UserId", "Workload"];
      expect(keys.map((key) => typeof value[key])).toEqual([
        "string",
        "number",
        "string",
        "number",
        "string",
        "string",
      ]);
    }
  });

  test.each([
    ["TeamsSessionStarted", ["UserId", "ObjectId", "ExtraProperties"]],
    ["MemberAdded", ["Members", "CommunicationType"]],
    ["MessageSent", ["ChatThreadId", "MessageId", "ParticipantInfo", "CommunicationType"]],
    ["MessageCreatedHasLink", ["MessageURLs", "MessageId"]],
    ["ChatCreated", ["Members", "ParticipantInfo", "ChatThreadId"]],
    ["MessagesListed", ["Messages", "AppAccessContext"]],
    ["MeetingDetail", ["StartTime", "EndTime", "Organizer"]],
    ["MeetingParticipantDetail", ["MeetingDetailId", "Attendees", "JoinTime", "LeaveTime"]],
    ["TeamSettingChanged", ["Name", "OldValue", "NewValue", "TeamGuid"]],
    ["BotAddedToTeam", ["AddOnGuid", "AddOnType", "TeamName"]],
    ["AppInstalled", ["AzureADAppId", "AppDistributionMode", "OperationScope", "TargetUserId"]],
    ["ChannelAdded", ["ChannelName", "ChannelGuid", "ChannelType", "TeamName"]],
    ["InviteSent", ["Action", "Invitee", "ChannelName"]],
    ["MessageReported", ["SubmissionId", "ReportMetadata"]],
    ["ClockedIn", ["TeamName"]],
    ["FileCreated", ["ObjectId", "DeviceName"]],
  ])("gives %s its own properties", (operation, keys) => {
    const records = ofOperation(operation);
    expect(records.length).toBeGreaterThan(0);
    for (const record of records) {
      expect(Object.keys(record)).toEqual(expect.arrayContaining(keys));
    }
  });

  test("lets participants refer to a meeting's own record", () => {
    const meetings = new Set(ofOperation("MeetingDetail").map(({ Id }) => Id));
    const references = ofOperation("MeetingParticipantDetail").map(
      ({ MeetingDetailId }) => MeetingDetailId,
    );
    expect(references.filter((id) => meetings.has(id)).length).toBeGreaterThan(1000);
  });

  describe("has the oddity of real feeds:", () => {
    const has = (value: Record<string, unknown>, key: string) => Object.hasOwn(value, key);
    const some = (test: (value: Record<string, unknown>) => boolean) => values.some(test);
    const members = values.flatMap(({ Members }) => (Members ?? []) as Record<string, unknown>[]);

    test.each([25, 57, 73, 63, 30, 117, 462])("record type %i", (recordType) => {
      expect(day.some((record) => record.recordType === recordType)).toBe(true);
    });

    test("one field in several spellings", () => {
      expect(members.some((member) => has(member, "UPN"))).toBe(true);
      expect(members.some((member) => has(member, "Upn"))).toBe(true);
      expect(some((value) => has(value, "AddOnName"))).toBe(true);
      expect(some((value) => has(value, "AddonName"))).toBe(true);
      expect(ofOperation("DLPRuleMatch").length).toBeGreaterThan(0);
      expect(ofOperation("DlpRuleMatch").length).toBeGreaterThan(0);
      expect(new Set(texts("CommunicationType"))).toContain("OneonOne");
    });

    test("addresses that are absent, null, mapped, with ports, bracketed or none", () => {
      const sessions = ofOperation("TeamsSessionStarted");
      expect(sessions.some((value) => !has(value, "ClientIP"))).toBe(true);
      expect(sessions.some((value) => has(value, "ClientIPAddress"))).toBe(true);
      expect(sessions.some(({ ClientIP }) => ClientIP === null)).toBe(true);
      for (const form of [
        /^\d+\.\d+\.\d+\.\d+$/,
        /^::ffff:\d+\.\d+\.\d+\.\d+$/,
        /^\d+\.\d+\.\d+\.\d+:\d+$/,
        /^2001:db8:/,
        /^\[2001:db8:[^\]]+\]:\d+$/,
        /^client-7\.example\.org$/,
      ]) {
        expect(texts("ClientIP").some((address) => form.test(address))).toBe(true);
      }
    });

    test("users that are no addresses", () => {
      const users = new Set(texts("UserId"));
      expect(users).toContain("Not Available");
      expect(users).toContain("Application");
      expect([...users].some((user) => /^ServicePrincipal_[0-9a-f-]{36}$/.test(user))).toBe(true);
      expect([...users].some((user) => /^[0-9a-f-]{36}$/.test(user))).toBe(true);
      expect([...users].some((user) => user.includes("#EXT#"))).toBe(true);
    });

    test("properties now of one kind, now of another", () => {
      for (const key of ["Parameters", "OperationProperties", "MessageURLs"]) {
        expect(some((value) => typeof value[key] === "string")).toBe(true);
        expect(some((value) => Array.isArray(value[key]))).toBe(true);
      }
      const modified = values.flatMap(
        ({ ModifiedProperties }) => (ModifiedProperties ?? []) as unknown[],
      );
      expect(new Set(modified.map((property) => typeof property))).toEqual(
        new Set(["string", "object"]),
      );
    });

    test("JSON as text inside JSON", () => {
      for (const key of ["Data", "ReportMetadata", "AdditionalInfo"]) {
        const inner = texts(key).map((text) => JSON.parse(text) as unknown);
        expect(inner.length).toBeGreaterThan(0);
        expect(inner.every((value) => typeof value === "object")).toBe(true);
      }
    });

    test("numbers that a double cannot keep", () => {
      const numbers = day.filter(({ recordType }) => recordType === 117);
      for (const { text } of numbers) {
        expect(text).toMatch(/"SequenceNumber":9007199254740993\d,"Ratio":1\.50,"Threshold":2E\+3/);
      }
    });

    test("letters of several scripts, emoji and line separators", () => {
      const all = day.map(({ text }) => text).join("");
      for (const part of ["é", "ł", "Анна", "美咲", "🚀", "👩‍💻", "\u2028"]) {
        expect(all).toContain(part);
      }
    });

    test("records of 10 to 60 KB", () => {
      const sizes = day.map(({ text }) => Buffer.byteLength(text));
      expect(Math.max(...sizes)).toBeLessThan(60_000);
      expect(sizes.filter((size) => size > 10_000).length).toBeGreaterThan(5);
      expect(
        ofOperation("MemberAdded").some(({ Members }) => (Members as unknown[]).length > 100),
      ).toBe(true);
    });

    test("a service that makes a team, a meeting's unknown guest, a foreign tenant", () => {
      expect(ofOperation("TeamCreated").some(({ UserType }) => UserType === 5)).toBe(true);
      expect(
        ofOperation("MeetingParticipantDetail").some(({ UserId }) => UserId === "Anonymous"),
      ).toBe(true);
      expect(
        ofOperation("ChatCreated").some(
          ({ ParticipantInfo }) =>
            (ParticipantInfo as { HasForeignTenantUsers: boolean }).HasForeignTenantUsers,
        ),
      ).toBe(true);
    });
  });

  test.each([0, -1, 1.5])("fails on %p seats", (seats) => {
    expect(() => [...generateDay({ ...options, seats })]).toThrow(
      `seats must be a whole number from 1, got ${seats}`,
    );
  });

  test.each([
    [new Date("2026-03-04T01:00:00Z"), "2026-03-04T01:00:00.000Z"],
    [new Date("no"), "no date"],
  ])("fails on a date that is not midnight", (date, got) => {
    expect(() => [...generateDay({ ...options, date })]).toThrow(
      `date must be midnight UTC, got ${got}`,
    );
  });
});
