import { randomUUID } from "node:crypto";

import { Hono, type Context } from "hono";

import type { Clock } from "./clock.ts";
import type { Claims, Directory } from "./directory.ts";
import { isJsonArray, parseJson, stringifyJson } from "./json.ts";
import type { Service } from "./service.ts";

/** The content types of the feed. */
export const CONTENT_TYPES = [
  "Audit.AzureActiveDirectory",
  "Audit.Exchange",
  "Audit.SharePoint",
  "Audit.General",
  "DLP.All",
] as const;

/** One of the content types of the feed. */
export type ContentType = (typeof CONTENT_TYPES)[number];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LIFETIME_MS = 7 * DAY_MS;
const START_WAIT_MS = 15 * 60_000;
const MINUTE_MS = 60_000;
const NO_PUBLISHER = "00000000-0000-0000-0000-000000000000";
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** How the service calls its operations in error texts. */
const OPERATIONS = {
  start: "StartSubscription",
  stop: "StopSubscription",
  list: "ListSubscriptions",
  content: "ListContent",
  blob: "GetBlob",
  notifications: "ListNotifications",
} as const;

/** An operation of the feed: `list` lists subscriptions, `content` lists blobs, `blob` gets one. */
export type FeedOperation = keyof typeof OPERATIONS;

/** A blob as a test or a replay hands it to the feed. */
export interface Publication {
  /** Parts joined by `$`; made up when absent. */
  readonly contentId?: string;
  /** `contentCreated`, by which the listing filters. */
  readonly created: Date;
  /**
   * When the blob appears in listings.
   *
   * @default created
   */
  readonly listedFrom?: Date;
  /**
   * `contentExpiration`.
   *
   * @default seven days after listedFrom
   */
  readonly expires?: Date;
  /** A JSON array of records, served byte for byte; a function is called for each request. */
  readonly body: string | Uint8Array<ArrayBuffer> | (() => string);
}

/** A blob that the feed holds, whether anybody may see it or not. */
export interface OfferedBlob extends Required<Publication> {
  readonly tenantId: string;
  readonly contentType: ContentType;
}

interface Subscription {
  readonly tenantId: string;
  readonly clientId: string;
  readonly contentType: ContentType;
  /** Times in ms; the last period is open while the subscription is enabled. */
  readonly periods: { readonly from: number; to: number }[];
}

/** What Microsoft leaves open, or documents in one way and does in another. */
export interface AuditFeedTraits {
  /**
   * Entries in one listing; Microsoft does not publish its own.
   *
   * @default 200
   */
  readonly pageSize?: number;
  /**
   * Requests a minute of one publisher in one tenant.
   *
   * @default 2000
   */
  readonly requestsPerMinute?: number;
  /**
   * Which minute the quota counts: the last 60 seconds at any instant, or that of the clock, in which
   * twice the quota fits around a full minute. Not documented.
   *
   * @default rolling
   */
  readonly quotaWindow?: "rolling" | "clockMinute";
  /**
   * Requests a minute that the rest of the world takes from the quota of those who name no publisher.
   *
   * @default 0
   */
  readonly sharedQuotaUsed?: number;
  /**
   * Status of a throttled answer: 403 is documented
   * (https://learn.microsoft.com/en-us/office/office-365-management-api/troubleshooting-the-office-365-management-activity-api),
   * 429 was reported for starts (https://github.com/elastic/integrations/pull/15476).
   *
   * @default 403
   */
  readonly throttledStatus?: 403 | 429;
  /**
   * Whose start requests wait for each other: Microsoft does not say, so the default is the worst.
   *
   * @default tenant
   */
  readonly startCoolDownPer?: "contentType" | "application" | "tenant";
  /**
   * How long after the very first start there is no content: up to 12 hours are documented, two
   * minutes were observed.
   *
   * @default 0
   */
  readonly silentAfterFirstStartMs?: number;
  /**
   * How far content reaches back before the very first start: nothing is documented, 22 hours were
   * observed (https://github.com/rknightion/graph2otel).
   *
   * @default 0
   */
  readonly contentBeforeFirstStartMs?: number;
  /**
   * How long a subscription that was stopped and started again still counts as disabled
   * (https://github.com/MicrosoftDocs/office-365-management-api/issues/479).
   *
   * @default 0
   */
  readonly disabledAfterRestartMs?: number;
  /**
   * What becomes of a window over 24 hours: refused as observed, or, as documented, answered with part
   * of the content: here that of its first 24 hours.
   *
   * @default refused
   */
  readonly longWindows?: "refused" | "cut";
  /**
   * Whether a blob that was listed by a window starting in the very second of its creation comes back
   * with the first half of its records, until a window with another start lists it
   * (https://github.com/elastic/beats/blob/03c6d513feba9884c89ed3f86f83fc095b9517d0/x-pack/filebeat/input/o365audit/listblobs.go).
   *
   * @default false
   */
  readonly partialAtWindowStart?: boolean;
}

