import { builtInRoles as known } from "../../config/built-in-roles.ts";

/** A role of Azure, or of somebody's own: what it allows on the control plane, with `*` for any text. */
export interface RoleDefinition {
  readonly id: string;
  readonly name: string;
  readonly actions: readonly string[];
  readonly notActions?: readonly string[];
}

/**
 * The built-in roles that somebody holds here. Those for data alone allow no action of Resource Manager
 * that anything here asks for.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
export const builtInRoles: readonly RoleDefinition[] = [
  { ...known.owner, actions: ["*"] },
  {
    ...known.contributor,
    actions: ["*"],
    notActions: [
      "Microsoft.Authorization/*/Delete",
      "Microsoft.Authorization/*/Write",
      "Microsoft.Authorization/elevateAccess/Action",
    ],
  },
  { ...known.reader, actions: ["*/read"] },
  {
    ...known.rbacAdministrator,
    actions: [
      "Microsoft.Authorization/roleAssignments/write",
      "Microsoft.Authorization/roleAssignments/delete",
      "*/read",
    ],
  },
  { ...known.keyVaultSecretsOfficer, actions: [] },
  { ...known.keyVaultSecretsUser, actions: [] },
  { ...known.logAnalyticsDataReader, actions: [] },
  { ...known.monitoringMetricsPublisher, actions: [] },
  { ...known.storageBlobDataContributor, actions: [] },
  { ...known.storageBlobDataReader, actions: [] },
];

/** Whether a role allows an action such as `Microsoft.KeyVault/vaults/read`. */
export const allows = ({ actions, notActions = [] }: RoleDefinition, action: string): boolean =>
  actions.some((pattern) => matches(pattern, action)) &&
  !notActions.some((pattern) => matches(pattern, action));

/** Compares without regard to case. */
function matches(pattern: string, action: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i").test(action);
}
