/** A role of Azure: what it allows on the control plane, with `*` for any text. */
export interface BuiltInRole {
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
export const builtInRoles: readonly BuiltInRole[] = [
  { id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", name: "Owner", actions: ["*"] },
  {
    id: "b24988ac-6180-42a0-ab88-20f7382dd24c",
    name: "Contributor",
    actions: ["*"],
    notActions: [
      "Microsoft.Authorization/*/Delete",
      "Microsoft.Authorization/*/Write",
      "Microsoft.Authorization/elevateAccess/Action",
    ],
  },
  { id: "acdd72a7-3385-48ef-bd42-f606fba81ae7", name: "Reader", actions: ["*/read"] },
  {
    id: "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    name: "Role Based Access Control Administrator",
    actions: [
      "Microsoft.Authorization/roleAssignments/write",
      "Microsoft.Authorization/roleAssignments/delete",
      "*/read",
    ],
  },
  { id: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", name: "Key Vault Secrets Officer", actions: [] },
  { id: "4633458b-17de-408a-b874-0445c86b69e6", name: "Key Vault Secrets User", actions: [] },
  { id: "3b03c2da-16b3-4a49-8834-0f8130efdd3b", name: "Log Analytics Data Reader", actions: [] },
  { id: "3913510d-42f4-4e42-8a64-420c390055eb", name: "Monitoring Metrics Publisher", actions: [] },
  {
    id: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    name: "Storage Blob Data Contributor",
    actions: [],
  },
];

/** Whether a role allows an action such as `Microsoft.KeyVault/vaults/read`. */
export const allows = ({ actions, notActions = [] }: BuiltInRole, action: string): boolean =>
  actions.some((pattern) => matches(pattern, action)) &&
  !notActions.some((pattern) => matches(pattern, action));

/** Compares without regard to case. */
function matches(pattern: string, action: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i").test(action);
}
