import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import { StorageAccount } from "@cdktf/provider-azurerm/lib/storage-account/index.js";
import { StorageContainer } from "@cdktf/provider-azurerm/lib/storage-container/index.js";
import { StorageManagementPolicy } from "@cdktf/provider-azurerm/lib/storage-management-policy/index.js";
import { Construct } from "constructs";

export interface KeylessStorageProps {
  /** 3 to 24 lower-case letters and digits, unique in the world. */
  readonly name: string;
  readonly resourceGroup: ResourceGroup;
  /** Names of the containers, which are their construct ids too. */
  readonly containers: readonly string[];
  /**
   * Days after which blobs are deleted whose names begin so, the container's name included.
   *
   * @default none
   */
  readonly expiries?: Readonly<Record<string, number>>;
  /**
   * Whether Terraform refuses to destroy or replace the account and its containers.
   *
   * @default true
   */
  readonly protect?: boolean;
}

/** Blob storage that answers to Entra identities only: no shared keys, nothing public. */
export class KeylessStorage extends Construct {
  public readonly account: StorageAccount;
  public readonly containers: readonly StorageContainer[];

  constructor(scope: Construct, id: string, props: KeylessStorageProps) {
    super(scope, id);

    const { name, resourceGroup, containers, expiries = {}, protect = true } = props;
    const tooShort = Object.entries(expiries).find(([, days]) => !(days >= 1));
    if (tooShort) {
      throw new Error(`days of ${tooShort[0]} must be 1 or more, got ${tooShort[1]}`);
    }

    // No blob_properties: with them the provider waits for the data plane, where the deployer has
    // no rights, and creating the account takes six times as long.
    this.account = new StorageAccount(this, "account", {
      name,
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      tags: resourceGroup.tagsInput,
      accountTier: "Standard",
      accountReplicationType: "LRS",
      minTlsVersion: "TLS1_2",
      httpsTrafficOnlyEnabled: true,
      sharedAccessKeyEnabled: false,
      defaultToOauthAuthentication: true,
      allowNestedItemsToBePublic: false,
      localUserEnabled: false,
      crossTenantReplicationEnabled: false,
      lifecycle: { preventDestroy: protect },
    });
    this.containers = containers.map(
      (container) =>
        new StorageContainer(this, container, {
          name: container,
          storageAccountId: this.account.id,
          containerAccessType: "private",
          lifecycle: { preventDestroy: protect },
        }),
    );
    if (Object.keys(expiries).length > 0) {
      new StorageManagementPolicy(this, "expiry", {
        storageAccountId: this.account.id,
        rule: Object.entries(expiries).map(([prefix, days]) => ({
          // Letters and digits alone.
          name: prefix.replace(/[^a-z0-9]/gi, ""),
          enabled: true,
          filters: { blobTypes: ["blockBlob"], prefixMatch: [prefix] },
          actions: { baseBlob: { deleteAfterDaysSinceModificationGreaterThan: days } },
        })),
      });
    }
  }
}
