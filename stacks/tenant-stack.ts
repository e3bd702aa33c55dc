import { AzureadProvider } from "@cdktf/provider-azuread/lib/provider/index.js";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import type { Construct } from "constructs";
import { m365Clouds } from "../config/clouds.ts";
import type { Environment, Tenant } from "../config/environment.ts";
import {
  checkpointContainer,
  clientSecretName,
  tenantNames,
  tenantStackId,
  workspaceId,
  workspaceLocation,
  workspaceNames,
} from "../config/names.ts";
import { playbookParameters } from "../config/playbook-parameters.ts";
import { ClientSecret } from "../constructs/client-secret.ts";
import { Collection } from "../constructs/collection.ts";
import { CollectorAlerts } from "../constructs/collector-alerts.ts";
import { Diagnostics } from "../constructs/diagnostics.ts";
import { FeedApplication } from "../constructs/feed-application.ts";
import { FeedPermissions } from "../constructs/feed-permissions.ts";
import { KeylessStorage } from "../constructs/keyless-storage.ts";
import { PlaybookIdentity } from "../constructs/playbook-identity.ts";
import { Playbook } from "../constructs/playbook.ts";
import { onlyTables } from "../constructs/roles.ts";
import { loadFlows } from "../content/flows.ts";
import { loadPlaybook } from "../content/load.ts";
import { EnvironmentStack } from "./environment-stack.ts";

const flows = loadFlows();

/**
 * The collector of one Microsoft 365 tenant. That of a `removed` tenant is empty but for its
 * providers, so that its next deployment destroys whatever was in it.
 */
export class TenantStack extends EnvironmentStack {
  constructor(scope: Construct, environment: Environment, name: string, tenant: Tenant) {
    super(scope, tenantStackId(environment, name), environment);

    new AzureadProvider(this, "azuread", {
      tenantId: tenant.tenantId,
      environment: m365Clouds[tenant.cloud].terraformEnvironment,
    });
    this.requireProvider("azuread");

    if (tenant.state === "collected") {
      this.addCollector(environment, name, tenant);
    }
  }

  private addCollector(environment: Environment, name: string, tenant: Tenant): void {
    const { protect } = this;
    const { subscriptionId } = environment;
    const names = tenantNames(environment, name);
    const shared = workspaceNames(environment);
    const workspace = workspaceId(environment);
    const hasSecret = tenant.credential === "client-secret";

    const resourceGroup = new ResourceGroup(this, "resource-group", {
      name: names.resourceGroup,
      location: environment.location,
      tags: { ...this.tags, tenant: name },
    });

    const identity = new PlaybookIdentity(this, "identity", {
      name: names.identity,
      resourceGroup,
      subscriptionId,
    });
    const secret = hasSecret
      ? this.addClientSecret(environment, name, tenant, resourceGroup)
      : undefined;
    if (!hasSecret && tenant.consent === "declared") {
      const { contentTypes } = tenant;
      const permissions = new FeedPermissions(this, "permissions", { contentTypes });
      permissions.grantTo(identity.principalId);
    }

    const collection = new Collection(this, "collection", {
      endpointName: names.collectionEndpoint,
      ruleName: names.collectionRule,
      resourceGroup,
      location: workspaceLocation(environment),
      workspaceId: workspace,
      flows,
    });
    const storage = new KeylessStorage(this, "storage", {
      name: names.storageAccount,
      resourceGroup,
      containers: [checkpointContainer],
      protect,
    });

    identity.grant("publishes", "monitoringMetricsPublisher", collection.rule.id);
    if (secret !== undefined) {
      identity.grant("reads-secret", "keyVaultSecretsUser", secret.vault.id);
    }
    for (const container of storage.containers) {
      identity.grant("keeps-checkpoint", "storageBlobDataContributor", container.id);
    }
    identity.grant("sets-aside", "storageBlobDataContributor", shared.setAsideContainerId);
    identity.grant("keeps-originals", "storageBlobDataContributor", shared.originalsContainerId);
    // The workspace may be everybody's: of all its tables the playbook compares these two.
    const condition = onlyTables(flows.map(({ table }) => table.name));
    identity.grant("queries-tables", "logAnalyticsDataReader", workspace, condition);

    const playbook = new Playbook(this, "playbook", {
      name: names.playbook,
      resourceGroup,
      identity,
      identityId: names.identityId,
      definition: loadPlaybook("get-o365-data", {
        recurrence: { frequency: "Minute", interval: tenant.recurrenceMinutes },
        identityId: names.identityId,
        feedCredential: tenant.credential,
      }),
      parameters: playbookParameters(environment, name, {
        clientId: secret?.clientId ?? "",
        ingestionEndpoint: collection.endpoint.logsIngestionEndpoint,
        dataCollectionRuleId: collection.rule.immutableId,
      }),
      // Not the consent: where the deployer may not give it, all else has to be there for whoever may.
      after: secret === undefined ? [] : [secret.secret],
    });

    new Diagnostics(this, "diagnostics", {
      workspaceId: workspace,
      targets: {
        playbook: {
          resourceId: names.playbookId,
          categories: ["WorkflowRuntime"],
          after: playbook.deployment,
        },
        rule: { resourceId: collection.rule.id, categories: ["LogErrors"] },
        storage: {
          resourceId: `${storage.account.id}/blobServices/default`,
          categories: ["StorageRead", "StorageWrite", "StorageDelete"],
        },
        ...(secret === undefined
          ? {}
          : { vault: { resourceId: secret.vault.id, categories: ["AuditEvent"] } }),
      },
    });
    new CollectorAlerts(this, "alerts", {
      resourceGroup,
      actionGroupName: names.actionGroup,
      alertName: names.alert,
      receivers: environment.alertReceivers,
      playbook,
      playbookId: names.playbookId,
      collectionRuleId: collection.rule.id,
      workspaceId: workspace,
      workspaceLocation: workspaceLocation(environment),
      collector: names.collector,
      hasSecret,
      auditTableIsBasic:
        environment.workspace.mode === "create" && environment.workspace.tablePlan === "Basic",
    });
  }

  private addClientSecret(
    environment: Environment,
    name: string,
    tenant: Tenant,
    resourceGroup: ResourceGroup,
  ) {
    const names = tenantNames(environment, name);
    const { contentTypes } = tenant;
    const permissions = new FeedPermissions(this, "permissions", { contentTypes });
    const { application } = new FeedApplication(this, "application", {
      name: names.application,
      permissions,
      consent: tenant.consent === "declared",
    });
    const { vault, secret } = new ClientSecret(this, "secret", {
      application,
      resourceGroup,
      subscriptionId: environment.subscriptionId,
      tenantId: environment.homeTenantId,
      vaultName: names.vault,
      secretName: clientSecretName,
      secretTags: { clientId: application.clientId, m365TenantId: tenant.tenantId },
      periodMonths: tenant.secretPeriodMonths,
      grantDeployer: environment.deployerVaultRole === "declared",
      protect: this.protect,
    });
    return { clientId: application.clientId, vault, secret };
  }
}
