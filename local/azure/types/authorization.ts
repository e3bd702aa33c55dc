import { roleAssignmentType } from "../access.ts";
import { ArmError } from "../arm-error.ts";
import { propertiesOf, textAt } from "../body-parts.ts";
import { builtInRoles } from "../built-in-roles.ts";
import type { ResourceType } from "../resource-type.ts";

/** Role assignments: https://learn.microsoft.com/rest/api/authorization/role-assignments. */
const roleAssignments: ResourceType = {
  name: roleAssignmentType,
  created: 201,
  deleted: 200,
  put({ path, given, before, context }) {
    const properties = propertiesOf(given);
    const principalId = textAt(properties, "principalId") ?? "";
    const roleDefinitionId = textAt(properties, "roleDefinitionId") ?? "";
    const isSame = (other: ReturnType<typeof propertiesOf>) =>
      textAt(other, "principalId") === principalId &&
      textAt(other, "roleDefinitionId")?.toLowerCase() === roleDefinitionId.toLowerCase();
    if (before && !isSame(propertiesOf(before.body))) {
      throw new ArmError(
        400,
        "RoleAssignmentUpdateNotPermitted",
        "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
      );
    }
    const twin = context.store
      .ofType(roleAssignmentType)
      .map(({ body }) => propertiesOf(body))
      .find(
        (other) =>
          textAt(other, "scope")?.toLowerCase() === path.parentId.toLowerCase() && isSame(other),
      );
    if (!before && twin) {
      throw new ArmError(409, "RoleAssignmentExists", "The role assignment already exists.");
    }
    const type = textAt(properties, "principalType");
    if (type === undefined && !context.directory.knowsPrincipal(principalId)) {
      throw new ArmError(
        400,
        "PrincipalNotFound",
        `Principal ${principalId} does not exist in the directory ${context.tenantOf(path.subscriptionId!)}.`,
      );
    }
    if (!builtInRoles.some(({ id }) => roleDefinitionId.toLowerCase().endsWith(`/${id}`))) {
      throw new ArmError(
        400,
        "RoleDefinitionDoesNotExist",
        `The specified role definition with ID '${roleDefinitionId}' does not exist.`,
      );
    }
    const now = context.clock.now().toISOString();
    return {
      properties: {
        ...properties,
        principalType: type ?? "ServicePrincipal",
        scope: path.parentId,
        createdOn: before ? propertiesOf(before.body)["createdOn"]! : now,
        updatedOn: now,
      },
    };
  },
};

/** Built-in roles, which every subscription has. */
const roleDefinitions: ResourceType = {
  name: "Microsoft.Authorization/roleDefinitions",
  created: 201,
  deleted: 200,
  read({ id, name }) {
    const role = builtInRoles.find((each) => each.id === name.toLowerCase());
    return (
      role && {
        id,
        name,
        type: "Microsoft.Authorization/roleDefinitions",
        properties: {
          roleName: role.name,
          type: "BuiltInRole",
          assignableScopes: ["/"],
          permissions: [{ actions: role.actions, notActions: role.notActions ?? [] }],
        },
      }
    );
  },
};

/** What Microsoft.Authorization has. */
export const authorization: readonly ResourceType[] = [roleAssignments, roleDefinitions];
