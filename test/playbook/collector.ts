import type { Environment, Tenant } from "../../config/environment.ts";
import { loadEnvironment } from "../../config/environment.ts";
import type { ContentType } from "../../local/audit-feed.ts";
import { VirtualClock } from "../../local/clock.ts";
import {
  deployTenant,
  type DeployedTenant,
  type DeployedTenantProps,
} from "../../local/deployed-tenant.ts";
import type { RunOptions, Run } from "../../local/logic-apps/run-workflow.ts";
import { runWorkflow } from "../../local/logic-apps/run-workflow.ts";
import { requestStorage } from "../../local/playbook-storage.ts";

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

/** A record of the feed as a test needs it. */
export type TestRecord = Record<string, unknown> & { Id: string };

/** When the tests' feed has been on for a week. */
export const now = new Date("2026-01-14T10:05:00Z");

/** A while before `now`. */
export const at = (msBeforeNow: number) => new Date(now.getTime() - msBeforeNow);

/** An instant as the checkpoint writes it, in whole seconds. */
export const zulu = (instant: Date) => instant.toISOString().replace(/\.\d{3}/, "");

/** Makes a record that happened a while before `now`. */
export function record(id: string, more: Record<string, unknown> = {}): TestRecord {
  return {
    CreationTime: "2026-01-14T09:00:00",
    Id: id,
    Operation: "MemberAdded",
    OrganizationId: "00000000-0000-4000-8000-000000000101",
    RecordType: 25,
    UserKey: "key",
    UserType: 0,
    Version: 1,
    Workload: "MicrosoftTeams",
    UserId: "owner@contoso.example.org",
    ...more,
  };
}

/** One deployed collector and what a test does with it. */
export class Collector {
  private constructor(
    readonly clock: VirtualClock,
    readonly deployed: DeployedTenant,
    private readonly options: RunOptions,
  ) {}

  /** Sets up dev's contoso at `now`, its subscription on, its checkpoint an hour old. */
  static async start(
    props: Partial<Pick<DeployedTenantProps, "feed">> & {
      tenant?: Partial<Tenant>;
      options?: RunOptions;
      checkpoint?: unknown;
    } = {},
  ): Promise<Collector> {
    // The subscription has to exist before what is published, so the clock starts a week earlier.
    const clock = new VirtualClock(new Date(now.getTime() - 8 * 24 * hourMs));
    const dev = loadEnvironment("config", "dev");
    const environment: Environment = {
      ...dev,
      tenants: { contoso: { ...dev.tenants["contoso"]!, ...props.tenant } },
    };
    const deployed = await deployTenant({
      environment,
      tenantName: "contoso",
      clock,
      seed: 1,
      feed: { startCoolDownPer: "contentType", ...props.feed },
    });
    const collector = new Collector(clock, deployed, props.options ?? {});
    for (const contentType of deployed.tenant.contentTypes) {
      await collector.feed("POST", `start?contentType=${contentType}`);
    }
    await collector.passUntil(now);
    const { checkpoint = checkpointAt(zulu(at(hourMs)), deployed.tenant.contentTypes) } = props;
    if (checkpoint !== null) {
      // No run has been counted in this month.
      await collector.putBlob("checkpoint.json", { number: 20260100000, ...checkpoint });
      await collector.storage("PUT", collector.blobUri("runs/202601.txt"));
    }
    return collector;
  }

  /** Publishes a blob of records, by default half an hour ago. */
  publish(
    records: readonly unknown[] | string,
    {
      created = new Date(this.clock.now().getTime() - 30 * minuteMs),
      listedFrom = created,
      contentType = "Audit.General",
    }: { created?: Date; listedFrom?: Date; contentType?: ContentType } = {},
  ) {
    const body = typeof records === "string" ? records : JSON.stringify(records);
    return this.deployed.feed.publish(this.deployed.tenant.tenantId, contentType, {
      created,
      listedFrom,
      body,
    });
  }

  /** Runs the playbook once. */
  run(options: RunOptions = {}): Promise<Run> {
    const { workflow, parameters, host } = this.deployed;
    return this.clock.run(() =>
      runWorkflow(workflow, { parameters, host, options: { ...this.options, ...options } }),
    );
  }

