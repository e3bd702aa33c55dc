import { configFolder, loadEnvironment, type Environment } from "../../config/environment.ts";
import type { AuditFeedTraits } from "../audit-feed.ts";
import { VirtualClock } from "../clock.ts";
import { deployTenant, type DeployedTenant } from "../deployed-tenant.ts";
import type { Host, Run, RunOptions } from "../logic-apps/run-workflow.ts";
import { runWorkflow } from "../logic-apps/run-workflow.ts";
import { runRecurrence, type ScheduledRun } from "../logic-apps/schedule.ts";
import { requestStorage } from "../playbook-storage.ts";
import { BenchContent, type BenchVolume } from "./bench-content.ts";
import { Latencies, type LatencyModel } from "./latency-model.ts";
import { MeteredNetwork } from "./metered-network.ts";

export interface BenchTenantProps {
  readonly volume: BenchVolume;
  readonly model: LatencyModel;
  readonly seed: number;
  /** When the measurement begins. */
  readonly start: Date;
  /** Everything before this instant was collected. */
  readonly collectedTo: Date;
  /**
   * Days before `collectedTo` whose blobs the feed still lists, and the playbook knows.
   *
   * @default 0
   */
  readonly knownDays?: number;
  /** Everything that was late was looked for at this instant. */
  readonly sweptAt: Date;
  readonly ingestion: "stored" | "counted";
  readonly feed?: Pick<AuditFeedTraits, "pageSize" | "requestsPerMinute">;
}

/** How long a record took from its publication until the ingestion had accepted its row. */
export interface RowDelay {
  readonly ms: number;
  /** Records that took so long. */
  readonly records: number;
}

/** What the playbook remembers, as far as the bench changes it. */
interface Checkpoint {
  readonly contentTypes: Readonly<Record<string, object>>;
}

const contentType = "Audit.General";
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const sliceMs = 23 * 60 * minuteMs;
const slicesFrom = Date.UTC(2000, 0, 1);

/** A tenant of the bench with the deployed playbook, in the middle of its life. */
export class BenchTenant {
  readonly delays: RowDelay[] = [];
  /** When each blob was wholly in, in ms since 1970. */
  private readonly acceptedAt: number[] = [];
  recordsPublished = 0;
  recordsAccepted = 0;
  blobsPublished = 0;
  /** Blobs whose rows were all accepted. */
  blobsAccepted = 0;
  readonly network: MeteredNetwork;
  private readonly content: BenchContent;
  private readonly waiting = new Map<string, { created: number; left: number }>();
  private readonly host: Host;

  private constructor(
    readonly clock: VirtualClock,
    readonly deployed: DeployedTenant,
    private readonly props: BenchTenantProps,
  ) {
    const { volume, model, seed, ingestion } = props;
    this.content = new BenchContent(volume, seed);
    this.network = new MeteredNetwork({
      clock,
      deployed,
      ingestion,
      latencies: new Latencies(model, seed),
      onAccepted: ({ contentId, rows, at }) => this.note(contentId, rows, at),
    });
    this.host = { ...deployed.host, send: (request) => this.network.send(request) };
  }

  /** Deploys the tenant; its clock stands at `start`. */
  static async deploy(props: BenchTenantProps): Promise<BenchTenant> {
    const { start, collectedTo, sweptAt, knownDays = 0, seed, feed } = props;
    const clock = new VirtualClock(start);
    const dev = loadEnvironment(configFolder, "dev");
    const [tenantName, tenant] = Object.entries(dev.tenants)[0]!;
    const environment: Environment = {
      ...dev,
      tenants: { [tenantName]: { ...tenant, contentTypes: [contentType] } },
    };
    const deployed = await deployTenant({
      environment,
      tenantName,
      clock,
      seed,
      feed: { startCoolDownPer: "contentType", ...feed },
    });
    const bench = new BenchTenant(clock, deployed, props);
    await bench.startSubscription();
    await bench.publishKnown(new Date(collectedTo.getTime() - knownDays * dayMs), collectedTo);
    const told = zulu(collectedTo);
    // In the middle of its life it knows content: its first hours, which sweep each run, are past.
    const { feedUri, m365TenantId } = deployed.parameters;
    const collectedUri = `${feedUri!.value as string}/api/v1.0/${m365TenantId!.value as string}/activity/feed/audit/known`;
    await bench.store("checkpoint.json", {
      version: 1,
      paused: false,
      endedAt: told,
      ranAt: told,
      contentTypes: {
        [contentType]: { through: told, newestAt: told, collectedUri, sweptAt: zulu(sweptAt) },
      },
    });
    return bench;
  }

  /** Puts what appears in this time into the feed, which lists each blob when its moment has come. */
  publish(from: Date, to: Date): void {
    for (const { contentId, created, records, body } of this.content.between(from, to)) {
      this.deployed.feed.publish(this.deployed.tenant.tenantId, contentType, {
        contentId,
        created,
        body,
      });
      this.waiting.set(contentId, { created: created.getTime(), left: records });
      this.recordsPublished += records;
      this.blobsPublished++;
    }
  }

  /** Blobs whose last row came in from one instant, included, to another. */
  acceptedBetween(from: Date, to: Date): number {
    return this.acceptedAt.filter((at) => at >= from.getTime() && at < to.getTime()).length;
  }

  /** When the oldest of the blobs was published that wait for their rows. */
  get oldestWaiting(): Date | undefined {
    for (const { created } of this.waiting.values()) {
      return new Date(created); // in the order of publication
    }
    return undefined;
  }

