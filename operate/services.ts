import type { TokenCredential } from "@azure/identity";
import { azureClouds } from "../config/clouds.ts";
import type { Environment } from "../config/environment.ts";
import type { ConnectionOptions } from "../feed/connection-options.ts";
import type { FeedTarget } from "../feed/feed-target.ts";
import { ServiceClient } from "./service-client.ts";

/** Resource Manager of an environment's cloud, in the name of whoever runs the command. */
export const managerOf = (
  { environment }: { readonly environment: Pick<Environment, "azureCloud" | "homeTenantId"> },
  operator: TokenCredential,
  options: ConnectionOptions = {},
): ServiceClient =>
  new ServiceClient(
    {
      uri: azureClouds[environment.azureCloud].managementUri,
      ...{ operator, tenantId: environment.homeTenantId },
      neededRole: "Reader there, and Logic App Contributor to run the playbook or to put it back",
    },
    options,
  );

/** Microsoft Graph in the tenant that a collector reads, in the name of whoever runs the command. */
export const graphOf = (
  { m365, tenant }: FeedTarget,
  operator: TokenCredential,
  options: ConnectionOptions = {},
): ServiceClient =>
  new ServiceClient(
    {
      ...{ uri: m365.graphUri, operator, tenantId: tenant.tenantId },
      neededRole:
        "Cloud Application Administrator, or as an owner of the application Application.ReadWrite.OwnedBy",
    },
    options,
  );
