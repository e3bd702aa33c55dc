import { m365Clouds } from "../config/clouds.ts";
import type { Environment, Tenant } from "../config/environment.ts";
import {
  checkpointContainer,
  clientSecretName,
  tenantNames,
  workspaceContainers,
  workspaceId,
  workspaceLocation,
  workspaceNames,
} from "../config/names.ts";
import { playbookParameters } from "../config/playbook-parameters.ts";
import { loadFlows } from "../content/flows.ts";
import { loadPlaybook, type PlaybookSettings } from "../content/load.ts";
import { streamColumnType } from "../content/tables.ts";
import { neededPermissions } from "../config/feed-permissions.ts";
import { AuditFeed, type AuditFeedProps } from "./audit-feed.ts";
import type { BlobService, StorageAccount } from "./blob-access.ts";
import { BlobStorage } from "./blob-storage.ts";
import type { Clock } from "./clock.ts";
import { Directory, type ManagedIdentity } from "./directory.ts";
import { Ingestion } from "./ingestion.ts";
import type { Json } from "./json.ts";
import { LogQuery } from "./log-query.ts";
import { loadWorkflow } from "./logic-apps/load-workflow.ts";
import type { Host, RunProps } from "./logic-apps/run-workflow.ts";
import type { Workflow } from "./logic-apps/workflow.ts";
import { Login } from "./login.ts";
import { Network } from "./network.ts";
import { SeededRandom } from "./records/seeded-random.ts";
import type { Service } from "./service.ts";
import { Vault } from "./vault.ts";
import { Workspace } from "./workspace/workspace.ts";

export interface DeployedTenantProps {
  readonly environment: Environment;
  /** Key of the tenant in the environment's configuration. */
  readonly tenantName: string;
  readonly clock: Clock;
  /** Whatever is random in the runs follows from it. */
  readonly seed: number;
  /**
   * Makes the storage accounts, in the order given.
   *
   * @default the fast ones in this process
   */
  readonly storage?: (accounts: readonly StorageAccount[]) => Promise<readonly BlobService[]>;
  /** Traits of the feed that Microsoft does not publish. */
  readonly feed?: Pick<AuditFeedProps, "pageSize" | "requestsPerMinute" | "startCoolDownPer">;
}

/** The playbook of a tenant, with what it reads from and writes to. */
export interface Collector {
  readonly environment: Environment;
  readonly tenantName: string;
  readonly tenant: Tenant;
  readonly feed: AuditFeed;
  readonly workspace: Workspace;
  /** The playbook's definition as it is deployed, loaded. */
  readonly workflow: Workflow;
  /** Values of its workflow parameters. */
  readonly parameters: RunProps["parameters"];
  /** What the playbook runs on. */
  readonly host: Host;
}

/** One tenant of an environment in the local cloud, as its stacks would set it up in Azure. */
export interface DeployedTenant extends Collector {
  readonly directory: Directory;
  /** The playbook's. */
  readonly identity: ManagedIdentity;
  readonly vault: Vault;
  /** The tenant's own storage account, then that of the workspace stack. */
  readonly storage: readonly BlobService[];
  readonly ingestion: Ingestion;
  /** Everything that answers requests, for a proxy or a test. */
  readonly services: readonly Service[];
}

/** The secret of the local application: recognizable, so that tests can look where it turns up. */
export const localClientSecret = "local~cloud~client~secret~Zk8Q";

const clientId = "00000000-0000-4000-8000-0000000000c1";
const ruleId = "dcr-0123456789abcdef0123456789abcdef";
const secretLifetimeMs = 180 * 24 * 3600 * 1000;

/**
 * Sets up the services of one tenant with the names, roles and parameters that its stacks declare.
 * Fails for a tenant that the environment does not collect.
 */