export interface AuditFeedProps extends AuditFeedTraits {
  readonly clock: Clock;
  readonly directory: Directory;
  /**
   * The host of one cloud: manage.office.com, manage-gcc.office.com, manage.office365.us or
   * manage.protection.apps.mil.
   *
   * @default manage.office.com
   */
  readonly host?: string;
}

const defaultTraits: Required<AuditFeedTraits> = {
  pageSize: 200,
  requestsPerMinute: 2000,
  quotaWindow: "rolling",
  sharedQuotaUsed: 0,
  throttledStatus: 403,
  startCoolDownPer: "tenant",
  silentAfterFirstStartMs: 0,
  contentBeforeFirstStartMs: 0,
  disabledAfterRestartMs: 0,
  longWindows: "refused",
  partialAtWindowStart: false,
};

/**
 * The Office 365 Management Activity API of one cloud
 * (https://learn.microsoft.com/en-us/office/office-365-management-api/office-365-management-activity-api-reference).
 * Where Microsoft is silent it takes the reading that is worse for a collector: content created while
 * a subscription is off is neither listed nor fetchable, fractions of seconds in times are cut, and an
 * end in the future is no error, so that nobody is told that the rest of the window is yet to come.
 */
export class AuditFeed implements Service {
  /** Sees each request first, and answers it in the service's place when it returns a response. */
  before?: (request: Request) => Promise<Response | undefined>;
  /** Requests answered since the start, by operation, refused ones included. */
  readonly requests: Record<FeedOperation, number> = {
    start: 0,
    stop: 0,
    list: 0,
    content: 0,
    blob: 0,
    notifications: 0,
  };
  /** Requests that named no `PublisherIdentifier` and so drew on the quota that all such share. */
  requestsWithoutPublisher = 0;
  /** May be changed at any time, as the service may. */
  traits: Required<AuditFeedTraits>;

  private readonly clock: Clock;
  private readonly directory: Directory;
  private readonly host: string;
  private readonly app: Hono;
  private readonly blobs = new Map<string, OfferedBlob>();
  /** Blobs of one tenant and content type, in the order in which they become available. */
  private readonly listings = new Map<string, OfferedBlob[]>();
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly lastStarts = new Map<string, number>();
  /** Times in ms of the requests of a publisher that still count. */
  private readonly quotas = new Map<string, number[]>();
  /** Content ids that come back with half of their records. */
  private readonly partial = new Set<string>();

