import type { ContentType } from "../audit-feed.ts";
import type { VirtualClock } from "../clock.ts";
import type { DeployedTenant } from "../deployed-tenant.ts";
import type { Json } from "../json.ts";
import type { Host } from "../logic-apps/run-workflow.ts";
import { runUpMs, type CaseBlob } from "./case-content.ts";
import { holds, type Call, type Fault, type FaultKind } from "./fault-kinds.ts";
import { NothingShort } from "../nothing-short.ts";
import type { Observations, ObservedRun } from "./observations.ts";
import { isRotatedSecret, noTime } from "./planned-events.ts";

/** What happens to one request in place of, or after, the service's own answer. */
interface Disturbance {
  /** Which fault of the case it is of; it counts when it has struck or changed an answer. */
  readonly index?: number;
  /** Whether the service gets the request first. */
  readonly served?: boolean;
  readonly answer?: () => Response | Promise<Response>;
  /** There is none: the connection is lost, after this many ms. */
  readonly lostAfterMs?: number;
  readonly rewrite?: (response: Response) => Promise<Response>;
  /** The ingestion says 204 and drops the rows. */
  readonly drops?: boolean;
}

/** A request with its body read. */
interface Sent {
  readonly request: Request;
  readonly url: URL;
  readonly call: Call | undefined;
  readonly text: string;
}

interface ListedEntry {
  readonly contentId: string;
  readonly contentCreated: string;
  contentUri: string;
}

const checkpointBlob = "/checkpoint.json";
const overTimeLimitMs = 130_000;
const answerMs = 200;

/**
 * The network between the playbook and the local cloud, with the faults of a case on it; it notes
 * what passes. Whether a fault that strikes now and then does so follows from the request and from
 * how often it was sent, so that it is the same however requests overtake each other.
 */
export class FaultyNetwork {
  /** Done before the next request goes out: what somebody else does in the middle of a run. */
  readonly interventions: (() => Promise<void>)[] = [];
  private readonly clock: VirtualClock;
  private readonly deployed: DeployedTenant;
  private readonly faults: readonly Fault[];
  private readonly observations: Observations;
  private readonly unreadable: ReadonlyMap<string, CaseBlob>;
  private readonly checkpointHost: string;
  private readonly ownHosts: ReadonlySet<string>;
  private readonly times = new Map<string, number>();
  /** When each token was first seen by the feed. */
  private readonly tokens = new Map<string, number>();
  /** Tables that the workspace once answered a query for shortfalls with; their columns stay. */
  private readonly nothingShort = new NothingShort();

  constructor(props: {
    clock: VirtualClock;
    deployed: DeployedTenant;
    faults: readonly Fault[];
    blobs: readonly CaseBlob[];
    observations: Observations;
  }) {
    this.clock = props.clock;
    this.deployed = props.deployed;
    this.faults = props.faults;
    this.observations = props.observations;
    this.unreadable = new Map(
      props.blobs.filter(({ unreadable }) => unreadable).map((blob) => [blob.contentId, blob]),
    );
    const { parameters } = this.deployed;
    this.checkpointHost = hostOf(parameters["checkpointUri"]!.value);
    this.ownHosts = new Set(Object.values(parameters).map(({ value }) => hostOf(value)));
  }

  /** What a run is surrounded by. */
  hostFor(run: ObservedRun): Pick<Host, "send" | "managedIdentityToken"> {
    return {
      send: (request) => this.send(run, request),
      managedIdentityToken: (identity, audience) => this.identityToken(identity, audience),
    };
  }

  private async identityToken(identity: string | undefined, audience: string): Promise<string> {
    const down = (form: Json | undefined) => {
      switch (form) {
        case "timeOut":
          return "the identity endpoint did not answer";
        case "dropped":
          return "the connection to the identity endpoint was lost";
        default:
          return "the identity endpoint answered 503";
      }
    };
    for (const [index, fault] of this.faults.entries()) {
      if (
        fault.kind === "tokenEndPointDown" &&
        holds(fault, this.clock.now().getTime()) &&
        fault.parameters["whose"] === "identity" &&
        this.strikes(fault, index, audience)
      ) {
        this.observations.injected[index]!++;
        const { form } = fault.parameters;
        await this.clock.sleep(form === "timeOut" ? overTimeLimitMs : answerMs);
        throw new Error(down(form));
      }
    }
    return this.deployed.host.managedIdentityToken(identity, audience);
  }

