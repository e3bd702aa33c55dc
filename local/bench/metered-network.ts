import type { Clock } from "../clock.ts";
import { dispatch } from "../cloud.ts";
import type { DeployedTenant } from "../deployed-tenant.ts";
import type { HealthRow } from "../faults/observations.ts";
import { hostKind } from "../network.ts";
import { NothingShort } from "../nothing-short.ts";
import type { Latencies, RequestKind } from "./latency-model.ts";

/** What went over the network in one second of the clock, and what the engine started in it. */
export interface MeteredSecond {
  /** Seconds since 1970. */
  readonly second: number;
  /** To the audit API, refused ones included. */
  feedRequests: number;
  feedRefused: number;
  actions: number;
  /** Bytes of the bodies of all requests and answers. */
  contentBytes: number;
}

/** When the rows of one blob were all accepted by the ingestion. */
export interface AcceptedBlob {
  readonly contentId: string;
  readonly rows: number;
  readonly at: Date;
}

export interface MeteredNetworkProps {
  readonly clock: Clock;
  readonly deployed: Pick<DeployedTenant, "services">;
  readonly latencies: Latencies;
  /**
   * What becomes of rows: stored in the workspace, or only counted, which is several times faster.
   * Queries then find nothing at all.
   */
  readonly ingestion: "stored" | "counted";
  /** Told of the rows of a blob that were accepted in one call. */
  readonly onAccepted?: (blob: AcceptedBlob) => void;
}

const rowStream = /\/streams\/Custom-M365Audit\?/;
/** Behind the record in each row that the playbook makes; ids of the bench hold nothing else. */
const contentIdOfRow = /"ContentId":"([\w.$-]+)","RecordIndex"/g;

/** The network between the playbook and the local cloud: as slow as a model says, and measured. */
export class MeteredNetwork {
  /** By time; seconds without anything are absent. */
  readonly seconds: MeteredSecond[] = [];
  readonly requests: Record<RequestKind, number> = {
    signIn: 0,
    vault: 0,
    storage: 0,
    listing: 0,
    blob: 0,
    ingestion: 0,
    query: 0,
  };
  /** Calls to the ingestion with rows of blobs that were accepted. */
  rowCalls = 0;
  /** Rows of the health table. */
  private readonly health: HealthRow[] = [];
  private readonly nothingShort = new NothingShort();

  constructor(private readonly props: MeteredNetworkProps) {}

  /** Counts an action that the engine starts. */
  noteAction(): void {
    this.second().actions++;
  }

  /** Answers as the service does, after the time that the model says. */
  async send(request: Request): Promise<Response> {
    const { clock, latencies } = this.props;
    const url = new URL(request.url);
    const kind = kindOf(url);
    this.requests[kind]++;
    const isFeed = kind === "listing" || kind === "blob";
    const sent = request.body === null ? undefined : await clock.busy(request.arrayBuffer());
    await clock.sleep(latencies.answerMs(kind) + latencies.transferMs(kind, sent?.byteLength ?? 0));
    const again = sent
      ? new Request(request.url, {
          method: request.method,
          headers: request.headers,
          redirect: "manual",
          body: sent,
        })
      : request;
    const answer = await clock.busy(this.answer(url, again, sent));
    const received = await clock.busy(answer.arrayBuffer());
    const bytes = received.byteLength;
    const second = this.second();
    second.contentBytes += bytes + (sent?.byteLength ?? 0);
    if (isFeed) {
      second.feedRequests++;
      second.feedRefused += answer.status === 403 || answer.status === 429 ? 1 : 0;
    }
    if (bytes > 0) {
      await clock.sleep(latencies.transferMs(kind, bytes));
    }
    // Handed on as it is, read already: to copy each answer takes time, and the engine asks for no more.
    return Object.defineProperties(answer, {
      arrayBuffer: { value: async () => received },
      text: { value: async () => Buffer.from(received).toString() },
    });
  }

  private async answer(
    url: URL,
    request: Request,
    sent: ArrayBuffer | undefined,
  ): Promise<Response> {
    const { deployed, ingestion } = this.props;
    const kind = kindOf(url);
    if (kind === "query") {
      return this.answerQuery(request, Buffer.from(sent!).toString());
    }
    const answer =
      ingestion === "counted" && kind === "ingestion"
        ? new Response(null, { status: 204 })
        : await dispatch(deployed.services, request);
    if (kind === "ingestion" && answer.status === 204) {
      if (rowStream.test(url.pathname + url.search)) {
        this.rowCalls++;
        this.noteRows(Buffer.from(sent!).toString("latin1"));
      } else if (ingestion === "stored") {
        this.health.push(...(JSON.parse(Buffer.from(sent!).toString()) as HealthRow[]));
      }
    }
    return answer;
  }

  /** Nothing that was accepted is ever missing here. */
  private async answerQuery(request: Request, body: string): Promise<Response> {
    const { deployed, ingestion } = this.props;
    if (ingestion === "counted") {
      return Response.json({ tables: [{ name: "PrimaryResult", columns: [], rows: [] }] });
    }
    const known = this.nothingShort.answer(body, this.health);
    if (known) {
      return known;
    }
    const answer = await dispatch(deployed.services, request);
    await this.nothingShort.learn(body, answer);
    return answer;
  }

  private noteRows(text: string): void {
    const rows = new Map<string, number>();
    for (const [, contentId] of text.matchAll(contentIdOfRow)) {
      rows.set(contentId!, (rows.get(contentId!) ?? 0) + 1);
    }
    const at = this.props.clock.now();
    for (const [contentId, count] of rows) {
      this.props.onAccepted?.({ contentId, rows: count, at });
    }
  }

  private second(): MeteredSecond {
    const second = Math.floor(this.props.clock.now().getTime() / 1000);
    const last = this.seconds.at(-1);
    if (last?.second === second) {
      return last;
    }
    const next = { second, feedRequests: 0, feedRefused: 0, actions: 0, contentBytes: 0 };
    this.seconds.push(next);
    return next;
  }
}

function kindOf({ hostname, pathname }: URL): RequestKind {
  const kind = hostKind(hostname);
  switch (kind) {
    case "login":
      return "signIn";
    case "feed":
      return pathname.includes("/audit/") ? "blob" : "listing";
    default:
      return kind;
  }
}
