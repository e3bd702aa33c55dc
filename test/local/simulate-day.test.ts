import { describe, expect, test } from "vitest";
import type { Tenant } from "../../config/environment.ts";
import { loadEnvironment } from "../../config/environment.ts";
import { VirtualClock } from "../../local/clock.ts";
import { deployTenant } from "../../local/deployed-tenant.ts";
import type { EngineOptions } from "../../local/logic-apps/engine-options.ts";
import type { Run } from "../../local/logic-apps/run-workflow.ts";
import type { AuditRecordText } from "../../local/records/audit-record-text.ts";
import { generateDay } from "../../local/records/generate-records.ts";
import { publishDay, type PublishedDay } from "../../local/records/publish-day.ts";
import { simulateDay } from "../../local/simulate-day.ts";

const midnight = new Date("2026-01-14T00:00:00Z");
const hourMs = 3_600_000;

/** Dev's contoso at midnight, collected every two hours, with the feed that a test wants. */
async function deployed(tenant: Partial<Tenant> = {}) {
  const dev = loadEnvironment("config", "dev");
  const contoso = { ...dev.tenants["contoso"]!, recurrenceMinutes: 120, ...tenant };
  const clock = new VirtualClock(midnight);
  const one = await deployTenant({
    environment: { ...dev, tenants: { contoso } },
    tenantName: "contoso",
    clock,
    seed: 1,
  });
  return { clock, one };
}

const generated = (): AuditRecordText[] => [
  ...generateDay({
    seed: 1,
    seats: 2,
    date: midnight,
    tenantId: "00000000-0000-4000-8000-000000000101",
    domain: "contoso.example.org",
  }),
];
const idsOf = ({ body }: PublishedDay["blobs"][number]) =>
  (JSON.parse(body) as { Id: string }[]).map(({ Id }) => Id);

/** A feed that gives its blobs without some records, as if it had lost them. */
function withhold(
  { feed }: Awaited<ReturnType<typeof deployTenant>>,
  day: PublishedDay,
  ids: readonly string[],
): void {
  feed.before = async ({ url }) => {
    const blob = day.blobs.find(({ contentId }) => decodeURIComponent(url).includes(contentId));
    return (
      blob &&
      Response.json(
        (JSON.parse(blob.body) as { Id: string }[]).filter(({ Id }) => !ids.includes(Id)),
      )
    );
  };
}

