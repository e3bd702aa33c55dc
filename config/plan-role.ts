/**
 * What a role of one's own allows that plans and changes nothing. Reader is not enough: the template of a
 * deployment is read by an action, and without it no plan is made.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/custom-roles
 */
export const planRole = {
  name: "M365 Audit Plan Reader",
  actions: ["*/read", "Microsoft.Resources/deployments/exportTemplate/action"],
} as const;
