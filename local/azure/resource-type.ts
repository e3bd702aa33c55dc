import type { AzureCloud } from "../../config/clouds.ts";
import type { Clock } from "../clock.ts";
import type { Directory } from "../directory.ts";
import type { JsonObject } from "../json.ts";
import type { Service } from "../service.ts";
import type { Access } from "./access.ts";
import type { DeletedResources } from "./deleted-resources.ts";
import type { LogWorkspaces } from "./log-workspaces.ts";
import type { Resource, ResourceStore } from "./resource-store.ts";
import type { ResourcePath } from "./resource-path.ts";
import type { WorkflowRuns } from "./workflow-runs.ts";

/** What types of resources find around them. */
export interface AzureContext {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly store: ResourceStore;
  /** The rows of workspaces. */
  readonly logs: LogWorkspaces;
  /** Services that resources have brought about, by host name. */
  readonly hosts: Map<string, Service>;
  /** Those of deleted resources that can come back. */
  readonly parked: Map<string, Service>;
  readonly access: Access;
  readonly deleted: DeletedResources;
  /** What workflows have run. */
  readonly runs: WorkflowRuns;
  /** Begins an operation and gives the headers that lead to it. */
  readonly begin: (request: Request, path: ResourcePath) => Record<string, string>;
  /** Creates or changes a resource, as a template does. */
  readonly put: (id: string, given: JsonObject) => Promise<void>;
  readonly cloudOf: (subscriptionId: string) => AzureCloud;
  /** The Entra tenant of a subscription. */
  readonly tenantOf: (subscriptionId: string) => string;
}

/** A request to create or change a resource. */
export interface PutRequest {
  readonly path: ResourcePath;
  readonly given: JsonObject;
  /** The resource as it was. */
  readonly before: Resource | undefined;
  readonly context: AzureContext;
}

/** A request to do something with a resource. */
export interface ActionRequest {
  readonly path: ResourcePath;
  readonly given: JsonObject;
  /** None for an action that needs none. */
  readonly resource: Resource | undefined;
  readonly request: Request;
  readonly context: AzureContext;
}

/**
 * What one type of resource does beyond keeping what it is told. Whatever is refused is refused with an
 * `ArmError`.
 */
export interface ResourceType {
  /** Such as `Microsoft.KeyVault/vaults`. */
  readonly name: string;
  /** Status of the answer to a request that creates one: 202 goes on in an operation. */
  readonly created: 200 | 201 | 202;
  /** Status of the answer to a request that deletes one: 202 goes on in an operation. */
  readonly deleted: 200 | 202;
  /**
   * What a GET answers from now on, but for `id`, `name` and `type`, and what begins with `$`.
   *
   * @default what was given
   */
  readonly put?: (request: PutRequest) => JsonObject | Promise<JsonObject>;
  /** Versions of its API that clients may choose from. */
  readonly apiVersions?: readonly string[];
  /** What a GET answers when nobody has put one. */
  readonly read?: (path: ResourcePath, context: AzureContext) => JsonObject | undefined;
  /** Those below an id that nobody has put. */
  readonly list?: (id: string, context: AzureContext) => readonly JsonObject[];
  /** Told before a resource is gone; `isPermanent` says that it shall not be kept for recovery. */
  readonly remove?: (
    resource: Resource,
    context: AzureContext,
    isPermanent: boolean,
  ) => void | Promise<void>;
  /** Actions by their names in lower case. */
  readonly actions?: Readonly<
    Record<string, (request: ActionRequest) => Response | Promise<Response>>
  >;
  /**
   * Whether its actions need no resource.
   *
   * @default false
   */
  readonly actsOnNothing?: boolean;
}
