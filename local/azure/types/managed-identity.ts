import type { ResourceType } from "../resource-type.ts";
import { propertiesOf } from "../body-parts.ts";

/** Identities that resources use: https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities. */
export const userAssignedIdentities: ResourceType = {
  name: "Microsoft.ManagedIdentity/userAssignedIdentities",
  created: 201,
  deleted: 200,
  put({ path, given, before, context }) {
    if (before) {
      return { ...given, properties: propertiesOf(before.body) };
    }
    const tenantId = context.tenantOf(path.subscriptionId!);
    const identity = context.directory.addManagedIdentity({ resourceId: path.id, tenantId });
    const { clientId, principalId } = identity;
    return { ...given, properties: { tenantId, clientId, principalId } };
  },
  remove({ id }, { directory }) {
    directory.removeManagedIdentity(id);
  },
};