export async function deployTenant(props: DeployedTenantProps): Promise<DeployedTenant> {
  const { environment, tenantName, clock, seed } = props;
  const { storage = async (all) => all.map((account) => new BlobStorage({ ...account, clock })) } =
    props;
  const tenant = environment.tenants[tenantName];
  if (tenant?.state !== "collected") {
    throw new Error(`tenant must be one that ${environment.name} collects, got ${tenantName}`);
  }
  const names = tenantNames(environment, tenantName);
  const workspaceStack = workspaceNames(environment);
  const random = new SeededRandom(seed);

  const directory = new Directory({ clock });
  directory.addTenant(environment.homeTenantId);
  directory.addTenant(tenant.tenantId);
  const identity = directory.addManagedIdentity({
    resourceId: names.identityId,
    tenantId: environment.homeTenantId,
  });
  const { principalId } = identity;

  const vaultHost = new URL(names.secretUri).hostname;
  const vault = new Vault({
    clock,
    directory,
    host: vaultHost,
    tenantId: environment.homeTenantId,
  });
  const containers = [
    { uri: names.checkpointUri, names: [checkpointContainer] },
    { uri: workspaceStack.setAsideUri, names: Object.values(workspaceContainers) },
  ].map(({ uri, names }) => ({ host: new URL(uri).hostname, names }));
  const accounts = await storage(
    containers.map(({ host }) => ({ host, tenantId: environment.homeTenantId, directory })),
  );
  for (const [index, account] of accounts.entries()) {
    const { host, names } = containers[index]!;
    for (const name of names) {
      await account.createContainer(name);
      directory.assignRole({
        principalId,
        role: "Storage Blob Data Contributor",
        scope: `${host}/${name}`,
      });
    }
  }

  const grantFeed = (reader: string) => {
    for (const { name } of neededPermissions(tenant.contentTypes)) {
      directory.grantAppRole(reader, name);
    }
  };
  if (tenant.credential === "client-secret") {
    const application = directory.addApplication({ clientId, tenantId: tenant.tenantId });
    grantFeed(application.principalId);
    const expires = new Date(clock.now().getTime() + secretLifetimeMs);
    application.secrets.push({ value: localClientSecret, expires, keyId: clientId });
    vault.setSecret(clientSecretName, {
      value: localClientSecret,
      attributes: { exp: Math.floor(expires.getTime() / 1000) },
      tags: { clientId, m365TenantId: tenant.tenantId },
    });
    directory.assignRole({ principalId, role: "Key Vault Secrets User", scope: vaultHost });
  } else {
    grantFeed(principalId);
  }

  const flows = loadFlows();
  const workspace = await Workspace.open(flows.map(({ table }) => table));
  const ingestionHost = `${names.collectionEndpoint}-0a1b.${workspaceLocation(environment)}-1.ingest.monitor.azure.com`;
  directory.assignRole({ principalId, role: "Monitoring Metrics Publisher", scope: ruleId });
  const ingestion = new Ingestion({
    clock,
    directory,
    workspace,
    rules: [
      {
        immutableId: ruleId,
        host: ingestionHost,
        streams: Object.fromEntries(
          flows.map(({ table }) => [
            table.stream.name,
            table.stream.columns.map(({ name, type }) => ({ name, type: streamColumnType(type) })),
          ]),
        ),
        dataFlows: flows.map(({ table, transformation }) => ({
          stream: table.stream.name,
          transformKql: transformation,
          outputTable: table.name,
        })),
      },
    ],
  });

  const logs = workspaceId(environment);
  directory.assignRole({ principalId, role: "Log Analytics Data Reader", scope: logs });
  const logQuery = new LogQuery({ clock, directory, workspace, resourceId: logs });

  const feed = new AuditFeed({
    clock,
    directory,
    host: new URL(m365Clouds[tenant.cloud].feedUri).hostname,
    ...props.feed,
  });
  const login = new Login({ clock, directory });
  const services = [login, vault, ...accounts, feed, ingestion, logQuery];
  const network = new Network(clock, services);
  let runs = 0;
  return {
    environment,
    tenantName,
    tenant,
    directory,
    identity,
    feed,
    vault,
    storage: accounts,
    ingestion,
    workspace,
    services,
    workflow: workflowOf({
      recurrence: { frequency: "Minute", interval: tenant.recurrenceMinutes },
      identityId: names.identityId,
      feedCredential: tenant.credential,
    }),
    parameters: valuesOf(
      playbookParameters(environment, tenantName, {
        clientId: tenant.credential === "client-secret" ? clientId : "",
        ingestionEndpoint: `https://${ingestionHost}`,
        dataCollectionRuleId: ruleId,
      }),
    ),
    host: {
      clock,
      send: (request) => network.send(request),
      managedIdentityToken: async (identity, audience) =>
        directory.managedIdentityToken(identity ?? "", audience),
      random: () => random.fraction(),
      newRunId: () => `08584${String(++runs).padStart(27, "0")}CU01`,
      workflow: { name: names.playbook, id: names.playbookId, location: environment.location },
    },
  };
}

/** The playbook's workflow with these settings, loaded once for all tenants that have the same. */
function workflowOf(settings: PlaybookSettings): Workflow {
  const key = JSON.stringify(settings);
  const workflow = workflows.get(key) ?? loadWorkflow(loadPlaybook("get-o365-data", settings));
  workflows.set(key, workflow);
  return workflow;
}

const workflows = new Map<string, Workflow>();

/** As they stand beside the definition in the workflow resource. */
function valuesOf(parameters: Record<string, unknown>): RunProps["parameters"] {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, { value: value as Json }]),
  );
}
