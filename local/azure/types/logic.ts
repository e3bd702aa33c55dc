import { loadWorkflow } from "../../logic-apps/load-workflow.ts";
import { WorkflowDefinitionError } from "../../logic-apps/workflow-definition-error.ts";
import type { JsonObject } from "../../json.ts";
import { ArmError } from "../arm-error.ts";
import { objectAt, propertiesOf } from "../body-parts.ts";
import type { ActionRequest, AzureContext, ResourceType } from "../resource-type.ts";

/** Consumption workflows: https://learn.microsoft.com/rest/api/logic/workflows. */
const workflows: ResourceType = {
  name: "Microsoft.Logic/workflows",
  created: 201,
  deleted: 200,
  apiVersions: ["2019-05-01"],
  put({ given, before, context }) {
    const properties = propertiesOf(given);
    const identities = objectAt(objectAt(given, "identity"), "userAssignedIdentities");
    const [identity] = Object.keys(identities);
    checkDefinition(properties, identity);
    const now = context.clock.now().toISOString();
    return {
      ...given,
      ...(identity !== undefined && { identity: assigned(given, identities, context) }),
      properties: {
        state: "Enabled",
        ...properties,
        definition: evaluated(objectAt(properties, "definition")),
        createdTime: propertiesOf(before?.body ?? {})["createdTime"] ?? now,
        changedTime: now,
        provisioningState: "Succeeded",
      },
    };
  },
  actions: {
    enable: (request) => setState(request, "Enabled"),
    disable: (request) => setState(request, "Disabled"),
  },
};

/** Saving checks the definition: https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language. */
function checkDefinition(properties: JsonObject, identity: string | undefined): void {
  try {
    loadWorkflow(properties["definition"], identity === undefined ? {} : { identity });
  } catch (error) {
    if (error instanceof WorkflowDefinitionError) {
      throw new ArmError(400, error.code, error.message);
    }
    throw error;
  }
}

/**
 * What GET adds beside a trigger's recurrence, so that Terraform's provider leaves it out when it reads:
 * https://github.com/hashicorp/terraform-provider-azurerm/blob/v4.81.0/internal/services/logic/logic_app_trigger_custom_resource.go
 */
function evaluated(definition: JsonObject): JsonObject {
  const triggers = Object.entries(objectAt(definition, "triggers")).map(([name, value]) => {
    const trigger = value as JsonObject;
    const { recurrence } = trigger;
    return [name, recurrence ? { ...trigger, evaluatedRecurrence: recurrence } : trigger] as const;
  });
  return { ...definition, triggers: Object.fromEntries(triggers) };
}

function assigned(given: JsonObject, identities: JsonObject, { store }: AzureContext): JsonObject {
  const userAssignedIdentities = Object.fromEntries(
    Object.keys(identities).map((id) => {
      const found = store.get(id);
      if (!found) {
        throw new ArmError(
          400,
          "FailedIdentityOperation",
          `Identity operation failed: the identity '${id}' was not found.`,
        );
      }
      const { clientId, principalId } = propertiesOf(found.body);
      return [id, { clientId: clientId!, principalId: principalId! }];
    }),
  );
  return { ...objectAt(given, "identity"), userAssignedIdentities };
}

function setState({ resource, context }: ActionRequest, state: string): Response {
  const { body } = resource!;
  context.store.put({
    ...resource!,
    body: { ...body, properties: { ...propertiesOf(body), state } },
  });
  return new Response(null, { status: 200 });
}

/** Triggers, which can be fired by hand: https://learn.microsoft.com/rest/api/logic/workflow-triggers/run. */
const triggers: ResourceType = {
  name: "Microsoft.Logic/workflows/triggers",
  created: 200,
  deleted: 200,
  actsOnNothing: true,
  actions: {
    run({ path, context }) {
      const properties = propertiesOf(context.store.get(path.parentId)?.body ?? {});
      if (!(path.name in objectAt(objectAt(properties, "definition"), "triggers"))) {
        throw new ArmError(404, "WorkflowTriggerNotFound", `No trigger '${path.name}' was found.`);
      }
      if (properties["state"] !== "Enabled" || !context.runs.carryOut) {
        throw new ArmError(409, "WorkflowTriggerNotEnabled", "The workflow is not enabled.");
      }
      const name = context.runs.start(path.parentId);
      return new Response(null, { status: 202, headers: { "x-ms-workflow-run-id": name } });
    },
  },
};

/** Runs: https://learn.microsoft.com/rest/api/logic/workflow-runs/list. */
const runs: ResourceType = {
  name: "Microsoft.Logic/workflows/runs",
  created: 200,
  deleted: 200,
  list: (id, context) =>
    context.runs
      .list(id)
      .toReversed()
      .map(({ name, startTime, ended }) => ({
        id: `${id}/runs/${name}`,
        name,
        type: "Microsoft.Logic/workflows/runs",
        properties: {
          startTime: startTime.toISOString(),
          status: ended?.status ?? "Running",
          ...(ended && { endTime: ended.at.toISOString() }),
        },
      })),
};

/** What Microsoft.Logic has. */
export const logic: readonly ResourceType[] = [workflows, triggers, runs];
