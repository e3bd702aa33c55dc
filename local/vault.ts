import { randomBytes } from "node:crypto";

import { Hono } from "hono";
import { z } from "zod";

import type { Clock } from "./clock.ts";
import { issuer, type Claims, type DataAccess, type TokenProblem } from "./directory.ts";
import type { Service } from "./service.ts";

// `2025-07-01` is what @azure/keyvault-secrets 4.11 asks for.
const API_VERSIONS = ["7.4", "7.5", "7.6", "2025-07-01"];

/** The sign-in host that each cloud's challenge names, by the vault's suffix. */
const AUTHORITIES: Readonly<Record<string, string>> = {
  "vault.azure.net": "https://login.microsoftonline.com",
  "vault.usgovcloudapi.net": "https://login.microsoftonline.us",
};

/**
 * Roles that allow each action, https://learn.microsoft.com/en-us/azure/key-vault/general/rbac-guide.
 */
const ROLES = {
  getSecret: ["Key Vault Secrets User", "Key Vault Secrets Officer", "Key Vault Administrator"],
  setSecret: ["Key Vault Secrets Officer", "Key Vault Administrator"],
  readMetadata: [
    "Key Vault Secrets User",
    "Key Vault Secrets Officer",
    "Key Vault Administrator",
    "Key Vault Reader",
  ],
} as const;

