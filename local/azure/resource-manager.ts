import { azureClouds, type AzureCloudName } from "../../config/clouds.ts";
import type { Clock } from "../clock.ts";
import type { Directory } from "../directory.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { Service } from "../service.ts";
import { Access, type StandingRole } from "./access.ts";
import { ArmError, resourceNotFound } from "./arm-error.ts";
import { regionOf } from "./body-parts.ts";
import { DeletedResources } from "./deleted-resources.ts";
import { LogWorkspaces } from "./log-workspaces.ts";
import { Operations } from "./operations.ts";
import { parseResourcePath, type ResourcePath } from "./resource-path.ts";
import { ResourceStore, type Resource } from "./resource-store.ts";
import type { AzureContext, ResourceType } from "./resource-type.ts";
import { resourceTypes } from "./resource-types.ts";
import { WorkflowRuns } from "./workflow-runs.ts";

/** Host names with the audiences of their tokens. */
const audiences: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  ["management.azure.com", "management.usgovcloudapi.net"].map((host) => [
    host,
    [`https://${host}`, `https://${host}/`],
  ]),
);

/** A subscription that resources can be deployed to. */
export interface Subscription {
  readonly id: string;
  /** The Entra tenant that it trusts. */
  readonly tenantId: string;
  readonly azureCloud: AzureCloudName;
  /** Namespaces that are registered, such as `Microsoft.KeyVault`. */
  readonly registered: readonly string[];
}

export interface ResourceManagerProps {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly subscriptions: readonly Subscription[];
  /**
   * Milliseconds until a new role assignment works.
   *
   * @default 60000
   */
  readonly rolePropagationMs?: number;
}

const groupType = "Microsoft.Resources/resourceGroups";
const subscriptionType = "Microsoft.Resources/subscriptions";
const types = new Map(resourceTypes.map((type) => [type.name.toLowerCase(), type]));

/**
 * Resource Manager: keeps what it is told, and lets each type of resource do what it does in Azure
 * (https://learn.microsoft.com/rest/api/resources/). Whatever is not implemented is refused.
 */
export class ResourceManager implements Service {
  /** Sees each request first, and answers it in the service's place when it returns a response. */
  before?: (request: Request) => Promise<Response | undefined>;
  readonly store = new ResourceStore();
  /** Services that resources have brought about, by host name. */
  readonly hosts = new Map<string, Service>();
  /** What Azure keeps of deleted resources. */
  readonly deleted: DeletedResources;
  /** The rows of workspaces. */
  readonly logs = new LogWorkspaces();
  /** What workflows have run. */
  readonly runs: WorkflowRuns;
  readonly access: Access;
  private readonly context: AzureContext;
  private readonly directory: Directory;
  private readonly operations = new Operations();
  private readonly registered = new Map<string, Set<string>>();
  private readonly subscriptions: readonly Subscription[];

  constructor(props: ResourceManagerProps) {
    const { clock, directory, subscriptions, rolePropagationMs = 60_000 } = props;
    this.access = new Access(clock, this.store, rolePropagationMs);
    this.deleted = new DeletedResources(clock);
    this.runs = new WorkflowRuns(clock);
    this.directory = directory;
    this.subscriptions = subscriptions;
    for (const { id, registered } of subscriptions) {
      this.registered.set(id.toLowerCase(), new Set(registered.map((each) => each.toLowerCase())));
    }
    this.context = {
      clock,
      directory,
      store: this.store,
      hosts: this.hosts,
      parked: new Map(),
      access: this.access,
      deleted: this.deleted,
      runs: this.runs,
      begin: (request, path) => this.begin(request, path),
      put: async (id, given) => {
        await this.putResource(parseResourcePath(id), given);
      },
      logs: this.logs,
      tenantOf: (id) => this.subscription(id).tenantId,
      cloudOf: (id) => azureClouds[this.subscription(id).azureCloud],
    };
  }

  serves(host: string): boolean {
    return host in audiences;
  }

  /** Gives a role that works at once, as an administrator did before. */
  grant(role: StandingRole): void {
    this.access.grant(role);
  }

  async handle(request: Request): Promise<Response> {
    const planned = await this.before?.(request);
    if (planned) {
      return planned;
    }
    try {
      return await this.answer(request);
    } catch (error) {
      if (error instanceof ArmError) {
        return error.toResponse();
      }
      throw error;
    }
  }

