import { randomUUID } from "node:crypto";
import { tenantNames, workspaceNames } from "../../config/names.ts";
import type { JsonObject } from "../json.ts";
import type { RehearsalCloud } from "./rehearsal-cloud.ts";
import type { EnvironmentFile, RehearsalProject } from "./rehearsal-project.ts";

/** What a case has to work with. */
export interface Broken {
  readonly cloud: RehearsalCloud;
  readonly project: RehearsalProject;
  /** A tenant of the environment with a client secret. */
  readonly tenant: string;
}

/** Something that goes wrong in a deployment, and what makes it right again. */
export interface FailureCase {
  readonly name: string;
  readonly break: (broken: Broken) => void | Promise<void>;
  /** What `npm run deploy` has to say; undefined when it gets over it alone. */
  readonly says: RegExp | undefined;
  /** What whoever reads that does before deploying again. */
  readonly mend?: (broken: Broken) => void | Promise<void>;
  /**
   * What must be deployed although it failed.
   *
   * @default nothing in particular
   */
  readonly deployed?: (broken: Broken) => readonly string[];
  /**
   * What has to be so after the second deployment. Fails with what is not.
   *
   * @default nothing in particular
   */
  readonly after?: (broken: Broken) => Promise<void>;
}

const configure = ({ project }: Broken, change: (file: EnvironmentFile) => void) =>
  project.configure(change);

/** Answers in the place of Resource Manager while a count lasts. */
function answers(
  { cloud }: Broken,
  count: number,
  matches: (request: Request) => boolean,
  answer: () => Response,
): void {
  let left = count;
  cloud.azure.manager.before = async (request) =>
    matches(request) && left-- > 0 ? answer() : undefined;
}

const refusal = (status: number, code: string, message: string, headers = {}) =>
  Response.json({ error: { code, message } }, { status, headers });

const isPut = (part: string) => (request: Request) =>
  request.method === "PUT" && request.url.toLowerCase().includes(part.toLowerCase());

const answersNothing = ({ cloud }: Broken) => {
  cloud.azure.manager.before = undefined;
};

/** Does something once, when the vault is being made and nobody has been told so. */
function whileTheVaultIsMade({ cloud }: Broken, act: () => void): void {
  const { manager } = cloud.azure;
  manager.before = async (request) => {
    if (isPut("/Microsoft.KeyVault/vaults/")(request)) {
      manager.before = undefined;
      setTimeout(act, 2000);
    }
    return undefined;
  };
}

/** Whoever deploys again does so when every role works. */
function minutesLater({ cloud }: Broken): void {
  cloud.azure.manager.access.propagationMs = 0;
}

/** A group of somebody else with one resource in it, which is deleted and can come back. */
async function deletedElsewhere(
  { cloud }: Broken,
  type: string,
  name: string,
  properties: JsonObject,
) {
  const { location, subscriptionId } = cloud.environment;
  const group = `/subscriptions/${subscriptionId}/resourceGroups/rg-elsewhere`;
  const id = `${group}/providers/${type}/${name}`;
  const [namespace] = type.split("/");
  const subscription = `/subscriptions/${subscriptionId}`;
  await cloud.administer("POST", `${subscription}/providers/${namespace}/register`);
  await cloud.administer("PUT", group, { location });
  await cloud.administer("PUT", id, { location, properties });
  await cloud.administer("DELETE", id);
  await cloud.administer("DELETE", group);
}

