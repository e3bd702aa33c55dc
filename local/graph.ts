import { randomBytes, randomUUID } from "node:crypto";

import { Hono, type Context } from "hono";
import { z } from "zod";
import { feedApplication, neededPermissions } from "../config/feed-permissions.ts";
import type { Clock } from "./clock.ts";
import type { Claims, ClientSecret, Directory } from "./directory.ts";
import type { Service } from "./service.ts";

const hosts = ["graph.microsoft.com", "graph.microsoft.us", "dod-graph.microsoft.us"];

/** Permissions of Microsoft Graph that something here depends on. */
const mayRead = [
  "Application.Read.All",
  "Application.ReadWrite.All",
  "Application.ReadWrite.OwnedBy",
];
const mayCreate = ["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"];
const mayConsent = ["AppRoleAssignment.ReadWrite.All"];

interface DirectoryObject {
  readonly id: string;
  readonly tenantId: string;
  readonly owners: Set<string>;
  /** What a GET answers besides. */
  members: Readonly<Record<string, unknown>>;
  readonly created: Date;
  /** When it was deleted; still seen for a while. */
  deleted?: Date;
}

interface GraphApplication extends DirectoryObject {
  readonly appId: string;
  readonly passwords: Password[];
}

interface GraphServicePrincipal extends DirectoryObject {
  readonly appId: string;
}

interface Password {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly hint: string;
  readonly value: string;
}

interface AppRoleAssignment {
  readonly id: string;
  readonly tenantId: string;
  readonly principalId: string;
  readonly resourceId: string;
  readonly appRoleId: string;
  readonly created: Date;
}

const members = z.record(z.string(), z.unknown());
const passwordBody = z.object({
  passwordCredential: z
    .object({
      displayName: z.string().nullish(),
      startDateTime: z.string().nullish(),
      endDateTime: z.string().nullish(),
    })
    .default({}),
});
const keyBody = z.object({ keyId: z.string() });
const assignmentBody = z.object({
  principalId: z.string(),
  resourceId: z.string(),
  appRoleId: z.string(),
});

/** The longest life of a secret that no end was given for, in days; about two years. */
const defaultSecretDays = 730;

