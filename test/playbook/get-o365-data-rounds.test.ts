import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../local/json.ts";
import type { Run } from "../../local/logic-apps/run-workflow.ts";
import { Collector, record } from "./collector.ts";
import { ok, outcome } from "./outcome.ts";

/** Publishes that many blobs of one record each. */
const publishBlobs = (collector: Collector, count: number) =>
  Array.from({ length: count }, (_, blob) => collector.publish([record(`b${blob}`)]));

/** Blobs that each round of a run asked for, and when it began, in seconds after the first. */
function roundsOf({ actions }: Run): { blobs: number; began: number }[] {
  const begins = actions
    .filter(({ name, status }) => name === "Pace_round" && status === "Succeeded")
    .map(({ endTime }) => endTime.getTime() / 1000);
  const tried = actions
    .filter(({ name, status }) => name === "Page_counts" && status === "Succeeded")
    .map(({ outputs }) => (outputs as JsonObject)["tried"] as number);
  return tried.map((blobs, round) => ({ blobs, began: begins[round]! - begins[0]! }));
}

/** Pages that a run listed. */
const pagesOf = ({ actions }: Run) => actions.filter(({ name }) => name === "List_content").length;

describe("Get-O365Data's rounds", () => {
  test("gather pages until they are full or the window ends", async () => {
    const collector = await Collector.start({ feed: { pageSize: 7 } });
    publishBlobs(collector, 30);
    const run = await collector.run();
    expect(outcome(run)).toEqual(ok);
    expect(roundsOf(run)).toEqual([{ blobs: 30, began: 0 }]);
    expect(pagesOf(run)).toBe(5);
    expect(await collector.ids()).toHaveLength(30);
  });

  test("take pages of any size", async () => {
    const collector = await Collector.start({ feed: { pageSize: 1000 } });
    publishBlobs(collector, 400);
    const run = await collector.run();
    expect(outcome(run)).toEqual(ok);
    expect(roundsOf(run).map(({ blobs }) => blobs)).toEqual([300, 100]);
    expect(await collector.ids()).toHaveLength(400);
  });

  test("are collected when a later page cannot be listed", async () => {
    const collector = await Collector.start({ feed: { pageSize: 20 } });
    publishBlobs(collector, 30);
    collector.deployed.feed.before = async ({ url }) =>
      url.includes("nextPage=") ? new Response("{}", { status: 400 }) : undefined;
    const run = await collector.run();
    expect(run.error?.message).toContain("listing answered 400");
    expect(await collector.ids()).toHaveLength(20);
    expect(await collector.checkpoint()).toMatchObject({ through: "2026-01-14T09:05:00Z" });
  });

  test("go at a pace that grows while all is answered, and leave nothing between them", async () => {
    const collector = await Collector.start({ feed: { pageSize: 200 } });
    publishBlobs(collector, 1600);
    const run = await collector.run();
    expect(outcome(run)).toEqual(ok);
    expect(roundsOf(run)).toEqual([
      { blobs: 300, began: 0 },
      // 300 blobs are half a minute at 600 a minute.
      { blobs: 450, began: expect.closeTo(32, 0) as number },
      { blobs: 675, began: expect.closeTo(64, 0) as number },
      { blobs: 175, began: expect.closeTo(96, 0) as number },
    ]);
    expect(await collector.ids()).toHaveLength(1600);
  });

  test("slow down when blobs are refused, and lose none", async () => {
    const requestsPerMinute = 100;
    const collector = await Collector.start({ feed: { pageSize: 200, requestsPerMinute } });
    publishBlobs(collector, 400);
    const refused: Record<string, number> = {};
    const { feed } = collector.deployed;
    const handle = feed.handle.bind(feed);
    feed.handle = async (request) => {
      const response = await handle(request);
      const kind = response.status === 403 ? "refused" : "answered";
      refused[kind] = (refused[kind] ?? 0) + 1;
      return response;
    };
    const run = await collector.run();
    const rounds = roundsOf(run);
    expect(outcome(run)).toEqual(ok);
    expect(await collector.ids()).toHaveLength(400);
    expect(rounds[0]!.blobs).toBe(300);
    expect(rounds.slice(2).every(({ blobs }) => blobs <= 100)).toBe(true);
    // Without a pace each round would ask for all that is waiting, in vain for most of it.
    expect(refused["refused"]).toBeLessThan(400);
  });

  test("slow down when all their blobs are gone, so that those behind them are reached", async () => {
    const collector = await Collector.start({ feed: { pageSize: 200, requestsPerMinute: 100 } });
    publishBlobs(collector, 1);
    await collector.runs(1);
    const gone = new Set(publishBlobs(collector, 160).map(({ contentId }) => contentId));
    const { feed } = collector.deployed;
    const handle = feed.handle.bind(feed);
    feed.handle = async (request) => {
      const response = await handle(request);
      const isGone = gone.has(
        decodeURIComponent(request.url).split("/audit/")[1]?.split("?")[0] ?? "",
      );
      return response.ok && isGone
        ? Response.json({ error: { code: "AF20050", message: "Not there." } }, { status: 404 })
        : response;
    };
    await collector.pass(60_000);
    publishBlobs(collector, 10);
    await collector.runs(12);
    expect(await collector.ids()).toHaveLength(11);
    const gaps = (await collector.health()).filter(({ Kind }) => Kind === "gap");
    expect(new Set(gaps.map(({ ContentId }) => ContentId))).toEqual(gone);
  });

  test("go no faster than the parameter says", async () => {
    const collector = await Collector.start();
    const { parameters } = collector.deployed;
    Object.assign(parameters, { requestsPerMinute: { value: 700 } });
    publishBlobs(collector, 1300);
    const run = await collector.run();
    expect(roundsOf(run).map(({ blobs }) => blobs)).toEqual([300, 350, 350, 300]);
  });
});