const secretBody = z.object({
  value: z.string().max(25_000),
  contentType: z.string().optional(),
  attributes: z
    .object({ enabled: z.boolean(), exp: z.number().int(), nbf: z.number().int() })
    .partial()
    .optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

/** What a secret is set to; `exp` and `nbf` in seconds since 1970. */
export type SecretBody = z.infer<typeof secretBody>;

interface SecretVersion extends SecretBody {
  readonly version: string;
  readonly created: number;
}

interface DeletedSecret {
  readonly name: string;
  readonly versions: SecretVersion[];
  readonly deleted: number;
}

const recoverableDays = 90;

/**
 * One Key Vault with role-based access: its secrets, get, set, list, delete, recover and purge
 * (https://learn.microsoft.com/en-us/rest/api/keyvault/secrets/).
 */
export class Vault implements Service {
  /** Sees each request first, and answers it in the service's place when it returns a response. */
  before?: (request: Request) => Promise<Response | undefined>;
  private readonly clock: Clock;
  private readonly directory: DataAccess;
  private readonly host: string;
  private readonly tenantId: string;
  private readonly audience: string;
  private readonly authority: string;
  private readonly secrets = new Map<string, SecretVersion[]>();
  private readonly deleted = new Map<string, DeletedSecret>();
  private readonly app: Hono;

  /** `host` is the vault's host name, such as `kv-example.vault.azure.net`; `tenantId` the tenant whose tokens it takes. */
  constructor(props: { clock: Clock; directory: DataAccess; host: string; tenantId: string }) {
    const suffix = props.host.slice(props.host.indexOf(".") + 1);
    const authority = AUTHORITIES[suffix];
    if (!authority) {
      throw new Error(
        `host must end in ${Object.keys(AUTHORITIES).join(" or ")}, got ${props.host}`,
      );
    }
    this.clock = props.clock;
    this.directory = props.directory;
    this.host = props.host.toLowerCase();
    this.tenantId = props.tenantId;
    this.audience = `https://${suffix}`;
    this.authority = authority;
    this.app = new Hono({ strict: false })
      .get("/secrets", () => this.list())
      .get("/secrets/:name", ({ req }) => this.get(req.param("name")))
      .put("/secrets/:name", ({ req }) => this.put(req.raw, req.param("name")))
      .get("/secrets/:name/versions", ({ req }) => this.listVersions(req.param("name")))
      .get("/secrets/:name/:version", ({ req }) =>
        this.get(req.param("name"), req.param("version")),
      )
      .delete("/secrets/:name", ({ req }) => this.delete(req.param("name")))
      .get("/deletedsecrets", () => this.listDeleted())
      .get("/deletedsecrets/:name", ({ req }) => this.getDeleted(req.param("name")))
      .delete("/deletedsecrets/:name", ({ req }) => this.purge(req.param("name")))
      .post("/deletedsecrets/:name/recover", ({ req }) => this.recover(req.param("name")))
      .notFound(() => failure(404, "NotFound", "The operation is not known."));
  }

  serves(host: string): boolean {
    return host === this.host;
  }

  async handle(request: Request): Promise<Response> {
    return (
      (await this.before?.(request)) ?? this.refusal(request) ?? (await this.app.fetch(request))
    );
  }

  /** The value of a secret, without a token; undefined when there is none. */
  valueOf(name: string): string | undefined {
    return this.secrets.get(name)?.at(-1)?.value;
  }

  /** Sets a secret as the deployment does, without a token. */
  setSecret(name: string, body: SecretBody): void {
    const versions = this.secrets.get(name.toLowerCase()) ?? [];
    versions.push({ ...body, version: randomBytes(16).toString("hex"), created: this.seconds() });
    this.secrets.set(name.toLowerCase(), versions);
  }

  private get(name: string, version?: string): Response {
    const versions = this.secrets.get(name.toLowerCase()) ?? [];
    const secret = version ? versions.find((each) => each.version === version) : versions.at(-1);
    if (!secret) {
      return notFound(version ? `${name}/${version}` : name);
    }
    if (secret.attributes?.enabled === false) {
      return failure(
        403,
        "Forbidden",
        "Operation get is not allowed on a disabled secret.",
        "SecretDisabled",
      );
    }
    return Response.json({ value: secret.value, ...this.description(name, secret) });
  }

  private async put(request: Request, name: string): Promise<Response> {
    if (!/^[0-9a-z-]{1,127}$/i.test(name)) {
      return failure(400, "BadParameter", `The request URI contains an invalid name: ${name}`);
    }
    const body = secretBody.safeParse(parsed(await request.text()));
    if (!body.success) {
      return failure(400, "BadParameter", z.prettifyError(body.error));
    }
    if (this.deleted.has(name.toLowerCase())) {
      return failure(
        409,
        "Conflict",
        `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
        "ObjectIsDeletedButRecoverable",
      );
    }
    this.setSecret(name, body.data);
    return this.get(name);
  }

  private delete(name: string): Response {
    const key = name.toLowerCase();
    const versions = this.secrets.get(key);
    if (!versions) {
      return notFound(name);
    }
    this.secrets.delete(key);
    this.deleted.set(key, { name, versions, deleted: this.seconds() });
    return this.getDeleted(name);
  }

  private getDeleted(name: string): Response {
    const found = this.deleted.get(name.toLowerCase());
    return found ? Response.json(this.deletion(found)) : notFound(name);
  }

  private listDeleted(): Response {
    const value = [...this.deleted.values()].map((each) => this.deletion(each));
    return Response.json({ value, nextLink: null });
  }

  private purge(name: string): Response {
    return this.deleted.delete(name.toLowerCase())
      ? new Response(null, { status: 204 })
      : notFound(name);
  }

  private recover(name: string): Response {
    const key = name.toLowerCase();
    const found = this.deleted.get(key);
    if (!found) {
      return notFound(name);
    }
    this.deleted.delete(key);
    this.secrets.set(key, found.versions);
    return Response.json(this.description(found.name, found.versions.at(-1)!));
  }

  private deletion({ name, versions, deleted }: DeletedSecret) {
    return {
      ...this.description(name, versions.at(-1)!),
      recoveryId: `https://${this.host}/deletedsecrets/${name}`,
      deletedDate: deleted,
      scheduledPurgeDate: deleted + recoverableDays * 24 * 3600,
    };
  }

  private list(): Response {
    const value = [...this.secrets].map(([name, versions]) => {
      const { id, ...rest } = this.description(name, versions.at(-1)!);
      return { ...rest, id: id.slice(0, id.lastIndexOf("/")) };
    });
    return Response.json({ value, nextLink: null });
  }

  private listVersions(name: string): Response {
    const versions = this.secrets.get(name.toLowerCase());
    if (!versions) {
      return notFound(name);
    }
    return Response.json({
      value: versions.map((version) => this.description(name, version)),
      nextLink: null,
    });
  }

  private description(name: string, secret: SecretVersion) {
    return {
      contentType: secret.contentType,
      id: `https://${this.host}/secrets/${name}/${secret.version}`,
      attributes: {
        enabled: true,
        ...secret.attributes,
        created: secret.created,
        updated: secret.created,
        recoveryLevel: "Recoverable+Purgeable",
        recoverableDays,
      },
      tags: secret.tags ?? {},
    };
  }

  /** Why the request may not go on. */
  private refusal(request: Request): Response | undefined {
    const url = new URL(request.url);
    const { claims, problem } = this.directory.verifyToken(
      request.headers.get("authorization"),
      this.audience,
    );
    if (problem) {
      return this.unauthorized(MESSAGES[problem]);
    }
    if (claims.iss !== issuer(this.tenantId)) {
      return this.unauthorized(
        `AKV10032: Invalid issuer. Expected one of ${issuer(this.tenantId)}, found ${claims.iss}.`,
      );
    }
    const apiVersion = url.searchParams.get("api-version");
    if (!apiVersion || !API_VERSIONS.includes(apiVersion)) {
      return failure(
        400,
        "BadParameter",
        `The specified version (${apiVersion ?? ""}) is not recognized. Consider using the latest supported version (${API_VERSIONS.at(-1)}).`,
      );
    }
    const action = actionOf(request.method, url.pathname);
    if (!this.directory.hasRole(claims.oid, ROLES[action], this.host)) {
      return this.forbidden(claims, action, url.pathname);
    }
    return undefined;
  }

  private unauthorized(message: string): Response {
    const response = failure(401, "Unauthorized", message);
    response.headers.set(
      "www-authenticate",
      `Bearer authorization="${this.authority}/${this.tenantId}", resource="${this.audience}"`,
    );
    return response;
  }

  private forbidden(claims: Claims, action: string, path: string): Response {
    return failure(
      403,
      "Forbidden",
      [
        "Caller is not authorized to perform action on resource.",
        "If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.",
        `Caller: appid=${claims.appid};oid=${claims.oid};iss=${claims.iss}`,
        `Action: 'Microsoft.KeyVault/vaults/secrets/${action}/action'`,
        `Resource: '${this.host.split(".")[0]}${path}'`,
        "Assignment: (not found)",
      ].join("\r\n"),
      "ForbiddenByRbac",
    );
  }

  private seconds(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }
}

const MESSAGES: Readonly<Record<TokenProblem, string>> = {
  missing: "AKV10000: Request is missing a Bearer or PoP token.",
  malformed: "The token could not be parsed.",
  signature: "The signature of the token is not valid.",
  audience: "AKV10022: Invalid audience.",
  expired: "The token is expired.",
};

function actionOf(method: string, path: string): keyof typeof ROLES {
  if (method !== "GET") {
    return "setSecret";
  }
  return /^\/secrets\/[^/]+(\/(?!versions$)[^/]*)?$/.test(path) ? "getSecret" : "readMetadata";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const notFound = (name: string) =>
  failure(
    404,
    "SecretNotFound",
    `A secret with (name/id) ${name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
  );

const failure = (status: number, code: string, message: string, innerCode?: string) =>
  Response.json(
    { error: { code, message, ...(innerCode && { innererror: { code: innerCode } }) } },
    { status },
  );