  constructor({ clock, directory, host = "manage.office.com", ...traits }: AuditFeedProps) {
    this.clock = clock;
    this.directory = directory;
    this.host = host;
    const given = Object.entries(traits).filter(([, trait]) => trait !== undefined);
    this.traits = { ...defaultTraits, ...Object.fromEntries(given) };
    // The documented next-page sample says v1 where every other address says v1.0.
    const feed = "/api/:version{v1|v1\\.0}/:tenant/activity/feed";
    this.app = new Hono()
      .post(
        `${feed}/subscriptions/start`,
        this.operation("start", (call) => this.start(call)),
      )
      .post(
        `${feed}/subscriptions/stop`,
        this.operation("stop", (call) => this.stop(call)),
      )
      .get(
        `${feed}/subscriptions/list`,
        this.operation("list", (call) => this.list(call)),
      )
      .get(
        `${feed}/subscriptions/content`,
        this.operation("content", (call) => this.content(call)),
      )
      .get(
        `${feed}/subscriptions/notifications`,
        this.operation("notifications", (call) => this.notifications(call)),
      )
      .get(
        `${feed}/audit/:contentId`,
        this.operation("blob", (call) => this.blob(call)),
      )
      .notFound(({ req }) =>
        Response.json(
          { Message: `No HTTP resource was found that matches the request URI '${req.url}'.` },
          { status: 404 },
        ),
      );
  }

  serves(host: string): boolean {
    return host === this.host;
  }

  async handle(request: Request): Promise<Response> {
    const planned = await this.before?.(request);
    if (planned) {
      return planned;
    }
    const response = await this.app.fetch(request);
    // Collectors read the service's clock from this header.
    response.headers.set("date", this.clock.now().toUTCString());
    return response;
  }

  /** Puts a blob into the feed; what is already there under the same id must not be published again. */
  publish(tenantId: string, contentType: ContentType, publication: Publication): OfferedBlob {
    const { created, listedFrom = created, body } = publication;
    const expires = publication.expires ?? new Date(listedFrom.getTime() + LIFETIME_MS);
    const contentId = publication.contentId ?? this.newContentId(contentType, created);
    if (!isContentId(contentId)) {
      throw new Error(`contentId must consist of parts joined by $, got ${contentId}`);
    }
    if (this.blobs.has(contentId)) {
      throw new Error(`contentId must be new to the feed, got ${contentId}`);
    }
    const tenant = tenantId.toLowerCase();
    const blob = { tenantId: tenant, contentType, contentId, created, listedFrom, expires, body };
    this.blobs.set(contentId, blob);
    const listing = this.listing(tenant, contentType);
    let index = listing.length;
    while (index > 0 && listing[index - 1]!.listedFrom > listedFrom) {
      index--;
    }
    listing.splice(index, 0, blob);
    return blob;
  }

  /** Everything that was ever published, in the order of publication. */
  offered(): Iterable<OfferedBlob> {
    return this.blobs.values();
  }

  /** What every operation checks before its own work. */
  private operation(
    name: FeedOperation,
    work: (call: Call) => Promise<Response> | Response,
  ): (context: Context) => Promise<Response> {
    return async ({ req }) => {
      this.requests[name]++;
      const { problem, claims } = this.directory.verifyToken(
        req.header("authorization") ?? null,
        `https://${this.host}`,
      );
      if (problem) {
        return Response.json(
          { Message: "Authorization has been denied for this request." },
          { status: 401, headers: { "www-authenticate": "Bearer" } },
        );
      }
      try {
        const call = new Call(req.raw, name, req.param(), claims);
        this.checkTenant(call);
        call.requireRole("ActivityFeed.Read");
        this.countAgainstQuota(call);
        return await work(call);
      } catch (error) {
        if (error instanceof FeedError) {
          return Response.json(
            { error: { code: error.code, message: error.message } },
            { status: error.status },
          );
        }
        throw error;
      }
    };
  }

