import { describe, expect, test } from "vitest";

import { ask, blob, health } from "../ledger-rows.ts";

const now = new Date("2026-01-10T00:00:00Z");
const from = new Date("2026-01-09T00:00:00Z");
const to = new Date("2026-01-09T23:00:00Z");
const marks = async (rows: readonly object[]) =>
  (await ask("queries/told.kql", { health: rows }, now, "dev-contoso", "Audit.General", from, to))
    .map(({ Mark }) => Mark)
    .sort();

const created = { ContentCreated: "2026-01-09T11:00:00.000Z" };

describe("queries/told.kql", () => {
  test("marks what was collected or has expired by its id", async () => {
    const expired = health("gap", "Expired", { ContentId: "b", ...created });
    expect(await marks([blob("a", 1), blob("a", 1), expired])).toEqual(["a", "b", "b aside"]);
  });

  test("marks what was given up", async () => {
    const rows = [
      health("gap", "Gone", { ContentId: "a", ...created }),
      health("setAside", "SetAside", { ContentId: "b", ...created }),
    ];
    expect(await marks(rows)).toEqual(["a aside", "b aside"]);
  });

  test.each([
    ["could not be collected", { Status: "Failed" }],
    ["is of another collector", { Collector: "dev-fabrikam" }],
    ["is of another content type", { ContentType: "Audit.Exchange" }],
    ["was made before", { ContentCreated: "2026-01-08T23:59:59.000Z" }],
    ["was made after", { ContentCreated: "2026-01-09T23:00:01.000Z" }],
  ])("leaves out one that %s", async (_, columns) => {
    expect(await marks([blob("a", 1, columns)])).toEqual([]);
  });

  test("leaves out gaps without a blob", async () => {
    expect(await marks([health("gap", "Silent", created)])).toEqual([]);
  });
});
