import { ResourceGroupTemplateDeployment } from "@cdktf/provider-azurerm/lib/resource-group-template-deployment/index.js";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment/index.js";
import { describe, expect, test } from "vitest";
import { PlaybookIdentity } from "../../constructs/playbook-identity.ts";
import { Playbook } from "../../constructs/playbook.ts";
import type { PlaybookProps } from "../../constructs/playbook.ts";
import { only, synth } from "../synth.ts";

const definition = {
  parameters: { given: { type: "String" }, optional: { type: "Array", defaultValue: [] } },
  triggers: {},
  actions: {
    Compose: { type: "Compose", inputs: ["[@{1}]", "[@{1}", "${a}", "%{b}", '@{json("1")}', 5] },
  },
};
const synthPlaybook = (props: Partial<PlaybookProps> = {}) =>
  synth((stack) => {
    const resourceGroup = new ResourceGroup(stack, "group", {
      name: "rg",
      location: "westeurope",
      tags: { environment: "dev" },
    });
    const identity = new PlaybookIdentity(stack, "identity", {
      name: "id",
      resourceGroup,
      subscriptionId: "sub",
    });
    identity.grant("reads", "keyVaultSecretsUser", "/vault");
    new Playbook(stack, "playbook", {
      name: "logic",
      resourceGroup,
      identity,
      identityId: "/identity",
      definition,
      parameters: { given: "value" },
      ...props,
    });
  });
const deployment = () => only(synthPlaybook(), ResourceGroupTemplateDeployment);

/** The template as Resource Manager gets it from Terraform. */
function template(): { resources: [{ properties: { definition: typeof definition } }] } {
  const text = String(deployment().template_content);
  expect(text).not.toMatch(/(?<!\$)\$\{|(?<!%)%\{/);
  return JSON.parse(text.replaceAll("$${", "${").replaceAll("%%{", "%{")) as ReturnType<
    typeof template
  >;
}

describe("Playbook", () => {
  test("deploys the definition as it is, whatever it looks like to Terraform and Resource Manager", () => {
    const { inputs } = template().resources[0].properties.definition.actions.Compose;
    expect(inputs).toEqual(["[[@{1}]", "[@{1}", "${a}", "%{b}", '@{json("1")}', 5]);
  });

  test("is one workflow that runs as its identity", () => {
    expect(template().resources).toEqual([
      expect.objectContaining({
        type: "Microsoft.Logic/workflows",
        identity: { type: "UserAssigned", userAssignedIdentities: { "/identity": {} } },
      }),
    ]);
  });

  test("gets values as parameters", () => {
    expect(deployment().parameters_content).toBe(
      '${jsonencode({"name" = {"value" = "logic"}, "location" = {"value" = azurerm_resource_group.group.location}, "tags" = {"value" = {"environment" = "dev"}}, "workflowParameters" = {"value" = {"given" = {"value" = "value"}}}})}',
    );
  });

  test("deletes nothing else in its resource group", () => {
    expect(deployment().deployment_mode).toBe("Incremental");
  });

  test("waits for the roles of its identity", () => {
    expect(deployment().depends_on).toEqual([
      expect.stringMatching(/^azurerm_user_assigned_identity\.identity_/),
      expect.stringMatching(/^azurerm_role_assignment\.identity_reads_/),
    ]);
  });

  test("waits for whatever else its first run needs", () => {
    const synthesized = synth((stack) => {
      const resourceGroup = new ResourceGroup(stack, "group", { name: "rg", location: "westus" });
      const props = { name: "id", resourceGroup, subscriptionId: "sub" };
      const identity = new PlaybookIdentity(stack, "identity", props);
      new Playbook(stack, "playbook", {
        name: "logic",
        resourceGroup,
        identity,
        identityId: "/identity",
        definition,
        parameters: { given: "value" },
        after: [new ResourceGroup(stack, "else", { name: "else", location: "westus" })],
      });
    });
    expect(only(synthesized, ResourceGroupTemplateDeployment).depends_on).toContain(
      "azurerm_resource_group.else",
    );
  });

  test("fails on a parameter that the definition does not declare", () => {
    expect(() => synthPlaybook({ parameters: { given: "value", other: 1 } })).toThrow(
      "parameters must be declared in the definition, got other",
    );
  });

  test("fails on a parameter without a value", () => {
    expect(() => synthPlaybook({ parameters: {} })).toThrow(
      "parameters must have a value where the definition has none, got none for given",
    );
  });
});

describe("PlaybookIdentity", () => {
  test("grants one role on one resource to a service principal", () => {
    expect(only(synthPlaybook(), RoleAssignment)).toMatchObject({
      scope: "/vault",
      role_definition_id:
        "/subscriptions/sub/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6",
      principal_id: expect.stringMatching(
        /^\$\{azurerm_user_assigned_identity\.\w+\.principal_id\}$/,
      ) as string,
      principal_type: "ServicePrincipal",
    });
  });
});
