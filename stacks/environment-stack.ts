import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider/index.js";
import { AzurermBackend, LocalBackend, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { azureClouds } from "../config/clouds.ts";
import type { Environment } from "../config/environment.ts";
import { providerVersions, resourceProviders } from "../config/providers.ts";

/** What every stack of an environment has: its state, the Azure provider and tags. */
export abstract class EnvironmentStack extends TerraformStack {
  protected readonly tags: Record<string, string>;
  /** Whether what holds data is kept from being destroyed or replaced. */
  protected readonly protect: boolean;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);

    const { homeTenantId, protection, stateBackend, subscriptionId } = environment;
    const { terraformEnvironment } = azureClouds[environment.azureCloud];
    this.tags = { project: "m365-audit-sentinel", environment: environment.name };
    this.protect = protection === "production";

    if (stateBackend.type === "local") {
      // Seen from cdktf.out/stacks/<id>. cdktf's default is an absolute path, which no other
      // checkout has.
      new LocalBackend(this, { path: `../../../terraform.${id}.tfstate` });
    } else {
      new AzurermBackend(this, {
        storageAccountName: stateBackend.storageAccount,
        containerName: stateBackend.container,
        key: `${id}.tfstate`,
        useAzureadAuth: true,
        tenantId: homeTenantId,
        environment: terraformEnvironment,
      });
    }

    new AzurermProvider(this, "azurerm", {
      subscriptionId,
      tenantId: homeTenantId,
      environment: terraformEnvironment,
      storageUseAzuread: true,
      resourceProviderRegistrations: "none",
      resourceProvidersToRegister: [...resourceProviders],
      features: [
        {
          keyVault: [
            {
              purgeSoftDeleteOnDestroy: !this.protect,
              purgeSoftDeletedSecretsOnDestroy: !this.protect,
            },
          ],
          logAnalyticsWorkspace: [{ permanentlyDeleteOnDestroy: !this.protect }],
          resourceGroup: [{ preventDeletionIfContainsResources: this.protect }],
          // Everything in storage is declared through Resource Manager, so that no deployer needs
          // rights on blobs, queues and tables.
          storage: [{ dataPlaneAvailable: false }],
        },
      ],
    });
    this.requireProvider("azurerm");
    this.addOverride("terraform.required_version", ">= 1.7"); // plantimestamp, removed
  }

  /**
   * Lets Terraform forget resources that are no longer declared, where it would destroy them.
   *
   * @see https://developer.hashicorp.com/terraform/language/block/removed
   */
  protected forget(addresses: readonly string[]): void {
    this.addOverride(
      "removed",
      addresses.map((from) => ({ from, lifecycle: { destroy: false } })),
    );
  }

  /** Raises the version of a provider over the one that its bindings were made from. */
  protected requireProvider(name: "azurerm" | "azuread"): void {
    const source = `hashicorp/${name}` as const;
    const version = providerVersions[source];
    this.addOverride(`terraform.required_providers.${name}`, { source, version });
  }
}
