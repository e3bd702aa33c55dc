import { collectedTenants } from "../../config/environment.ts";
import type { RehearsalCloud } from "./rehearsal-cloud.ts";

const recoverable = ["Microsoft.KeyVault/vaults", "Microsoft.OperationalInsights/workspaces"];

/** What there is in a cloud: live resources and applications, and what Azure keeps of deleted ones. */
export function remainsOf({ azure, environment }: RehearsalCloud): {
  readonly live: readonly string[];
  readonly kept: readonly string[];
} {
  const tenants = new Set(
    collectedTenants(environment).map((name) => environment.tenants[name]!.tenantId),
  );
  const applications = [...tenants].flatMap((id) => azure.graph.applicationNames(id));
  return {
    live: [...azure.manager.store.all().map(({ id }) => id), ...applications],
    kept: recoverable.flatMap((type) =>
      azure.manager.deleted.ofType(type).map(({ resource }) => resource.name),
    ),
  };
}