describe("simulateDay", () => {
  test("gives counts that agree with the feed, the runs and the tables", async () => {
    const records = generated();
    const day = await publishDay(records, { start: midnight, seed: 1 });
    const { clock, one } = await deployed();
    const runs: Run[] = [];
    const told: number[] = [];
    let expected = 0;
    let listings = 0;
    one.feed.before = async ({ url }) => {
      listings += url.includes("/content?") ? 1 : 0;
      return undefined;
    };

    const outcome = await simulateDay(one, day, {
      clock,
      onRun: (run, { ended, of }) => {
        runs.push(run);
        told.push(ended);
        expected = of;
      },
    });

    expect(Math.abs(expected - runs.length)).toBeLessThanOrEqual(1);
    expect(day.recordsPublished).toBeGreaterThan(records.length);
    const billable = runs.reduce((sum, run) => sum + run.billable.executions, 0);
    expect(outcome).toEqual({
      recordsRead: records.length,
      recordsDistinct: records.length,
      recordsFiltered: 0,
      rows: day.recordsPublished,
      rowsDistinct: records.length,
      rowsInView: records.length,
      rowsOfTeams: records.filter(({ workload }) => workload === "MicrosoftTeams").length,
      missing: 0,
      runs: runs.length,
      runsFailed: 0,
      pages: listings,
      blobs: day.blobs.length,
      billableExecutions: billable,
      costUsd: expect.closeTo(billable * 0.000025, 10) as number,
      from: midnight,
      until: runs.at(-1)!.endTime,
    });
    expect(outcome.rowsOfTeams).toBeLessThan(outcome.rowsInView);
    expect(told).toEqual(runs.map((_, index) => index + 1));
    expect(runs[1]!.startTime.getTime() - runs[0]!.startTime.getTime()).toBe(2 * hourMs);
    const health = one.workspace.rows("M365AuditHealth_CL");
    const reported = { run: 0, window: 0, blob: 0, gap: 0 };
    for await (const row of health) {
      reported[row["Kind"] as keyof typeof reported] += (row["RowsOut"] ?? 0) as number;
    }
    const { rows } = outcome;
    expect(reported).toEqual({ run: rows, window: rows, blob: rows, gap: 0 });
  });

  test("counts a record as missing that was in the feed and did not come to the table", async () => {
    const day = await publishDay(generated(), { start: midnight, seed: 1 });
    const { clock, one } = await deployed();
    // One that is in several blobs counts once.
    const repeated = day.blobs.flatMap(idsOf).find((id, place, all) => all.indexOf(id) < place)!;
    const alone = idsOf(day.blobs[0]!).find((id) => id !== repeated)!;
    withhold(one, day, [repeated, alone]);

    const outcome = await simulateDay(one, day, { clock });

    expect(outcome.missing).toBe(2);
    expect(outcome.rowsDistinct).toBe(outcome.recordsDistinct - 2);
    expect(outcome.runsFailed).toBe(0);
  });

  test("tells records that the configuration leaves out from missing ones", async () => {
    const records = generated();
    const day = await publishDay(records, { start: midnight, seed: 1, repeats: false });
    const keepRecordTypes = [
      records.find(({ workload }) => workload !== "MicrosoftTeams")!.recordType!,
    ];
    const { clock, one } = await deployed({ keepWorkloads: ["MicrosoftTeams"], keepRecordTypes });
    const kept = ({ workload, recordType }: AuditRecordText) =>
      workload === "MicrosoftTeams" || keepRecordTypes.includes(recordType!);
    const left = records.filter((record) => !kept(record));
    const byType = records.find(({ recordType }) => keepRecordTypes.includes(recordType!))!;
    const byWorkload = records.find(({ workload }) => workload === "MicrosoftTeams")!;
    withhold(one, day, [byType.id, byWorkload.id, left[0]!.id]);

    const outcome = await simulateDay(one, day, { clock });

    expect(outcome.missing).toBe(2);
    expect(outcome.recordsFiltered).toBe(left.length);
    expect(outcome.rowsDistinct).toBe(records.length - left.length - 2);
  });

  test("counts runs that fail", async () => {
    const day = await publishDay(generated(), { start: midnight, seed: 1 });
    const { clock, one } = await deployed();
    // Not the first run, which starts the subscription: a feed that is off takes nothing in.
    one.vault.before = async () => {
      const hour = clock.now().getUTCHours();
      return hour >= 3 && hour < 7 ? new Response(null, { status: 403 }) : undefined;
    };

    const outcome = await simulateDay(one, day, { clock });

    expect(outcome.runsFailed).toBe(4); // at 4:00 and 6:00, on both days
    expect(outcome.missing).toBe(0);
  });

  test("goes on until a sweep has passed over the blob that is listed last", async () => {
    const [record] = generated();
    const published = await publishDay([record!], { start: midnight, seed: 1, lateBlobs: false });
    const [blob] = published.blobs;
    const listedFrom = new Date(midnight.getTime() + 40 * hourMs);
    const day = {
      ...published,
      blobs: [{ ...blob!, body: blob!.body, listedFrom }],
      lastListed: listedFrom,
    };
    const { clock, one } = await deployed();

    const outcome = await simulateDay(one, day, { clock });

    expect(outcome.missing).toBe(0);
    for await (const row of one.workspace.rows("M365Audit_CL")) {
      expect(Date.parse(row["CollectedTime"] as string)).toBeGreaterThan(listedFrom.getTime());
    }
    expect(outcome.until.getTime()).toBeGreaterThanOrEqual(listedFrom.getTime() + 12 * hourMs);
  });

  // Runs that are longer than the half hour between them.
  const slow = { actionLatencyMs: 60_000 };
  test.each<[string, number, Partial<EngineOptions>]>([
    ["no occurrence waits for the end of a run", 30, { ...slow, waitingRuns: 0 }],
    ["all of them do", 30, { ...slow, waitingRuns: 11 }],
    ["each firing is a minute late", 120, { firingDelayMs: 60_000 }],
  ])("loses nothing where %s", async (_reading, recurrenceMinutes, readings) => {
    const day = await publishDay(generated(), { start: midnight, seed: 1 });
    const { clock, one } = await deployed({ recurrenceMinutes });
    const runs: Run[] = [];
    const onRun = (run: Run) => runs.push(run);
    const outcome = await simulateDay(one, day, { clock, onRun, readings });
    expect(outcome).toMatchObject({ missing: 0, runsFailed: 0 });
    expect(outcome.rowsDistinct).toBe(outcome.recordsDistinct);
    const longest = Math.max(
      ...runs.map(({ startTime, endTime }) => endTime.getTime() - startTime.getTime()),
    );
    expect(longest > hourMs / 2).toBe("waitingRuns" in readings);
  });
});