/** What can go wrong in the first deployment of an environment. */
export const failureCases: readonly FailureCase[] = [
  {
    name: "Resource Manager throttles and is busy",
    break(broken) {
      answers(broken, 5, isPut("/resourceGroups/"), () =>
        refusal(429, "TooManyRequests", "The request is throttled.", { "retry-after": "1" }),
      );
    },
    says: undefined,
  },
  {
    name: "another operation goes on",
    break(broken) {
      answers(broken, 1, isPut("/storageAccounts/"), () =>
        refusal(409, "AnotherOperationInProgress", "Another operation is in progress."),
      );
    },
    says: /another operation goes on at azurerm_storage_account\S+: run the same again/,
  },
  {
    name: "the deployer may not consent",
    break({ cloud, tenant }) {
      cloud.withholdConsent(tenant);
    },
    says: /Application Administrator.* of tenant .* grants .*ActivityFeed\.Read/,
    deployed: ({ cloud, tenant }) => [tenantNames(cloud.environment, tenant).playbookId],
    mend({ cloud, tenant }) {
      cloud.allowConsent(tenant);
    },
  },
  {
    name: "the vault's name belongs to a deleted vault of others",
    async break(broken) {
      const { vault } = tenantNames(broken.cloud.environment, broken.tenant);
      const { homeTenantId: tenantId } = broken.cloud.environment;
      await deletedElsewhere(broken, "Microsoft.KeyVault/vaults", vault, { tenantId });
    },
    says: /the name kv-\S+ belongs to a deleted vault: .*az keyvault purge --name kv-/,
    async mend({ cloud, tenant }) {
      const { location, subscriptionId } = cloud.environment;
      const { vault } = tenantNames(cloud.environment, tenant);
      await cloud.administer(
        "POST",
        `/subscriptions/${subscriptionId}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${vault}/purge`,
      );
    },
  },
  {
    name: "the workspace's name belongs to a deleted workspace of others",
    async break(broken) {
      const { workspace } = workspaceNames(broken.cloud.environment);
      const properties = { sku: { name: "PerGB2018" } };
      await deletedElsewhere(
        broken,
        "Microsoft.OperationalInsights/workspaces",
        workspace,
        properties,
      );
    },
    says: /the name log-\S+ belongs to a deleted workspace/,
    mend({ cloud }) {
      const { workspace } = workspaceNames(cloud.environment);
      const { deleted } = cloud.azure.manager;
      const [found] = deleted
        .ofType("Microsoft.OperationalInsights/workspaces")
        .filter(({ resource }) => resource.name === workspace);
      deleted.take(found!.resource.id);
    },
  },
  {
    name: "a new role does not work yet",
    break({ cloud }) {
      cloud.azure.manager.access.propagationMs = 30 * 60_000;
    },
    says: /a new role can take .* minutes until it works: run the same again/,
    mend: minutesLater,
  },
  {
    name: "the region has no room for another storage account",
    break(broken) {
      answers(broken, Infinity, isPut("/storageAccounts/"), () =>
        refusal(
          409,
          "StorageAccountQuotaExceeded",
          "Subscription has reached the maximum number of storage accounts in westeurope.",
        ),
      );
    },
    says: /the quota of the region .*: ask for more/,
    mend: answersNothing,
  },
  {
    name: "a resource provider is not registered, and the deployer may not do it",
    break({ cloud }) {
      cloud.azure.manager.before = async ({ method, url }) =>
        method === "POST" && /\/register\?/i.test(url)
          ? refusal(
              403,
              "AuthorizationFailed",
              "The client does not have authorization to perform action 'Microsoft.Logic/register/action'.",
            )
          : undefined;
    },
    says: /an owner of the subscription registers .*az provider register --namespace/,
    mend: answersNothing,
  },
  {
    name: "Entra ID has not replicated what was just made",
    break({ cloud }) {
      cloud.azure.graph.idsLag = true;
    },
    says: /Entra ID has not replicated .*: run the same again/,
    mend({ cloud }) {
      cloud.azure.graph.idsLag = false;
    },
  },
  {
    name: "the tenant has no service principal of the audit API",
    break({ cloud, tenant }) {
      cloud.m365Tenant(tenant).auditApi = "missing";
    },
    says: /has no service principal of the Office 365 Management APIs.*az ad sp create --id c5393580/,
    mend({ cloud, tenant }) {
      cloud.m365Tenant(tenant).auditApi = "enabled";
    },
  },
  {
    name: "the configuration names another subscription",
    break: (broken) =>
      configure(broken, (file) => {
        file.subscriptionId = randomUUID();
      }),
    says: /subscriptionId must be .* subscription/,
    mend: (broken) =>
      configure(broken, (file) => {
        file.subscriptionId = broken.cloud.environment.subscriptionId;
      }),
  },
  {
    name: "the configuration names another tenant",
    break: (broken) =>
      configure(broken, (file) => {
        file.homeTenantId = randomUUID();
      }),
    says: /homeTenantId must be/,
    mend: (broken) =>
      configure(broken, (file) => {
        file.homeTenantId = broken.cloud.environment.homeTenantId;
      }),
  },
  {
    name: "the deployment is killed while it makes the vault",
    break(broken) {
      whileTheVaultIsMade(broken, () => broken.project.kill());
    },
    says: /^$/,
    mend: minutesLater,
  },
  {
    name: "the deployment is interrupted while it makes the vault",
    break(broken) {
      whileTheVaultIsMade(broken, () => broken.project.interrupt());
    },
    says: /interrupt|cancel|halt/i,
    mend: minutesLater,
  },
  {
    name: "the deployment is killed while it makes the application",
    break({ cloud, project }) {
      const { graph } = cloud.azure;
      graph.before = async (request) => {
        if (request.method !== "POST" || !/\/applications$/.test(new URL(request.url).pathname)) {
          return undefined;
        }
        graph.before = undefined;
        const answer = await graph.handle(request);
        // It is made, and nobody is told.
        project.kill();
        return answer;
      };
    },
    says: /^$/,
    mend: minutesLater,
    // Names of applications are not unique: another one is made, and the first one is told.
    async after({ cloud, project }) {
      const { code, text } = await project.run("drift", ["--environment", cloud.environment.name]);
      if (code !== 3 || !/^\S+: app-\S+: another application has this name, \S+, .*$/.test(text)) {
        throw new Error(`drift must tell the application that is left, got: ${text}`);
      }
    },
  },
];
