import { describe, expect, test } from "vitest";
import { builtInRoles } from "../../config/built-in-roles.ts";
import { loadEnvironments, type Tenant } from "../../config/environment.ts";
import { flagsOf, knownTypes, vanishedFlags, waitingFlags } from "../../plan/flags.ts";
import { TenantStack } from "../../stacks/tenant-stack.ts";
import { WorkspaceStack } from "../../stacks/workspace-stack.ts";
import { devEnvironment } from "../feed/local-feed.ts";
import { synthStack } from "../synth.ts";
import { aPlan, type GivenChange } from "./a-plan.ts";

const flags = (...changes: readonly GivenChange[]) =>
  flagsOf("prod-contoso", aPlan(...changes)).map(({ about, says }) => `${about}: ${says}`);

/** A change of attributes of one resource that stays. */
const update = (type: string, before: object, after: object, more: object = {}): GivenChange => ({
  ...{ type, actions: ["update"], before, after },
  ...more,
});

const workspace = "azurerm_log_analytics_workspace";
const vault = "azurerm_key_vault";
const storage = "azurerm_storage_account";
const rule = "azurerm_monitor_scheduled_query_rules_alert_v2";

/** A playbook with these actions. */
const playbook = (actions: object = {}) => ({
  type: "Microsoft.Logic/workflows",
  properties: { definition: { actions } },
});

/** The attributes of a deployment of these resources. */
const template = (...resources: readonly object[]) => ({
  template_content: JSON.stringify({ resources }),
});

