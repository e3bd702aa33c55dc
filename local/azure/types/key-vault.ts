import type { Json, JsonObject } from "../../json.ts";
import { Vault } from "../../vault.ts";
import { ArmError } from "../arm-error.ts";
import { propertiesOf, regionOf, textAt } from "../body-parts.ts";
import { dataAccess } from "../data-access.ts";
import type { DeletedResource } from "../deleted-resources.ts";
import { subscriptionOf } from "../resource-path.ts";
import type { AzureContext, PutRequest, ResourceType } from "../resource-type.ts";

const vaultType = "Microsoft.KeyVault/vaults";

/**
 * Vaults: https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults. A deleted one keeps its name,
 * worldwide, until it is purged or its time is over
 * (https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview).
 */
const vaults: ResourceType = {
  name: vaultType,
  created: 201,
  deleted: 200,
  put(request) {
    const { path, given, before, context } = request;
    const { clock, hosts, parked } = context;
    const host = hostOf(path.name, path.subscriptionId!, context);
    const properties = propertiesOf(given);
    const old = propertiesOf(before?.body ?? {});
    checkName(request);
    checkProtection(old, properties);
    if (!before) {
      const kept = properties["createMode"] === "recover" ? parked.get(host) : undefined;
      parked.delete(host);
      context.deleted.take(path.id);
      const tenantId = textAt(properties, "tenantId") ?? "";
      hosts.set(
        host,
        kept ?? new Vault({ clock, host, tenantId, directory: dataAccess(context, path.id) }),
      );
    }
    return {
      ...given,
      properties: {
        accessPolicies: [],
        publicNetworkAccess: "Enabled",
        ...properties,
        enableSoftDelete: true,
        softDeleteRetentionInDays:
          old["softDeleteRetentionInDays"] ?? properties["softDeleteRetentionInDays"] ?? 90,
        vaultUri: `https://${host}/`,
        provisioningState: "Succeeded",
      },
    };
  },
  remove(resource, context) {
    const { id, name, body } = resource;
    const host = hostOf(name, subscriptionOf(id), context);
    context.parked.set(host, context.hosts.get(host)!);
    context.hosts.delete(host);
    const days = propertiesOf(body)["softDeleteRetentionInDays"] as number;
    context.deleted.keep(resource, [], days);
  },
};

function checkName({ path, given, before, context }: PutRequest): void {
  const { name, id } = path;
  if (!/^[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]$/i.test(name)) {
    throw new ArmError(
      400,
      "VaultNameNotValid",
      `The vault name '${name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens.`,
    );
  }
  if (before) {
    return;
  }
  const isSame = (other: string) => other.toLowerCase() === name.toLowerCase();
  if (context.store.ofType(vaultType).some((vault) => isSame(vault.name))) {
    throw new ArmError(
      409,
      "VaultAlreadyExists",
      `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state.`,
    );
  }
  const deleted = context.deleted.ofType(vaultType).find(({ resource }) => isSame(resource.name));
  const isRecovered =
    propertiesOf(given)["createMode"] === "recover" &&
    deleted?.resource.id.toLowerCase() === id.toLowerCase();
  if (deleted && !isRecovered) {
    throw new ArmError(
      409,
      "ConflictError",
      "A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.",
    );
  }
}

/** What cannot be taken back: https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview. */
function checkProtection(old: JsonObject, properties: JsonObject): void {
  const refuse = (property: string) =>
    new ArmError(
      400,
      "BadRequest",
      `The property "${property}" has been set already and it can't be modified.`,
    );
  if (old["enablePurgeProtection"] === true && properties["enablePurgeProtection"] !== true) {
    throw refuse("enablePurgeProtection");
  }
  const days = properties["softDeleteRetentionInDays"];
  const oldDays = old["softDeleteRetentionInDays"];
  if (oldDays !== undefined && days !== undefined && days !== oldDays) {
    throw refuse("softDeleteRetentionInDays");
  }
}

/** Vaults that can be recovered or purged. */
const deletedVaults: ResourceType = {
  name: "Microsoft.KeyVault/locations/deletedVaults",
  created: 200,
  deleted: 200,
  actsOnNothing: true,
  read: (path, context) => {
    const found = deletedVault(path.name, path.subscriptionId!, context);
    return found && described(found, path.id);
  },
  actions: {
    purge({ path, request, context }) {
      const found = deletedVault(path.name, path.subscriptionId!, context);
      if (!found) {
        throw new ArmError(404, "DeletedVaultNotFound", `The vault '${path.name}' was not found.`);
      }
      if (propertiesOf(found.resource.body)["enablePurgeProtection"] === true) {
        throw new ArmError(
          403,
          "MethodNotAllowed",
          `Operation 'DeletedVaultPurge' is not allowed: the vault '${path.name}' is protected from being purged.`,
        );
      }
      context.deleted.take(found.resource.id);
      context.parked.delete(hostOf(path.name, path.subscriptionId!, context));
      return new Response(null, { status: 202, headers: context.begin(request, path) });
    },
  },
};

/** The same, of a whole subscription. */
const allDeletedVaults: ResourceType = {
  name: "Microsoft.KeyVault/deletedVaults",
  created: 200,
  deleted: 200,
  list: (id, { deleted }) =>
    deleted.ofType(vaultType, subscriptionOf(id)).map((each) => {
      const { name, body } = each.resource;
      const location = regionOf(body["location"] as string);
      return described(
        each,
        `${id}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${name}`,
      );
    }),
};

function deletedVault(name: string, subscriptionId: string, { deleted }: AzureContext) {
  return deleted
    .ofType(vaultType, subscriptionId)
    .find(({ resource }) => resource.name.toLowerCase() === name.toLowerCase());
}

function described({ resource, deletedAt, gone }: DeletedResource, id: string): JsonObject {
  const { body, name } = resource;
  const isProtected = propertiesOf(body)["enablePurgeProtection"];
  const properties: Record<string, Json> = {
    vaultId: resource.id,
    location: body["location"]!,
    tags: body["tags"] ?? {},
    deletionDate: deletedAt.toISOString(),
    scheduledPurgeDate: gone.toISOString(),
  };
  if (isProtected !== undefined) {
    properties["purgeProtectionEnabled"] = isProtected;
  }
  return { id, name, type: "Microsoft.KeyVault/deletedVaults", properties };
}

const hostOf = (name: string, subscriptionId: string, { cloudOf }: AzureContext) =>
  `${name.toLowerCase()}.${cloudOf(subscriptionId).vaultSuffix}`;

/** What Microsoft.KeyVault has. */
export const keyVault: readonly ResourceType[] = [vaults, deletedVaults, allDeletedVaults];
