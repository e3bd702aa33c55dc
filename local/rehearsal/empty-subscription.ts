import { randomUUID } from "node:crypto";
import { collectedTenants, type Environment } from "../../config/environment.ts";
import { resourceProviders } from "../../config/providers.ts";
import { planRole } from "../../config/plan-role.ts";
import { Azure } from "../azure/azure.ts";
import type { Clock } from "../clock.ts";

/** Who signs in by a token that the identity provider of a pipeline has issued. */
export interface Identity {
  readonly clientId: string;
  readonly assertion: string;
}

/** Who plans and looks for drift, as the page for production sets it up. */
const readerRoles = [planRole.name, "Key Vault Secrets User", "Storage Blob Data Reader"];

/** Namespaces that a subscription has registered in which other things run already. */
const registeredByOthers = ["Microsoft.Storage", "Microsoft.KeyVault"];

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

/**
 * Azure with an empty subscription and the tenants of an environment, in which one identity may deploy
 * and another one may only read.
 */
export function emptySubscription(
  environment: Environment,
  clock: Clock,
  { deployer, reader }: { readonly deployer: Identity; readonly reader: Identity },
): Azure {
  const { azureCloud, deployerVaultRole, homeTenantId, subscriptionId } = environment;
  const collected = collectedTenants(environment).map((name) => environment.tenants[name]!);
  const tenantIds = [...new Set([homeTenantId, ...collected.map(({ tenantId }) => tenantId)])];
  // Whoever may only read cannot register any, so that an owner has done it where somebody plans who may not.
  const registered =
    deployerVaultRole === "by-administrator" ? resourceProviders : registeredByOthers;
  const azure = new Azure({
    ...{ clock, tenantIds },
    subscriptions: [{ id: subscriptionId, tenantId: homeTenantId, azureCloud, registered }],
  });
  const scope = `/subscriptions/${subscriptionId}`;
  azure.manager.access.define({ id: randomUUID(), ...planRole });
  for (const tenantId of tenantIds) {
    const { assertions, principalId } = azure.directory.addApplication({
      ...{ clientId: deployer.clientId, tenantId },
    });
    assertions.add(deployer.assertion);
    const reading = azure.directory.addApplication({ clientId: reader.clientId, tenantId });
    reading.assertions.add(reader.assertion);
    azure.directory.grantAppRole(reading.principalId, "Application.Read.All");
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
      for (const role of readerRoles) {
        azure.manager.grant({ principalId: reading.principalId, role, scope });
      }
    }
  }
  return azure;
}
