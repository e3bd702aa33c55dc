import { createHmac, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";

import type { Clock } from "./clock.ts";

/** One secret of an application. */
export interface ClientSecret {
  readonly value: string;
  readonly expires: Date;
  readonly keyId: string;
}

/** A Microsoft 365 or Azure tenant. */
export interface Tenant {
  readonly id: string;
  /** Whether unified auditing is on; without it the audit feed cannot be started. */
  auditing: boolean;
  /**
   * The service principal of the Office 365 Management APIs. It is disabled or missing in a tenant
   * without an Exchange Online licence.
   */
  auditApi: "enabled" | "disabled" | "missing";
}

/**
 * An application and its service principal. Operators and pipelines are applications too: the local
 * cloud has no sign-in with a password.
 */
export interface Application {
  readonly clientId: string;
  readonly tenantId: string;
  /** Object id of the service principal, the `oid` of its tokens. */
  readonly principalId: string;
  readonly secrets: ClientSecret[];
  /** Tokens of a foreign issuer that are accepted in place of a secret (workload identity). */
  readonly assertions: Set<string>;
}

/** The identity of an Azure resource. */
export interface ManagedIdentity {
  readonly resourceId: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly principalId: string;
}

/**
 * An Azure role, given to a principal. The scope is the host name of a vault or storage account,
 * `<host>/<container>`, the immutable id of a data collection rule, or the resource id of a workspace.
 */
export interface RoleAssignment {
  readonly principalId: string;
  readonly role: string;
  readonly scope: string;
}

/** The claims of an access token; times in seconds since 1970. */
export interface Claims {
  readonly aud: string;
  readonly iss: string;
  readonly tid: string;
  readonly oid: string;
  readonly appid: string;
  readonly roles?: readonly string[];
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
}

/** Why a token is refused. */
export type TokenProblem = "missing" | "malformed" | "signature" | "audience" | "expired";

/** Who calls, or why nobody knows. */
export type Verdict =
  | { readonly claims: Claims; readonly problem?: undefined }
  | { readonly claims?: undefined; readonly problem: TokenProblem };

/** What a service that holds data asks about who calls. */
export type DataAccess = Pick<Directory, "verifyToken" | "hasRole">;

/** Why no token is issued: `code` is the number after `AADSTS`. */
export class SignInError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** Seconds that a client-credentials token lives, https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow. */
export const TOKEN_LIFETIME_SECONDS = 3599;

// Managed identities' tokens are cached for about a day:
// https://learn.microsoft.com/en-us/azure/role-based-access-control/troubleshooting
const IDENTITY_TOKEN_LIFETIME_SECONDS = 86_400;

const AUDIT_ROLES = ["ActivityFeed.Read", "ActivityFeed.ReadDlp"];

// https://learn.microsoft.com/en-us/graph/permissions-reference
const GRAPH_ROLES = [
  "Application.Read.All",
  "Application.ReadWrite.All",
  "Application.ReadWrite.OwnedBy",
  "AppRoleAssignment.ReadWrite.All",
];

/**
 * The resources that tokens are issued for, as registered: to the character, trailing slash included
 * (https://learn.microsoft.com/en-us/azure/logic-apps/authenticate-with-managed-identity).
 */
const RESOURCES = new Map<string, readonly string[]>([
  ["https://manage.office.com", AUDIT_ROLES],
  ["https://manage-gcc.office.com", AUDIT_ROLES],
  ["https://manage.office365.us", AUDIT_ROLES],
  ["https://manage.protection.apps.mil", AUDIT_ROLES],
  ["https://vault.azure.net", []],
  ["https://vault.usgovcloudapi.net", []],
  ["https://storage.azure.com", []],
  ["https://storage.azure.com/", []],
  ["https://monitor.azure.com", []],
  ["https://monitor.azure.us", []],
  ["https://api.loganalytics.io", []],
  ["https://api.loganalytics.us", []],
  ["https://management.azure.com", []],
  ["https://management.azure.com/", []],
  ["https://management.usgovcloudapi.net", []],
  ["https://management.usgovcloudapi.net/", []],
  ["https://graph.microsoft.com", GRAPH_ROLES],
  ["https://graph.microsoft.us", GRAPH_ROLES],
  ["https://dod-graph.microsoft.us", GRAPH_ROLES],
]);

const rememberedSignatures = 100;

/** Entra ID and the Azure role assignments of the local cloud, in memory. */
export class Directory {
  private readonly clock: Clock;
  private readonly key = randomBytes(32);
  private readonly tenants = new Map<string, Tenant>();
  /** By tenant and client id: an application can be in several tenants. */
  private readonly applications = new Map<string, Application>();
  private readonly identities = new Map<string, ManagedIdentity>();
  private readonly appRoles = new Map<string, Set<string>>();
  private readonly assignments: RoleAssignment[] = [];
  private readonly signatures = new Map<string, Buffer>();

  constructor({ clock }: { clock: Clock }) {
    this.clock = clock;
  }

  /** Adds a tenant, by default with auditing on. */
  addTenant(id: string, traits: Partial<Omit<Tenant, "id">> = {}): Tenant {
    const tenant: Tenant = { id: lower(id), auditing: true, auditApi: "enabled", ...traits };
    this.tenants.set(tenant.id, tenant);
    return tenant;
  }

  tenant(id: string): Tenant | undefined {
    return this.tenants.get(lower(id));
  }

  /** Adds an application with its service principal to a tenant; it can do nothing yet. */
  addApplication(ids: { clientId: string; tenantId: string; principalId?: string }): Application {
    const application: Application = {
      clientId: lower(ids.clientId),
      tenantId: this.knownTenant(ids.tenantId),
      principalId: lower(ids.principalId ?? randomUUID()),
      secrets: [],
      assertions: new Set(),
    };
    this.applications.set(inTenant(application.clientId, application.tenantId), application);
    return application;
  }

  /** Removes an application's service principal: nobody signs in as it any more. */
  removeApplication(clientId: string, tenantId: string): void {
    this.applications.delete(inTenant(clientId, tenantId));
  }

  /** An application as a tenant has it, or as the only tenant has it. */
  application(clientId: string, tenantId?: string): Application | undefined {
    return tenantId === undefined
      ? [...this.applications.values()].find((each) => same(each.clientId, clientId))
      : this.applications.get(inTenant(clientId, tenantId));
  }

  /** Adds the identity of a resource; `resourceId` is compared without regard to case. */
  addManagedIdentity(ids: {
    resourceId: string;
    tenantId: string;
    clientId?: string;
    principalId?: string;
  }): ManagedIdentity {
    const identity: ManagedIdentity = {
      resourceId: ids.resourceId,
      tenantId: this.knownTenant(ids.tenantId),
      clientId: lower(ids.clientId ?? randomUUID()),
      principalId: lower(ids.principalId ?? randomUUID()),
    };
    this.identities.set(lower(identity.resourceId), identity);
    return identity;
  }

  /** Removes the identity of a resource; tokens issued before stay valid. */
  removeManagedIdentity(resourceId: string): void {
    this.identities.delete(lower(resourceId));
  }

  /** Whether there is a service principal of this object id. */
  knowsPrincipal(principalId: string): boolean {
    return [...this.applications.values(), ...this.identities.values()].some((each) =>
      same(each.principalId, principalId),
    );
  }

  /** Consents to an application role, such as `ActivityFeed.Read`; tokens issued later carry it. */
  grantAppRole(principalId: string, appRole: string): void {
    if (![...RESOURCES.values()].some((roles) => roles.includes(appRole))) {
      const roles = [...AUDIT_ROLES, ...GRAPH_ROLES].join(", ");
      throw new Error(`appRole must be one of ${roles}, got ${appRole}`);
    }
    const granted = this.appRoles.get(lower(principalId)) ?? new Set();
    this.appRoles.set(lower(principalId), granted.add(appRole));
  }

  /** Takes back a consent; tokens issued before keep it. */
  revokeAppRole(principalId: string, appRole: string): void {
    this.appRoles.get(lower(principalId))?.delete(appRole);
  }

  /** Gives an Azure role, in force at once. */
  assignRole(assignment: RoleAssignment): void {
    this.assignments.push(assignment);
  }

  /** Takes an Azure role away, in force at once. */
  removeRole({ principalId, role, scope }: RoleAssignment): void {
    const kept = this.assignments.filter(
      (held) =>
        !same(held.principalId, principalId) || held.role !== role || !same(held.scope, scope),
    );
    this.assignments.splice(0, this.assignments.length, ...kept);
  }

  /** Whether the principal holds one of the roles at this scope or above. */
  hasRole(principalId: string, roles: readonly string[], scope: string): boolean {
    return this.assignments.some(
      (held) =>
        same(held.principalId, principalId) &&
        roles.includes(held.role) &&
        `${lower(scope)}/`.startsWith(`${lower(held.scope)}/`),
    );
  }

  /**
   * Signs an application in at a tenant for an audience. Fails with a SignInError, whose codes are
   * those of https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes.
   */
  signIn(request: {
    tenantId: string;
    clientId: string;
    audience: string;
    secret?: string;
    assertion?: string;
  }): string {
    const { tenantId, clientId, audience, secret, assertion } = request;
    const tenant = this.tenant(tenantId);
    if (!tenant) {
      throw new SignInError(
        90002,
        `Tenant '${tenantId}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
      );
    }
    const application = this.application(clientId, tenant.id);
    if (!application) {
      throw new SignInError(
        700016,
        `Application with identifier '${clientId}' was not found in the directory '${tenantId}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
      );
    }
    if (assertion !== undefined) {
      if (!application.assertions.has(assertion)) {
        throw new SignInError(
          700213,
          `No matching federated identity record found for presented assertion of application '${clientId}'.`,
        );
      }
    } else if (secret !== undefined) {
      this.checkSecret(application, secret);
    } else {
      throw new SignInError(
        7000218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
      );
    }
    return this.issueToken(application, audience, TOKEN_LIFETIME_SECONDS);
  }

  /**
   * The token that Azure gives to a resource for its own identity. Fails with a SignInError when the
   * audience is not registered to the character.
   */
  managedIdentityToken(resourceId: string, audience: string): string {
    const identity = this.identities.get(lower(resourceId));
    if (!identity) {
      throw new Error(`resourceId must have a managed identity, got ${resourceId}`);
    }
    return this.issueToken(identity, audience, IDENTITY_TOKEN_LIFETIME_SECONDS);
  }

  /** A signed token for a principal, without any proof of who asks; lifetime in seconds. */
  issueToken(
    principal: Pick<Application, "clientId" | "principalId" | "tenantId">,
    audience: string,
    lifetimeSeconds = TOKEN_LIFETIME_SECONDS,
  ): string {
    const registered = RESOURCES.get(audience);
    const auditApi = this.tenant(principal.tenantId)?.auditApi;
    const isAuditApi = registered === AUDIT_ROLES;
    if (!registered || (isAuditApi && auditApi === "missing")) {
      throw new SignInError(
        500011,
        `The resource principal named ${audience} was not found in the tenant named ${principal.tenantId}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
      );
    }
    if (isAuditApi && auditApi === "disabled") {
      throw new SignInError(
        500014,
        `The service principal for resource '${audience}' is disabled. This indicate that a subscription within the tenant has lapsed, or that the administrator for this tenant has disabled the application, preventing tokens from being issued for it.`,
      );
    }
    const granted = this.appRoles.get(lower(principal.principalId));
    const roles = registered.filter((role) => granted?.has(role));
    const now = this.seconds();
    return this.sign({
      aud: audience,
      iss: issuer(principal.tenantId),
      tid: principal.tenantId,
      oid: principal.principalId,
      appid: principal.clientId,
      ...(roles.length > 0 && { roles }),
      iat: now,
      nbf: now,
      exp: now + lifetimeSeconds,
    });
  }

  /** Reads an `Authorization` header: whose it is, if the token is ours, in time and for one of the audiences. */
  verifyToken(authorization: string | null, audience: string | readonly string[]): Verdict {
    const [scheme, token = ""] = authorization?.split(" ") ?? [];
    if (scheme?.toLowerCase() !== "bearer") {
      return { problem: "missing" };
    }
    const [header, payload, signature] = token.split(".");
    if (!header || !payload || !signature) {
      return { problem: "malformed" };
    }
    const given = Buffer.from(signature, "base64url");
    const right = this.signature(`${header}.${payload}`);
    if (given.length !== right.length || !timingSafeEqual(given, right)) {
      return { problem: "signature" };
    }
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Claims;
    if (!([] as string[]).concat(audience).includes(claims.aud)) {
      return { problem: "audience" };
    }
    if (this.seconds() >= claims.exp) {
      return { problem: "expired" };
    }
    return { claims };
  }

  private checkSecret({ clientId, secrets }: Application, secret: string): void {
    const found = secrets.find(({ value }) => value === secret);
    if (!found) {
      throw new SignInError(
        7000215,
        `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
      );
    }
    if (found.expires <= this.clock.now()) {
      throw new SignInError(
        7000222,
        `The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to create new keys for your app.`,
      );
    }
  }

  private knownTenant(tenantId: string): string {
    const tenant = this.tenant(tenantId);
    if (!tenant) {
      throw new Error(`tenantId must be a tenant of the directory, got ${tenantId}`);
    }
    return tenant.id;
  }

  // Written out because a library would verify asynchronously, during which virtual time runs on.
  private sign(claims: Claims): string {
    const content = [{ typ: "JWT", alg: "HS256" }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${content}.${this.signature(content).toString("base64url")}`;
  }

  /** Remembered, since what is signed is verified in a moment. */
  private signature(content: string): Buffer {
    let signature = this.signatures.get(content);
    if (!signature) {
      signature = createHmac("sha256", this.key).update(content).digest();
      if (this.signatures.size >= rememberedSignatures) {
        this.signatures.clear();
      }
      this.signatures.set(content, signature);
    }
    return signature;
  }

  private seconds(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }
}

/** The issuer in the tokens of a tenant. */
export const issuer = (tenantId: string) => `https://sts.windows.net/${lower(tenantId)}/`;

const inTenant = (clientId: string, tenantId: string) => `${lower(tenantId)}/${lower(clientId)}`;
const lower = (text: string) => text.toLowerCase();
const same = (a: string, b: string) => lower(a) === lower(b);