  private async send(run: ObservedRun, request: Request): Promise<Response> {
    run.requests++;
    for (const intervene of this.interventions.splice(0)) {
      await this.clock.busy(intervene());
    }
    const url = new URL(request.url);
    if (!this.ownHosts.has(url.hostname)) {
      const hasToken = request.headers.has("authorization");
      this.observations.foreignRequests.push({ host: url.hostname, hasToken });
      throw new Error(`getaddrinfo ENOTFOUND ${url.hostname}`);
    }
    const call = this.callOf(request.method, url);
    const text = request.body === null ? "" : await this.clock.busy(request.clone().text());
    const sent = { request, url, call, text };
    const disturbances: Disturbance[] = [];
    for (const [index, fault] of this.faults.entries()) {
      if (holds(fault, this.clock.now().getTime())) {
        const disturbance = this.disturbance(fault, index, sent, run);
        if (disturbance) {
          disturbances.push({ ...disturbance, index });
        }
      }
    }
    const response = await this.answer(run, sent, disturbances);
    if (disturbances.length === 0) {
      await this.clock.busy(this.noteStates(sent, response));
    }
    await this.note(run, sent, response, !disturbances.some(({ drops }) => drops));
    return response;
  }

  private async answer(
    run: ObservedRun,
    sent: Sent,
    disturbances: readonly Disturbance[],
  ): Promise<Response> {
    const lost = disturbances.find(({ lostAfterMs }) => lostAfterMs !== undefined);
    if (lost) {
      this.observations.injected[lost.index!]!++;
      const response = lost.served ? await this.deployed.host.send(sent.request) : undefined;
      await this.clock.sleep(lost.lostAfterMs!);
      if (response?.ok && isIngestion(sent.call)) {
        this.noteIngestion(run, sent, { isTold: false, isStored: true });
      }
      throw new Error("socket hang up");
    }
    const instead = disturbances.find(({ answer }) => answer);
    if (instead) {
      this.observations.injected[instead.index!]!++;
      await this.clock.sleep(answerMs);
      return instead.answer!();
    }
    let response = (await this.knownAnswer(sent)) ?? (await this.deployed.host.send(sent.request));
    const gone = sent.call === "blob" && response.ok ? this.goneAnswer(sent.url) : undefined;
    if (gone) {
      return gone;
    }
    if (sent.call === "query") {
      await this.clock.busy(this.nothingShort.learn(sent.text, response));
    }
    const isTaken = isIngestion(sent.call) && response.status === 204;
    for (const { rewrite } of disturbances) {
      if (rewrite && response.ok) {
        response = await this.clock.busy(rewrite(response));
      }
    }
    if (isTaken && response.status !== 204) {
      this.noteIngestion(run, sent, { isTold: response.ok, isStored: true });
    }
    return response;
  }

  /** Counts for faults that are a state of a service that an answer was given in that state. */
  private async noteStates({ call, url, text }: Sent, response: Response): Promise<void> {
    const { status } = response;
    const begun = (kind: FaultKind) =>
      this.faults.findIndex(
        (fault) => fault.kind === kind && fault.from.getTime() <= this.clock.now().getTime(),
      );
    const count = (kind: FaultKind, isSo: boolean) => {
      if (isSo) {
        this.observations.injected[begun(kind)]!++;
      }
    };
    const has = (...kinds: FaultKind[]) => kinds.some((kind) => begun(kind) >= 0);
    const body = () => response.clone().text();
    if (call === "login" && has("secretRotated")) {
      const secret = new URLSearchParams(text).get("client_secret") ?? "";
      count("secretRotated", status !== 200 || isRotatedSecret(secret));
    }
    if (call === "readCheckpoint" && url.pathname.endsWith(checkpointBlob)) {
      if (has("checkpointMissing")) {
        count("checkpointMissing", status === 404);
      }
      if (status === 200 && has("checkpointEmpty", "checkpointBroken")) {
        const content = await body();
        count("checkpointEmpty", has("checkpointEmpty") && content === "");
        count("checkpointBroken", has("checkpointBroken") && content !== "" && !isWhole(content));
      }
    }
    const isRefused = isFeed(call) && status >= 400;
    if (isRefused && has("consentWithdrawn", "subscriptionDisabled", "firstStart")) {
      const content = await body();
      count("consentWithdrawn", has("consentWithdrawn") && content.includes('"AF10001"'));
      count("subscriptionDisabled", has("subscriptionDisabled") && content.includes('"AF20023"'));
      count("firstStart", has("firstStart") && content.includes('"AF20022"'));
    }
    if (call === "content" && status === 200 && has("partialAtWindowStart")) {
      const { partialAtWindowStart } = this.deployed.feed.traits;
      const start = Date.parse(`${url.searchParams.get("startTime")}Z`);
      const isAtStart = (entriesOf(await body()) ?? []).some(
        ({ contentCreated }) => Date.parse(contentCreated) < start + 1000,
      );
      count("partialAtWindowStart", partialAtWindowStart && isAtStart);
    }
  }