  /** Runs it that often, and lets time pass after each; gives how they ended. */
  async runs(times: number, everyMs = 15 * minuteMs): Promise<string[]> {
    const statuses: string[] = [];
    while (statuses.length < times) {
      statuses.push((await this.run()).status);
      await this.pass(everyMs);
    }
    return statuses;
  }

  /** Lets time pass without runs. */
  async pass(ms: number): Promise<void> {
    await this.clock.run(() => this.clock.sleep(ms));
  }

  async passUntil(instant: Date): Promise<void> {
    await this.pass(instant.getTime() - this.clock.now().getTime());
  }

  async rows(): Promise<Record<string, unknown>[]> {
    return all(this.deployed.workspace.rows("M365Audit_CL"));
  }

  /** Ids of the records in the table, sorted. */
  async ids(): Promise<unknown[]> {
    return (await this.rows()).map((row) => row["RecordId"]).sort();
  }

  async health(): Promise<Record<string, unknown>[]> {
    return all(this.deployed.workspace.rows("M365AuditHealth_CL"));
  }

  /** The newest health row. */
  async lastHealth(): Promise<Record<string, unknown>> {
    return (await this.health()).at(-1)!;
  }

  /** The checkpoint of a content type. */
  async checkpoint(contentType = "Audit.General"): Promise<Record<string, unknown>> {
    const response = await this.storage("GET", this.blobUri("checkpoint.json"));
    const { contentTypes } = (await response.json()) as {
      contentTypes: Record<string, Record<string, unknown>>;
    };
    return contentTypes[contentType]!;
  }

  async putBlob(name: string, content: unknown): Promise<void> {
    const body = typeof content === "string" ? content : JSON.stringify(content);
    const response = await this.storage("PUT", this.blobUri(name), body);
    if (response.status !== 201) {
      throw new Error(`storage answered ${response.status}: ${await response.text()}`);
    }
  }

  blobUri(name: string): string {
    return `${this.parameter("checkpointUri")}/${name}`;
  }

  parameter(name: string): string {
    return this.deployed.parameters[name]!.value as string;
  }

  /** A request to storage with the playbook's own identity. */
  storage(method: string, uri: string, body?: string): Promise<Response> {
    return requestStorage(this.deployed, method, uri, body);
  }

  /** A subscription request to the feed with the playbook's own credential. */
  async feed(method: string, operation: string): Promise<Response> {
    const { directory, feed, identity } = this.deployed;
    const reader = directory.application(this.parameter("clientId")) ?? identity;
    const token = directory.issueToken(reader, this.parameter("feedAudience"));
    const root = `${this.parameter("feedUri")}/api/v1.0/${this.parameter("m365TenantId")}`;
    return feed.handle(
      new Request(`${root}/activity/feed/subscriptions/${operation}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
      }),
    );
  }
}

/** Cancels a run as soon as the action has ended, or has ended that often. */
export function cancelledAfter(action: string, times = 1): RunOptions {
  const controller = new AbortController();
  let ended = 0;
  return {
    cancelAt: controller.signal,
    onAction: ({ phase, name, status }) => {
      if (phase === "ended" && name === action && status !== "Skipped" && ++ended === times) {
        controller.abort();
      }
    },
  };
}

/** Lets the ingestion answer calls in its own way; gives what lets it work again. */
export function ingestionAnswers(
  { deployed: { ingestion } }: Collector,
  answer: (request: Request, handle: (request: Request) => Promise<Response>) => Promise<Response>,
): () => void {
  const handle = ingestion.handle.bind(ingestion);
  ingestion.handle = (request) => answer(request, handle);
  return () => {
    ingestion.handle = handle;
  };
}

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) {
    found.push(row);
  }
  return found;
}

/** A checkpoint whose content types are all collected through that instant. */
export function checkpointAt(through: string, contentTypes: readonly string[], paused = false) {
  return {
    version: 1,
    paused,
    contentTypes: Object.fromEntries(
      contentTypes.map((contentType) => [
        contentType,
        { through, sweptAt: through, collectFrom: null, startRequestedAt: null },
      ]),
    ),
  };
}
