/**
 * Ids of the built-in roles that are granted; ids never change, names have.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
export const roles = {
  keyVaultSecretsOfficer: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
  keyVaultSecretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
  logAnalyticsDataReader: "3b03c2da-16b3-4a49-8834-0f8130efdd3b",
  monitoringMetricsPublisher: "3913510d-42f4-4e42-8a64-420c390055eb",
  storageBlobDataContributor: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
} as const;

/** The id of a built-in role as role assignments in a subscription refer to it. */
export function roleDefinitionId(subscriptionId: string, role: keyof typeof roles): string {
  return `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roles[role]}`;
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