  /**
   * The answer of a query for shortfalls when the table has all that the ledger tells. Asking it of the
   * tables makes them store what waits, which takes longer than all the rest of a run.
   */
  private async knownAnswer({ call, text }: Sent): Promise<Response | undefined> {
    const { observations } = this;
    const answer =
      call !== "query" || observations.hasShortfall()
        ? undefined
        : this.nothingShort.answer(text, observations.health);
    if (answer) {
      await this.clock.sleep(answerMs);
    }
    return answer;
  }

  private goneAnswer(url: URL): Response | undefined {
    const contentId = decodeURIComponent(url.pathname.split("/").at(-1)!);
    switch (this.unreadable.get(contentId)?.unreadable) {
      case "gone":
        return feedError(404, "AF20050", `The specified content (${contentId}) does not exist.`);
      case "error":
        return feedError(500, "AF50000", "An internal server error occurred. Retry the request.");
      default:
        return undefined;
    }
  }

  /** What a fault that holds does to a request, if anything. */
  private disturbance(
    fault: Fault,
    index: number,
    sent: Sent,
    run: ObservedRun,
  ): Disturbance | undefined {
    const { kind, parameters } = fault;
    const { call, url, request, text } = sent;
    if (call === undefined) {
      return undefined;
    }
    const strikes = () => this.strikes(fault, index, `${request.method} ${url.href}`);
    const counted = (rewrite: (response: Response) => Promise<Response>): Disturbance => ({
      rewrite: async (response) => {
        const before = await response.clone().text();
        const changed = await rewrite(response);
        const isChanged =
          before !== (await changed.clone().text()) ||
          changed.status !== response.status ||
          changed.headers.get("nextpageuri") !== response.headers.get("nextpageuri");
        this.observations.injected[index]! += isChanged ? 1 : 0;
        return changed;
      },
    });
    switch (kind) {
      case "feedThrottled": {
        const asked = parameters["call"];
        const isMeant = asked === call || (asked === "both" && isFeed(call));
        return isMeant && strikes()
          ? {
              answer: () =>
                feedError(
                  parameters["status"] as number,
                  "AF429",
                  `Too many requests. Method=${call === "blob" ? "GetBlob" : "ListContent"}, PublisherId=${url.searchParams.get("PublisherIdentifier")}`,
                ),
            }
          : undefined;
      }
      case "ingestionThrottled":
        return isIngestion(call) && strikes()
          ? {
              answer: () =>
                azureError(429, "TooManyRequests", {
                  "retry-after": String(parameters["seconds"]),
                }),
            }
          : undefined;
      case "serverError":
        return call === parameters["call"] && strikes()
          ? { answer: () => new Response("", { status: parameters["status"] as number }) }
          : undefined;
      case "timeOut":
      case "connectionDropped":
        return call === parameters["call"] && strikes()
          ? {
              served: parameters["served"] as boolean,
              lostAfterMs: kind === "timeOut" ? overTimeLimitMs : answerMs,
            }
          : undefined;
      case "truncatedJson":
        return call === parameters["call"] && strikes()
          ? counted(async (response) => {
              const body = await response.text();
              const kept = Math.floor(body.length * (parameters["kept"] as number));
              return new Response(body.slice(0, kept), response);
            })
          : undefined;
      case "malformedJson":
        return call === parameters["call"] && strikes()
          ? counted(async (response) =>
              malformed(parameters["form"] as string, request, text, response),
            )
          : undefined;
      case "tokenEndPointDown":
        return parameters["whose"] === "application" && call === "login" && strikes()
          ? parameters["form"] === "503"
            ? { answer: () => new Response("", { status: 503 }) }
            : { lostAfterMs: parameters["form"] === "timeOut" ? overTimeLimitMs : answerMs }
          : undefined;
      case "tokenExpiredEarly": {
        const token = request.headers.get("authorization") ?? "";
        const now = this.clock.now().getTime();
        const firstSeen = this.tokens.get(token) ?? now;
        if (!isFeed(call)) {
          return undefined;
        }
        this.tokens.set(token, firstSeen);
        return now - firstSeen >= (parameters["seconds"] as number) * 1000
          ? { answer: unauthorized }
          : undefined;
      }
      case "secretDeleted":
        return call === "vault" ? { answer: () => azureError(404, "SecretNotFound") } : undefined;
      case "vaultThrottled":
        return call === "vault" ? { answer: () => azureError(429, "Throttled") } : undefined;
      case "vaultForbidden":
        return call === "vault" ? { answer: () => azureError(403, "Forbidden") } : undefined;
      case "storageDown": {
        const account = parameters["account"];
        const isMeant =
          (account !== "workspace" && (call === "readCheckpoint" || call === "writeCheckpoint")) ||
          (account !== "checkpoint" && call === "workspaceStorage");
        return isMeant && strikes() ? { answer: () => storageError(503, "ServerBusy") } : undefined;
      }
      case "roleNotEffective": {
        const role = parameters["role"];
        if (role === "rule") {
          return isIngestion(call)
            ? { answer: () => azureError(403, "OperationFailed") }
            : undefined;
        }
        if (role === "vault") {
          return call === "vault" ? { answer: () => azureError(403, "Forbidden") } : undefined;
        }
        return ["readCheckpoint", "writeCheckpoint", "workspaceStorage"].includes(call)
          ? { answer: () => storageError(403, "AuthorizationPermissionMismatch") }
          : undefined;
      }
      case "ingestionTooLarge":
        return call === "audit" && Buffer.byteLength(text) > (parameters["bytes"] as number)
          ? { answer: () => azureError(413, "ContentLengthLimitExceeded") }
          : undefined;
      case "ingestionPartialOutage":
        return isIngestion(call) && strikes()
          ? { answer: () => azureError(parameters["status"] as number, "InternalServerError") }
          : undefined;
      case "rowsDropped":
        return call === "audit" && strikes()
          ? { drops: true, answer: () => new Response(null, { status: 204 }) }
          : undefined;
      case "dailyCap":
        return isIngestion(call)
          ? { drops: true, answer: () => new Response(null, { status: 204 }) }
          : undefined;
      case "pageLost":
        return call === "content" && url.searchParams.has("nextPage")
          ? counted((response) =>
              rewriteEntries(response, (entries) => entries.slice(parameters["entries"] as number)),
            )
          : undefined;
      case "pageTwice":
        return call === "content"
          ? counted((response) =>
              this.servedTwice(run, parameters["form"] as string, url, response),
            )
          : undefined;
      case "foreignContentUri":
        return call === "content" && strikes()
          ? counted((response) =>
              rewriteEntries(response, (entries) =>
                entries.map((entry) => ({ ...entry, contentUri: foreign(entry.contentUri) })),
              ),
            )
          : undefined;
      case "foreignNextPage":
        return call === "content"
          ? counted(async (response) => {
              const next = response.headers.get("nextpageuri");
              return next === null ? response : withNextPage(response, foreign(next));
            })
          : undefined;
      default:
        return undefined;
    }
  }