  private async start(call: Call): Promise<Response> {
    const contentType = call.contentType();
    const webhook = webhookAddress(await call.request.text());
    if (webhook !== undefined) {
      throw new FeedError(
        "AF20021",
        `The webhook endpoint (${webhook}) could not be validated. The endpoint did not return HTTP 200.`,
      );
    }
    this.checkStartCoolDown(call, contentType);
    const { tenantId, clientId } = call;
    if (!this.directory.tenant(tenantId)?.auditing) {
      // Cut in two at "AppId" just as the service does it.
      throw new FeedError(
        `StartSubscription [CorrId=${randomUUID()}][TenantId=${tenantId},ContentType=${contentType},ApplicationId=${clientId},PublisherId=${call.publisher}][AppId`,
        `${clientId}] failed. Exception: Microsoft.Office.Compliance.Audit.DataServiceException: Tenant ${tenantId} does not exist.`,
      );
    }
    const key = subscriptionKey(tenantId, clientId, contentType);
    const subscription = this.subscriptions.get(key) ?? {
      tenantId,
      clientId,
      contentType,
      periods: [],
    };
    if (isEnabled(subscription)) {
      throw new FeedError("AF20024", "The subscription is already enabled. No property change.");
    }
    subscription.periods.push({ from: this.now(), to: Infinity });
    this.subscriptions.set(key, subscription);
    return Response.json(described(subscription));
  }

  private stop(call: Call): Response {
    const subscription = this.enabledSubscription(call, call.contentType());
    subscription.periods.at(-1)!.to = this.now();
    return new Response(null, { status: 200 });
  }

  private list({ tenantId, clientId }: Call): Response {
    const own = [...this.subscriptions.values()].filter(
      (each) => each.tenantId === tenantId && each.clientId === clientId,
    );
    return Response.json(own.map(described));
  }

  private content(call: Call): Response {
    const contentType = call.contentType();
    const subscription = this.enabledSubscription(call, contentType);
    const window = this.window(call);
    const from = this.position(call, contentType, window);
    const now = this.clock.now();
    const listing = this.listing(call.tenantId, contentType);
    const page: OfferedBlob[] = [];
    // Nothing that was listed before the window was created in it.
    const first = Math.max(from, firstFrom(listing, window.start));
    for (let index = first; index < listing.length; index++) {
      const blob = listing[index]!;
      if (blob.listedFrom > now) {
        break;
      }
      if (
        blob.created < window.start ||
        blob.created >= window.end ||
        !this.covers(subscription, blob)
      ) {
        continue;
      }
      if (page.length === this.traits.pageSize) {
        return this.page(page, this.nextPageUri(call, contentType, window, index));
      }
      this.noteStart(blob, window);
      page.push(blob);
    }
    return this.page(page);
  }

  private blob(call: Call): Response {
    const { contentId } = call;
    if (!isContentId(contentId)) {
      throw new FeedError("AF20052", `Content ID ${contentId} in the URL is invalid.`);
    }
    const blob = this.blobs.get(contentId);
    if (!blob || blob.tenantId !== call.tenantId || blob.listedFrom > this.clock.now()) {
      throw unknownContent(contentId);
    }
    call.requireRoleFor(blob.contentType);
    if (!this.covers(this.enabledSubscription(call, blob.contentType), blob)) {
      throw unknownContent(contentId);
    }
    if (blob.expires <= this.clock.now()) {
      throw new FeedError(
        "AF20051",
        `Content requested with the key ${contentId} has already expired. Content older than 7 days cannot be retrieved.`,
      );
    }
    const whole = typeof blob.body === "function" ? blob.body() : blob.body;
    const body = this.partial.has(contentId) ? firstHalf(whole) : whole;
    return new Response(body, { headers: { "content-type": "application/json; charset=utf-8" } });
  }

  // Notifications tell the history of webhooks, of which the local feed has none.
  private notifications(call: Call): Response {
    this.enabledSubscription(call, call.contentType());
    this.window(call);
    return Response.json([]);
  }

  private checkTenant({ tenantInUrl, claims }: Call): void {
    if (!GUID.test(tenantInUrl)) {
      throw new FeedError(
        "AF20013",
        `The tenant ID passed in the URL (${tenantInUrl}) is not a valid GUID.`,
      );
    }
    if (tenantInUrl.toLowerCase() !== claims.tid) {
      throw new FeedError(
        "AF20010",
        `The tenant ID passed in the URL (${tenantInUrl}) does not match the tenant ID passed in the access token (${claims.tid}).`,
      );
    }
    if (!this.directory.tenant(claims.tid)) {
      throw new FeedError(
        "AF20011",
        `Specified tenant ID (${claims.tid}) does not exist in the system or has been deleted.`,
      );
    }
  }

