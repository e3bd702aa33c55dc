import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../../json.ts";
import { ArmError } from "../arm-error.ts";
import { objectAt, objectsAt, propertiesOf, textAt } from "../body-parts.ts";
import { parseResourcePath, type ResourcePath } from "../resource-path.ts";
import type { AzureContext, ResourceType } from "../resource-type.ts";

/**
 * Deployments of templates to a resource group:
 * https://learn.microsoft.com/rest/api/resources/deployments. Of the template language there are
 * parameters and text that only looks like an expression.
 */
export const deployments: ResourceType = {
  name: "Microsoft.Resources/deployments",
  created: 201,
  deleted: 202,
  actsOnNothing: true,
  async put({ path, given, context }) {
    const properties = propertiesOf(given);
    const outputs: string[] = [];
    for (const resource of resourcesOf(properties)) {
      outputs.push(await deploy(resource, path, context));
    }
    const shown = Object.entries(properties).filter(([key]) => key !== "template");
    return {
      ...(given["tags"] !== undefined && { tags: given["tags"] }),
      properties: {
        ...Object.fromEntries(shown),
        parameters: typed(objectAt(properties, "template"), objectAt(properties, "parameters")),
        provisioningState: "Succeeded",
        timestamp: context.clock.now().toISOString(),
        duration: "PT1S",
        providers: providersOf(outputs),
        dependencies: [],
        outputResources: outputs.map((id) => ({ id })),
        outputs: {},
      },
      [templateKey]: objectAt(properties, "template"),
    };
  },
  actions: {
    validate({ given }) {
      const properties = propertiesOf(given);
      resourcesOf(properties);
      return Response.json({ properties: { ...properties, provisioningState: "Succeeded" } });
    },
    exporttemplate: ({ resource }) =>
      Response.json({ template: objectAt(resource!.body, templateKey) }),
  },
};

/** Which resource providers have made something, and of which types. */
function providersOf(ids: readonly string[]): JsonObject[] {
  const types = new Map<string, Set<string>>();
  for (const id of ids) {
    const [namespace, type] = parseResourcePath(id).type.split("/") as [string, string];
    types.set(namespace, (types.get(namespace) ?? new Set()).add(type));
  }
  return [...types].map(([namespace, of]) => ({
    namespace,
    resourceTypes: [...of].map((resourceType) => ({ resourceType, locations: [null] })),
  }));
}

/** Where a deployment's template is kept, which no GET of it answers. */
export const templateKey = "$template";

/** The resources of a template, with the values of its parameters. */
function resourcesOf(properties: JsonObject): JsonObject[] {
  const template = objectAt(properties, "template");
  const values = objectAt(properties, "parameters");
  const declared = objectAt(template, "parameters");
  const refuse = (message: string) =>
    new ArmError(400, "InvalidTemplate", `Deployment template validation failed: '${message}'.`);
  const unknown = Object.keys(values).find((name) => !(name in declared));
  if (unknown !== undefined) {
    throw refuse(`the template parameter '${unknown}' is not declared`);
  }
  const parameter = (name: string): Json => {
    const value = objectAt(values, name)["value"] ?? objectAt(declared, name)["defaultValue"];
    if (value === undefined) {
      throw refuse(`the value for the template parameter '${name}' is not provided`);
    }
    return value;
  };
  const evaluated = (value: Json): Json => {
    if (typeof value === "string" && value.startsWith("[") && value.endsWith("]")) {
      if (value.startsWith("[[")) {
        return value.slice(1);
      }
      const [, name] = /^\[parameters\('([^']+)'\)\]$/.exec(value) ?? [];
      if (name === undefined) {
        throw refuse(`the expression '${value}' is not known here`);
      }
      return parameter(name);
    }
    if (isJsonArray(value)) {
      return value.map(evaluated);
    }
    return isJsonObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, evaluated(member)]))
      : value;
  };
  return objectsAt(template, "resources").map((resource) => evaluated(resource) as JsonObject);
}

/** What says which resource it is. */
const ofTemplate = ["type", "name", "apiVersion"];

/** Creates or changes a resource of a template; gives its id. */
async function deploy(
  resource: JsonObject,
  path: ResourcePath,
  context: AzureContext,
): Promise<string> {
  const given = Object.entries(resource).filter(([key]) => !ofTemplate.includes(key));
  const group = `/subscriptions/${path.subscriptionId}/resourceGroups/${path.resourceGroup}`;
  const [namespace, type] = (textAt(resource, "type") ?? "").split("/");
  const id = `${group}/providers/${namespace}/${type}/${textAt(resource, "name")}`;
  try {
    await context.put(id, Object.fromEntries(given));
  } catch (error) {
    if (error instanceof ArmError) {
      throw new ArmError(
        400,
        "DeploymentFailed",
        `At least one resource deployment operation failed. Please list deployment operations for details. Please see https://aka.ms/arm-deployment-operations for usage details. ${error.code}: ${error.message}`,
      );
    }
    throw error;
  }
  return id;
}

/** Values of parameters, with the types that the template declares. */
const typed = (template: JsonObject, values: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      {
        type: textAt(objectAt(objectAt(template, "parameters"), name), "type") ?? "string",
        ...(value as JsonObject),
      },
    ]),
  );