/** Why a request is refused, with the codes of https://learn.microsoft.com/graph/errors. */
class GraphError extends Error {
  constructor(
    readonly status: 400 | 401 | 403 | 404,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface GraphProps {
  readonly clock: Clock;
  readonly directory: Directory;
  /**
   * Milliseconds until what was written is read, and what was deleted is not: objects are replicated.
   *
   * @default 3000
   */
  readonly replicationMs?: number;
}

/**
 * Microsoft Graph as far as applications, service principals, their passwords and the roles that they
 * are granted go (https://learn.microsoft.com/graph/api/resources/application), v1.0 and beta alike. What
 * is created is there a while later, as in a directory that is replicated.
 */
export class Graph implements Service {
  /** Sees each request first, and answers it in the service's place when it returns a response. */
  before?: (request: Request) => Promise<Response | undefined>;
  private readonly clock: Clock;
  /**
   * Whether an object is not found by its id either before it is replicated. As a rule lists alone lag;
   * where all does, the provider's creation of a service principal fails.
   */
  idsLag = false;
  private readonly directory: Directory;
  private readonly replicationMs: number;
  private readonly applications: GraphApplication[] = [];
  private readonly servicePrincipals: GraphServicePrincipal[] = [];
  private readonly assignments: AppRoleAssignment[] = [];
  private readonly app: Hono;

  constructor({ clock, directory, replicationMs = 3000 }: GraphProps) {
    this.clock = clock;
    this.directory = directory;
    this.replicationMs = replicationMs;
    const routes = new Hono<{ Variables: { caller: Claims } }>()
      .use(async (context, next) => {
        context.set("caller", this.callerOf(context.req.raw));
        await next();
      })
      .get("/applications", (context) => this.list(context, this.applications))
      .post("/applications", (context) => this.createApplication(context))
      .get("/applications/:id", (context) => this.get(context, this.applications))
      .patch("/applications/:id", (context) => this.change(context, this.applications))
      .delete("/applications/:id", (context) => this.deleteApplication(context))
      .post("/applications/:id/addPassword", (context) => this.addPassword(context))
      .post("/applications/:id/removePassword", (context) => this.removePassword(context))
      .get("/applications/:id/owners", (context) => this.listOwners(context, this.applications))
      .post("/applications/:id/owners/$ref", (context) => this.addOwner(context, this.applications))
      .delete("/applications/:id/owners/:owner/$ref", (context) =>
        this.removeOwner(context, this.applications),
      )
      .get("/servicePrincipals", (context) => this.list(context, this.servicePrincipals))
      .post("/servicePrincipals", (context) => this.createServicePrincipal(context))
      .get("/servicePrincipals/:id", (context) => this.get(context, this.servicePrincipals))
      .patch("/servicePrincipals/:id", (context) => this.change(context, this.servicePrincipals))
      .delete("/servicePrincipals/:id", (context) => this.deleteServicePrincipal(context))
      .get("/servicePrincipals/:id/owners", (context) =>
        this.listOwners(context, this.servicePrincipals),
      )
      .post("/servicePrincipals/:id/owners/$ref", (context) =>
        this.addOwner(context, this.servicePrincipals),
      )
      .delete("/servicePrincipals/:id/owners/:owner/$ref", (context) =>
        this.removeOwner(context, this.servicePrincipals),
      )
      .get("/servicePrincipals/:id/appRoleAssignedTo", (context) => this.listAssignments(context))
      .post("/servicePrincipals/:id/appRoleAssignedTo", (context) => this.assign(context))
      .get("/servicePrincipals/:id/appRoleAssignedTo/:assignment", (context) =>
        context.json(shownAssignment(this.assignmentOf(context))),
      )
      .delete("/servicePrincipals/:id/appRoleAssignedTo/:assignment", (context) =>
        this.unassign(context),
      );
    this.app = new Hono()
      .route("/v1.0", routes)
      .route("/beta", routes)
      .notFound(() =>
        failure(400, "BadRequest", "Resource not found for the segment: it is not known here."),
      )
      .onError((error) => {
        if (error instanceof GraphError) {
          return failure(error.status, error.code, error.message);
        }
        throw error;
      });
  }

  /** The only live application of a name in a tenant. Fails when there is none or are several. */
  applicationNamed(name: string, tenantId: string): { readonly appId: string } {
    const found = this.live(this.applications, tenantId).filter(
      ({ members }) => members["displayName"] === name,
    );
    if (found.length !== 1) {
      throw new Error(`name must be that of one application, got ${found.length} called ${name}`);
    }
    return found[0]!;
  }

  /** Names of all live applications of a tenant that were created here. */
  applicationNames(tenantId: string): string[] {
    return this.live(this.applications, tenantId).map(({ members }) =>
      String(members["displayName"]),
    );
  }

  /** Takes every grant of a service principal away, as an administrator of its tenant does. */
  withdrawGrants(principalId: string): void {
    this.assignments
      .filter((each) => each.principalId === principalId)
      .forEach((each) => this.removeAssignment(each));
  }

  serves(host: string): boolean {
    return hosts.includes(host);
  }

  async handle(request: Request): Promise<Response> {
    return (await this.before?.(request)) ?? this.app.fetch(request);
  }

  private callerOf(request: Request): Claims {
    const { claims, problem } = this.directory.verifyToken(
      request.headers.get("authorization"),
      `https://${new URL(request.url).hostname}`,
    );
    if (!claims) {
      throw new GraphError(401, "InvalidAuthenticationToken", `Access token is ${problem}.`);
    }
    return claims;
  }

  private async createApplication(context: GraphContext) {
    const caller = allowed(context, mayCreate);
    const given = await bodyOf(context, members);
    const appId = randomUUID();
    const application: GraphApplication = {
      ...this.newObject(caller),
      appId,
      members: { ...given, appId },
      passwords: [],
    };
    this.applications.push(application);
    return context.json(this.shown(application), 201);
  }

  private async createServicePrincipal(context: GraphContext) {
    const caller = allowed(context, mayCreate);
    const given = await bodyOf(context, members);
    const { appId } = given;
    const application = this.live(this.applications, caller.tid).find(
      (each) => each.appId === appId && this.isSeen(each),
    );
    if (!application) {
      throw new GraphError(
        400,
        "Request_BadRequest",
        `The appId '${String(appId)}' of the service principal does not reference a valid application object.`,
      );
    }
    this.checkOwner(context, application);
    if (this.live(this.servicePrincipals, caller.tid).some((each) => each.appId === appId)) {
      throw new GraphError(
        400,
        "Request_MultipleObjectsWithSameKeyValue",
        `The service principal cannot be created, updated, or restored because the service principal name ${String(appId)} is already in use.`,
      );
    }
    const principal: GraphServicePrincipal = {
      ...this.newObject(caller),
      appId: application.appId,
      members: {
        ...{ accountEnabled: true, servicePrincipalType: "Application" },
        ...{ displayName: application.members["displayName"], appRoles: [] },
        ...given,
      },
    };
    this.servicePrincipals.push(principal);
    const signedIn = this.directory.addApplication({
      clientId: application.appId,
      tenantId: caller.tid,
      principalId: principal.id,
    });
    signedIn.secrets.push(...application.passwords.map(secretOf));
    return context.json(this.shown(principal), 201);
  }

  private newObject(caller: Claims) {
    return {
      id: randomUUID(),
      tenantId: caller.tid,
      // Whoever creates something owns it.
      owners: new Set([caller.oid]),
      created: this.clock.now(),
    };
  }

  private list(context: GraphContext, objects: readonly DirectoryObject[]) {
    const caller = allowed(context, mayRead);
    const all = [...objects, ...this.apisOf(objects, caller.tid)];
    const filter = context.req.query("$filter");
    const [, key, value] = /^(appId|displayName|id) eq '([^']*)'$/.exec(filter ?? "") ?? [];
    if (filter !== undefined && key === undefined) {
      throw new GraphError(400, "Request_UnsupportedQuery", `Unsupported filter: ${filter}`);
    }
    const found = all
      .filter((each) => each.tenantId === caller.tid && this.isSeen(each))
      .map((each) => this.shown(each))
      .filter((each) => key === undefined || each[key] === value);
    return context.json({ value: found });
  }