  /** Refused requests do not count. */
  private countAgainstQuota({ operation, publisher, tenantId }: Call): void {
    const { requestsPerMinute, quotaWindow, sharedQuotaUsed, throttledStatus } = this.traits;
    const shared = publisher === NO_PUBLISHER;
    if (shared) {
      this.requestsWithoutPublisher++;
    }
    const now = this.now();
    const key = shared ? NO_PUBLISHER : `${tenantId} ${publisher}`;
    const since = quotaWindow === "rolling" ? now - MINUTE_MS + 1 : now - (now % MINUTE_MS);
    const counted = this.quotas.get(key) ?? [];
    const current = counted.findIndex((time) => time >= since);
    counted.splice(0, current < 0 ? counted.length : current);
    this.quotas.set(key, counted);
    if (counted.length >= requestsPerMinute - (shared ? sharedQuotaUsed : 0)) {
      throw new FeedError(
        "AF429",
        `Too many requests. Method=${OPERATIONS[operation]}, PublisherId=${publisher}`,
        throttledStatus,
      );
    }
    counted.push(now);
  }

  private checkStartCoolDown({ tenantId, clientId }: Call, contentType: ContentType): void {
    const key = {
      tenant: tenantId,
      application: `${tenantId} ${clientId}`,
      contentType: subscriptionKey(tenantId, clientId, contentType),
    }[this.traits.startCoolDownPer];
    const waitMs = (this.lastStarts.get(key) ?? -Infinity) + START_WAIT_MS - this.now();
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000);
      throw new FeedError(
        "429",
        `Too many frequent subscription start requests. Please retry again after ${Math.floor(seconds / 60)}m ${seconds % 60}s.`,
        this.traits.throttledStatus,
      );
    }
    this.lastStarts.set(key, this.now());
  }

  private enabledSubscription(
    { tenantId, clientId }: Call,
    contentType: ContentType,
  ): Subscription {
    const subscription = this.subscriptions.get(subscriptionKey(tenantId, clientId, contentType));
    if (!subscription) {
      throw new FeedError("AF20022", "No subscription found for the specified content type.");
    }
    const { periods } = subscription;
    const restarting =
      periods.length > 1 && this.now() < periods.at(-1)!.from + this.traits.disabledAfterRestartMs;
    if (!isEnabled(subscription) || restarting) {
      throw new FeedError("AF20023", "The subscription was disabled.");
    }
    return subscription;
  }

  private window(call: Call): Window {
    const startText = call.parameter("startTime");
    const endText = call.parameter("endTime");
    if (startText === undefined && endText === undefined) {
      // The documents disagree: "the last 24 hours" or, less, "today from 00:00 UTC".
      const today = this.clock.now().toISOString().slice(0, 10);
      return window(`${today}T00:00:00`, this.clock.now().toISOString().slice(0, 19));
    }
    if (startText === undefined || endText === undefined) {
      throw new FeedError(
        "AF20030",
        "Start time and end time must both be specified (or both omitted) and must be less than or equal to 24 hours apart, with the start time no more than 7 days in the past.",
      );
    }
    const asked = window(startText, endText);
    const { start, end } = asked;
    const lengthMs = end.getTime() - start.getTime();
    const tooLong = lengthMs > DAY_MS;
    // Exactly seven days are refused too, as they are in practice once the request has travelled:
    // https://github.com/elastic/integrations/pull/8402
    if (
      lengthMs <= 0 ||
      (tooLong && this.traits.longWindows === "refused") ||
      this.now() - start.getTime() >= LIFETIME_MS
    ) {
      throw new FeedError(
        "AF20055",
        "Start time and end time must both be specified (or both omitted) and must be less than or equal to 24 hours apart, with the start time prior to end time and start time no more than 7 days in the past.",
      );
    }
    return tooLong ? { ...asked, end: new Date(start.getTime() + DAY_MS) } : asked;
  }

  /** Where in the listing to go on: a page is one of the content type and times that it was made for. */
  private position(call: Call, contentType: ContentType, asked: Window): number {
    const nextPage = call.parameter("nextPage");
    if (nextPage === undefined) {
      return 0;
    }
    const index = /^(\d{1,12})R/.exec(nextPage)?.[1] ?? "";
    if (nextPage !== pageToken(Number(index), contentType, asked)) {
      throw new FeedError("AF20031", `Invalid nextPage Input: ${nextPage}.`);
    }
    return Number(index);
  }

  /** Whether the subscription has the blob: it was on at its creation, and is not still silent. */
  private covers({ periods }: Subscription, { created }: OfferedBlob): boolean {
    const { silentAfterFirstStartMs, contentBeforeFirstStartMs } = this.traits;
    const at = created.getTime();
    const first = periods[0]!.from;
    return (
      this.now() >= first + silentAfterFirstStartMs &&
      periods.some(
        ({ from, to }) =>
          at >= (from === first ? from - contentBeforeFirstStartMs : from) && at < to,
      )
    );
  }

  private noteStart({ contentId, created }: OfferedBlob, { start }: Window): void {
    const atStart = created.getTime() < start.getTime() + 1000;
    if (atStart && this.traits.partialAtWindowStart) {
      this.partial.add(contentId);
    } else {
      this.partial.delete(contentId);
    }
  }

  private page(blobs: readonly OfferedBlob[], nextPageUri?: string): Response {
    const entries = blobs.map(({ contentType, contentId, tenantId, created, expires }) => ({
      contentType,
      contentId,
      contentUri: `https://${this.host}/api/v1.0/${tenantId}/activity/feed/audit/${contentId}`,
      contentCreated: created.toISOString(),
      contentExpiration: expires.toISOString(),
    }));
    return Response.json(entries, { headers: nextPageUri ? { NextPageUri: nextPageUri } : {} });
  }

  /** The times as they were asked for and no publisher, as in the documented sample. */
  private nextPageUri(call: Call, contentType: ContentType, asked: Window, index: number): string {
    const query = new URLSearchParams({
      contentType,
      startTime: asked.startText,
      endTime: asked.endText,
      nextPage: pageToken(index, contentType, asked),
    });
    return `https://${this.host}/api/v1/${call.tenantId}/activity/feed/subscriptions/content?${query.toString()}`;
  }

  private listing(tenantId: string, contentType: ContentType): OfferedBlob[] {
    const key = `${tenantId} ${contentType}`;
    const listing = this.listings.get(key) ?? [];
    this.listings.set(key, listing);
    return listing;
  }

  private newContentId(contentType: ContentType, created: Date): string {
    const stamp = created.toISOString().replace(/\D/g, "");
    const number = String(this.blobs.size).padStart(9, "0");
    const type = contentType.replace(".", "_");
    return `${stamp}${number}$${stamp}${number}$${type.toLowerCase()}$${type}$emea0000`;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

interface Window {
  readonly start: Date;
  readonly end: Date;
  readonly startText: string;
  readonly endText: string;
}

/** One request whose token was accepted. */
class Call {
  readonly tenantInUrl: string;
  readonly contentId: string;
  private readonly query: URLSearchParams;

  constructor(
    readonly request: Request,
    readonly operation: FeedOperation,
    path: Readonly<Record<string, string>>,
    readonly claims: Claims,
  ) {
    this.tenantInUrl = path.tenant ?? "";
    this.contentId = path.contentId ?? "";
    this.query = new URL(request.url).searchParams;
  }

  get tenantId(): string {
    return this.claims.tid;
  }

  get clientId(): string {
    return this.claims.appid;
  }

  /** The bucket of the quota; all who name none share one. */
  get publisher(): string {
    const publisher = this.parameter("PublisherIdentifier");
    if (publisher !== undefined && !GUID.test(publisher)) {
      throw wrongType("PublisherIdentifier", "guid");
    }
    return publisher?.toLowerCase() ?? NO_PUBLISHER;
  }

  /** A query parameter; the service does not care for the case of its name. */
  parameter(name: string): string | undefined {
    for (const [key, value] of this.query) {
      if (key.toLowerCase() === name.toLowerCase() && value !== "") {
        return value;
      }
    }
    return undefined;
  }

  contentType(): ContentType {
    const given = this.parameter("contentType");
    if (given === undefined) {
      throw new FeedError("AF20001", "Missing parameter: contentType.");
    }
    const contentType = CONTENT_TYPES.find((each) => each.toLowerCase() === given.toLowerCase());
    if (!contentType) {
      throw new FeedError("AF20020", "The specified content type is not valid.");
    }
    this.requireRoleFor(contentType);
    return contentType;
  }

  requireRoleFor(contentType: ContentType): void {
    if (contentType === "DLP.All") {
      this.requireRole("ActivityFeed.ReadDlp");
    }
  }

  requireRole(role: string): void {
    const roles = this.claims.roles ?? [];
    if (!roles.includes(role)) {
      throw new FeedError(
        "AF10001",
        `The permission set (${roles.join(" ")}) sent in the request does not include the expected permission.`,
        401,
      );
    }
  }
}

class FeedError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

function window(startText: string, endText: string): Window {
  return {
    start: instant("startTime", startText),
    end: instant("endTime", endText),
    startText,
    endText,
  };
}

/** Reads a time in UTC; `Z` and a fraction are accepted, as observed, and the fraction is cut. */
function instant(name: string, text: string): Date {
  const found = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?:(:\d\d)(?:\.\d+)?)?Z?)?$/.exec(text);
  const [, day = "", time = "00:00", seconds = ":00"] = found ?? [];
  const result = new Date(`${day}T${time}${seconds}Z`);
  if (Number.isNaN(result.getTime())) {
    throw wrongType(name, "datetime");
  }
  return result;
}

