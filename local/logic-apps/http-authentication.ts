import type { Clock } from "../clock.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../json.ts";
import { ActionFailure } from "./action-failure.ts";
import { type Deadlines, timedOut } from "./deadlines.ts";
import { textOf } from "./evaluation.ts";

/** Milliseconds before its end at which a token is not used any more. */
const tokenReserveMs = 300_000;

/** A token that a run has asked for; it ends with the run at the latest. */
export interface Token {
  readonly authorization: string;
  /** Milliseconds since 1970. */
  readonly usableUntil: number;
}

/** Where tokens come from. */
export interface TokenSource {
  readonly clock: Clock;
  readonly requestDeadlines: Deadlines;
  /** Tokens by what was asked for. */
  readonly tokens: Map<string, Promise<Token>>;
  send(request: Request): Promise<Response>;
  managedIdentityToken(identity: string | undefined, audience: string): Promise<string>;
}

/**
 * The value of the Authorization header, or `undefined` without one. A token that cannot be had
 * fails the action at once, since retries of the token request are not documented.
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#add-authentication-outbound
 */
export async function authorizationFor(
  authentication: JsonObject | undefined,
  source: TokenSource,
): Promise<string | undefined> {
  if (!authentication) {
    return undefined;
  }
  const text = (member: string) => {
    const value = authentication[member];
    if (value === null) {
      throw tokenFailure(`the ${member} is null`);
    }
    return textOf(value!);
  };
  switch ((authentication.type as string).toLowerCase()) {
    case "raw":
      return text("value");
    case "basic": {
      const pair = `${text("username")}:${text("password")}`;
      return `Basic ${Buffer.from(pair).toString("base64")}`;
    }
    case "managedserviceidentity": {
      const { identity } = authentication;
      const resource =
        typeof identity === "string" && identity.toLowerCase() !== "systemassigned"
          ? identity
          : undefined;
      const audience =
        authentication.audience === undefined ? "https://management.azure.com/" : text("audience");
      try {
        return `Bearer ${await source.managedIdentityToken(resource, audience)}`;
      } catch (error) {
        throw tokenFailure((error as Error).message);
      }
    }
    case "activedirectoryoauth": {
      const request = {
        authority:
          authentication.authority === undefined
            ? "https://login.microsoftonline.com/"
            : text("authority"),
        tenant: text("tenant"),
        audience: text("audience"),
        clientId: text("clientId"),
        secret: text("secret"),
      };
      return (await clientCredentials(request, source)).authorization;
    }
    default:
      return undefined;
  }
}

interface TokenRequest {
  readonly authority: string;
  readonly tenant: string;
  readonly audience: string;
  readonly clientId: string;
  readonly secret: string;
}

async function clientCredentials(request: TokenRequest, source: TokenSource): Promise<Token> {
  const key = JSON.stringify(request);
  const known = source.tokens.get(key);
  if (known) {
    const token = await known;
    if (source.clock.now().getTime() < token.usableUntil) {
      return token;
    }
  }
  // Calls of parallel iterations share one request, also the one that renews the token.
  const current = source.tokens.get(key);
  if (current && current !== known) {
    return current;
  }
  const token = requestToken(request, source);
  source.tokens.set(key, token);
  token.catch(() => source.tokens.delete(key));
  return token;
}

async function requestToken(request: TokenRequest, source: TokenSource): Promise<Token> {
  const { authority, tenant, audience, clientId, secret } = request;
  const url = `${authority.replace(/\/*$/, "/")}${tenant}/oauth2/token`;
  if (!URL.canParse(url)) {
    throw tokenFailure(`the authority '${authority}' is not valid`);
  }
  const asked = source.clock.now().getTime();
  const exchange = async () => {
    const response = await source.send(
      new Request(url, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: clientId,
          client_secret: secret,
          resource: audience,
        }),
      }),
    );
    return { status: response.status, text: await source.clock.busy(response.text()) };
  };
  let answer;
  try {
    answer = await source.requestDeadlines.race(exchange());
  } catch (error) {
    throw tokenFailure((error as Error).message);
  }
  if (answer === timedOut) {
    throw tokenFailure("there was no answer within 120 seconds");
  }
  const body = readAnswer(answer.text);
  if (answer.status !== 200 || typeof body.access_token !== "string") {
    const reason = body.error_description ?? body.error ?? `status code ${answer.status}`;
    throw tokenFailure(textOf(reason));
  }
  // The v1 endpoint writes the lifetime as a string.
  const lifetimeMs = Number(textOf(body.expires_in ?? 0)) * 1000;
  return {
    authorization: `Bearer ${body.access_token}`,
    usableUntil: asked + lifetimeMs - tokenReserveMs,
  };
}

function readAnswer(text: string): JsonObject {
  let body: Json;
  try {
    body = parseJson(text);
  } catch {
    return {};
  }
  return isJsonObject(body) ? body : {};
}

const tokenFailure = (reason: string) =>
  new ActionFailure(
    "BadRequest",
    `Http request failed as there is an error getting AD OAuth token: '${reason}'.`,
  );
