import { STATUS_CODES } from "node:http";
import type { Clock } from "../clock.ts";
import { isJsonObject, type Json, type JsonObject, parseJson, stringifyJson } from "../json.ts";
import { ActionFailure } from "./action-failure.ts";
import type { Cancellation } from "./cancellation.ts";
import { type Deadlines, timedOut } from "./deadlines.ts";
import type { EngineOptions } from "./engine-options.ts";
import { isEnvelope, textOf } from "./evaluation.ts";
import { envelope, escapeUri } from "./functions-conversion.ts";
import { authorizationFor, type TokenSource } from "./http-authentication.ts";
import { limits } from "./limits.ts";
import { isRetried, retryDelayMs } from "./retry-policy.ts";
import { parseTimestamp, dateOf } from "./timestamp.ts";
import type { HttpAction } from "./workflow.ts";

const messageLimit = limits.messageBytes.most;

/** Seconds between polls of an asynchronous operation that names no time. */
const defaultPollSeconds = 20;

/** What an Http action needs of its run. */
export interface HttpContext extends TokenSource {
  readonly clock: Clock;
  readonly options: EngineOptions;
  readonly cancellation: Cancellation;
  /** The 120 seconds that an outbound request may take. */
  readonly requestDeadlines: Deadlines;
  /** The `x-ms-*` headers of the run and action. */
  readonly workflowHeaders: Readonly<Record<string, string>>;
  random(): number;
  /** Counts an attempt that received so many bytes; the first one of an action is counted as the action. */
  noteAttempt(received: number, isFirst: boolean): void;
  /** Carries out one outbound call, as soon as there are few enough of them. */
  limitCalls<T>(call: () => Promise<T>): Promise<T>;
}

