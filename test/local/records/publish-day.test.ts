import { describe, expect, test } from "vitest";

import type { AuditRecordText } from "../../../local/records/audit-record-text.ts";
import type { PublishDayOptions } from "../../../local/records/publish-day.ts";
import { publishDay } from "../../../local/records/publish-day.ts";

const start = new Date("2026-05-04T00:00:00Z");
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const record = (id: number, createdMs: number): AuditRecordText => ({
  text: `{ "Id":"${id}","N":1.50,"Name":"é🚀" }`,
  id: String(id),
  creationTime: new Date(createdMs),
  workload: undefined,
  recordType: undefined,
  line: id + 1,
});
/** Records of one day of 2021, one every `everyMs`, in reverse order. */
const day = (count: number, everyMs: number) =>
  Array.from({ length: count }, (_, id) =>
    record(id, Date.parse("2021-03-23T00:00:00Z") + id * everyMs),
  ).reverse();
const inOrder = { repeats: false, lateRecords: false, lateBlobs: false };
const publish = (records: AuditRecordText[], options: Partial<PublishDayOptions> = {}) =>
  publishDay(records, { start, seed: 1, ...options });
const idsOf = (body: string) => (JSON.parse(body) as { Id: string }[]).map(({ Id }) => Number(Id));

describe("publishDay", () => {
  test("publishes records in the order of their creation, byte for byte", async () => {
    const records = day(2000, 30_000);
    const { blobs } = await publish(records, inOrder);
    expect(blobs.map(({ body }) => body.slice(1, -1)).join(",")).toBe(
      records
        .map(({ text }) => text)
        .reverse()
        .join(","),
    );
    expect(blobs.every(({ body, records: count }) => idsOf(body).length === count)).toBe(true);
    const created = blobs.map((blob) => +blob.created);
    expect(created).toEqual([...new Set(created)].sort((a, b) => a - b));
    expect(blobs.every((blob) => +blob.listedFrom === +blob.created)).toBe(true);
  });

  test("keeps the order in which records of the same time were read", async () => {
    const same = Array.from({ length: 300 }, (_, id) => record(id, 0));
    const { blobs } = await publish(same, inOrder);
    expect(blobs.flatMap(({ body }) => idsOf(body))).toEqual(same.map((_, id) => id));
  });

  test("makes a day's records available 60 to 90 minutes after their time of day", async () => {
    const { blobs } = await publish(day(2000, 30_000), inOrder);
    for (const { body, created } of blobs) {
      const newest = start.getTime() + Math.max(...idsOf(body)) * 30_000;
      const latencyMinutes = (+created - newest) / MINUTE_MS;
      expect(latencyMinutes).toBeGreaterThanOrEqual(60);
      expect(latencyMinutes).toBeLessThanOrEqual(90);
    }
  });

  test("spreads records of several days evenly over the one", async () => {
    const years = Array.from({ length: 480 }, (_, id) => record(id, id ** 3 * 10 * DAY_MS));
    const { blobs, lastListed } = await publish(years, inOrder);
    for (const { body, created } of blobs) {
      const due = start.getTime() + (Math.max(...idsOf(body)) / 480) * DAY_MS;
      expect(+created - due).toBeGreaterThanOrEqual(60 * MINUTE_MS);
      expect(+created - due).toBeLessThanOrEqual(90 * MINUTE_MS);
    }
    expect(blobs.length).toBeGreaterThanOrEqual(48);
    expect(lastListed).toEqual(blobs.at(-1)!.created);
  });

  test("puts at most as many records into a blob as allowed, and closes it after half an hour", async () => {
    const busy = await publish(day(5000, 1000), { ...inOrder, largestBlob: 40 });
    const sizes = busy.blobs.map(({ records }) => records);
    expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([1, 40]);
    const created = busy.blobs.map((blob) => +blob.created);
    expect(created).toEqual([...new Set(created)].sort((a, b) => a - b));

    const quiet = await publish(day(24, 60 * MINUTE_MS), inOrder);
    expect(quiet.blobs.map(({ records }) => records)).toEqual(Array(24).fill(1));
  });

  test("counts what was read, what is distinct and what is published", async () => {
    const own = [...day(500, 60_000), ...day(100, 60_000)];
    expect(await publish(own, inOrder)).toMatchObject({
      recordsRead: 600,
      recordsDistinct: 500,
      recordsPublished: 600,
    });
  });

  test("repeats some records in later blobs", async () => {
    const { blobs, recordsRead, recordsPublished } = await publish(day(2000, 30_000), {
      ...inOrder,
      repeats: true,
    });
    const seen = new Set<number>();
    let repeated = 0;
    for (const { body } of blobs) {
      const ids = idsOf(body);
      repeated += ids.filter((id) => seen.has(id)).length;
      ids.forEach((id) => seen.add(id));
    }
    expect(seen.size).toBe(2000);
    expect(repeated).toBeGreaterThan(10);
    expect(recordsPublished).toBe(blobs.reduce((sum, { records }) => sum + records, 0));
    expect(recordsPublished).toBeGreaterThanOrEqual(recordsRead + repeated);
  });

  test("delivers some records late, each once", async () => {
    const { blobs } = await publish(day(4000, 20_000), { ...inOrder, lateRecords: true });
    const ids = blobs.flatMap(({ body }) => idsOf(body));
    expect(ids).not.toEqual(ids.toSorted((a, b) => a - b));
    expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from(ids.keys()));

    const single = await publish(day(4000, 20_000), {
      ...inOrder,
      lateRecords: true,
      largestBlob: 1,
    });
    expect(single.blobs.every(({ records }) => records > 0)).toBe(true);
  });

  test("lists some blobs late, some of them by hours", async () => {
    const { blobs, lastListed } = await publish(day(4000, 20_000), { ...inOrder, lateBlobs: true });
    const lateness = blobs
      .map((blob) => (+blob.listedFrom - +blob.created) / MINUTE_MS)
      .filter((minutes) => minutes > 0);
    expect(lateness.length).toBe(Math.ceil(blobs.length * 0.04));
    expect(lateness.filter((minutes) => minutes >= 180).length).toBeGreaterThan(0);
    expect(lateness.filter((minutes) => minutes <= 110).length).toBeGreaterThan(0);
    expect(+lastListed).toBe(Math.max(...blobs.map((blob) => +blob.listedFrom)));
  });

  test("gives content ids in the form seen on the wire, no two the same", async () => {
    const { blobs } = await publish(day(4000, 1000), { largestBlob: 3 });
    for (const { contentId, created } of blobs) {
      expect(contentId).toMatch(/^\d{23}\$\d{23}\$audit_general\$Audit_General\$emea0000$/);
      expect(contentId.split("$")[1]!.slice(0, 17)).toBe(created.toISOString().replace(/\D/g, ""));
    }
    expect(new Set(blobs.map(({ contentId }) => contentId)).size).toBe(blobs.length);
  });

  test("does the same for the same seed", async () => {
    const plain = async (seed: number) =>
      (await publish(day(1000, 60_000), { seed })).blobs.map((blob) => ({ ...blob }));
    expect(await plain(3)).toEqual(await plain(3));
    expect(await plain(3)).not.toEqual(await plain(4));
  });

  test("publishes nothing when there is nothing", async () => {
    expect(await publish([])).toEqual({
      recordsRead: 0,
      recordsDistinct: 0,
      recordsPublished: 0,
      blobs: [],
      lastListed: start,
    });
  });

  test.each([0, 1.5])("fails on a largestBlob of %p", async (largestBlob) => {
    await expect(publish([], { largestBlob })).rejects.toThrow(
      `largestBlob must be a whole number from 1, got ${largestBlob}`,
    );
  });
});