describe("flagsOf", () => {
  test("says nothing of an ordinary change", () => {
    expect(
      flags(
        update(workspace, { tags: { a: "1" } }, { tags: { a: "2" } }),
        { type: rule, actions: ["create"], after: { name: "gap", enabled: true } },
        { type: workspace, actions: ["create"], after: { public_network_access_enabled: true } },
      ),
    ).toEqual([]);
  });

  test("puts data at risk first, with the stack and the address", () => {
    const plan = aPlan(
      { type: "azuread_app_role_assignment", actions: ["create"] },
      { type: vault, actions: ["delete", "create"] },
    );
    expect(flagsOf("prod-contoso", plan)[0]).toEqual({
      stack: "prod-contoso",
      address: `${vault}.two`,
      about: "data at risk",
      says: "the vault with its secrets is destroyed and made anew",
    });
  });

  test.each([
    [workspace, "the workspace with all its logs is destroyed"],
    ["azurerm_log_analytics_workspace_table_custom_log", "a table with its rows is destroyed"],
    [
      "azurerm_sentinel_log_analytics_workspace_onboarding",
      "Sentinel, with its incidents, is destroyed",
    ],
    [vault, "the vault with its secrets is destroyed"],
    [storage, "the storage account with its blobs is destroyed"],
    ["azurerm_storage_container", "a container with its blobs is destroyed"],
  ])("takes %s for data", (type, says) => {
    expect(flags({ type, actions: ["delete"] })).toEqual([`data at risk: ${says}`]);
  });

  test.each<[string, GivenChange]>([
    [
      "a permission is granted, with an administrator's consent",
      { type: "azuread_app_role_assignment", actions: ["create"] },
    ],
    [
      "a permission is withdrawn: its collector stops",
      { type: "azuread_app_role_assignment", actions: ["delete"] },
    ],
    [
      "an application asks for other permissions",
      update(
        "azuread_application",
        { required_resource_access: [] },
        { required_resource_access: [{}] },
      ),
    ],
  ])("tells that %s", (says, change) => {
    expect(flags(change)).toEqual([`permission: ${says}`]);
  });

  test("tells which role is given or taken away, and where", () => {
    const role = (roleId: string) => ({
      role_definition_id: `/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
      scope: "/subscriptions/s/resourceGroups/rg",
    });
    const type = "azurerm_role_assignment";
    const { keyVaultSecretsUser, owner } = builtInRoles;
    expect(
      flags(
        { type, actions: ["create"], after: role(owner.id) },
        { type, actions: ["delete"], before: role(keyVaultSecretsUser.id) },
        { type, actions: ["create"], after: { ...role("x"), scope: undefined } },
      ),
    ).toEqual([
      "role: Owner is given on /subscriptions/s/resourceGroups/rg",
      "role: Key Vault Secrets User is taken away on /subscriptions/s/resourceGroups/rg",
      "role: a role is given on what is known after apply",
    ]);
  });

  test.each<[string, GivenChange]>([
    ["a client secret is made", { type: "azuread_application_password", actions: ["create"] }],
    [
      "a client secret is renewed, and the one before is deleted",
      { type: "azuread_application_password", actions: ["create", "delete"] },
    ],
    [
      "the vault gets another secret",
      update(
        "azurerm_key_vault_secret",
        { value: "planted-1" },
        {},
        { after_unknown: { value: true } },
      ),
    ],
    [
      "the vault gets another secret",
      update("azurerm_key_vault_secret", { value: "planted-1" }, { value: "planted-2" }),
    ],
  ])("tells that %s", (says, change) => {
    expect(flags(change)).toEqual([`secret: ${says}`]);
  });

  test("says nothing of a vault's secret that keeps its value", () => {
    const same = { value: "planted" };
    expect(
      flags(
        update("azurerm_key_vault_secret", { ...same, tags: {} }, { ...same, tags: { a: "1" } }),
      ),
    ).toEqual([]);
  });

  test.each([
    [storage, "public_network_access_enabled", false, true],
    [storage, "allow_nested_items_to_be_public", false, true],
    [storage, "shared_access_key_enabled", false, true],
    [storage, "https_traffic_only_enabled", true, false],
    [vault, "rbac_authorization_enabled", true, false],
    [workspace, "local_authentication_enabled", false, true],
    ["azurerm_storage_container", "container_access_type", "private", "blob"],
  ])("tells when %s is opened by %s", (type, name, closed, open) => {
    expect(flags(update(type, { [name]: closed }, { [name]: open }))).toEqual([
      `public access: ${name} becomes ${String(open)}`,
    ]);
    expect(flags(update(type, { [name]: open }, { [name]: closed }))).toEqual([]);
    expect(flags(update(type, { [name]: open }, { [name]: open }))).toEqual([]);
  });

  test("tells of a new resource that is open beyond what it has to be", () => {
    const after = { public_network_access_enabled: true, shared_access_key_enabled: true };
    expect(flags({ type: storage, actions: ["create"], after })).toEqual([
      "public access: shared_access_key_enabled becomes true",
    ]);
  });

  test.each([
    [workspace, "retention_in_days", 180, 30],
    ["azurerm_log_analytics_workspace_table_custom_log", "total_retention_in_days", 365, 180],
    [workspace, "daily_quota_gb", 10, 5],
    [workspace, "daily_quota_gb", -1, 5],
  ])("tells when %s has less of %s", (type, name, more, less) => {
    const says = `retention: ${name} falls from ${more} to ${less}`;
    expect(flags(update(type, { [name]: more }, { [name]: less }))).toEqual([says]);
    expect(flags(update(type, { [name]: less }, { [name]: more }))).toEqual([]);
  });

  test("tells when a detection is removed or switched off", () => {
    expect(
      flags(
        { type: rule, actions: ["delete"], before: { name: "gap" } },
        update(rule, { name: "shortfall", enabled: true }, { name: "shortfall", enabled: false }),
        update(rule, { name: "off", enabled: false }, { name: "off", enabled: false }),
      ),
    ).toEqual(["detection: gap is removed", "detection: shortfall is switched off"]);
  });

  test("tells what Terraform forgets", () => {
    expect(flags({ type: workspace, actions: ["forget"], before: {} })).toEqual([
      "left behind: Terraform forgets it: it stays, and nobody looks after it",
    ]);
  });
});

describe("What loses data or opens something without being named for it", () => {
  const table = "azurerm_log_analytics_workspace_table_custom_log";
  const columns = (...names: string[]) => ({ column: names.map((name) => ({ name })) });

  test("is a column that goes", () => {
    expect(flags(update(table, columns("A", "B"), columns("A", "B", "C")))).toEqual([]);
    expect(flags(update(table, columns("A", "B", "C"), columns("B")))).toEqual([
      "data at risk: a table loses A, C with what is in there",
    ]);
  });

  test("is another rule by which blobs are deleted", () => {
    const policy = "azurerm_storage_management_policy";
    const expiry = (days: number) => ({ rule: [{ actions: [{ days }] }] });
    expect(flags({ type: policy, actions: ["create"], after: expiry(1) })).toEqual([]);
    expect(flags(update(policy, expiry(30), expiry(30)))).toEqual([]);
    expect(flags(update(policy, expiry(30), expiry(1)))).toEqual([
      "retention: blobs are deleted by other rules than before",
    ]);
  });

  test("is a kind of resource that these stacks have never had", () => {
    const type = "azurerm_key_vault_access_policy";
    expect(flags({ type, actions: ["create"] })).toEqual([
      "unknown kind: these stacks have never had one of this kind, so that nothing here tells what it opens",
    ]);
    for (const environment of loadEnvironments("config")) {
      const stacks = [
        synthStack((app) => new WorkspaceStack(app, environment)),
        ...Object.entries(environment.tenants).map(([name, tenant]) =>
          synthStack((app) => new TenantStack(app, environment, name, tenant)),
        ),
      ] as { resource: object }[];
      const types = stacks.flatMap(({ resource }) => Object.keys(resource));
      expect(types.filter((each) => !knownTypes.has(each))).toEqual([]);
    }
  });

  test.each([
    ["no text that could be read", { template_content: "{" }, "nothing here can tell"],
    ["what is kept elsewhere", { template_spec_version_id: "/x" }, "nothing here can tell"],
    [
      "more than one resource",
      template(playbook(), { type: "Microsoft.Authorization/roleAssignments" }),
      "a template makes more than a playbook: Microsoft.Authorization/roleAssignments",
    ],
    [
      "a second playbook",
      template(playbook(), playbook()),
      "a template makes more than a playbook: Microsoft.Logic/workflows",
    ],
    [
      "resources inside the playbook",
      template({ ...playbook(), resources: [{}] }),
      "a template makes more than a playbook: Microsoft.Logic/workflows with others inside",
    ],
    ["nothing", template(), "nothing here can tell"],
    [
      "a definition that is not there to be read",
      template({ ...playbook(), properties: { definition: "[json('{}')]" } }),
      "nothing here can tell",
    ],
    [
      "actions that Azure puts in",
      template(playbook({ Ask: { type: "If", else: "[json('{}')]" } })),
      "its playbook has text that Azure replaces when it is deployed",
    ],
  ])("is a template of %s", (_, after, says) => {
    const type = "azurerm_resource_group_template_deployment";
    const [flag, ...others] = flags(update(type, template(playbook()), after));
    expect(flag).toContain(`unknown kind: ${says}`);
    expect(others).toEqual([]);
  });

  test("is no template as these stacks have it", () => {
    const [environment] = loadEnvironments("config");
    const [[name, tenant]] = Object.entries(environment!.tenants) as [[string, Tenant]];
    const { resource } = synthStack((app) => new TenantStack(app, environment!, name, tenant)) as {
      resource: Record<string, Record<string, object>>;
    };
    const type = "azurerm_resource_group_template_deployment";
    const [after] = Object.values(resource[type]!);
    expect(flags({ type, actions: ["create"], after })).toEqual([]);
  });

  test("is a removed tenant whose collector waits, and none that is only about to be removed", () => {
    const collected = devEnvironment();
    const removed = devEnvironment({ state: "removed" });
    const plans = (...changes: readonly GivenChange[]) => [
      { stack: "dev-contoso", plan: aPlan(...changes) },
    ];
    const goes = plans({ type: vault, actions: ["delete"] });
    expect(waitingFlags(collected, removed, goes)).toEqual([]);
    expect(waitingFlags(removed, collected, goes)).toEqual([]);
    expect(waitingFlags(removed, removed, plans())).toEqual([]);
    const [flag] = waitingFlags(removed, removed, goes);
    expect(flag).toMatchObject({ stack: "dev-contoso", about: "left behind" });
    expect(flag!.says).toContain("npm run teardown -- --environment dev --tenant contoso");
  });

  test("is a tenant that has gone from the configuration without having been removed", () => {
    const environment = devEnvironment();
    expect(vanishedFlags(environment, ["dev-workspace", "dev-contoso"])).toEqual([]);
    expect(vanishedFlags(environment, ["dev-workspace"])).toEqual([
      {
        ...{ stack: "dev-contoso", address: "tenants.contoso", about: "left behind" },
        says: 'the tenant is gone from the configuration without "state": "removed": its collector stays, and nobody looks after it',
      },
    ]);
    expect(vanishedFlags(devEnvironment({ state: "removed" }), ["dev-workspace"])).toEqual([]);
  });
});