  private get(context: GraphContext, objects: readonly DirectoryObject[]) {
    allowed(context, mayRead);
    return context.json(this.shown(this.seen(context, objects)));
  }

  private async change(context: GraphContext, objects: readonly DirectoryObject[]) {
    const found = this.written(context, objects);
    found.members = { ...found.members, ...(await bodyOf(context, members)) };
    return context.body(null, 204);
  }

  private deleteApplication(context: GraphContext) {
    const found = this.written(context, this.applications);
    found.deleted = this.clock.now();
    for (const principal of this.servicePrincipals) {
      if (principal.appId === found.appId) {
        this.removePrincipal(principal);
      }
    }
    return context.body(null, 204);
  }

  private deleteServicePrincipal(context: GraphContext) {
    this.removePrincipal(this.written(context, this.servicePrincipals));
    return context.body(null, 204);
  }

  private removePrincipal(principal: GraphServicePrincipal): void {
    principal.deleted ??= this.clock.now();
    this.directory.removeApplication(principal.appId, principal.tenantId);
    for (const assignment of this.assignments.filter((each) => each.principalId === principal.id)) {
      this.removeAssignment(assignment);
    }
  }

  private async addPassword(context: GraphContext) {
    const application = this.written(context, this.applications);
    const { passwordCredential: given } = await bodyOf(context, passwordBody);
    const now = this.clock.now();
    const value = `loc8Q~${randomBytes(25).toString("base64url").slice(0, 34)}`;
    const password: Password = {
      keyId: randomUUID(),
      displayName: given.displayName ?? null,
      startDateTime: given.startDateTime ?? now.toISOString(),
      endDateTime:
        given.endDateTime ??
        new Date(now.getTime() + defaultSecretDays * 24 * 3600 * 1000).toISOString(),
      hint: value.slice(0, 3),
      value,
    };
    application.passwords.push(password);
    this.directory
      .application(application.appId, application.tenantId)
      ?.secrets.push(secretOf(password));
    const { value: secretText, ...shown } = password;
    return context.json({ ...shown, secretText, customKeyIdentifier: null });
  }

  private async removePassword(context: GraphContext) {
    const application = this.written(context, this.applications);
    const { keyId } = await bodyOf(context, keyBody);
    const index = application.passwords.findIndex((each) => each.keyId === keyId);
    if (index < 0) {
      throw new GraphError(400, "Request_BadRequest", `No password credential found with keyId.`);
    }
    application.passwords.splice(index, 1);
    const secrets = this.directory.application(application.appId, application.tenantId)?.secrets;
    secrets?.splice(
      secrets.findIndex((each) => each.keyId === keyId),
      1,
    );
    return context.body(null, 204);
  }

