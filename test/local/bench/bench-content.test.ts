import { describe, expect, test } from "vitest";
import { BenchContent, blobsPerDay } from "../../../local/bench/bench-content.ts";

const midnight = new Date("2026-01-14T00:00:00Z");
const hourMs = 3_600_000;
const after = (hours: number) => new Date(midnight.getTime() + hours * hourMs);
const volume = { recordsPerDay: 4800, recordsPerBlob: 20 };

const blobs = (seed = 1, of = volume, hours = 24) => [
  ...new BenchContent(of, seed).between(midnight, after(hours)),
];

describe("BenchContent", () => {
  test("has a day's records in blobs of one size, evenly over the day", () => {
    const found = blobs();
    expect(found).toHaveLength(240);
    expect(found.every(({ records }) => records === 20)).toBe(true);
    for (let hour = 0; hour < 24; hour++) {
      const inHour = found.filter(
        ({ created }) => created >= after(hour) && created < after(hour + 1),
      );
      expect(inHour).toHaveLength(10);
    }
  });

  test("has no blob with more than the records of a day", () => {
    const small = { recordsPerDay: 100, recordsPerBlob: 500 };
    expect(blobsPerDay(small)).toBe(1);
    expect(blobs(1, small).map(({ records }) => records)).toEqual([100]);
  });

  test("has records of 800 to 2,000 bytes with ids of their own", () => {
    const texts = blobs(1, volume, 2).map(({ body }) => body());
    const records = texts.flatMap((text) => JSON.parse(text) as { Id: string }[]);
    expect(records).toHaveLength(400);
    expect(new Set(records.map(({ Id }) => Id)).size).toBe(400);
    for (const record of records) {
      const bytes = Buffer.byteLength(JSON.stringify(record));
      expect(bytes).toBeGreaterThanOrEqual(800);
      expect(bytes).toBeLessThanOrEqual(2000);
    }
  });

  test("goes on where it stopped, under further ids", () => {
    const content = new BenchContent(volume, 1);
    const ids = [
      ...content.between(midnight, after(1)),
      ...content.between(after(1), after(2)),
    ].map(({ contentId }) => contentId);
    expect(new Set(ids).size).toBe(20);
  });

  test("is the same for the same seed only", () => {
    const shown = (seed: number) => blobs(seed).map(({ contentId, body }) => contentId + body());
    expect(shown(1)).toEqual(shown(1));
    expect(shown(2)).not.toEqual(shown(1));
  });
});
