import { azureClouds, m365Clouds, type AzureCloud, type M365Cloud } from "../config/clouds.ts";
import type { Environment, Tenant } from "../config/environment.ts";
import { tenantNames } from "../config/names.ts";

/** One tenant of an environment, with every name that the commands need. */
export interface FeedTarget {
  readonly environment: Environment;
  /** Key of the tenant in the configuration. */
  readonly tenantName: string;
  readonly tenant: Tenant;
  readonly names: ReturnType<typeof tenantNames>;
  readonly azure: AzureCloud;
  readonly m365: M365Cloud;
}

/** The tenant with this key in the configuration; fails for one that the environment does not collect. */
export function feedTarget(environment: Environment, tenantName: string): FeedTarget {
  if (environment.tenants[tenantName]?.state !== "collected") {
    throw new Error(`tenant must be one that ${environment.name} collects, got ${tenantName}`);
  }
  return anyFeedTarget(environment, tenantName);
}

/** The same for a tenant that may be on its way out. */
export function anyFeedTarget(environment: Environment, tenantName: string): FeedTarget {
  const tenant = environment.tenants[tenantName];
  if (tenant === undefined) {
    throw new Error(`tenant must be one of ${environment.name}, got ${tenantName}`);
  }
  return {
    environment,
    tenantName,
    tenant,
    names: tenantNames(environment, tenantName),
    azure: azureClouds[environment.azureCloud],
    m365: m365Clouds[tenant.cloud],
  };
}

/** The command that deploys an environment; a production's takes what was reviewed. */
export function deployCommand({ environment }: Pick<FeedTarget, "environment">): string {
  const { name, protection } = environment;
  const how = protection === "production" ? "--reviewed <digest>" : "--unreviewed";
  return `npm run deploy -- --environment ${name} ${how}`;
}
