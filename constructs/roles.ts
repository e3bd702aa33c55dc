import { Fn } from "cdktf";
import { builtInRoles, type BuiltInRoleKey } from "../config/built-in-roles.ts";

/** The id of a built-in role as role assignments in a subscription refer to it. */
export function roleDefinitionId(subscriptionId: string, role: BuiltInRoleKey): string {
  return `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${builtInRoles[role].id}`;
}

/**
 * The condition that limits a role on a workspace to some of its tables.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/logs/granular-rbac-log-analytics
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-format
 */
export function onlyTables(tables: readonly string[]): string {
  const read = "Microsoft.OperationalInsights/workspaces/tables/data/read";
  const name = "@Resource[Microsoft.OperationalInsights/workspaces/tables:name]";
  const isOne = tables.map((table) => `${name} StringEquals '${table}'`).join(" OR ");
  return `((!(ActionMatches{'${read}'})) OR (${isOne}))`;
}

/**
 * The name of a role assignment, a GUID that is the same each time: one that a killed deployment has made is
 * found again, where another name would be refused because the same principal has the same role.
 */
export const assignmentName = (...of: readonly string[]): string => Fn.uuidv5("url", of.join("/"));
