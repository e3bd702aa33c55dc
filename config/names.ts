import { createHash } from "node:crypto";
import { azureClouds } from "./clouds.ts";
import type { Environment } from "./environment.ts";

const project = "m365audit";

/** Containers that outlive a tenant's collector, in the storage account of the workspace stack. */
export const workspaceContainers = { setAside: "set-aside", originals: "originals" } as const;

/** Where the container for content that is set aside holds what was replayed. */
export const replayedPrefix = "replayed/";

/** The container of a tenant's storage account that holds its checkpoint. */
export const checkpointContainer = "checkpoint";

/** The secret of a tenant's vault that the playbook signs in with. */
export const clientSecretName = "feed-client-secret";

/** Id of the stack that holds what outlives everything. */
export function workspaceStackId(environment: Named): string {
  return `${environment.name}-workspace`;
}

/** Id of the stack of one tenant; also how its collector calls itself in the tables. */
export function tenantStackId(environment: Named, tenant: string): string {
  return `${environment.name}-${tenant}`;
}

/** The tenant whose stack this is; undefined for that of the workspace. */
export const tenantOfStack = (environment: Environment, stack: string): string | undefined =>
  Object.keys(environment.tenants).find((name) => tenantStackId(environment, name) === stack);

/** Resource id of the workspace, created or adopted. */
export function workspaceId(environment: Environment): string {
  const { workspace } = environment;
  return workspace.mode === "adopt"
    ? workspace.resourceId
    : resourceId(
        environment,
        `rg-${project}-${environment.name}`,
        "Microsoft.OperationalInsights/workspaces",
        `log-${project}-${environment.name}`,
      );
}

/** Region of the workspace, created or adopted; what feeds it must be there too. */
export function workspaceLocation(environment: Environment): string {
  const { workspace } = environment;
  return workspace.mode === "adopt" ? workspace.location : environment.location;
}

/** Names and ids of what the workspace stack declares. */
export function workspaceNames(environment: Environment) {
  const resourceGroup = `rg-${project}-${environment.name}`;
  const storageAccount = storageAccountName(environment, "audit", hash(environment));
  const storageAccountId = resourceId(
    environment,
    resourceGroup,
    "Microsoft.Storage/storageAccounts",
    storageAccount,
  );
  return {
    resourceGroup,
    workspace: `log-${project}-${environment.name}`,
    storageAccount,
    setAsideContainerId: containerId(storageAccountId, workspaceContainers.setAside),
    originalsContainerId: containerId(storageAccountId, workspaceContainers.originals),
    setAsideUri: `${blobUri(environment, storageAccount)}/${workspaceContainers.setAside}`,
    originalsUri: `${blobUri(environment, storageAccount)}/${workspaceContainers.originals}`,
  };
}

/** Names, ids and addresses of what the stack of one tenant declares. */
export function tenantNames(environment: Environment, tenant: string) {
  const suffix = `${project}-${environment.name}-${tenant}`;
  const resourceGroup = `rg-${suffix}`;
  const unique = hash(environment, tenant);
  const vault = vaultName(environment, tenant, unique);
  const storageAccount = storageAccountName(environment, tenant, unique);
  const identity = `id-${suffix}`;
  const playbook = `logic-${suffix}`;
  return {
    resourceGroup,
    /** How the collector calls itself in the tables. */
    collector: tenantStackId(environment, tenant),
    application: `app-${suffix}`,
    vault,
    secretUri: `https://${vault}.${azureClouds[environment.azureCloud].vaultSuffix}/secrets/${clientSecretName}`,
    storageAccount,
    storageAccountId: resourceId(
      environment,
      resourceGroup,
      "Microsoft.Storage/storageAccounts",
      storageAccount,
    ),
    checkpointUri: `${blobUri(environment, storageAccount)}/${checkpointContainer}`,
    identity,
    identityId: resourceId(
      environment,
      resourceGroup,
      "Microsoft.ManagedIdentity/userAssignedIdentities",
      identity,
    ),
    collectionEndpoint: `dce-${suffix}`,
    collectionRule: `dcr-${suffix}`,
    playbook,
    playbookId: resourceId(environment, resourceGroup, "Microsoft.Logic/workflows", playbook),
    /** Resource id of the deployment of a template that makes the playbook. */
    deploymentId: resourceId(
      environment,
      resourceGroup,
      "Microsoft.Resources/deployments",
      playbook,
    ),
    actionGroup: `ag-${suffix}`,
    alert: (name: string) => `alert-${suffix}-${name}`,
  };
}

type Named = Pick<Environment, "name">;

/** Six characters that differ between subscriptions, environments and tenants, but never change. */
function hash({ subscriptionId, name }: Environment, tenant = ""): string {
  return createHash("sha256")
    .update(`${subscriptionId.toLowerCase()}/${name}/${tenant}`)
    .digest("hex")
    .slice(0, 6);
}

/**
 * Vault names: 3 to 24 letters, digits and single hyphens, unique in the world.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
function vaultName(environment: Named, tenant: string, unique: string): string {
  const readable = `kv-${environment.name}-${tenant}`.slice(0, 24 - 1 - unique.length);
  return `${readable.replace(/-$/, "")}-${unique}`;
}

/**
 * Storage account names: 3 to 24 lower-case letters and digits, unique in the world.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
function storageAccountName(environment: Named, purpose: string, unique: string): string {
  const readable = `st${environment.name}${purpose.replaceAll("-", "")}`;
  return readable.slice(0, 24 - unique.length) + unique;
}

function resourceId(
  { subscriptionId }: Environment,
  resourceGroup: string,
  type: string,
  name: string,
): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${type}/${name}`;
}

/** Id of a container as Resource Manager writes it, usable as the scope of a role. */
function containerId(storageAccountId: string, container: string): string {
  return `${storageAccountId}/blobServices/default/containers/${container}`;
}

function blobUri(environment: Environment, storageAccount: string): string {
  return `https://${storageAccount}.${azureClouds[environment.azureCloud].blobSuffix}`;
}