/** One attempt of an Http action, as its retry history shows it. */
export interface Attempt {
  readonly startTime: Date;
  readonly endTime: Date;
  /** The status code, or what went wrong before there was one. */
  readonly result: number | string;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/**
 * Sends the request of an Http action, with retries and polling, and gives its outputs. Throws
 * `ActionFailure` for a failed call; `attempts` receives every attempt.
 * https://learn.microsoft.com/azure/connectors/connectors-native-http
 */
export async function sendHttp(
  action: HttpAction,
  inputs: JsonObject,
  context: HttpContext,
  attempts: Attempt[],
): Promise<JsonObject> {
  const uri = requestUri(inputs, context.options.uriLimit);
  const method = (inputs.method as string).toUpperCase();
  const { headers, body } = requestContent(inputs);
  if (action.workflowHeaders) {
    for (const [name, value] of Object.entries(context.workflowHeaders)) {
      headers.set(name, value);
    }
  }
  let answer = await withRetries(action, inputs, context, attempts, () => {
    return new Request(uri, { method, headers, body: body ?? null, redirect: "manual" });
  });
  while (action.asyncPattern && answer.status === 202 && answer.headers.has("location")) {
    const { headers: polled } = answer;
    await context.cancellation.race(context.clock.sleep(pollDelayMs(polled, context.clock)));
    const location = new URL(polled.get("location")!, uri);
    answer = await withRetries(action, inputs, context, attempts, () => {
      return new Request(location, { headers: { accept: "*/*" }, redirect: "manual" });
    });
  }
  const outputs = outputsOf(answer, context.options);
  if (answer.status < 200 || answer.status >= 300) {
    const name = STATUS_CODES[answer.status]?.replace(/[^A-Za-z]/g, "") ?? String(answer.status);
    throw new ActionFailure(name, "", "Failed", outputs);
  }
  return outputs;
}

async function withRetries(
  action: HttpAction,
  inputs: JsonObject,
  context: HttpContext,
  attempts: Attempt[],
  request: () => Request,
): Promise<Answer> {
  const { clock, cancellation, options } = context;
  for (let retry = 0; ; retry++) {
    const startTime = clock.now();
    const outcome = await attempt(inputs, context, request);
    const result = typeof outcome === "string" ? outcome : outcome.status;
    attempts.push({ startTime, endTime: clock.now(), result });
    const received = typeof outcome === "string" ? 0 : outcome.bytes.length;
    context.noteAttempt(received, attempts.length === 1);
    const again = typeof outcome === "string" || isRetried(outcome.status);
    if (again && retry < action.retryPolicy.count) {
      let delayMs = retryDelayMs(action.retryPolicy, retry + 1, context.random());
      if (options.retryAfter === "honoured" && typeof outcome !== "string") {
        delayMs = Math.max(delayMs, retryAfterMs(outcome.headers, clock) ?? 0);
      }
      await cancellation.race(clock.sleep(delayMs));
    } else if (outcome === noAnswer) {
      throw new ActionFailure("ActionTimedOut", noAnswer, options.requestTimeoutStatus);
    } else if (typeof outcome === "string") {
      throw new ActionFailure("ActionFailed", outcome);
    } else {
      return outcome;
    }
  }
}

const noAnswer = "Http request failed: the server did not respond within 120 seconds.";

/** An answer, or a sentence on why there was none. */
async function attempt(
  inputs: JsonObject,
  context: HttpContext,
  request: () => Request,
): Promise<Answer | string> {
  const { clock, cancellation, requestDeadlines } = context;
  const authorization = await cancellation.race(
    authorizationFor(inputs.authentication as JsonObject | undefined, context),
  );
  const exchange = async () => {
    const built = request();
    if (authorization !== undefined) {
      built.headers.set("authorization", authorization);
    }
    const response = await context.send(built);
    const bytes = new Uint8Array(await clock.busy(response.arrayBuffer()));
    return { status: response.status, headers: response.headers, bytes };
  };
  // Kept apart from the cancellation, whose own error must not look like a lost connection.
  const settled = () =>
    exchange().catch(
      (error: Error) => `Http request failed: the connection failed: ${error.message}`,
    );
  const answer = await cancellation.race(
    context.limitCalls(async () => {
      cancellation.throwIfCancelled();
      return requestDeadlines.race(settled());
    }),
  );
  return answer === timedOut ? noAnswer : answer;
}

function requestUri(inputs: JsonObject, limit: number): URL {
  const text = textOf(inputs.uri!);
  const uri = URL.canParse(text) ? new URL(text) : undefined;
  if (!uri || !/^https?:$/.test(uri.protocol)) {
    throw new ActionFailure(
      "BadRequest",
      "Http request failed: the uri must be an absolute http or https address.",
    );
  }
  const queries = isJsonObject(inputs.queries) ? Object.entries(inputs.queries) : [];
  const added = queries.map(([name, value]) => `${escapeUri(name)}=${escapeUri(textOf(value))}`);
  uri.search = [uri.search.slice(1), ...added].filter((part) => part !== "").join("&");
  if (Buffer.byteLength(uri.href) > limit) {
    throw new ActionFailure(
      "BadRequest",
      `Http request failed: the uri has ${Buffer.byteLength(uri.href)} bytes, more than the limit of ${limit}.`,
    );
  }
  return uri;
}

/** Request headers that the service leaves out without a word. */
const droppedRequestHeader =
  /^(accept-.*|allow|content-(?!disposition$|encoding$|type$).*|cookie|expires|host|last-modified|origin|set-cookie|transfer-encoding)$/i;

/**
 * Response headers that do not reach the outputs. The page names them for requests only; that the
 * same are gone from responses is the harder reading.
 */
const droppedResponseHeader =
  /^(accept-.*|allow|content-(?!type$).*|cookie|expires|host|last-modified|origin|set-cookie|transfer-encoding)$/i;

function requestContent(inputs: JsonObject) {
  const headers = new Headers();
  for (const [name, value] of Object.entries(isJsonObject(inputs.headers) ? inputs.headers : {})) {
    if (!droppedRequestHeader.test(name)) {
      try {
        headers.set(name, textOf(value));
      } catch {
        throw new ActionFailure(
          "BadRequest",
          `Http request failed: the header '${name}' is not valid.`,
        );
      }
    }
  }
  const content = requestBody(inputs.body ?? null);
  if (content && !headers.has("content-type")) {
    headers.set("content-type", content.type);
  }
  return { headers, body: content?.bytes };
}

function requestBody(body: Json): { type: string; bytes: Buffer } | undefined {
  if (body === null) {
    return undefined;
  }
  const content = isEnvelope(body)
    ? { type: body["$content-type"], bytes: Buffer.from(body.$content, "base64") }
    : typeof body === "string"
      ? { type: "text/plain; charset=utf-8", bytes: Buffer.from(body) }
      : { type: "application/json; charset=utf-8", bytes: Buffer.from(stringifyJson(body)) };
  if (content.bytes.length > messageLimit) {
    throw new ActionFailure("BadRequest", tooLarge("request"));
  }
  return content;
}

const tooLarge = (what: string) =>
  `Http request failed: the content of the ${what} was more than ${messageLimit} bytes.`;

function outputsOf(answer: Answer, options: EngineOptions): JsonObject {
  if (answer.bytes.length > messageLimit) {
    throw new ActionFailure("BadRequest", tooLarge("response"));
  }
  const headers: Record<string, Json> = {};
  answer.headers.forEach((value, name) => {
    if (!droppedResponseHeader.test(name)) {
      headers[spelled(name)] = value;
    }
  });
  const outputs = { statusCode: answer.status, headers };
  if (answer.bytes.length === 0) {
    return outputs;
  }
  return { ...outputs, body: responseBody(answer, options) };
}

/** Names that are spelled otherwise than `Content-Type` is. */
const spellings: Readonly<Record<string, string>> = {
  etag: "ETag",
  nextpageuri: "NextPageUri",
  nextpageurl: "NextPageUrl",
  "www-authenticate": "WWW-Authenticate",
};

/** A header under the name that services give it, since a `Headers` object has lost the case. */
const spelled = (name: string) =>
  spellings[name] ??
  (name.startsWith("x-") ? name : name.replace(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase()));

function responseBody({ headers, bytes }: Answer, options: EngineOptions): Json {
  const contentType = headers.get("content-type") ?? "application/octet-stream";
  const mediaType = contentType.split(";")[0]!.trim().toLowerCase();
  if (/^(application|text)\/(.+\+)?json$/.test(mediaType)) {
    const text = new TextDecoder().decode(bytes);
    try {
      return parseJson(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) {
        throw error;
      }
      if (options.brokenJson === "string") {
        return text;
      }
      throw new ActionFailure(
        "BadRequest",
        "Http request failed: the content was not a valid JSON.",
      );
    }
  }
  if (options.textBodies === "string" && mediaType.startsWith("text/")) {
    return new TextDecoder().decode(bytes);
  }
  return envelope(contentType, Buffer.from(bytes).toString("base64"));
}

function pollDelayMs(headers: Headers, clock: Clock): number {
  return retryAfterMs(headers, clock) ?? defaultPollSeconds * 1000;
}

function retryAfterMs(headers: Headers, clock: Clock): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/.test(text)) {
    return Number(text) * 1000;
  }
  const at = parseTimestamp(text);
  return at && Math.max(0, dateOf(at).getTime() - clock.now().getTime());
}
