import type { Environment } from "../../config/environment.ts";
import { tenantNames, workspaceId } from "../../config/names.ts";
import type { AuditFeed } from "../audit-feed.ts";
import type { Clock } from "../clock.ts";
import type { Collector } from "../deployed-tenant.ts";
import type { JsonObject } from "../json.ts";
import { loadWorkflow } from "../logic-apps/load-workflow.ts";
import type { RunProps } from "../logic-apps/run-workflow.ts";
import { Network } from "../network.ts";
import { SeededRandom } from "../records/seeded-random.ts";
import type { Azure } from "./azure.ts";
import { objectAt, propertiesOf, textAt } from "./body-parts.ts";

export interface CollectorInAzureProps {
  readonly azure: Azure;
  readonly clock: Clock;
  readonly environment: Environment;
  /** Key of the tenant in the environment's configuration. */
  readonly tenantName: string;
  /** The feed that the tenant's records are in. */
  readonly feed: AuditFeed;
  /** Whatever is random in the runs follows from it. */
  readonly seed: number;
}

/**
 * The collector of a tenant as it lies in Azure: the workflow, the values of its parameters and its
 * identity, whoever put them there. Fails when it is not there or does not run.
 */
export async function collectorInAzure(props: CollectorInAzureProps): Promise<Collector> {
  const { azure, clock, environment, tenantName, feed, seed } = props;
  const tenant = environment.tenants[tenantName];
  if (tenant?.state !== "collected") {
    throw new Error(`tenant must be one that ${environment.name} collects, got ${tenantName}`);
  }
  const { playbook: name, playbookId: id } = tenantNames(environment, tenantName);
  const resource = azure.manager.store.get(id);
  if (!resource) {
    throw new Error(`playbook must be deployed, got none at ${id}`);
  }
  const properties = propertiesOf(resource.body);
  if (textAt(properties, "state") !== "Enabled") {
    throw new Error(`playbook must be enabled, got ${textAt(properties, "state") ?? "no state"}`);
  }
  const [identity] = Object.keys(
    objectAt(objectAt(resource.body, "identity"), "userAssignedIdentities"),
  );
  const network = new Network(clock, [...azure.services, feed]);
  const random = new SeededRandom(seed);
  let runs = 0;
  return {
    ...{ environment, tenantName, tenant, feed },
    workspace: await azure.manager.logs.at(workspaceId(environment)),
    workflow: loadWorkflow(
      properties["definition"],
      identity === undefined ? undefined : { identity },
    ),
    parameters: objectAt(properties, "parameters") as unknown as RunProps["parameters"],
    host: {
      clock,
      send: (request) => network.send(request),
      managedIdentityToken: async (of, audience) =>
        azure.directory.managedIdentityToken(of ?? "", audience),
      random: () => random.fraction(),
      newRunId: () => `08584${String(++runs).padStart(27, "0")}CU01`,
      workflow: { name, id, location: locationOf(resource.body) },
    },
  };
}

const locationOf = (body: JsonObject) => textAt(body, "location") ?? "";