  private async servedTwice(
    run: ObservedRun,
    form: string,
    url: URL,
    response: Response,
  ): Promise<Response> {
    if (form === "entries") {
      return rewriteEntries(response, (entries) => [...entries, ...entries.slice(-2)]);
    }
    const key = `${run.number} twice ${url.href}`;
    const times = this.times.get(key) ?? 0;
    this.times.set(key, times + 1);
    return url.searchParams.has("nextPage") && times === 0
      ? withNextPage(response, url.href)
      : response;
  }

  /** Whether a fault that strikes a share of the requests does so this time. */
  private strikes({ parameters }: Fault, index: number, what: string): boolean {
    const share = parameters["share"] ?? 1;
    if (share === 1) {
      return true;
    }
    const key = `${index} ${what}`;
    const times = this.times.get(key) ?? 0;
    this.times.set(key, times + 1);
    return fractionOf(`${key} ${times}`) < (share as number);
  }

  private async note(
    run: ObservedRun,
    sent: Sent,
    response: Response,
    isStored: boolean,
  ): Promise<void> {
    const { call, url } = sent;
    if (isIngestion(call) && response.status === 204) {
      this.noteIngestion(run, sent, { isTold: true, isStored });
    }
    if (call === "start" && response.ok) {
      this.observations.subscriptionChanges.push({
        contentType: url.searchParams.get("contentType") as ContentType,
        at: this.clock.now().getTime(),
        isOn: true,
      });
    }
    if (call === "writeCheckpoint" && url.pathname.endsWith(checkpointBlob)) {
      run.hasSaved = response.ok;
    }
    if (call === "content") {
      // Not by its start, which is moved when the feed takes the first one no more.
      const page = ["contentType", "endTime", "nextPage"]
        .map((name) => url.searchParams.get(name) ?? "")
        .join(" ");
      const entries = response.ok
        ? entriesOf(await this.clock.busy(response.clone().text()))
        : undefined;
      run.pages.set(page, entries !== undefined);
      // A minute of run-up is listed for the sake of the first second: it belongs to the window before.
      const start = Date.parse(`${url.searchParams.get("startTime")}Z`) + runUpMs;
      for (const { contentId, contentCreated } of entries ?? []) {
        if (!(Date.parse(contentCreated) < start)) {
          run.listed.add(contentId);
        }
      }
    }
  }

