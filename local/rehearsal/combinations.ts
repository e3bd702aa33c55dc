import { environmentSchema, type Environment } from "../../config/environment.ts";
import { loadFlows } from "../../content/flows.ts";
import { tableColumnType } from "../../content/tables.ts";
import type { RehearsalCloud } from "./rehearsal-cloud.ts";

/** What an environment can be made of in two ways each. */
export interface Combination {
  readonly tenants: 1 | 2;
  readonly credential: "client-secret" | "managed-identity";
  readonly workspace: "create" | "adopt";
  readonly azureCloud: "public" | "usgovernment";
}

/** Each two values of different kinds are together in one of these, and in `config/dev.json`. */
export const combinations: readonly Combination[] = [
  {
    tenants: 1,
    credential: "managed-identity",
    workspace: "adopt",
    azureCloud: "usgovernment",
  },
  { tenants: 2, credential: "client-secret", workspace: "adopt", azureCloud: "usgovernment" },
  { tenants: 2, credential: "managed-identity", workspace: "create", azureCloud: "usgovernment" },
  { tenants: 2, credential: "managed-identity", workspace: "adopt", azureCloud: "public" },
];

const id = (last: string) => `00000000-0000-4000-8000-${last.padStart(12, "0")}`;
const adoptedGroup = `/subscriptions/${id("9")}/resourceGroups/rg-soc`;
const adopted = `${adoptedGroup}/providers/Microsoft.OperationalInsights/workspaces/log-soc`;

/** What the file of an environment with this combination holds. */
export function environmentFileOf(combination: Combination): object {
  const { azureCloud, credential, workspace } = combination;
  const location = azureCloud === "public" ? "westeurope" : "usgovvirginia";
  const cloud = azureCloud === "public" ? "enterprise" : "gcc-high";
  const tenant = (last: string, given: string) => ({
    tenantId: id(last),
    primaryDomain: `tenant${last}.example.org`,
    ...{ cloud, credential: given },
  });
  return {
    $schema: "./environment.schema.json",
    ...{ subscriptionId: id("9"), homeTenantId: id("101"), location, azureCloud },
    stateBackend: { type: "local" },
    ...{ protection: "test", deployerVaultRole: "declared" },
    alertReceivers: [{ name: "soc", email: "soc@example.org" }],
    workspace:
      workspace === "create"
        ? { mode: "create" }
        : {
            ...{ mode: "adopt", resourceId: adopted, location },
            // In one cloud all is there already, in the other one nothing is.
            ...{ sentinelIsOn: azureCloud === "public", ownsTables: azureCloud !== "public" },
          },
    tenants: {
      contoso: tenant("101", credential),
      // A managed identity cannot sign in to a foreign tenant.
      ...(combination.tenants === 2 && { fabrikam: tenant("102", "client-secret") }),
    },
  };
}

/** The environment of a combination, under a name. */
export const environmentOf = (name: string, combination: Combination): Environment => ({
  name,
  ...environmentSchema.parse(environmentFileOf(combination)),
});

/** Puts the workspace of a combination that adopts one, as its owner has it. */
export async function putAdopted(cloud: RehearsalCloud): Promise<void> {
  const { workspace } = cloud.environment;
  if (workspace.mode !== "adopt") {
    return;
  }
  const { location, ownsTables, sentinelIsOn } = workspace;
  await cloud.administer("PUT", adoptedGroup, { location });
  for (const namespace of ["Microsoft.OperationalInsights", "Microsoft.SecurityInsights"]) {
    const subscription = `/subscriptions/${cloud.environment.subscriptionId}`;
    await cloud.administer("POST", `${subscription}/providers/${namespace}/register`);
  }
  const properties = { sku: { name: "PerGB2018" }, retentionInDays: 90 };
  await cloud.administer("PUT", adopted, { location, properties });
  if (sentinelIsOn) {
    const onboarding = `${adopted}/providers/Microsoft.SecurityInsights/onboardingStates/default`;
    await cloud.administer("PUT", onboarding, { properties: {} });
  }
  for (const { table } of ownsTables ? [] : loadFlows()) {
    const columns = table.columns.map(({ name, type }) => ({ name, type: tableColumnType(type) }));
    await cloud.administer("PUT", `${adopted}/tables/${table.name}`, {
      properties: { schema: { columns } },
    });
  }
}