  private async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = parseResourcePath(url.pathname);
    if (path.subscriptionId === undefined) {
      throw new ArmError(404, "NotFound", `The path ${url.pathname} is not known.`);
    }
    const principalId = this.callerOf(request, url, path.subscriptionId);
    if (!url.searchParams.has("api-version")) {
      throw new ArmError(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
      );
    }
    if (/\/locations\/operation(status|result)(es|s)$/i.test(path.type)) {
      return /results$/i.test(path.type)
        ? this.operations.result(request, path.name)
        : this.operations.status(path.name);
    }
    this.authorize(principalId, request.method, path);
    return path.provider !== undefined || path.rest !== undefined
      ? this.answerAction(request, path)
      : this.answerResource(request, path);
  }

  /** The object id of who calls. */
  private callerOf(request: Request, url: URL, subscriptionId: string): string {
    const { claims, problem } = this.directory.verifyToken(
      request.headers.get("authorization"),
      audiences[url.hostname]!,
    );
    const subscription = this.subscription(subscriptionId);
    if (!claims) {
      throw new ArmError(
        401,
        problem === "missing" ? "AuthenticationFailed" : "InvalidAuthenticationToken",
        problem === "missing"
          ? "Authentication failed. The 'Authorization' header is missing."
          : `The access token is invalid: ${problem}.`,
        { "www-authenticate": `Bearer authorization_uri="https://login.microsoftonline.com/"` },
      );
    }
    if (claims.tid !== subscription.tenantId.toLowerCase()) {
      throw new ArmError(
        401,
        "InvalidAuthenticationTokenTenant",
        `The access token is from the wrong issuer 'https://sts.windows.net/${claims.tid}/'. It must match the tenant 'https://sts.windows.net/${subscription.tenantId}/' associated with this subscription.`,
      );
    }
    return claims.oid;
  }

  private authorize(principalId: string, method: string, path: ResourcePath): void {
    const action = actionOf(method, path);
    const scope = path.id;
    if (!this.access.mayAct(principalId, action, scope)) {
      throw new ArmError(
        403,
        "AuthorizationFailed",
        `The client with object id '${principalId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
      );
    }
  }

  private subscription(id: string): Subscription {
    const found = this.subscriptions.find((each) => each.id.toLowerCase() === id.toLowerCase());
    if (!found) {
      throw new ArmError(
        404,
        "SubscriptionNotFound",
        `The subscription '${id}' could not be found.`,
      );
    }
    return found;
  }

  private async answerResource(request: Request, path: ResourcePath): Promise<Response> {
    if (path.type === subscriptionType) {
      if (request.method !== "GET") {
        throw notAllowed(request, path);
      }
      const { id: subscriptionId, tenantId } = this.subscription(path.name);
      const { id } = path;
      return Response.json({
        id,
        subscriptionId,
        tenantId,
        displayName: "local",
        state: "Enabled",
      });
    }
    const type = this.typeOf(path);
    switch (request.method) {
      case "GET":
        return Response.json(this.read(path, type));
      case "PUT":
      case "PATCH":
        return this.put(request, path, type);
      case "DELETE":
        return this.delete(request, path, type);
      default:
        throw notAllowed(request, path);
    }
  }

  private read(path: ResourcePath, type: ResourceType): JsonObject {
    const resource = this.store.get(path.id);
    const body = resource ? answered(resource) : type.read?.(path, this.context);
    if (!body) {
      throw this.missing(path);
    }
    return body;
  }

  private async put(request: Request, path: ResourcePath, type: ResourceType): Promise<Response> {
    const before = this.store.get(path.id);
    const sent = await bodyOf(request);
    if (request.method === "PATCH" && !before) {
      throw this.missing(path);
    }
    const given = request.method === "PATCH" ? merged(before!.body, sent) : sent;
    const resource = await this.putResource(path, given);
    // What goes on in an operation does so for changes as well.
    const status = before && type.created !== 202 ? 200 : type.created;
    return Response.json(answered(resource), {
      status,
      headers: status === 202 ? this.begin(request, path) : {},
    });
  }

  /** Keeps the resource as a request makes it. */
  private async putResource(path: ResourcePath, given: JsonObject): Promise<Resource> {
    const type = this.typeOf(path);
    const before = this.store.get(path.id);
    this.checkPlace(path);
    checkLocation(path, given, before);
    const body = (await type.put?.({ path, given, before, context: this.context })) ?? given;
    const resource = {
      id: before?.id ?? path.id,
      type: before?.type ?? type.name,
      name: before?.name ?? path.name,
      body,
    };
    this.store.put(resource);
    return resource;
  }

  private async delete(
    request: Request,
    path: ResourcePath,
    type: ResourceType,
  ): Promise<Response> {
    if (!this.store.get(path.id)) {
      if (path.type === groupType) {
        throw this.missing(path);
      }
      return new Response(null, { status: 204 });
    }
    const isPermanent = new URL(request.url).searchParams.get("force") === "true";
    const headers = type.deleted === 202 ? this.begin(request, path) : {};
    const gone = this.store.below(path.id);
    for (const each of gone.toReversed()) {
      await types.get(each.type.toLowerCase())?.remove?.(each, this.context, isPermanent);
    }
    gone.forEach(({ id }) => this.store.delete(id));
    return new Response(null, { status: type.deleted, headers });
  }

  private async answerAction(request: Request, path: ResourcePath): Promise<Response> {
    const { provider, rest } = path;
    if (provider !== undefined) {
      return this.answerProvider(request, path, provider, rest);
    }
    const name = rest!.toLowerCase();
    const resource = this.store.get(path.id);
    if (request.method === "POST") {
      const type = this.typeOf(path);
      const action = type.actions?.[name];
      if (!action) {
        throw notAllowed(request, path);
      }
      if (!resource && type.actsOnNothing !== true) {
        throw this.missing(path);
      }
      const given = await bodyOf(request);
      return action({ path, given, resource, request, context: this.context });
    }
    if (request.method !== "GET") {
      throw notAllowed(request, path);
    }
    if (path.type === subscriptionType && name === "providers") {
      return Response.json({ value: this.providers(path.name) });
    }
    if (name === "resources") {
      return Response.json({ value: this.listResources(request, path) });
    }
    if (name === "resourcegroups") {
      return Response.json({ value: this.listed(groupType, path.id) });
    }
    if (!resource) {
      throw this.missing(path);
    }
    return Response.json({ value: this.listed(`${path.type}/${rest}`, path.id) });
  }

  /** What is asked of a resource provider in a subscription or group, or of its types there. */
  private answerProvider(
    request: Request,
    path: ResourcePath,
    namespace: string,
    rest: string | undefined,
  ): Response {
    const { id, subscriptionId } = path;
    if (request.method === "POST" && rest?.toLowerCase() === "register") {
      this.registered.get(subscriptionId!.toLowerCase())!.add(namespace.toLowerCase());
      return Response.json(this.provider(subscriptionId!, namespace));
    }
    if (request.method !== "GET") {
      throw notAllowed(request, path);
    }
    return Response.json(
      rest === undefined
        ? this.provider(subscriptionId!, namespace)
        : { value: this.listed(`${namespace}/${rest}`, id) },
    );
  }

  private providers(subscriptionId: string): JsonObject[] {
    const namespaces = resourceTypes.map(({ name }) => name.split("/")[0]!);
    const listed = (each: string) => listedNames[each] ?? each;
    return [...new Set(namespaces)].map((each) => this.provider(subscriptionId, listed(each)));
  }

  private provider(subscriptionId: string, namespace: string): JsonObject {
    const isRegistered = this.isRegistered(subscriptionId, namespace);
    return {
      id: `/subscriptions/${subscriptionId}/providers/${namespace}`,
      namespace,
      registrationState: isRegistered ? "Registered" : "NotRegistered",
      resourceTypes: resourceTypes.flatMap(({ name, apiVersions = [] }) =>
        name.toLowerCase().startsWith(`${namespace.toLowerCase()}/`)
          ? [{ resourceType: name.slice(namespace.length + 1), apiVersions, locations: [] }]
          : [],
      ),
    };
  }

  private isRegistered(subscriptionId: string, namespace: string): boolean {
    // These need no registration.
    return (
      ["microsoft.resources", "microsoft.authorization"].includes(namespace.toLowerCase()) ||
      this.registered.get(subscriptionId.toLowerCase())!.has(namespace.toLowerCase())
    );
  }

  private listed(type: string, id: string): JsonObject[] {
    const at = `${id.toLowerCase()}/`;
    const kept = this.store
      .ofType(type)
      .filter((resource) => resource.id.toLowerCase().startsWith(at))
      .map(answered);
    const list = types.get(type.toLowerCase())?.list;
    return list ? [...kept, ...list(id, this.context)] : kept;
  }

  /** Top-level resources of a group or subscription, of one type if the filter names it. */
  private listResources(request: Request, path: ResourcePath): JsonObject[] {
    const filter = new URL(request.url).searchParams.get("$filter");
    const [, wanted] = /^resourceType eq '([^']+)'$/.exec(filter ?? "") ?? [];
    if (filter !== null && wanted === undefined) {
      throw new ArmError(400, "InvalidFilterInQueryString", `The filter '${filter}' is not known.`);
    }
    const at = `${path.id.toLowerCase()}/`;
    return this.store
      .all()
      .filter(
        ({ id, type }) =>
          id.toLowerCase().startsWith(at) &&
          isTopLevel(id) &&
          (wanted === undefined || type.toLowerCase() === wanted.toLowerCase()),
      )
      .map(({ id, name, type, body }) => ({
        ...{ id, name, type, provisioningState: "Succeeded" },
        ...(body["location"] !== undefined && { location: body["location"] }),
        ...(body["tags"] !== undefined && { tags: body["tags"] }),
      }));
  }

  private typeOf(path: ResourcePath): ResourceType {
    const type = types.get(path.type.toLowerCase());
    if (!type) {
      throw new ArmError(
        404,
        "InvalidResourceType",
        `The resource type '${path.type}' could not be found.`,
      );
    }
    return type;
  }

  /** Refuses a resource whose provider is not registered, or that has nothing to be in. */
  private checkPlace(path: ResourcePath): void {
    const { parentId, resourceGroup, subscriptionId, type } = path;
    const [namespace] = type.split("/") as [string];
    if (!this.isRegistered(subscriptionId!, namespace)) {
      throw new ArmError(
        409,
        "MissingSubscriptionRegistration",
        `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`,
      );
    }
    const groupId = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
    if (type !== groupType && resourceGroup !== undefined && !this.store.get(groupId)) {
      throw groupNotFound(resourceGroup);
    }
    const parent = parseResourcePath(parentId);
    if (parent.type !== subscriptionType && !this.store.get(parentId) && !isService(parentId)) {
      throw new ArmError(
        404,
        "ParentResourceNotFound",
        `Failed to perform 'write' on resource(s) of type '${type}', because the parent resource '${parentId}' could not be found.`,
      );
    }
  }

  private missing(path: ResourcePath): ArmError {
    const groupId = `/subscriptions/${path.subscriptionId}/resourceGroups/${path.resourceGroup}`;
    return path.resourceGroup !== undefined && !this.store.get(groupId)
      ? groupNotFound(path.resourceGroup)
      : resourceNotFound(path.id);
  }

  /** Begins an operation on a resource that was found in progress twice before it has ended. */
  private begin(request: Request, path: ResourcePath): Record<string, string> {
    const location = this.store.get(path.id)?.body["location"];
    return this.operations.begin(request, {
      polls: 2,
      subscriptionId: path.subscriptionId!,
      namespace: path.type.split("/")[0]!,
      location: typeof location === "string" ? regionOf(location) : "westeurope",
    });
  }
}

function checkLocation(path: ResourcePath, given: JsonObject, before: Resource | undefined): void {
  const location = given["location"];
  const old = before?.body["location"];
  if (
    typeof location === "string" &&
    typeof old === "string" &&
    regionOf(location) !== regionOf(old)
  ) {
    throw new ArmError(
      409,
      "InvalidResourceLocation",
      `The resource '${path.name}' already exists in location '${old}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
    );
  }
}

