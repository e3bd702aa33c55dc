import path from "node:path";
import type { Environment } from "../config/environment.ts";
import { feedApplication } from "../config/feed-permissions.ts";
import { tenantOfStack } from "../config/names.ts";
import { consentGrant } from "../feed/consent-grant.ts";
import { anyFeedTarget, type FeedTarget } from "../feed/feed-target.ts";
import { synthesized } from "../plan/stack-folders.ts";
import { TerraformError, textOfDiagnostic, type Diagnostic } from "../plan/terraform.ts";

/** What a rule knows besides Terraform's words. */
interface Context {
  /** Id of the stack. */
  readonly stack: string;
  readonly environment: Environment;
  /** The tenant whose stack it is; undefined for that of the workspace. */
  readonly target: FeedTarget | undefined;
  readonly address: string | undefined;
  /** What the rule's pattern has found. */
  readonly found: RegExpExecArray;
}

interface Rule {
  /** In the summary and the detail of a diagnostic, in one line. */
  readonly pattern: RegExp;
  /** What it means and what to do, as one sentence; undefined when it is not that after all. */
  readonly says: (context: Context) => string | undefined;
}

/**
 * What is known to go wrong, by the words of the providers and of Azure.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
 */
const rules: readonly Rule[] = [
  {
    pattern: /acquiring the state lock.*?\bID: +([0-9a-f-]{36})/i,
    says: ({ stack, found }) =>
      `the state of ${stack} is locked, by a deployment that goes on or by one that was killed: when nobody deploys any more, run terraform -chdir=${path.join(synthesized, stack)} force-unlock ${found[1]}`,
  },
  {
    pattern: /Authorization_RequestDenied|Insufficient privileges/,
    says({ address, target }) {
      if (target === undefined) {
        return undefined;
      }
      return address?.startsWith("azuread_app_role_assignment")
        ? `the deployer may not consent: ${consentGrant(target, undefined).request}, or gives the deployer AppRoleAssignment.ReadWrite.All; all else is deployed, and with "consent": "by-administrator" in tenants.${target.tenantName} no deployment tries it`
        : `the deployer may not do this in tenant ${target.tenant.primaryDomain} (${target.tenant.tenantId}): an administrator gives it Application.ReadWrite.OwnedBy and Application.Read.All of Microsoft Graph there`;
    },
  },
  {
    pattern: /to be replicated in Azure AD|whilst waiting for .* to be replicated/i,
    says: ({ address }) =>
      `Entra ID has not replicated ${address ?? "an object"} yet: run the same again, which makes it anew`,
  },
  {
    pattern: /No service principal found/,
    says: ({ target }) =>
      target &&
      `tenant ${target.tenant.primaryDomain} (${target.tenant.tenantId}) has no service principal of the ${feedApplication.name}: an administrator creates it with az ad sp create --id ${feedApplication.clientId}; it is missing as a rule where nobody has an Exchange Online licence`,
  },
  {
    pattern: /vault with the same name already exists in deleted state|VaultAlreadyExists/i,
    says: ({ target }) =>
      target &&
      `the name ${target.names.vault} belongs to a deleted vault: purge it with az keyvault purge --name ${target.names.vault}, or recover it there and delete it for good`,
  },
  {
    pattern: /workspace name '?([^' ]+)'? is taken by a deleted workspace|WorkspaceNameConflict/i,
    says: ({ found }) =>
      `the name ${found[1] ?? "of the workspace"} belongs to a deleted workspace: recover it where it was and delete it permanently, or wait 14 days`,
  },
  {
    pattern: /ForbiddenByRbac|Caller is not authorized to perform action on resource/,
    says: () =>
      "the deployer may not use the vault yet: a new role can take ten minutes until it works: run the same again after that; with deployerVaultRole by-administrator somebody has to give it Key Vault Secrets Officer",
  },
  {
    pattern: /AnotherOperationInProgress|Another operation is in progress/i,
    says: ({ address }) =>
      `another operation goes on at ${address ?? "a resource"}: run the same again in a few minutes`,
  },
  {
    pattern: /(\w*QuotaExceeded\w*|MaxStorageAccountsCountPerSubscriptionExceeded|SkuNotAvailable)/,
    says: ({ environment, found }) =>
      `the quota of the region ${environment.location} is used up (${found[1]}): ask for more under Quotas in the portal, or choose another location before the first deployment`,
  },
  {
    pattern:
      /(?:perform action '([\w.]+)\/register\/action'|not registered to use namespace '([\w.]+)'|registering resource provider "?([\w.]+)|Cannot register providers?: ([\w.]+))/i,
    says({ environment, found }) {
      const namespace = found.slice(1).find((each) => each !== undefined) ?? "";
      return `subscription ${environment.subscriptionId} has not registered ${namespace}, and the deployer may not: an owner of the subscription registers it with az provider register --namespace ${namespace}`;
    },
  },
  {
    pattern: /SubscriptionNotFound|The subscription '?[0-9a-f-]+'? could not be found/i,
    says: ({ environment }) =>
      `subscriptionId must be that of a subscription that the deployer can see, got ${environment.subscriptionId}: check config/${environment.name}.json, and the deployer's roles there`,
  },
  {
    pattern: /AADSTS90002|AADSTS700016|InvalidAuthenticationTokenTenant/,
    says: ({ environment, target, found }) => {
      const isForeign = target && target.tenant.tenantId !== environment.homeTenantId;
      const where = isForeign ? ` or tenants.${target.tenantName}.tenantId` : "";
      return `homeTenantId${where} must be the tenant of subscription ${environment.subscriptionId}, in which the deployer has a service principal, got ${environment.homeTenantId} (${found[0]}): check config/${environment.name}.json`;
    },
  },
  {
    pattern: /with the ID "([^"]+)" already exists/,
    says: ({ address, found }) =>
      `${address ?? "a resource"} is there already, and not in the state, as after a deployment that was killed: ${found[1]}`,
  },
];

/** Why Terraform failed for a stack, in sentences that say what to do where that is known. */
export function explainTerraform(environment: Environment, stack: string, error: unknown): string {
  if (!(error instanceof TerraformError)) {
    return (error as Error).message;
  }
  const errors = error.diagnostics.filter(({ severity }) => severity === "error");
  const tenantName = tenantOfStack(environment, stack);
  const target = tenantName === undefined ? undefined : anyFeedTarget(environment, tenantName);
  const sentences = errors.map((diagnostic) =>
    explained(diagnostic, { environment, stack, target }),
  );
  return sentences.every((sentence) => sentence === undefined)
    ? error.message
    : [
        ...new Set(
          sentences.map((sentence, index) => sentence ?? textOfDiagnostic(errors[index]!)),
        ),
      ].join("; ");
}

function explained(
  diagnostic: Diagnostic,
  known: Pick<Context, "environment" | "stack" | "target">,
): string | undefined {
  const text = textOfDiagnostic(diagnostic);
  for (const { pattern, says } of rules) {
    const found = pattern.exec(text);
    const sentence = found && says({ ...known, address: diagnostic.address, found });
    if (sentence) {
      return sentence;
    }
  }
  return undefined;
}