  /** Runs the playbook once; `onListed` is told of each listing and may say that it is enough. */
  async run(onListed?: (listings: number) => "enough" | undefined): Promise<Run> {
    const { workflow, parameters } = this.deployed;
    const controller = new AbortController();
    const before = this.network.requests.listing;
    let listings = 0;
    const base = this.options();
    const options: RunOptions = {
      ...base,
      cancelAt: controller.signal,
      onAction: (event) => {
        base.onAction?.(event);
        const listed = this.network.requests.listing - before;
        if (listed > listings) {
          listings = listed;
          if (onListed?.(listings) === "enough") {
            controller.abort();
          }
        }
      },
    };
    return this.clock.run(() => runWorkflow(workflow, { parameters, host: this.host, options }));
  }

  /**
   * Runs the playbook on its schedule, from now on, while `goesOn` says so after each run. A run that
   * has not ended at `until` goes on, or is cancelled there.
   */
  async followSchedule(
    until: Date,
    goesOn: (run: ScheduledRun) => boolean,
    { cancelled = false }: { readonly cancelled?: boolean } = {},
  ): Promise<void> {
    const { clock } = this;
    const { workflow, parameters } = this.deployed;
    const controller = new AbortController();
    const options = { ...this.options(), ...(cancelled && { cancelAt: controller.signal }) };
    await clock.run(async () => {
      void clock.sleep(until.getTime() - clock.now().getTime()).then(() => controller.abort());
      const props = { parameters, host: this.host, until, options };
      for await (const run of runRecurrence(workflow, props)) {
        if (!goesOn(run)) {
          return;
        }
      }
    });
  }

  /** Lets the next run look for everything that is late, as far back as the feed goes. */
  async makeSweepDue(): Promise<void> {
    const { contentTypes, ...checkpoint } = await this.readCheckpoint();
    const entry = { ...contentTypes[contentType], sweptAt: "2000-01-01T00:00:00Z" };
    await this.store("checkpoint.json", { ...checkpoint, contentTypes: { [contentType]: entry } });
  }

  /** Gives back what the workspace holds. */
  close(): void {
    this.deployed.workspace.close();
  }

  private options(): RunOptions {
    return {
      keepHistory: false,
      actionLatencyMs: this.props.model.actionOverheadMs,
      onAction: ({ phase }) => {
        if (phase === "started") {
          this.network.noteAction();
        }
      },
    };
  }

  private note(contentId: string, rows: number, at: Date): void {
    const blob = this.waiting.get(contentId);
    if (!blob) {
      return; // a second time
    }
    this.recordsAccepted += rows;
    this.delays.push({ ms: at.getTime() - blob.created, records: rows });
    blob.left -= rows;
    if (blob.left <= 0) {
      this.waiting.delete(contentId);
      this.blobsAccepted++;
      this.acceptedAt.push(at.getTime());
    }
  }

  private async startSubscription(): Promise<void> {
    const { directory, feed, parameters } = this.deployed;
    // Older content is part of the subscription, as if it had been on for long.
    feed.traits = { ...feed.traits, contentBeforeFirstStartMs: 30 * dayMs };
    const value = (name: string) => parameters[name]!.value as string;
    const reader = directory.application(value("clientId"))!;
    const token = directory.issueToken(reader, value("feedAudience"));
    const root = `${value("feedUri")}/api/v1.0/${value("m365TenantId")}/activity/feed`;
    const response = await feed.handle(
      new Request(`${root}/subscriptions/start?contentType=${contentType}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
      }),
    );
    if (response.status !== 200) {
      throw new Error(`the subscription must start, got ${response.status}`);
    }
  }

  private async publishKnown(from: Date, to: Date): Promise<void> {
    const slices = new Map<string, string[]>();
    for (const { contentId, created, body } of this.content.between(from, to)) {
      this.deployed.feed.publish(this.deployed.tenant.tenantId, contentType, {
        contentId,
        created,
        body,
      });
      const slice = sliceOf(created);
      const known = slices.get(slice) ?? [];
      slices.set(slice, known);
      known.push(contentId);
    }
    for (const [slice, known] of slices) {
      await this.store(`collected/${contentType}/${slice}.json`, known);
    }
  }

  private async readCheckpoint(): Promise<Checkpoint> {
    const root = this.deployed.parameters["checkpointUri"]!.value as string;
    const response = await requestStorage(this.deployed, "GET", `${root}/checkpoint.json`);
    if (response.status !== 200) {
      throw new Error(`storage must have a checkpoint, got ${response.status}`);
    }
    return (await response.json()) as Checkpoint;
  }

  private async store(name: string, content: unknown): Promise<void> {
    const root = this.deployed.parameters["checkpointUri"]!.value as string;
    const body = JSON.stringify(content);
    const response = await requestStorage(this.deployed, "PUT", `${root}/${name}`, body);
    if (response.status !== 201) {
      throw new Error(`storage must take ${name}, got ${response.status}`);
    }
  }
}

/** The playbook's slice of 23 hours that an instant belongs to. */
function sliceOf(instant: Date): string {
  const slice = Math.floor((instant.getTime() - slicesFrom) / sliceMs);
  const start = new Date(slicesFrom + slice * sliceMs).toISOString();
  return start.slice(0, 13).replace(/\D/g, "");
}

const zulu = (instant: Date) => instant.toISOString().replace(/\.\d{3}/, "");