  private listOwners(context: GraphContext, objects: readonly DirectoryObject[]) {
    allowed(context, mayRead);
    const { owners } = this.seen(context, objects);
    return context.json({
      value: [...owners].map((id) => ({ "@odata.type": "#microsoft.graph.servicePrincipal", id })),
    });
  }

  private async addOwner(context: GraphContext, objects: readonly DirectoryObject[]) {
    const found = this.written(context, objects);
    const given = await bodyOf(context, members);
    found.owners.add(String(given["@odata.id"]).split("/").at(-1)!);
    return context.body(null, 204);
  }

  private removeOwner(context: GraphContext, objects: readonly DirectoryObject[]) {
    this.written(context, objects).owners.delete(context.req.param("owner") ?? "");
    return context.body(null, 204);
  }

  private async assign(context: GraphContext) {
    const caller = allowed(context, mayConsent);
    const resource = this.seen(context, this.servicePrincipals);
    const given = await bodyOf(context, assignmentBody);
    const role = rolesOf(resource).find(({ id }) => id === given.appRoleId);
    if (given.resourceId !== resource.id || !role) {
      throw new GraphError(
        400,
        "Request_BadRequest",
        "Permission being assigned was not found on application.",
      );
    }
    const principal = this.servicePrincipals.find(({ id }) => id === given.principalId);
    if (
      !this.directory.knowsPrincipal(given.principalId) ||
      (principal && !this.isKnown(principal))
    ) {
      throw notThere(given.principalId);
    }
    if (this.assignments.some((each) => isSame(each, given))) {
      throw new GraphError(
        400,
        "Request_BadRequest",
        "Permission being assigned already exists on the object.",
      );
    }
    const assignment: AppRoleAssignment = {
      ...given,
      id: randomBytes(32).toString("base64url"),
      tenantId: caller.tid,
      created: this.clock.now(),
    };
    this.assignments.push(assignment);
    this.directory.grantAppRole(given.principalId, role.value);
    return context.json(shownAssignment(assignment), 201);
  }

  private listAssignments(context: GraphContext) {
    allowed(context, mayRead);
    const resource = this.seen(context, this.servicePrincipals);
    return context.json({
      value: this.assignments
        .filter(({ resourceId }) => resourceId === resource.id)
        .map(shownAssignment),
    });
  }

  private assignmentOf(context: GraphContext): AppRoleAssignment {
    allowed(context, [...mayRead, ...mayConsent]);
    const resource = this.seen(context, this.servicePrincipals);
    const id = context.req.param("assignment") ?? "";
    const found = this.assignments.find(
      (each) => each.id === id && each.resourceId === resource.id,
    );
    if (!found) {
      throw notThere(id);
    }
    return found;
  }

  private unassign(context: GraphContext) {
    allowed(context, mayConsent);
    this.removeAssignment(this.assignmentOf(context));
    return context.body(null, 204);
  }

  private removeAssignment(assignment: AppRoleAssignment): void {
    this.assignments.splice(this.assignments.indexOf(assignment), 1);
    const api = this.apisOf(this.servicePrincipals, assignment.tenantId)[0];
    const role = api && rolesOf(api).find(({ id }) => id === assignment.appRoleId);
    if (role) {
      this.directory.revokeAppRole(assignment.principalId, role.value);
    }
  }

  private shown(object: DirectoryObject): Record<string, unknown> {
    const passwords = "passwords" in object ? (object as GraphApplication).passwords : undefined;
    return {
      ...object.members,
      id: object.id,
      ...(passwords && {
        passwordCredentials: passwords.map(({ value: _, ...each }) => ({
          ...each,
          secretText: null,
          customKeyIdentifier: null,
        })),
      }),
    };
  }

  /** The object of the path that can be read: not yet one that was just written. */
  private seen<T extends DirectoryObject>(context: GraphContext, objects: readonly T[]): T {
    const { tid } = context.get("caller");
    const id = context.req.param("id") ?? "";
    const all = [...objects, ...this.apisOf(objects, tid)];
    const found = all.find(
      (each) => each.id === id && each.tenantId === tid && this.isKnown(each),
    ) as T | undefined;
    if (!found) {
      throw notThere(id);
    }
    return found;
  }

