import type { Application } from "@cdktf/provider-azuread/lib/application/index.js";
import { ApplicationPasswordA } from "@cdktf/provider-azuread/lib/application-password/index.js";
import { DataAzurermClientConfig } from "@cdktf/provider-azurerm/lib/data-azurerm-client-config/index.js";
import { KeyVault } from "@cdktf/provider-azurerm/lib/key-vault/index.js";
import { KeyVaultSecret } from "@cdktf/provider-azurerm/lib/key-vault-secret/index.js";
import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment/index.js";
import { TerraformLocal } from "cdktf";
import { Construct } from "constructs";
import { secretSlots } from "../config/secret-slots.ts";
import { assignmentName, roleDefinitionId } from "./roles.ts";

export interface ClientSecretProps {
  readonly application: Application;
  readonly resourceGroup: ResourceGroup;
  readonly subscriptionId: string;
  /** Entra tenant whose identities may use the vault. */
  readonly tenantId: string;
  /** 3 to 24 letters, digits and hyphens, unique in the world. */
  readonly vaultName: string;
  readonly secretName: string;
  /** Tags of the secret, for programs that read it. */
  readonly secretTags: Readonly<Record<string, string>>;
  /**
   * Calendar months between two secrets, 1 to 12.
   *
   * @default 3
   */
  readonly periodMonths?: number;
  /**
   * Whether whoever deploys is made Key Vault Secrets Officer of the resource group.
   *
   * @default false
   */
  readonly grantDeployer?: boolean;
  /**
   * Whether the vault is protected from being destroyed, replaced or purged.
   *
   * @default true
   */
  readonly protect?: boolean;
}

/**
 * An application's secret in a vault of its own, renewed every period without a moment in which the
 * vault's secret does not work.
 *
 * Time is cut into periods of whole calendar months. Two slots hold one secret each: one is renewed
 * in even periods, the other in odd ones, and each secret is valid for the period in which it was
 * made and for the next. The vault holds that of the present period; the other one, which a run
 * may have read a moment before, lives on. A deployment is needed once in each period. If one
 * is missed, the vault's secret has expired together with the older one, and the next
 * deployment renews both.
 *
 * The period is an expression that Terraform evaluates when it plans, so synthesis knows no clock
 * and a plan within the same period is empty.
 */
export class ClientSecret extends Construct {
  public readonly vault: KeyVault;
  /** The vault's secret, for what must not start before it is there. */
  public readonly secret: KeyVaultSecret;

  constructor(scope: Construct, id: string, props: ClientSecretProps) {
    super(scope, id);

    const {
      application,
      resourceGroup,
      subscriptionId,
      tenantId,
      vaultName,
      secretName,
      secretTags,
      periodMonths = 3,
      grantDeployer = false,
      protect = true,
    } = props;
    if (!Number.isInteger(periodMonths) || periodMonths < 1 || periodMonths > 12) {
      throw new Error(`periodMonths must be a whole number from 1 to 12, got ${periodMonths}`);
    }

    this.vault = new KeyVault(this, "vault", {
      name: vaultName,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      tags: resourceGroup.tagsInput,
      tenantId,
      skuName: "standard",
      rbacAuthorizationEnabled: true,
      // Never another number, not even for a test: it cannot be changed once the vault is there, and
      // an environment that becomes production keeps its vault. Purging does not wait for it.
      softDeleteRetentionDays: 90,
      purgeProtectionEnabled: protect,
      lifecycle: { preventDestroy: protect },
    });

    // On the resource group and not on the vault, so that the role takes effect while the vault is
    // still being made: a fresh role is refused for minutes, and the provider does not try again.
    const officer = grantDeployer
      ? [
          new RoleAssignment(this, "deployer-role", {
            name: assignmentName(subscriptionId, vaultName, "deployer-role"),
            scope: resourceGroup.id,
            roleDefinitionId: roleDefinitionId(subscriptionId, "keyVaultSecretsOfficer"),
            principalId: new DataAzurermClientConfig(this, "deployer").objectId,
          }),
        ]
      : [];

    const period = new TerraformLocal(
      this,
      "period",
      `\${floor((formatdate("YYYY", plantimestamp()) * 12 + formatdate("M", plantimestamp()) - 1) / ${periodMonths})}`,
    );
    const [even, odd] = secretSlots.map((parity, remainder) => {
      const endMonth = new TerraformLocal(
        this,
        `${parity}-end-month`,
        `\${(${period.fqn} - (${period.fqn} + ${remainder}) % 2 + 2) * ${periodMonths}}`,
      );
      return new ApplicationPasswordA(this, parity, {
        applicationId: application.id,
        displayName: `${secretName} of ${parity} periods`,
        // Changes every second period, and a changed end renews the secret.
        endDate: `\${format("%04d-%02d-01T00:00:00Z", floor(${endMonth.fqn} / 12), ${endMonth.fqn} % 12 + 1)}`,
        lifecycle: { createBeforeDestroy: true },
      });
    }) as [ApplicationPasswordA, ApplicationPasswordA];

    const newer = (attribute: string) =>
      `\${${period.fqn} % 2 == 0 ? ${even.fqn}.${attribute} : ${odd.fqn}.${attribute}}`;
    // Not value_wo: when a write fails, it is never repeated and the vault keeps a dead secret.
    this.secret = new KeyVaultSecret(this, "secret", {
      name: secretName,
      keyVaultId: this.vault.id,
      value: newer("value"),
      expirationDate: newer("end_date"),
      contentType: "text/plain",
      tags: { ...secretTags },
      dependsOn: officer,
    });
  }
}
