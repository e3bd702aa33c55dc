import { describe, expect, test } from "vitest";
import { parseJson, stringifyJson } from "../../../local/json.ts";
import { bodyOf, contentOf, offeredRecords } from "../../../local/faults/case-content.ts";
import type { FaultKind, FaultParameters } from "../../../local/faults/fault-kinds.ts";
import { at, hourMs, smallCase } from "./small-case.ts";

const during = (kind: FaultKind, parameters: FaultParameters = {}) =>
  contentOf(smallCase([{ kind, from: at(0), to: at(120), parameters }]));

describe("contentOf", () => {
  test("is the same for the same case", () => {
    expect(contentOf(smallCase())).toEqual(contentOf(smallCase()));
  });

  test("writes records as the feed does, without white space", () => {
    const { blobs } = contentOf(smallCase([], { tenant: { recordsADay: 4000 } }));
    for (const { records } of blobs) {
      for (const { text } of records) {
        expect(stringifyJson(parseJson(text))).toBe(text);
      }
    }
    expect(blobs.some((blob) => bodyOf(blob).includes("12345678901234567890"))).toBe(true);
  });

  test("has the large records and blobs that the tenant says", () => {
    const sizes = (tenant: Parameters<typeof smallCase>[1] & object) =>
      contentOf(smallCase([], tenant)).blobs.map((blob) => ({
        blob: Buffer.byteLength(bodyOf(blob)),
        record: Math.max(...blob.records.map(({ text }) => Buffer.byteLength(text))),
      }));
    const most = (tenant: object, key: "blob" | "record") =>
      Math.max(...sizes({ tenant }).map((size) => size[key]));
    expect(most({}, "record")).toBeLessThan(32_768);
    expect(most({ largeRecords: 1 }, "record")).toBeGreaterThan(60_000);
    expect(most({ hugeRecords: 1 }, "record")).toBeGreaterThan(1_000_000);
    expect(most({ hugeBlobs: 1 }, "blob")).toBeGreaterThan(1_500_000);
    expect(most({ hugeBlobs: 1 }, "record")).toBeLessThan(32_768);
  });

  test("keeps what the configuration keeps", () => {
    const keptOf = (keepWorkloads: string[]) =>
      contentOf(smallCase([], { tenant: { otherWorkloads: 0.5, keepWorkloads } }))
        .blobs.flatMap(({ records }) => records)
        .filter(({ isKept }) => isKept);
    expect(keptOf([]).length).toBeGreaterThan(keptOf(["MicrosoftTeams"]).length);
    for (const { text } of keptOf(["MicrosoftTeams"])) {
      expect(text).toContain('"Workload":"MicrosoftTeams"');
    }
  });

  test("lists blobs late", () => {
    const { blobs } = during("listedLate", { share: 1, hours: 12 });
    const delays = blobs.map(({ created, listedFrom }) => listedFrom.getTime() - created.getTime());
    expect(Math.max(...delays)).toBeGreaterThan(4 * hourMs);
    expect(Math.max(...delays)).toBeLessThan(12 * hourMs);
  });

  test("lists blobs again under another id", () => {
    const { blobs } = during("listedAgain", { share: 1, days: 1 });
    const again = blobs.filter(({ created }) => created > at(240));
    expect(again.length).toBeGreaterThan(3);
    expect(new Set(blobs.map(({ contentId }) => contentId)).size).toBe(blobs.length);
    for (const { records } of again) {
      expect(blobs.filter((blob) => blob.records === records)).toHaveLength(2);
    }
  });

  test("repeats records inside and across blobs", () => {
    const repeatedIn = (parameters: FaultParameters) => {
      const { blobs } = during("recordsRepeated", parameters);
      const ids = (of: typeof blobs) => of.flatMap(({ records }) => records.map(({ id }) => id));
      const inside = blobs.map((blob) => ids([blob]).length - new Set(ids([blob])).size);
      return {
        inside: inside.reduce((sum, count) => sum + count, 0),
        all: offeredRecords(blobs) - new Set(ids(blobs)).size,
      };
    };
    expect(repeatedIn({ inside: 1, across: 0 }).inside).toBeGreaterThan(5);
    expect(repeatedIn({ inside: 0, across: 1 })).toMatchObject({ inside: 0 });
    expect(repeatedIn({ inside: 0, across: 1 }).all).toBeGreaterThan(5);
  });

  test.each([
    ["blobGone", "gone"],
    ["blobGone", "expired"],
    ["blobBroken", "error"],
  ] as const)("has blobs that can never be read: %s, %s", (kind, form) => {
    const { blobs } = during(kind, { share: 1, form });
    expect(new Set(blobs.map(({ unreadable }) => unreadable))).toEqual(new Set([form, undefined]));
  });

  test.each(["truncated", "html"])("has blobs that are %s", (form) => {
    const blob = during("blobBroken", { share: 1, form }).blobs[0]!;
    expect(() => {
      JSON.parse(bodyOf(blob));
    }).toThrow(SyntaxError);
  });

  test("publishes nothing while auditing is off", () => {
    const { blobs, unaudited } = during("auditingOff");
    expect(unaudited.length).toBeGreaterThan(3);
    expect(unaudited.every(({ created }) => created < at(120))).toBe(true);
    expect(blobs.every(({ created }) => created >= at(120))).toBe(true);
  });
});
