import { loadWorkflow } from "../../logic-apps/load-workflow.ts";
import { WorkflowDefinitionError } from "../../logic-apps/workflow-definition-error.ts";
import type { JsonObject } from "../../json.ts";
import { ArmError } from "../arm-error.ts";
import { objectAt, propertiesOf } from "../body-parts.ts";
import type { ActionRequest, AzureContext, ResourceType } from "../resource-type.ts";

/** Consumption workflows: https://learn.microsoft.com/rest/api/logic/workflows. */
export const workflows: ResourceType = {
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
