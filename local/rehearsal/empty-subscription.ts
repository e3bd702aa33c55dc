import { collectedTenants, type Environment } from "../../config/environment.ts";
import { Azure } from "../azure/azure.ts";
import type { Clock } from "../clock.ts";

/** Who deploys, by a token that the identity provider of a pipeline has issued. */
export interface Deployer {
  readonly clientId: string;
  readonly assertion: string;
}

/** Namespaces that a subscription has registered in which other things run already. */
const registered = ["Microsoft.Storage", "Microsoft.KeyVault"];

/** On the subscription, as the documents ask for. */
const deployerRoles = ["Contributor", "Role Based Access Control Administrator"];

/** Beside what a deployment declares, for the commands of npm run feed. */
const operatorRoles = [
  "Key Vault Secrets User",
  "Storage Blob Data Contributor",
  "Monitoring Metrics Publisher",
];

/** In each Microsoft 365 tenant, https://learn.microsoft.com/graph/permissions-reference. */
const graphPermissions = ["Application.ReadWrite.OwnedBy", "Application.Read.All"];

/** In a tenant whose consent the deployment declares. */
export const consentPermission = "AppRoleAssignment.ReadWrite.All";

/** Azure with an empty subscription and the tenants of an environment, in which somebody may deploy. */
export function emptySubscription(
  environment: Environment,
  clock: Clock,
  deployer: Deployer,
): Azure {
  const { azureCloud, deployerVaultRole, homeTenantId, subscriptionId } = environment;
  const collected = collectedTenants(environment).map((name) => environment.tenants[name]!);
  const tenantIds = [...new Set([homeTenantId, ...collected.map(({ tenantId }) => tenantId)])];
  const azure = new Azure({
    ...{ clock, tenantIds },
    subscriptions: [{ id: subscriptionId, tenantId: homeTenantId, azureCloud, registered }],
  });
  const scope = `/subscriptions/${subscriptionId}`;
  for (const tenantId of tenantIds) {
    const { assertions, principalId } = azure.directory.addApplication({
      ...{ clientId: deployer.clientId, tenantId },
    });
    assertions.add(deployer.assertion);
    graphPermissions.forEach((each) => azure.directory.grantAppRole(principalId, each));
    const consents = collected.filter((tenant) => tenant.tenantId === tenantId);
    if (consents.some(({ consent }) => consent === "declared")) {
      azure.directory.grantAppRole(principalId, consentPermission);
    }
    if (tenantId === homeTenantId) {
      const secrets = deployerVaultRole === "by-administrator" ? ["Key Vault Secrets Officer"] : [];
      for (const role of [...deployerRoles, ...operatorRoles, ...secrets]) {
        azure.manager.grant({ principalId, role, scope });
      }
    }
  }
  return azure;
}