  private noteIngestion(
    run: ObservedRun,
    { call, text }: Sent,
    how: { readonly isTold: boolean; readonly isStored: boolean },
  ): void {
    const rows = JSON.parse(text) as unknown[];
    if (call === "health") {
      this.observations.takeHealth(rows, how.isStored);
    } else {
      this.observations.takeRows(run, rows, how);
    }
  }

  /** `undefined` for a request that no fault is meant for. */
  private callOf(method: string, { hostname, pathname }: URL): Call | undefined {
    if (hostname.startsWith("login.")) {
      return "login";
    }
    if (hostname.includes(".vault.")) {
      return "vault";
    }
    if (hostname.includes(".blob.")) {
      if (hostname !== this.checkpointHost) {
        return "workspaceStorage";
      }
      return method === "GET" || method === "HEAD" ? "readCheckpoint" : "writeCheckpoint";
    }
    if (hostname.includes(".ingest.")) {
      return pathname.endsWith("Health") ? "health" : "audit";
    }
    if (hostname.includes("loganalytics")) {
      return "query";
    }
    return feedCalls.find(([path]) => pathname.includes(path))?.[1];
  }
}

const feedCalls: readonly (readonly [string, Call])[] = [
  ["/subscriptions/content", "content"],
  ["/subscriptions/start", "start"],
  ["/audit/", "blob"],
];

const isFeed = (call: Call | undefined) => feedCalls.some(([, each]) => each === call);

const isIngestion = (call: Call | undefined) => call === "audit" || call === "health";

const hostOf = (uri: Json) =>
  typeof uri === "string" && URL.canParse(uri) ? new URL(uri).hostname : "";

const foreign = (uri: string) =>
  uri.replace(/^https:\/\/[^/]+/, "https://feed.attacker.example.org");

const feedError = (status: number, code: string, message: string) =>
  Response.json({ error: { code, message } }, { status });

const azureError = (status: number, code: string, headers: Record<string, string> = {}) =>
  Response.json({ error: { code, message: `The request failed: ${code}.` } }, { status, headers });

const storageError = (status: number, code: string) =>
  new Response(`<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code></Error>`, {
    status,
    headers: { "content-type": "application/xml", "x-ms-error-code": code },
  });

const unauthorized = () =>
  Response.json(
    { Message: "Authorization has been denied for this request." },
    { status: 401, headers: { "www-authenticate": "Bearer" } },
  );

function malformed(form: string, request: Request, text: string, response: Response): Response {
  if (form === "echo") {
    return new Response(`${request.headers.get("authorization")} ${text}`, {
      status: 400,
      headers: { "content-type": "text/plain" },
    });
  }
  const bodies: Record<string, string> = {
    html: "<html><body>Identify yourself</body></html>",
    empty: "",
    null: "null",
    object: "{}",
    number: "5",
  };
  return new Response(bodies[form], {
    // No answer without content has a body.
    status: response.status === 204 ? 200 : response.status,
    headers: { "content-type": "application/json" },
  });
}

/** Whether a checkpoint is one: JSON in which times are times. */
function isWhole(checkpoint: string): boolean {
  try {
    JSON.parse(checkpoint);
    return !checkpoint.includes(noTime);
  } catch {
    return false;
  }
}

/** The entries of a listing; `undefined` when it is none. */
function entriesOf(text: string): ListedEntry[] | undefined {
  try {
    const entries: unknown = JSON.parse(text);
    return Array.isArray(entries) ? (entries as ListedEntry[]) : undefined;
  } catch {
    return undefined;
  }
}

/** A listing with other entries; what another fault made of it is left as it is. */
async function rewriteEntries(
  response: Response,
  change: (entries: ListedEntry[]) => ListedEntry[],
): Promise<Response> {
  const text = await response.text();
  const entries = entriesOf(text);
  return new Response(entries ? JSON.stringify(change(entries)) : text, response);
}

function withNextPage(response: Response, next: string): Response {
  const headers = new Headers(response.headers);
  headers.set("NextPageUri", next);
  return new Response(response.body, { status: response.status, headers });
}

/** From 0 to 1 by a text (FNV-1a, mixed once more so that the last characters count). */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
