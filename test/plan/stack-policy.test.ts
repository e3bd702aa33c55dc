import { describe, expect, test } from "vitest";
import { loadEnvironments } from "../../config/environment.ts";
import { policyProblems } from "../../plan/stack-policy.ts";
import { TenantStack } from "../../stacks/tenant-stack.ts";
import { WorkspaceStack } from "../../stacks/workspace-stack.ts";
import { synthStack } from "../synth.ts";

const stack = {
  terraform: {
    backend: { azurerm: {} },
    required_providers: { azurerm: { source: "hashicorp/azurerm", version: "4.81.0" } },
  },
  provider: { azurerm: [{ features: [{}] }] },
  resource: { azurerm_resource_group: { one: { name: "rg" } } },
};

const problems = (more: object) =>
  policyProblems("prod-contoso", JSON.stringify({ ...stack, ...more }));

describe("policyProblems", () => {
  test("has nothing against what this project synthesizes", () => {
    for (const environment of loadEnvironments("config")) {
      const stacks = [
        synthStack((app) => new WorkspaceStack(app, environment)),
        ...Object.entries(environment.tenants).map(([name, tenant]) =>
          synthStack((app) => new TenantStack(app, environment, name, tenant)),
        ),
      ];
      for (const each of stacks) {
        expect(policyProblems(environment.name, JSON.stringify(each))).toEqual([]);
      }
    }
  });

  test.each<[string, object]>([
    [
      "must run no provisioner, got one in azurerm_resource_group.one",
      { resource: { azurerm_resource_group: { one: { provisioner: [{ "local-exec": {} }] } } } },
    ],
    [
      "must read no data of type external",
      {
        terraform: {
          ...stack.terraform,
          required_providers: {
            ...stack.terraform.required_providers,
            external: { source: "hashicorp/azuread" },
          },
        },
        data: { external: { one: { program: ["sh"] } } },
      },
    ],
    [
      "must use no provider but hashicorp/azurerm and hashicorp/azuread, got evil/azurerm",
      {
        terraform: {
          ...stack.terraform,
          required_providers: { azurerm: { source: "evil/azurerm" } },
        },
      },
    ],
    [
      "must declare the provider of everything, got none for null",
      { resource: { null_resource: { one: {} } } },
    ],
    ["must have no block module", { module: { one: { source: "https://evil.example.org" } } }],
    [
      "must keep its state in azurerm or local, got http",
      { terraform: { ...stack.terraform, backend: { http: { address: "https://evil" } } } },
    ],
  ])("says that a stack %s", (problem, more) => {
    expect(problems(more)).toEqual([`prod-contoso: ${problem}`]);
  });

  test("takes nothing else for a stack", () => {
    expect(policyProblems("x", "{")).toEqual(["x: must be JSON as synthesis writes it"]);
    expect(policyProblems("x", "{}")).toHaveLength(1);
  });
});
