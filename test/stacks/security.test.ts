import { describe, expect, test } from "vitest";
import { loadEnvironments } from "../../config/environment.ts";
import { TenantStack } from "../../stacks/tenant-stack.ts";
import { WorkspaceStack } from "../../stacks/workspace-stack.ts";
import { synthStack } from "../synth.ts";
import type { Block, Synthesized } from "../synth.ts";
import { adoptedWorkspace, production, synthTenantStack, synthWorkspaceStack } from "./fixtures.ts";

/** Every stack that ships, and a fixture for each choice that none of them makes. */
const stacks: readonly (readonly [string, Synthesized])[] = [
  ...loadEnvironments("config").flatMap((environment): [string, Synthesized][] => [
    [`${environment.name}-workspace`, synthStack((app) => new WorkspaceStack(app, environment))],
    ...Object.entries(environment.tenants).map(([name, tenant]): [string, Synthesized] => [
      `${environment.name}-${name}`,
      synthStack((app) => new TenantStack(app, environment, name, tenant)),
    ]),
  ]),
  ["an adopted workspace", synthWorkspaceStack({ workspace: adoptedWorkspace() })],
  ["a managed identity", synthTenantStack({ credential: "managed-identity" })],
  ["DLP", synthTenantStack({ contentTypes: ["DLP.All"] })],
];

function resources({ resource = {} }: Synthesized): (readonly [type: string, Block])[] {
  return Object.entries(resource).flatMap(([type, blocks]) =>
    Object.values(blocks).map((block) => [type, block] as const),
  );
}

const ofType = (synthesized: Synthesized, type: string) =>
  resources(synthesized).flatMap(([found, block]) => (found === type ? [block] : []));

/**
 * Arguments that azurerm 4.81 and azuread 3.9 call deprecated; `validate` stays silent when their
 * value is a reference.
 */
const deprecated: Readonly<Record<string, readonly string[]>> = {
  azurerm_key_vault: ["enable_rbac_authorization", "contact"],
  azurerm_log_analytics_workspace: ["local_authentication_disabled"],
  azurerm_monitor_diagnostic_setting: ["metric"],
  azurerm_storage_container: ["storage_account_name", "resource_manager_id"],
  azurerm_storage_account: ["queue_properties", "static_website"],
  azuread_application_password: ["end_date_relative"],
  azuread_service_principal: ["features"],
};

