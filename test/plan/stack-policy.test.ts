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
    [
      "must keep its state in azurerm or local, got constructor",
      { terraform: { ...stack.terraform, backend: { constructor: { path: "x" } } } },
    ],
    [
      "must run no provisioner, got one in azurerm_resource_group.one",
      { resource: { azurerm_resource_group: { one: [{ provisioner: [{ "local-exec": {} }] }] } } },
    ],
    [
      "must run no provisioner, got one in removed",
      { removed: [{ from: "azurerm_x.one", provisioner: [{ "local-exec": {} }] }] },
    ],
    [
      "must set no metadata_host of the provider azurerm",
      { provider: { azurerm: [{ metadata_host: "evil.example.org" }] } },
    ],
    [
      "must keep its state without oidc_request_url",
      {
        terraform: {
          ...stack.terraform,
          backend: { azurerm: { oidc_request_url: "https://evil.example.org" } },
        },
      },
    ],
    [
      "must set nothing of Terraform but backend, required_providers, required_version, got cloud",
      { terraform: { ...stack.terraform, cloud: { hostname: "evil.example.org" } } },
    ],
    ...[
      ["nonsensitive", "${nonsensitive(azurerm_x.one.secret)}"],
      ["file", 'a ${file("/proc/self/environ")}'],
      ["filebase64", '%{ if filebase64("/x") == "" }a%{ endif }'],
      ["templatefile", '${upper(templatefile("/x", {}))}'],
      ["file", '${file/**/("/x")}'],
      ["nonsensitive", "${nonsensitive # a comment\n(azurerm_x.one.secret)}"],
    ].map(([name, text]): [string, object] => [
      `must not use the function ${name}`,
      { output: { one: { value: text } } },
    ]),
    [
      "must not use the function file",
      { locals: { one: { '${file("/proc/self/environ")}': "value" } } },
    ],
  ])("says that a stack %s", (problem, more) => {
    expect(problems(more)).toEqual([`prod-contoso: ${problem}`]);
  });

  test("reads no file in which a key comes twice, of which Terraform would read both", () => {
    const text = JSON.stringify(stack);
    const planted = `{"data":{"external":{"one":{"program":["sh"]}}},"data":{},${text.slice(1)}`;
    expect(policyProblems("prod-contoso", planted)).toEqual([
      "prod-contoso: must have each key once: of a repeated one Terraform reads both, and only the last is looked at here",
    ]);
  });

  test("reads no file with a key that not every reader of JSON sees", () => {
    const planted = JSON.stringify(stack).replace(
      '"one":',
      '"__proto__":{"name":"${nonsensitive(azurerm_x.one.secret)}"},"one":',
    );
    expect(policyProblems("prod-contoso", planted)).toEqual([
      "prod-contoso: must have no key __proto__, which not everything that reads JSON sees",
    ]);
  });

  test("takes text for what it is that only looks like a template", () => {
    const value = 'a $${file("/x")} and file(name)';
    expect(problems({ output: { one: { value } } })).toEqual([]);
  });

  test("takes nothing else for a stack", () => {
    expect(policyProblems("x", "{")).toEqual(["x: must be JSON as synthesis writes it"]);
    expect(policyProblems("x", "{}")).toHaveLength(1);
  });
});
