import { randomUUID } from "node:crypto";

import { Hono } from "hono";

import type { Clock } from "./clock.ts";
import { SignInError, TOKEN_LIFETIME_SECONDS, type Directory } from "./directory.ts";
import type { Service } from "./service.ts";

const HOSTS = ["login.microsoftonline.com", "login.microsoftonline.us"];

/** OAuth error and HTTP status of each sign-in failure. */
const FAILURES: Readonly<Record<number, readonly [error: string, status: 400 | 401]>> = {
  7000215: ["invalid_client", 401],
  7000218: ["invalid_client", 401],
  7000222: ["invalid_client", 401],
  700213: ["invalid_client", 401],
  700016: ["unauthorized_client", 400],
  500011: ["invalid_resource", 400],
  500014: ["invalid_resource", 400],
  1002012: ["invalid_scope", 400],
  70003: ["unsupported_grant_type", 400],
  900144: ["invalid_request", 400],
  90002: ["invalid_request", 400],
};

/**
 * Microsoft's sign-in endpoint: client credentials with a secret or a federated assertion, at the v1
 * and v2 token endpoints, and the discovery documents that `@azure/identity` reads
 * (https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow).
 */
export class Login implements Service {
  /** Sees each request first, and answers it in the service's place when it returns a response. */
  before?: (request: Request) => Promise<Response | undefined>;
  private readonly clock: Clock;
  private readonly directory: Directory;
  private readonly app: Hono;

  constructor({ clock, directory }: { clock: Clock; directory: Directory }) {
    this.clock = clock;
    this.directory = directory;
    this.app = new Hono()
      .get("/common/discovery/instance", ({ req }) => discovery(req.url))
      .get("/:tenant/v2.0/.well-known/openid-configuration", ({ req }) =>
        this.openIdConfiguration(req.url, req.param("tenant")),
      )
      .post("/:tenant/oauth2/token", ({ req }) => this.token(req.raw, req.param("tenant"), "v1"))
      .post("/:tenant/oauth2/v2.0/token", ({ req }) =>
        this.token(req.raw, req.param("tenant"), "v2"),
      );
  }

  serves(host: string): boolean {
    return HOSTS.includes(host);
  }

  async handle(request: Request): Promise<Response> {
    return (await this.before?.(request)) ?? this.app.fetch(request);
  }

  private async token(request: Request, tenantId: string, version: "v1" | "v2") {
    const form = new URLSearchParams(await request.text());
    try {
      const grant = required(form, "grant_type");
      if (grant !== "client_credentials") {
        throw new SignInError(70003, `The app requested an unsupported grant type '${grant}'.`);
      }
      const token = this.directory.signIn({
        tenantId,
        clientId: required(form, "client_id"),
        audience: version === "v1" ? required(form, "resource") : scopeAudience(form),
        secret: form.get("client_secret") || undefined,
        assertion: form.get("client_assertion") || undefined,
      });
      return json(200, {
        token_type: "Bearer",
        // The v1 endpoint answers with numbers in strings.
        expires_in: version === "v1" ? String(TOKEN_LIFETIME_SECONDS) : TOKEN_LIFETIME_SECONDS,
        ext_expires_in: version === "v1" ? String(TOKEN_LIFETIME_SECONDS) : TOKEN_LIFETIME_SECONDS,
        ...(version === "v1" && { resource: form.get("resource") }),
        access_token: token,
      });
    } catch (error) {
      if (error instanceof SignInError) {
        return this.failure(request.url, error);
      }
      throw error;
    }
  }

  private openIdConfiguration(url: string, tenantId: string): Response {
    const { origin } = new URL(url);
    const tenant = this.directory.tenant(tenantId);
    if (!tenant) {
      return this.failure(url, new SignInError(90002, `Tenant '${tenantId}' not found.`));
    }
    return json(200, {
      issuer: `${origin}/${tenant.id}/v2.0`,
      authorization_endpoint: `${origin}/${tenant.id}/oauth2/v2.0/authorize`,
      token_endpoint: `${origin}/${tenant.id}/oauth2/v2.0/token`,
      jwks_uri: `${origin}/${tenant.id}/discovery/v2.0/keys`,
      response_types_supported: ["code", "id_token"],
      token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
    });
  }

  private failure(url: string, { code, message }: SignInError): Response {
    const [error, status] = FAILURES[code] ?? ["invalid_request", 400];
    const timestamp = `${this.clock.now().toISOString().slice(0, 19).replace("T", " ")}Z`;
    const traceId = randomUUID();
    const correlationId = randomUUID();
    return json(status, {
      error,
      error_description: `AADSTS${code}: ${message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `${new URL(url).origin}/error?code=${code}`,
    });
  }
}

function discovery(url: string): Response {
  const { host, origin, searchParams } = new URL(url);
  const endpoint = searchParams.get("authorization_endpoint") ?? "";
  const tenant = URL.canParse(endpoint) ? new URL(endpoint).pathname.split("/")[1] : "common";
  return json(200, {
    tenant_discovery_endpoint: `${origin}/${tenant}/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  });
}

function scopeAudience(form: URLSearchParams): string {
  const scope = required(form, "scope");
  if (!scope.endsWith("/.default")) {
    throw new SignInError(
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    );
  }
  return scope.slice(0, -"/.default".length);
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (!value) {
    throw new SignInError(
      900144,
      `The request body must contain the following parameter: '${name}'.`,
    );
  }
  return value;
}

const json = (status: number, body: object) =>
  Response.json(body, { status, headers: { "cache-control": "no-store, no-cache" } });
