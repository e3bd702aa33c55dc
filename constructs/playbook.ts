import type { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import { ResourceGroupTemplateDeployment } from "@cdktf/provider-azurerm/lib/resource-group-template-deployment/index.js";
import { Fn } from "cdktf";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { escapeForTerraform } from "../content/load.ts";
import type { WorkflowDefinition } from "../content/load.ts";
import type { PlaybookIdentity } from "./playbook-identity.ts";

export interface PlaybookProps {
  readonly name: string;
  readonly resourceGroup: ResourceGroup;
  readonly identity: PlaybookIdentity;
  /** Resource id of that identity, computed and not referred to: the template is plain text. */
  readonly identityId: string;
  /** The workflow definition, as the portal's code view shows it. */
  readonly definition: WorkflowDefinition;
  /** A value for each parameter that the definition declares without one. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /**
   * What the first run needs besides the roles of the identity; it starts as soon as the playbook is
   * there.
   *
   * @default nothing
   */
  readonly after?: readonly ITerraformDependable[];
}

/**
 * A Logic App from a whole workflow definition: one resource, so that it is never half changed.
 *
 * @see https://learn.microsoft.com/azure/templates/microsoft.logic/2019-05-01/workflows
 */
export class Playbook extends Construct {
  public readonly deployment: ResourceGroupTemplateDeployment;

  constructor(scope: Construct, id: string, props: PlaybookProps) {
    super(scope, id);

    const { name, resourceGroup, identity, identityId, definition, parameters, after = [] } = props;
    const declared = Object.entries(
      definition.parameters as Record<string, { defaultValue?: unknown }>,
    );
    const undeclared = Object.keys(parameters).filter((key) => !(key in definition.parameters));
    const missing = declared
      .filter(([key, { defaultValue }]) => defaultValue === undefined && !(key in parameters))
      .map(([key]) => key);
    if (undeclared.length > 0) {
      throw new Error(
        `parameters must be declared in the definition, got ${undeclared.join(", ")}`,
      );
    }
    if (missing.length > 0) {
      throw new Error(
        `parameters must have a value where the definition has none, got none for ${missing.join(", ")}`,
      );
    }

    const template = {
      $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      contentVersion: "1.0.0.0",
      parameters: {
        name: { type: "string" },
        location: { type: "string" },
        tags: { type: "object" },
        workflowParameters: { type: "object" },
      },
      resources: [
        {
          type: "Microsoft.Logic/workflows",
          apiVersion: "2019-05-01",
          name: "[parameters('name')]",
          location: "[parameters('location')]",
          tags: "[parameters('tags')]",
          identity: { type: "UserAssigned", userAssignedIdentities: { [identityId]: {} } },
          properties: {
            state: "Enabled",
            definition: escapeForTemplate(definition),
            parameters: "[parameters('workflowParameters')]",
          },
        },
      ],
    };
    this.deployment = new ResourceGroupTemplateDeployment(this, "deployment", {
      name,
      resourceGroupName: resourceGroup.name,
      deploymentMode: "Incremental",
      tags: resourceGroup.tagsInput,
      templateContent: escapeForTerraform(JSON.stringify(template)),
      parametersContent: Fn.jsonencode({
        name: { value: name },
        location: { value: resourceGroup.location },
        tags: { value: resourceGroup.tagsInput ?? {} },
        workflowParameters: {
          value: Object.fromEntries(
            Object.entries(parameters).map(([parameter, value]) => [parameter, { value }]),
          ),
        },
      }),
      // The roles too, so that the first run does not fail for want of them.
      dependsOn: [identity.identity, ...identity.grants, ...after],
    });
  }
}

/**
 * Leaves strings alone that Resource Manager would take for an expression of its own.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions#escape-characters
 */
function escapeForTemplate(value: unknown): unknown {
  if (typeof value === "string") {
    return value.startsWith("[") && value.endsWith("]") ? `[${value}` : value;
  }
  if (Array.isArray(value)) {
    return value.map(escapeForTemplate);
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, escapeForTemplate(member)]),
    );
  }
  return value;
}
