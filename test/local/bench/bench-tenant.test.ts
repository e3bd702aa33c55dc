import { afterEach, describe, expect, test } from "vitest";
import { BenchTenant, type BenchTenantProps } from "../../../local/bench/bench-tenant.ts";
import { loadLatencyModel } from "../../../local/bench/latency-model.ts";
import type { Run } from "../../../local/logic-apps/run-workflow.ts";

const start = new Date("2026-01-14T12:00:00Z");
const minuteMs = 60_000;
const after = (minutes: number) => new Date(start.getTime() + minutes * minuteMs);
const volume = { recordsPerDay: 9600, recordsPerBlob: 10 };

const tenants: BenchTenant[] = [];

async function deploy(props: Partial<BenchTenantProps> = {}): Promise<BenchTenant> {
  const tenant = await BenchTenant.deploy({
    volume,
    model: loadLatencyModel(),
    seed: 1,
    start,
    collectedTo: start,
    sweptAt: start,
    ingestion: "counted",
    ...props,
  });
  tenants.push(tenant);
  return tenant;
}

async function runsUntil(tenant: BenchTenant, until: Date): Promise<Run[]> {
  const runs: Run[] = [];
  await tenant.followSchedule(until, (run) => {
    runs.push(run);
    return true;
  });
  return runs;
}

afterEach(() => {
  tenants.splice(0).forEach((tenant) => tenant.close());
});

describe("a tenant of the bench", () => {
  test("collects what is published, and knows how long each record took", async () => {
    const tenant = await deploy({ ingestion: "stored" });
    tenant.publish(start, after(30));
    const runs = await runsUntil(tenant, after(31));
    expect(runs.map(({ status }) => status)).toEqual(["Succeeded", "Succeeded", "Succeeded"]);
    expect(tenant.blobsAccepted).toBe(20);
    expect(tenant.recordsAccepted).toBe(200);
    expect(tenant.oldestWaiting).toBeUndefined();
    expect(tenant.acceptedBetween(start, after(15))).toBe(0);
    expect(tenant.acceptedBetween(after(15), after(16))).toBe(10);
    for (const { ms } of tenant.delays) {
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThan(16 * minuteMs);
    }
    const rows = tenant.deployed.workspace.select('SELECT count(*) AS n FROM "M365Audit_CL"');
    expect((await rows.next()).value).toBe('{"n":200}');
  });

  test("is billed alike whether rows are stored or only counted", async () => {
    const billed = async (ingestion: "stored" | "counted") => {
      const tenant = await deploy({ ingestion });
      tenant.publish(start, after(15));
      return (await runsUntil(tenant, after(16))).map(({ billable }) => billable);
    };
    expect(await billed("counted")).toEqual(await billed("stored"));
  });

  test("knows its history, and lists all of it in a sweep only", async () => {
    const tenant = await deploy({ knownDays: 2 });
    await tenant.run();
    expect(tenant.network.requests.listing).toBe(1);
    await tenant.makeSweepDue();
    await tenant.run();
    // 1,920 blobs in pages of 200, and the days without any.
    expect(tenant.network.requests.listing).toBeGreaterThan(11);
    expect(tenant.network.requests.blob).toBe(0);
  });

  test("takes longer with slower services", async () => {
    const busyMs = async (times: number) => {
      const tenant = await deploy({ model: loadLatencyModel(times) });
      const { startTime, endTime } = await tenant.run();
      return endTime.getTime() - startTime.getTime();
    };
    const [stated, slower] = [await busyMs(1), await busyMs(3)];
    expect(slower / stated).toBeCloseTo(3, 1);
  });

  test("can be stopped in the middle of a run", async () => {
    const tenant = await deploy({
      collectedTo: after(-1440),
      volume: { ...volume, recordsPerBlob: 1 },
    });
    tenant.publish(after(-1440), start);
    await tenant.followSchedule(after(1), () => true, { cancelled: true });
    expect(tenant.clock.now().getTime()).toBeLessThan(after(2).getTime());
    expect(tenant.blobsAccepted).toBeGreaterThan(0);
    expect(tenant.oldestWaiting).toBeDefined();

    await tenant.makeSweepDue();
    const run = await tenant.run((listings) => (listings >= 2 ? "enough" : undefined));
    expect(run.status).toBe("Cancelled");
  });

  test("counts what passes over the network", async () => {
    const tenant = await deploy({ collectedTo: after(-60), feed: { requestsPerMinute: 30 } });
    tenant.publish(after(-60), start);
    await tenant.run();
    const sum = (valueOf: (second: (typeof tenant.network.seconds)[number]) => number) =>
      tenant.network.seconds.reduce((all, second) => all + valueOf(second), 0);
    const { listing, blob } = tenant.network.requests;
    expect(sum(({ feedRequests }) => feedRequests)).toBe(listing + blob);
    expect(sum(({ feedRefused }) => feedRefused)).toBeGreaterThan(0);
    expect(sum(({ actions }) => actions)).toBeGreaterThan(blob);
    // Every record passes twice: on its way from the feed, and to the table.
    expect(sum(({ contentBytes }) => contentBytes)).toBeGreaterThan(2 * 40 * 10 * 800 * 0.9);
  });
});
