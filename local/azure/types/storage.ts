import { BlobStorage } from "../../blob-storage.ts";
import type { JsonObject } from "../../json.ts";
import { ArmError } from "../arm-error.ts";
import { propertiesOf } from "../body-parts.ts";
import { dataAccess } from "../data-access.ts";
import { resourceKey } from "../resource-key.ts";
import { subscriptionOf } from "../resource-path.ts";
import type { AzureContext, ResourceType } from "../resource-type.ts";

const accountType = "Microsoft.Storage/storageAccounts";

/** Storage accounts: https://learn.microsoft.com/rest/api/storagerp/storage-accounts. */
const accounts: ResourceType = {
  name: accountType,
  created: 202,
  deleted: 200,
  put({ path, given, before, context }) {
    const { clock, store, hosts } = context;
    if (!/^[a-z0-9]{3,24}$/.test(path.name)) {
      throw new ArmError(
        400,
        "AccountNameInvalid",
        `${path.name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`,
      );
    }
    if (!before && store.ofType(accountType).some(({ name }) => name === path.name)) {
      throw new ArmError(
        409,
        "StorageAccountAlreadyTaken",
        `The storage account named ${path.name} is already taken.`,
      );
    }
    const host = hostOf(path.name, path.subscriptionId!, context);
    const suffix = host.slice(host.indexOf(".blob.") + ".blob.".length);
    if (!before) {
      const tenantId = context.tenantOf(path.subscriptionId!);
      hosts.set(
        host,
        new BlobStorage({
          clock,
          host,
          tenantId,
          directory: dataAccess(context, path.id, scopeIn(path.id)),
        }),
      );
    }
    const endpoint = (service: string) => `https://${path.name}.${service}.${suffix}/`;
    const services = ["blob", "dfs", "file", "queue", "table", "web"];
    return {
      kind: "StorageV2",
      ...given,
      properties: {
        accessTier: "Hot",
        creationTime: before
          ? propertiesOf(before.body)["creationTime"]!
          : clock.now().toISOString(),
        encryption: {
          keySource: "Microsoft.Storage",
          services: Object.fromEntries(
            ["blob", "file"].map((each) => [each, { enabled: true, keyType: "Account" }]),
          ),
        },
        networkAcls: { bypass: "AzureServices", defaultAction: "Allow", ipRules: [] },
        ...propertiesOf(given),
        primaryEndpoints: Object.fromEntries(services.map((each) => [each, endpoint(each)])),
        primaryLocation: given["location"]!,
        provisioningState: "Succeeded",
        statusOfPrimary: "available",
      },
    };
  },
  remove: ({ id, name }, context) => {
    context.hosts.delete(hostOf(name, subscriptionOf(id), context));
  },
  actions: {
    listkeys: ({ resource }) =>
      Response.json({
        keys: ["key1", "key2"].map((keyName) => ({
          keyName,
          permissions: "FULL",
          value: resourceKey(resource!.id, keyName),
        })),
      }),
  },
};

/** A service that an account has from its beginning. */
const service = (name: string): ResourceType => ({
  name: `${accountType}/${name}`,
  created: 200,
  deleted: 200,
  read: ({ id, parentId }, { store }): JsonObject | undefined =>
    store.get(parentId) && {
      id,
      name: "default",
      type: `${accountType}/${name}`,
      properties: { cors: { corsRules: [] }, deleteRetentionPolicy: { enabled: false } },
    },
});

/** Containers: https://learn.microsoft.com/rest/api/storagerp/blob-containers. */
const containers: ResourceType = {
  name: `${accountType}/blobServices/containers`,
  created: 201,
  deleted: 200,
  async put({ path, given, context }) {
    await storageOf(path.parentId, context).createContainer(path.name);
    return {
      properties: {
        publicAccess: "None",
        ...propertiesOf(given),
        hasImmutabilityPolicy: false,
        hasLegalHold: false,
        leaseState: "Available",
        leaseStatus: "Unlocked",
        lastModifiedTime: context.clock.now().toISOString(),
      },
    };
  },
  remove({ id, name }, context) {
    storageOf(id, context).deleteContainer(name);
  },
};

/** Rules by which blobs are deleted: https://learn.microsoft.com/rest/api/storagerp/management-policies. */
const managementPolicies: ResourceType = {
  name: `${accountType}/managementPolicies`,
  created: 200,
  deleted: 200,
  put: ({ given, context }) => ({
    properties: { ...propertiesOf(given), lastModifiedTime: context.clock.now().toISOString() },
  }),
};

/** The Blob service of the account that an id is in. */
function storageOf(id: string, context: AzureContext): BlobStorage {
  const name = id.split("/")[8]!;
  return context.hosts.get(hostOf(name, subscriptionOf(id), context)) as BlobStorage;
}

const hostOf = (name: string, subscriptionId: string, { cloudOf }: AzureContext) =>
  `${name.toLowerCase()}.${cloudOf(subscriptionId).blobSuffix}`;

/** The id of what is asked for as `<host>` or `<host>/<container>`. */
const scopeIn = (id: string) => (asked: string) => {
  const container = asked.split("/")[1];
  return container === undefined ? id : `${id}/blobServices/default/containers/${container}`;
};

/** What Microsoft.Storage has. */
export const storage: readonly ResourceType[] = [
  accounts,
  service("blobServices"),
  service("fileServices"),
  containers,
  managementPolicies,
];