describe.each(stacks)("%s", (_, synthesized) => {
  test("holds no secret and puts none out", () => {
    expect(synthesized.output).toBeUndefined();
    const uses = resources(synthesized).filter(([, block]) =>
      JSON.stringify(block).includes("azuread_application_password"),
    );
    expect(uses.map(([type]) => type)).toEqual(
      ofType(synthesized, "azurerm_key_vault_secret").map(() => "azurerm_key_vault_secret"),
    );
    for (const secret of ofType(synthesized, "azurerm_key_vault_secret")) {
      expect(secret.value).toMatch(
        /^\$\{local\.\S+ % 2 == 0 \? azuread_application_password\.\w+\.value : azuread_application_password\.\w+\.value\}$/,
      );
    }
    const keys = JSON.stringify(synthesized).matchAll(/"(\w+)":/g);
    expect(
      Array.from(keys, ([, key]) => key).filter((key = "") =>
        /^(client_secret|password|sas_token|.*(access_key|shared_key|connection_string))$/.test(
          key,
        ),
      ),
    ).toEqual([]);
  });

  test("asks for one permission, or two with DLP.All", () => {
    const dlp = JSON.stringify(synthesized).includes('\\"DLP.All\\"');
    for (const application of ofType(synthesized, "azuread_application")) {
      const access = application.required_resource_access as { resource_access: unknown[] }[];
      expect(access).toHaveLength(1);
      expect(access[0]?.resource_access).toHaveLength(dlp ? 2 : 1);
    }
  });

  test("has vaults with roles, and storage without keys, over TLS 1.2", () => {
    for (const vault of ofType(synthesized, "azurerm_key_vault")) {
      expect(vault.rbac_authorization_enabled).toBe(true);
    }
    const accounts = ofType(synthesized, "azurerm_storage_account");
    expect(accounts).toHaveLength(1);
    for (const account of accounts) {
      expect(account).toMatchObject({
        shared_access_key_enabled: false,
        allow_nested_items_to_be_public: false,
        https_traffic_only_enabled: true,
        min_tls_version: "TLS1_2",
      });
    }
    for (const workspace of ofType(synthesized, "azurerm_log_analytics_workspace")) {
      expect(workspace.local_authentication_enabled).toBe(false);
    }
    expect(synthesized.provider.azurerm).toMatchObject([{ storage_use_azuread: true }]);
  });

  test("grants roles on single resources only, but for whoever deploys", () => {
    for (const assignment of ofType(synthesized, "azurerm_role_assignment")) {
      if (!String(assignment.principal_id).includes("client_config")) {
        expect(assignment.scope).toMatch(
          /^\$\{azurerm_(monitor_data_collection_rule|key_vault|storage_container)\.|\/containers\/[\w-]+$|\/workspaces\/[\w-]+$/,
        );
      }
    }
  });

  test("logs what happens to everything that can log", () => {
    const logging = ofType(synthesized, "azurerm_monitor_diagnostic_setting").map((setting) =>
      String(setting.target_resource_id),
    );
    for (const [type, part] of [
      ["azurerm_key_vault", "azurerm_key_vault."],
      ["azurerm_storage_account", "azurerm_storage_account."],
      ["azurerm_monitor_data_collection_rule", "azurerm_monitor_data_collection_rule."],
      ["azurerm_resource_group_template_deployment", "/Microsoft.Logic/workflows/"],
    ] as const) {
      expect(
        logging.filter((target) => target.includes(part)),
        type,
      ).toHaveLength(ofType(synthesized, type).length);
    }
  });

  test("uses nothing that is deprecated", () => {
    for (const [type, block] of resources(synthesized)) {
      for (const argument of deprecated[type] ?? []) {
        expect(block, type).not.toHaveProperty(argument);
      }
    }
    expect(synthesized.provider.azurerm?.[0]).not.toHaveProperty("skip_provider_registration");
  });

  test("requires providers whose Key Vault API lives on", () => {
    expect(synthesized.terraform).toMatchObject({
      required_providers: { azurerm: { source: "hashicorp/azurerm", version: "4.81.0" } },
    });
  });

  test("registers resource providers in the spelling that azurerm looks them up by", () => {
    expect(synthesized.provider.azurerm?.[0]).toMatchObject({
      resource_provider_registrations: "none",
      resource_providers_to_register: [
        "microsoft.insights",
        "Microsoft.KeyVault",
        "Microsoft.Logic",
        "Microsoft.ManagedIdentity",
        "Microsoft.OperationalInsights",
        "Microsoft.OperationsManagement",
        "Microsoft.SecurityInsights",
        "Microsoft.Storage",
      ],
    });
  });

  test("does not depend on where it was synthesized", () => {
    expect(JSON.stringify(synthesized)).not.toContain(process.cwd());
  });
});

describe("protection", () => {
  const holdsData = [
    "azurerm_log_analytics_workspace",
    "azurerm_log_analytics_workspace_table_custom_log",
    "azurerm_storage_account",
    "azurerm_storage_container",
    "azurerm_key_vault",
  ];
  const both = (changes: Record<string, unknown>) => [
    synthWorkspaceStack(changes),
    synthTenantStack({}, changes),
  ];
  const blocks = (synthesized: Synthesized[]) =>
    synthesized.flatMap(resources).filter(([type]) => holdsData.includes(type));

  test("in production nothing that holds data can be destroyed or replaced", () => {
    const synthesized = both(production);
    const found = blocks(synthesized);
    expect(new Set(found.map(([type]) => type))).toEqual(new Set(holdsData));
    for (const [type, block] of found) {
      expect(block.lifecycle, type).toEqual({ prevent_destroy: true });
    }
    expect(synthesized.flatMap((stack) => ofType(stack, "azurerm_key_vault"))).toMatchObject([
      { purge_protection_enabled: true },
    ]);
    for (const { provider } of synthesized) {
      expect(provider.azurerm?.[0]?.features).toEqual([
        {
          key_vault: [
            { purge_soft_delete_on_destroy: false, purge_soft_deleted_secrets_on_destroy: false },
          ],
          log_analytics_workspace: [{ permanently_delete_on_destroy: false }],
          resource_group: [{ prevent_deletion_if_contains_resources: true }],
          storage: [{ data_plane_available: false }],
        },
      ]);
    }
  });

  test("in a test everything goes in one command, for good", () => {
    const synthesized = both({ protection: "test" });
    for (const [type, block] of blocks(synthesized)) {
      expect(block.lifecycle, type).toEqual({ prevent_destroy: false });
    }
    expect(synthesized.flatMap((stack) => ofType(stack, "azurerm_key_vault"))).toMatchObject([
      { purge_protection_enabled: false },
    ]);
    for (const { provider } of synthesized) {
      expect(provider.azurerm?.[0]?.features).toEqual([
        {
          key_vault: [
            { purge_soft_delete_on_destroy: true, purge_soft_deleted_secrets_on_destroy: true },
          ],
          log_analytics_workspace: [{ permanently_delete_on_destroy: true }],
          resource_group: [{ prevent_deletion_if_contains_resources: false }],
          storage: [{ data_plane_available: false }],
        },
      ]);
    }
  });
});
