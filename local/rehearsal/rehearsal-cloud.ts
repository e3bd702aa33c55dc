import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { azureClouds, m365Clouds } from "../../config/clouds.ts";
import { collectedTenants, type Environment } from "../../config/environment.ts";
import { neededPermissions } from "../../config/feed-permissions.ts";
import { clientSecretName, tenantNames } from "../../config/names.ts";
import { TemporaryFolder } from "../../plan/temporary-folder.ts";
import { AuditFeed } from "../audit-feed.ts";
import type { Azure } from "../azure/azure.ts";
import { propertiesOf } from "../azure/body-parts.ts";
import { collectorInAzure } from "../azure/collector-in-azure.ts";
import { RehearsalClock } from "../clock.ts";
import type { Collector } from "../deployed-tenant.ts";
import type { Tenant } from "../directory.ts";
import type { JsonObject } from "../json.ts";
import { runWorkflow, type Run } from "../logic-apps/run-workflow.ts";
import { startProxy, type HttpsProxy } from "../proxy.ts";
import type { Service } from "../service.ts";
import { Vault } from "../vault.ts";
import { consentPermission, emptySubscription, type Identity } from "./empty-subscription.ts";
import type { RequestRecorder } from "./recorded-requests.ts";

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
    private readonly deployer: Identity,
    private readonly reader: Identity,
    /** Holds their assertions in files. */
    private readonly folder: TemporaryFolder,
  ) {
    azure.manager.runs.carryOut = async (workflowId) => {
      const tenantName = collectedTenants(environment).find(
        (name) =>
          tenantNames(environment, name).playbookId.toLowerCase() === workflowId.toLowerCase(),
      );
      return carriedOut(await this.collector(tenantName ?? ""));
    };
  }

  /** Starts one, with every request to it noted by a `recorder`. */
  static async start(
    environment: Environment,
    recorder?: RequestRecorder,
  ): Promise<RehearsalCloud> {
    const clock = new RehearsalClock();
    const [deployer, reader] = [anIdentity(), anIdentity()];
    const azure = emptySubscription(environment, clock, { deployer, reader });
    const feeds = new Map(
      collectedTenants(environment).map((name) => {
        const { cloud } = environment.tenants[name]!;
        const host = new URL(m365Clouds[cloud].feedUri).hostname;
        return [host, new AuditFeed({ clock, directory: azure.directory, host })];
      }),
    );
    const services: Service[] = [...azure.services, ...feeds.values()];
    const proxy = await startProxy(
      recorder ? services.map((each) => recorder.around(each)) : services,
    );
    const folder = new TemporaryFolder("identities");
    for (const { clientId, assertion } of [deployer, reader]) {
      writeFileSync(path.join(folder.path, clientId), assertion, { mode: 0o600 });
    }
    return new RehearsalCloud(environment, clock, azure, feeds, proxy, deployer, reader, folder);
  }

  /** The collector of a tenant as it lies in Azure. */
  async collector(tenantName: string): Promise<Collector> {
    const { azure, clock, environment } = this;
    const feed = this.feedOf(tenantName);
    return collectorInAzure({ ...{ azure, clock, environment, tenantName, feed }, seed: 1 });
  }

  /** Runs a tenant's playbook once, in no time; nothing else may go on. */
  async runOnce(tenantName: string): Promise<Run> {
    const collector = await this.collector(tenantName);
    return this.clock.run(() => carriedOut(collector));
  }

  /** Grants what a tenant's collector needs, as an administrator of the tenant does where it is asked. */
  consent(tenantName: string): void {
    const { contentTypes } = this.environment.tenants[tenantName]!;
    const principalId = this.collectorPrincipal(tenantName);
    for (const { name } of neededPermissions(contentTypes)) {
      this.azure.directory.grantAppRole(principalId, name);
    }
  }

  /** Object id of the service principal that reads a tenant's feed. */
  private collectorPrincipal(tenantName: string): string {
    const { tenantId } = this.environment.tenants[tenantName]!;
    const { application } = tenantNames(this.environment, tenantName);
    const { appId } = this.azure.graph.applicationNamed(application, tenantId);
    return this.azure.directory.application(appId, tenantId)!.principalId;
  }

  /** Takes the right to consent away from the deployer in a tenant. */
  withholdConsent(tenantName: string): void {
    this.azure.directory.revokeAppRole(this.deployerIn(tenantName), consentPermission);
  }

  /** Gives it back. */
  allowConsent(tenantName: string): void {
    this.azure.directory.grantAppRole(this.deployerIn(tenantName), consentPermission);
  }

  private deployerIn(tenantName: string): string {
    const { tenantId } = this.environment.tenants[tenantName]!;
    return this.azure.directory.application(this.deployer.clientId, tenantId)!.principalId;
  }

  /** The Microsoft 365 tenant. */
  m365Tenant(tenantName: string): Tenant {
    return this.azure.directory.tenant(this.environment.tenants[tenantName]!.tenantId)!;
  }

  /** Calls Resource Manager as an owner of the subscription. Fails for an answer that is none of 2xx. */
  async administer(method: string, path: string, body?: object): Promise<void> {
    const { azureCloud, homeTenantId, subscriptionId } = this.environment;
    const { managementUri } = azureClouds[azureCloud];
    const clientId = randomUUID();
    const owner = this.azure.directory.addApplication({ clientId, tenantId: homeTenantId });
    const scope = `/subscriptions/${subscriptionId}`;
    this.azure.manager.grant({ principalId: owner.principalId, role: "Owner", scope });
    const token = this.azure.directory.issueToken(owner, managementUri);
    const request = new Request(`${managementUri}${path}?api-version=2024-01-01`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    const { ok, status } = await this.azure.manager.handle(request);
    this.azure.directory.removeApplication(clientId, homeTenantId);
    if (!ok) {
      throw new Error(`${method} ${path} must work for an owner, got ${status}`);
    }
  }

  /** Changes a resource's properties, as an owner of the subscription does in the portal. */
  async change(id: string, change: (properties: JsonObject) => JsonObject): Promise<void> {
    const resource = this.azure.manager.store.get(id);
    if (!resource) {
      throw new Error(`only what is there can be changed, got ${id}`);
    }
    const properties = change(structuredClone(propertiesOf(resource.body)));
    await this.administer("PUT", id, { ...resource.body, properties });
  }

  /** Takes the grants of a tenant's collector away, as an administrator of the tenant does. */
  withdrawConsent(tenantName: string): void {
    this.azure.graph.withdrawGrants(this.collectorPrincipal(tenantName));
  }

  /** The secret that a tenant's vault holds. */
  secret(tenantName: string): string | undefined {
    const { secretUri } = tenantNames(this.environment, tenantName);
    const { hostname } = new URL(secretUri);
    const vault = this.azure.manager.hosts.get(hostname);
    return vault instanceof Vault ? vault.valueOf(clientSecretName) : undefined;
  }

  /** The feed that a tenant's records are in. */
  feedOf(tenantName: string): AuditFeed {
    const { cloud } = this.environment.tenants[tenantName]!;
    return this.feeds.get(new URL(m365Clouds[cloud].feedUri).hostname)!;
  }

  /** All variables of the deployer's programs: what signs them in, and no way but to this cloud. */
  variables(): Record<string, string> {
    return {
      ...this.proxy.environment(),
      ...this.signIn(this.deployer),
      AZURE_TENANT_ID: this.environment.homeTenantId,
      AZURE_AUTHORITY_HOST: azureClouds[this.environment.azureCloud].loginAuthority,
      ARM_USE_OIDC: "true",
      ARM_USE_CLI: "false",
      // Asks for a newer Terraform otherwise.
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
    };
  }

  /** The variables that sign in whoever may only read, in the place of the deployer. */
  readerVariables(): Record<string, string> {
    return this.signIn(this.reader);
  }

  private signIn({ clientId, assertion }: Identity): Record<string, string> {
    return {
      AZURE_CLIENT_ID: clientId,
      AZURE_FEDERATED_TOKEN_FILE: path.join(this.folder.path, clientId),
      ARM_CLIENT_ID: clientId,
      ARM_OIDC_TOKEN: assertion,
    };
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.azure.close();
    this.folder.close();
  }
}

const anIdentity = (): Identity => ({ clientId: randomUUID(), assertion: randomUUID() });

const carriedOut = ({ workflow, parameters, host }: Collector): Promise<Run> =>
  runWorkflow(workflow, { parameters, host, options: { keepHistory: false } });