/** Namespaces that the list of a subscription spells otherwise, and clients compare letter by letter. */
const listedNames: Readonly<Record<string, string>> = {
  "Microsoft.Insights": "microsoft.insights",
};

/** What begins with $ is kept and not answered. */
const answered = ({ id, name, type, body }: Resource): JsonObject => ({
  ...{ id, name, type },
  ...Object.fromEntries(Object.entries(body).filter(([key]) => !key.startsWith("$"))),
});

/** Services that a storage account has from its beginning, and that nobody creates. */
const isService = (id: string) => /\/(blobServices|fileServices)\/default$/i.test(id);

const isTopLevel = (id: string) =>
  /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/[^/]+\/[^/]+\/[^/]+$/i.test(id);

const groupNotFound = (name: string) =>
  new ArmError(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`);

const notAllowed = (request: Request, path: ResourcePath) =>
  new ArmError(
    405,
    "MethodNotAllowed",
    `${request.method} is not known for '${path.rest ?? path.provider ?? path.type}' of '${path.id}'.`,
  );

/** The action that a role has to allow. */
function actionOf(method: string, { type, provider, rest }: ResourcePath): string {
  const of = provider ?? (type === groupType ? `${subscriptionType}/resourceGroups` : type);
  if (method === "GET") {
    return `${of}/${rest === undefined ? "" : `${rest}/`}read`;
  }
  if (method === "POST") {
    return `${of}/${rest}/action`;
  }
  return `${of}/${method === "DELETE" ? "delete" : "write"}`;
}

async function bodyOf(request: Request): Promise<JsonObject> {
  const text = await request.text();
  if (text === "") {
    return {};
  }
  let body: Json;
  try {
    body = JSON.parse(text) as Json;
  } catch {
    throw new ArmError(400, "InvalidRequestContent", "The request content was not valid JSON.");
  }
  if (!isJsonObject(body)) {
    throw new ArmError(400, "InvalidRequestContent", "The request content was no object.");
  }
  return body;
}

/** A merge patch of objects, https://www.rfc-editor.org/rfc/rfc7396. */
function merged(before: JsonObject, change: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...before };
  for (const [key, value] of Object.entries(change)) {
    const old = result[key];
    if (value === null) {
      delete result[key];
    } else {
      result[key] = isJsonObject(value) && isJsonObject(old) ? merged(old, value) : value;
    }
  }
  return result;
}
