import {
  createHttpHeaders,
  createPipelineRequest,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import { z } from "zod";
import type { ConnectionOptions } from "./connection-options.ts";
import { feedAnswerProblem, type FeedAnswer } from "./feed-answer-problem.ts";
import { FeedProblem } from "./feed-problem.ts";
import type { FeedTarget } from "./feed-target.ts";
import { parseJson } from "./parse-json.ts";
import { requestPipeline } from "./request-pipeline.ts";

/** How a request to start a subscription ended. */
export type StartAnswer =
  | { readonly outcome: "started" }
  | { readonly outcome: "already on" }
  /** The API takes one start in 15 minutes; `waitMs` until the next. */
  | { readonly outcome: "cooling down"; readonly waitMs: number };

const startCoolDownMs = 15 * 60_000;

const subscriptions = z.array(
  z.looseObject({ contentType: z.string(), status: z.string().nullish() }),
);
const failure = z.object({
  error: z.looseObject({ code: z.coerce.string(), message: z.string().catch("") }),
});

/**
 * The subscriptions and the content of one tenant in the Office 365 Management Activity API, as its
 * collector's application sees them. Every method fails with a FeedProblem.
 *
 * @see https://learn.microsoft.com/en-us/office/office-365-management-api/office-365-management-activity-api-reference
 */
export class FeedApi {
  private readonly target: FeedTarget;
  private readonly clientId: string;
  private readonly credential: TokenCredential;
  private readonly request: ReturnType<typeof requestPipeline>;

  constructor(
    target: FeedTarget,
    clientId: string,
    credential: TokenCredential,
    options: ConnectionOptions = {},
  ) {
    this.target = target;
    this.clientId = clientId;
    this.credential = credential;
    this.request = requestPipeline(options);
  }

  /** The application permissions in the application's token. */
  async permissions(): Promise<readonly string[]> {
    const claims = Buffer.from((await this.token()).split(".")[1] ?? "", "base64url").toString();
    try {
      return z.object({ roles: z.array(z.string()).default([]) }).parse(JSON.parse(claims)).roles;
    } catch {
      return []; // the token is the API's to read, and its form may change
    }
  }

  /** The content types that are on, by their names in lower case: the API writes them in several ways. */
  async contentTypesOn(): Promise<ReadonlyMap<string, string>> {
    const response = await this.send("GET", "list");
    if (response.status !== 200) {
      throw this.problem(response);
    }
    const listed = subscriptions.safeParse(parseJson(response.bodyAsText));
    if (!listed.success) {
      throw new FeedProblem(
        `${this.host} answered the list of subscriptions with something else: repeat the command; behind a proxy check that it lets this host through`,
      );
    }
    return new Map(
      listed.data
        .filter(({ status }) => status?.toLowerCase() === "enabled")
        .map(({ contentType }) => [contentType.toLowerCase(), contentType]),
    );
  }

  /** Starts the subscription of a content type. */
  async start(contentType: string): Promise<StartAnswer> {
    const response = await this.send("POST", "start", contentType);
    if (response.status === 200) {
      return { outcome: "started" };
    }
    const answer = answerOf(response);
    // Not in the API's table of codes: https://github.com/microsoft/coe-starter-kit/issues/2807
    if (answer.code === "AF20024") {
      return { outcome: "already on" };
    }
    // Seen as 403 and as 429: https://github.com/opensearch-project/data-prepper/pull/6231
    if (response.status === 429 || answer.code === "429") {
      return { outcome: "cooling down", waitMs: waitOf(answer, response) };
    }
    throw this.problem(response, contentType);
  }

  /** Stops the subscription of a content type; one that is off stays off. */
  async stop(contentType: string): Promise<void> {
    const response = await this.send("POST", "stop", contentType);
    const isOff = ["AF20022", "AF20023"].includes(answerOf(response).code ?? "");
    if (response.status !== 200 && !isOff) {
      throw this.problem(response, contentType);
    }
  }

  /**
   * The whole text of a blob; undefined when the API has it no more. Of the address only what stands
   * after `/api/` is used, so that a token can never go to another host.
   */
  async content(contentUri: string): Promise<string | undefined> {
    const response = await this.request(
      createPipelineRequest({
        url: this.url(contentUri.split("/api/").at(-1)!).href,
        headers: createHttpHeaders({
          accept: "application/json",
          authorization: `Bearer ${await this.token()}`,
        }),
        timeout: 120_000,
      }),
    );
    if (response.status !== 200) {
      const isGone = ["AF20050", "AF20051"].includes(answerOf(response).code ?? "");
      if (isGone || [404, 410].includes(response.status)) {
        return undefined;
      }
      throw this.problem(response);
    }
    if (response.headers.has("nextpageuri")) {
      throw new FeedProblem(`${this.host} answered with a part of the blob: repeat the command`);
    }
    return response.bodyAsText ?? "";
  }

  private get host(): string {
    return new URL(this.target.m365.feedUri).hostname;
  }

  private async send(
    method: "GET" | "POST",
    operation: "list" | "start" | "stop",
    contentType?: string,
  ): Promise<PipelineResponse> {
    const { tenant } = this.target;
    const path = `v1.0/${tenant.tenantId}/activity/feed/subscriptions/${operation}`;
    return this.request(
      createPipelineRequest({
        url: this.url(path, contentType).href,
        method,
        headers: createHttpHeaders({
          accept: "application/json",
          authorization: `Bearer ${await this.token()}`,
          ...(method === "POST" && { "content-type": "application/json" }),
        }),
        ...(method === "POST" && { body: operation === "start" ? "{}" : "" }),
        timeout: 60_000,
      }),
    );
  }

  private url(path: string, contentType?: string): URL {
    const url = new URL(`${this.target.m365.feedUri}/api/${path}`);
    if (contentType !== undefined) {
      url.searchParams.set("contentType", contentType);
    }
    url.searchParams.set("PublisherIdentifier", this.target.tenant.publisherId);
    return url;
  }

  private async token(): Promise<string> {
    const token = await this.credential.getToken(`${this.target.m365.feedAudience}/.default`);
    if (token === null) {
      throw new FeedProblem(
        `application ${this.clientId} could not sign in: it was given no token; repeat the command`,
      );
    }
    return token.token;
  }

  private problem(response: PipelineResponse, contentType?: string): FeedProblem {
    return new FeedProblem(
      feedAnswerProblem(answerOf(response), this.target, this.clientId, contentType),
    );
  }
}

function answerOf({ status, bodyAsText }: PipelineResponse): FeedAnswer {
  const { data } = failure.safeParse(parseJson(bodyAsText));
  return { status, code: data?.error.code, message: data?.error.message ?? "" };
}

/** The rest of the cool-down: in the text as `8m 46s`, perhaps in the header, at most 15 minutes. */
function waitOf({ message }: FeedAnswer, { headers }: PipelineResponse): number {
  const [, minutes, seconds] = /\b(?:(\d+)\s*m)?\s*(?:\b(\d+)\s*s)\b/.exec(message) ?? [];
  const told =
    seconds === undefined
      ? Number(headers.get("retry-after") ?? NaN)
      : Number(minutes ?? 0) * 60 + Number(seconds);
  return told > 0 ? Math.min(told * 1000, startCoolDownMs) : startCoolDownMs;
}
