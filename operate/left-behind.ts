import { z } from "zod";
import type { Environment } from "../config/environment.ts";
import type { FeedClock } from "../feed/feed-clock.ts";
import type { FeedTarget } from "../feed/feed-target.ts";
import { namedApplications } from "./feed-applications.ts";
import type { ServiceClient } from "./service-client.ts";

/** What a teardown was to take away, by name. */
export interface TornDown {
  readonly resourceGroups: readonly string[];
  readonly vaults: readonly string[];
  /** Undefined when it stays. */
  readonly workspace: string | undefined;
}

/** What is still there. */
export interface LeftBehind {
  /** What Azure keeps for a while, as it should; whole sentences. */
  readonly kept: readonly string[];
  /** What should be gone. */
  readonly problems: readonly string[];
}

const deletedVault = z.object({
  properties: z.object({
    scheduledPurgeDate: z.string(),
    purgeProtectionEnabled: z.boolean().nullish(),
  }),
});
const named = z.object({ value: z.array(z.object({ name: z.string() })) });

/**
 * Looks for what a teardown has left in Azure. Fails with a FeedProblem.
 *
 * @see https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
 * @see https://learn.microsoft.com/azure/azure-monitor/logs/delete-workspace
 */
export async function leftBehind(
  manager: Pick<ServiceClient, "get">,
  { subscriptionId, location }: Pick<Environment, "subscriptionId" | "location">,
  { resourceGroups, vaults, workspace }: TornDown,
): Promise<LeftBehind> {
  const subscription = `/subscriptions/${subscriptionId}`;
  const kept: string[] = [];
  const problems: string[] = [];
  for (const name of resourceGroups) {
    const group = await manager.get(
      `${subscription}/resourceGroups/${name}?api-version=2023-07-01`,
    );
    if (group !== undefined) {
      problems.push(`the resource group ${name} is still there: delete what others put into it`);
    }
  }
  for (const name of vaults) {
    const path = `${subscription}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${name}`;
    const vault = deletedVault.safeParse(await manager.get(`${path}?api-version=2023-07-01`));
    if (vault.success) {
      const { purgeProtectionEnabled, scheduledPurgeDate } = vault.data.properties;
      const line = `Azure keeps the deleted vault ${name} until ${scheduledPurgeDate.slice(0, 10)}`;
      if (purgeProtectionEnabled === true) {
        kept.push(`${line}, since it is protected; a deployment before that takes it back`);
      } else {
        problems.push(`${line}: purge it with az keyvault purge --name ${name}`);
      }
    }
  }
  if (workspace !== undefined) {
    const path = `${subscription}/providers/Microsoft.OperationalInsights/deletedWorkspaces`;
    const answer = named.safeParse(await manager.get(`${path}?api-version=2023-09-01`));
    if (answer.data?.value.some(({ name }) => name === workspace)) {
      problems.push(
        `Azure keeps the deleted workspace ${workspace} for 14 days, and a deployment before that takes it back with its logs`,
      );
    }
  }
  return { kept, problems };
}

const looks = 6;
const lookMs = 5000;

/**
 * Applications with the names of collectors that are gone, one sentence each. What was just deleted is
 * listed for a while, so that it looks several times. Fails with a FeedProblem.
 */
export async function leftApplications(
  target: FeedTarget,
  graph: Pick<ServiceClient, "get">,
  clock: FeedClock,
): Promise<string[]> {
  if (target.tenant.credential !== "client-secret") {
    return [];
  }
  let left = await namedApplications(target, graph);
  for (let look = 1; look < looks && left.length > 0; look++) {
    await clock.sleep(lookMs);
    left = await namedApplications(target, graph);
  }
  return left.map(
    ({ appId }) =>
      `the application ${target.names.application} (${appId}) is still there in tenant ${target.tenant.tenantId}, as a deployment that was killed leaves it: delete it with az ad app delete --id ${appId}`,
  );
}
