/** The Azure clouds that an environment can be deployed to. */
export const azureCloudNames = ["public", "usgovernment"] as const;
export type AzureCloudName = (typeof azureCloudNames)[number];

/** The Microsoft 365 clouds that a tenant can be in. */
export const m365CloudNames = ["enterprise", "gcc", "gcc-high", "dod"] as const;
export type M365CloudName = (typeof m365CloudNames)[number];

/** Host names and token audiences of one Azure cloud. */
export interface AzureCloud {
  /** `environment` of the azurerm provider and of the state backend. */
  readonly terraformEnvironment: string;
  /** Where a vault answers: `https://<vault>.<vaultSuffix>`. */
  readonly vaultSuffix: string;
  readonly vaultAudience: string;
  /** Where a storage account answers: `https://<account>.<blobSuffix>`. */
  readonly blobSuffix: string;
  readonly storageAudience: string;
  readonly ingestionAudience: string;
  /** The query API of Azure Monitor Logs, without a slash at the end. */
  readonly logQueryUri: string;
  readonly logQueryAudience: string;
  /** Resource Manager, without a slash at the end. */
  readonly managementUri: string;
  /** Where tokens of the home tenant are issued, with a slash at the end. */
  readonly loginAuthority: string;
}

/** Host names and token audience of the Management Activity API in one Microsoft 365 cloud. */
export interface M365Cloud {
  /** The Azure cloud whose Entra ID holds the tenants of this cloud. */
  readonly azureCloud: AzureCloudName;
  /** `environment` of the azuread provider, which decides where Microsoft Graph is. */
  readonly terraformEnvironment: string;
  /** Root of the API, without a slash at the end. */
  readonly feedUri: string;
  readonly feedAudience: string;
  /** Microsoft Graph, without a slash at the end. */
  readonly graphUri: string;
  /** Where tokens of the Microsoft 365 tenant are issued, with a slash at the end. */
  readonly loginAuthority: string;
}

const worldwideLogin = "https://login.microsoftonline.com/";
const usGovernmentLogin = "https://login.microsoftonline.us/";

/**
 * Azure clouds by name; the ingestion host is not among them, since its form outside the public
 * cloud is not documented: it is the endpoint's exported attribute.
 *
 * @see https://github.com/hashicorp/go-azure-sdk/tree/main/sdk/environments
 * @see https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview
 * @see https://learn.microsoft.com/azure/azure-monitor/logs/api/access-api
 * @see https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure
 */
export const azureClouds: Readonly<Record<AzureCloudName, AzureCloud>> = {
  public: {
    terraformEnvironment: "public",
    vaultSuffix: "vault.azure.net",
    vaultAudience: "https://vault.azure.net",
    blobSuffix: "blob.core.windows.net",
    storageAudience: "https://storage.azure.com/",
    ingestionAudience: "https://monitor.azure.com",
    logQueryUri: "https://api.loganalytics.azure.com",
    logQueryAudience: "https://api.loganalytics.io",
    managementUri: "https://management.azure.com",
    loginAuthority: worldwideLogin,
  },
  usgovernment: {
    terraformEnvironment: "usgovernment",
    vaultSuffix: "vault.usgovcloudapi.net",
    vaultAudience: "https://vault.usgovcloudapi.net",
    blobSuffix: "blob.core.usgovcloudapi.net",
    storageAudience: "https://storage.azure.com/",
    ingestionAudience: "https://monitor.azure.us",
    logQueryUri: "https://api.loganalytics.us",
    logQueryAudience: "https://api.loganalytics.us",
    managementUri: "https://management.usgovcloudapi.net",
    loginAuthority: usGovernmentLogin,
  },
};

/**
 * Microsoft 365 clouds by name; each belongs to one Entra cloud, and no identity of one Entra cloud
 * can sign in to the other, so a collector runs in the Azure cloud that its tenant is paired with.
 *
 * @see https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-reference
 * @see https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
 * @see https://learn.microsoft.com/graph/deployments
 */
export const m365Clouds: Readonly<Record<M365CloudName, M365Cloud>> = {
  enterprise: {
    azureCloud: "public",
    terraformEnvironment: "global",
    feedUri: "https://manage.office.com",
    feedAudience: "https://manage.office.com",
    graphUri: "https://graph.microsoft.com",
    loginAuthority: worldwideLogin,
  },
  gcc: {
    azureCloud: "public",
    terraformEnvironment: "global",
    feedUri: "https://manage-gcc.office.com",
    feedAudience: "https://manage-gcc.office.com",
    graphUri: "https://graph.microsoft.com",
    loginAuthority: worldwideLogin,
  },
  "gcc-high": {
    azureCloud: "usgovernment",
    terraformEnvironment: "usgovernment",
    feedUri: "https://manage.office365.us",
    feedAudience: "https://manage.office365.us",
    graphUri: "https://graph.microsoft.us",
    loginAuthority: usGovernmentLogin,
  },
  dod: {
    azureCloud: "usgovernment",
    terraformEnvironment: "dod",
    feedUri: "https://manage.protection.apps.mil",
    feedAudience: "https://manage.protection.apps.mil",
    graphUri: "https://dod-graph.microsoft.us",
    loginAuthority: usGovernmentLogin,
  },
};
