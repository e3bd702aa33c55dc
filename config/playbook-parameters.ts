import { azureClouds, m365Clouds } from "./clouds.ts";
import type { Environment } from "./environment.ts";
import { tenantNames, workspaceId, workspaceNames } from "./names.ts";

/** What only Azure knows before a collector is deployed. */
export interface AssignedByAzure {
  /** The application that reads the feed; empty with a managed identity. */
  readonly clientId: string;
  /** Address of the data collection endpoint, whose host follows no documented rule. */
  readonly ingestionEndpoint: string;
  /** Immutable id of the data collection rule. */
  readonly dataCollectionRuleId: string;
}

/**
 * Values of the Get-O365Data playbook's workflow parameters for one tenant of an environment. The
 * query API is asked by the workspace's resource id, which is known before the workspace is there:
 * https://learn.microsoft.com/azure/azure-monitor/logs/api/azure-resource-queries
 */
export function playbookParameters(
  environment: Environment,
  tenantName: string,
  assigned: AssignedByAzure,
): Record<string, unknown> {
  const tenant = environment.tenants[tenantName];
  if (!tenant) {
    throw new Error(
      `tenant must be one of ${Object.keys(environment.tenants).join(", ")}, got ${tenantName}`,
    );
  }
  const azure = azureClouds[environment.azureCloud];
  const m365 = m365Clouds[tenant.cloud];
  const names = tenantNames(environment, tenantName);
  const workspace = workspaceNames(environment);
  return {
    feedUri: m365.feedUri,
    feedAudience: m365.feedAudience,
    loginAuthority: m365.loginAuthority,
    m365TenantId: tenant.tenantId,
    clientId: assigned.clientId,
    publisherId: tenant.publisherId,
    contentTypes: tenant.contentTypes,
    keepWorkloads: tenant.keepWorkloads,
    keepRecordTypes: tenant.keepRecordTypes,
    secretUri: tenant.credential === "client-secret" ? names.secretUri : "",
    vaultAudience: azure.vaultAudience,
    checkpointUri: names.checkpointUri,
    setAsideUri: workspace.setAsideUri,
    originalsUri: workspace.originalsUri,
    storageAudience: azure.storageAudience,
    ingestionEndpoint: assigned.ingestionEndpoint,
    dataCollectionRuleId: assigned.dataCollectionRuleId,
    ingestionAudience: azure.ingestionAudience,
    queryEndpoint: `${azure.logQueryUri}/v1${workspaceId(environment)}`,
    queryAudience: azure.logQueryAudience,
    recurrenceMinutes: tenant.recurrenceMinutes,
    requestsPerMinute: tenant.requestsPerMinute,
    collector: names.collector,
  };
}
