import { randomUUID } from "node:crypto";
import { m365Clouds } from "../../config/clouds.ts";
import { collectedTenants, type Environment } from "../../config/environment.ts";
import { AuditFeed } from "../audit-feed.ts";
import { Azure } from "../azure/azure.ts";
import { RehearsalClock } from "../clock.ts";
import { startProxy, type HttpsProxy } from "../proxy.ts";

/** Who deploys, by a token that the identity provider of a pipeline has issued. */
interface Deployer {
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
const graphPermissions = [
  "Application.ReadWrite.OwnedBy",
  "Application.Read.All",
  "AppRoleAssignment.ReadWrite.All",
];

/**
 * An empty Azure subscription and the Microsoft 365 tenants of an environment, behind HTTPS under their
 * real names, with an application that may deploy to them.
 */
export class RehearsalCloud {
  private constructor(
    readonly environment: Environment,
    readonly clock: RehearsalClock,
    readonly azure: Azure,
    /** Feeds of the clouds that the tenants are in, by host name. */
    private readonly feeds: ReadonlyMap<string, AuditFeed>,
    private readonly proxy: HttpsProxy,
    private readonly deployer: Deployer,
  ) {}

  static async start(environment: Environment): Promise<RehearsalCloud> {
    const clock = new RehearsalClock();
    const { azureCloud, homeTenantId, subscriptionId } = environment;
    const collected = collectedTenants(environment).map((name) => environment.tenants[name]!);
    const tenantIds = [...new Set([homeTenantId, ...collected.map(({ tenantId }) => tenantId)])];
    const azure = new Azure({
      ...{ clock, tenantIds },
      subscriptions: [{ id: subscriptionId, tenantId: homeTenantId, azureCloud, registered }],
    });
    const feeds = new Map(
      collected.map(({ cloud }) => {
        const host = new URL(m365Clouds[cloud].feedUri).hostname;
        return [host, new AuditFeed({ clock, directory: azure.directory, host })];
      }),
    );
    const deployer = { clientId: randomUUID(), assertion: randomUUID() };
    const scope = `/subscriptions/${subscriptionId}`;
    for (const tenantId of tenantIds) {
      const { assertions, principalId } = azure.directory.addApplication({
        ...{ clientId: deployer.clientId, tenantId },
      });
      assertions.add(deployer.assertion);
      graphPermissions.forEach((each) => azure.directory.grantAppRole(principalId, each));
      if (tenantId === homeTenantId) {
        for (const role of [...deployerRoles, ...operatorRoles]) {
          azure.manager.grant({ principalId, role, scope });
        }
      }
    }
    const proxy = await startProxy([...azure.services, ...feeds.values()]);
    return new RehearsalCloud(environment, clock, azure, feeds, proxy, deployer);
  }

  /** The feed that a tenant's records are in. */
  feedOf(tenantName: string): AuditFeed {
    const { cloud } = this.environment.tenants[tenantName]!;
    return this.feeds.get(new URL(m365Clouds[cloud].feedUri).hostname)!;
  }

  /** All variables that Terraform sees when the deployer runs it. */
  terraformVariables(): Record<string, string> {
    return {
      ...this.proxy.environment(),
      ARM_CLIENT_ID: this.deployer.clientId,
      ARM_OIDC_TOKEN: this.deployer.assertion,
      ARM_USE_OIDC: "true",
      ARM_USE_CLI: "false",
      // Asks for a newer Terraform otherwise.
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
    };
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.azure.close();
  }
}