function webhookAddress(body: string): string | undefined {
  if (body === "") {
    return undefined;
  }
  try {
    const { webhook } = JSON.parse(body) as { webhook?: { address?: string } | null };
    return webhook ? String(webhook.address) : undefined;
  } catch {
    throw wrongType("body", "json");
  }
}

function pageToken(index: number, contentType: ContentType, asked: Window): string {
  const times = `${asked.startText}${asked.endText}`.replace(/\D/g, "");
  return `${index}R${times}${CONTENT_TYPES.indexOf(contentType)}`;
}

/** A body with the first half of its records, or as it is when it has just one. */
function firstHalf(body: string | Uint8Array<ArrayBuffer>): string | Uint8Array<ArrayBuffer> {
  const records = parseJson(typeof body === "string" ? body : new TextDecoder().decode(body));
  return isJsonArray(records) && records.length > 1
    ? stringifyJson(records.slice(0, Math.floor(records.length / 2)))
    : body;
}

const wrongType = (name: string, type: string) =>
  new FeedError("AF20002", `Invalid parameter type: ${name}. Expected type: ${type}`);

const unknownContent = (contentId: string) =>
  new FeedError("AF20050", `The specified content (${contentId}) does not exist.`, 404);

const isContentId = (contentId: string) => /^[\w.-]+(\$[\w.-]+)+$/.test(contentId);

const subscriptionKey = (tenantId: string, clientId: string, contentType: ContentType) =>
  `${tenantId} ${clientId} ${contentType}`;

const isEnabled = ({ periods }: Subscription) => periods.at(-1)?.to === Infinity;

const described = (subscription: Subscription) => ({
  contentType: subscription.contentType,
  status: isEnabled(subscription) ? "enabled" : "disabled",
  webhook: null,
});

/** The place of the first blob, in the order of listing, that is listed at an instant or later. */
function firstFrom(listing: readonly OfferedBlob[], instant: Date): number {
  let [low, high] = [0, listing.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (listing[middle]!.listedFrom < instant) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