  /** The object of the path that can be written. */
  private written<T extends DirectoryObject>(context: GraphContext, objects: readonly T[]): T {
    const { tid } = allowed(context, mayCreate);
    const id = context.req.param("id") ?? "";
    const found = this.live(objects, tid).find((each) => each.id === id && this.isKnown(each));
    if (!found) {
      throw notThere(id);
    }
    this.checkOwner(context, found);
    return found;
  }

  /** Who may write what it owns may write nothing else. */
  private checkOwner(context: GraphContext, { owners }: DirectoryObject): void {
    const { oid, roles = [] } = context.get("caller");
    if (!roles.includes("Application.ReadWrite.All") && !owners.has(oid)) {
      throw denied();
    }
  }

  private live<T extends DirectoryObject>(objects: readonly T[], tenantId: string): T[] {
    return objects.filter((each) => each.tenantId === tenantId && !each.deleted);
  }

  /** Whether a request by its id finds an object; one that was deleted is found for a while. */
  private isKnown(object: DirectoryObject): boolean {
    return this.isSeen(object) || (!this.idsLag && !object.deleted);
  }

  private isSeen({ created, deleted }: DirectoryObject): boolean {
    const now = this.clock.now().getTime();
    const isReplicated = (at: Date) => now - at.getTime() >= this.replicationMs;
    return isReplicated(created) && !(deleted && isReplicated(deleted));
  }

  /** Microsoft's own service principal of the Office 365 Management APIs, where the tenant has it. */
  private apisOf(objects: readonly DirectoryObject[], tenantId: string): GraphServicePrincipal[] {
    const tenant = this.directory.tenant(tenantId);
    if (objects !== this.servicePrincipals || !tenant || tenant.auditApi === "missing") {
      return [];
    }
    const appRoles = neededPermissions(["DLP.All"]).map(({ id, name }) => ({
      ...{ id, value: name, displayName: name, description: name },
      ...{ allowedMemberTypes: ["Application"], isEnabled: true, origin: "Application" },
    }));
    return [
      {
        id: `a0d17000${tenantId.slice(8)}`,
        tenantId,
        appId: feedApplication.clientId,
        owners: new Set(),
        created: new Date(0),
        members: {
          appId: feedApplication.clientId,
          displayName: feedApplication.name,
          accountEnabled: tenant.auditApi === "enabled",
          servicePrincipalType: "Application",
          appRoles,
        },
      },
    ];
  }
}

type GraphContext = Context<{ Variables: { caller: Claims } }>;

/** The caller, if it is granted one of the permissions. */
function allowed(context: GraphContext, permissions: readonly string[]): Claims {
  const caller = context.get("caller");
  if (!permissions.some((permission) => caller.roles?.includes(permission))) {
    throw denied();
  }
  return caller;
}

async function bodyOf<T>(context: GraphContext, schema: z.ZodType<T>): Promise<T> {
  const body: unknown = await context.req.json().catch(() => undefined);
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    throw new GraphError(400, "Request_BadRequest", z.prettifyError(parsed.error));
  }
  return parsed.data;
}

const rolesOf = ({ members: { appRoles } }: DirectoryObject) =>
  appRoles as readonly { readonly id: string; readonly value: string }[];

const isSame = (a: Omit<AppRoleAssignment, "id" | "tenantId" | "created">, b: typeof a) =>
  a.principalId === b.principalId && a.resourceId === b.resourceId && a.appRoleId === b.appRoleId;

const shownAssignment = ({ tenantId: _, created, ...assignment }: AppRoleAssignment) => ({
  ...assignment,
  createdDateTime: created.toISOString(),
  principalType: "ServicePrincipal",
  resourceDisplayName: feedApplication.name,
});

const secretOf = ({ value, endDateTime, keyId }: Password): ClientSecret => ({
  value,
  keyId,
  expires: new Date(endDateTime),
});

const denied = () =>
  new GraphError(
    403,
    "Authorization_RequestDenied",
    "Insufficient privileges to complete the operation.",
  );

const notThere = (id: string) =>
  new GraphError(
    404,
    "Request_ResourceNotFound",
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );

const failure = (status: number, code: string, message: string) =>
  Response.json({ error: { code, message } }, { status });
