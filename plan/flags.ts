import { builtInRoles } from "../config/built-in-roles.ts";
import type { Environment } from "../config/environment.ts";
import { tenantStackId } from "../config/names.ts";
import { kindOf, managedChanges, type ChangeKind } from "./planned-change.ts";
import { definitionOf, hasExpression, templateIn, workflowType } from "./playbook-template.ts";
import type { ResourceChange, TerraformPlan } from "./terraform-plan.ts";

/** What a reviewer has to look at first. */
export interface Flag {
  readonly stack: string;
  readonly address: string;
  readonly about:
    | "data at risk"
    | "permission"
    | "role"
    | "secret"
    | "public access"
    | "retention"
    | "detection"
    | "left behind"
    | "unknown kind";
  /** One sentence without its full stop. */
  readonly says: string;
}

type Attributes = Readonly<Record<string, unknown>>;

/** A change as the rules see it: attributes as Terraform names them, none where there is no resource. */
interface Seen {
  readonly type: string;
  readonly kind: ChangeKind;
  readonly before: Attributes | undefined;
  readonly after: Attributes | undefined;
  /** Whether an attribute will be known only afterwards. */
  readonly isUnknown: (name: string) => boolean;
}

type Rule = (seen: Seen) => Omit<Flag, "stack" | "address">[];

/** What holds logs, secrets or what a collector has to know. */
const holdsData: Readonly<Record<string, string>> = {
  azurerm_log_analytics_workspace: "the workspace with all its logs",
  azurerm_log_analytics_workspace_table_custom_log: "a table with its rows",
  azurerm_sentinel_log_analytics_workspace_onboarding: "Sentinel, with its incidents,",
  azurerm_key_vault: "the vault with its secrets",
  azurerm_storage_account: "the storage account with its blobs",
  azurerm_storage_container: "a container with its blobs",
};

const detections = [
  "azurerm_monitor_scheduled_query_rules_alert_v2",
  "azurerm_monitor_metric_alert",
  "azurerm_monitor_activity_log_alert",
  "azurerm_sentinel_alert_rule_scheduled",
  "azurerm_sentinel_alert_rule_nrt",
];

/** All that these stacks are made of. */
export const knownTypes: ReadonlySet<string> = new Set([
  ...["azuread_app_role_assignment", "azuread_application", "azuread_application_password"],
  ...["azuread_service_principal", "azurerm_key_vault", "azurerm_key_vault_secret"],
  ...["azurerm_log_analytics_saved_search", "azurerm_log_analytics_workspace"],
  "azurerm_log_analytics_workspace_table_custom_log",
  ...["azurerm_monitor_action_group", "azurerm_monitor_data_collection_endpoint"],
  ...["azurerm_monitor_data_collection_rule", "azurerm_monitor_diagnostic_setting"],
  ...["azurerm_monitor_metric_alert", "azurerm_monitor_scheduled_query_rules_alert_v2"],
  ...["azurerm_resource_group", "azurerm_resource_group_template_deployment"],
  ...["azurerm_role_assignment", "azurerm_sentinel_log_analytics_workspace_onboarding"],
  ...["azurerm_storage_account", "azurerm_storage_container"],
  ...["azurerm_storage_management_policy", "azurerm_user_assigned_identity"],
]);

/** Attributes that open a door when they are set to these. */
const doors: Readonly<Record<string, unknown>> = {
  public_network_access_enabled: true,
  allow_nested_items_to_be_public: true,
  shared_access_key_enabled: true,
  local_user_enabled: true,
  sftp_enabled: true,
  cross_tenant_replication_enabled: true,
  internet_ingestion_enabled: true,
  internet_query_enabled: true,
  local_authentication_enabled: true,
  https_traffic_only_enabled: false,
  rbac_authorization_enabled: false,
};

/** Numbers that keep less when they fall. */
const keepers = [
  "retention_in_days",
  "total_retention_in_days",
  "soft_delete_retention_days",
  "daily_quota_gb",
];

const textOf = (value: unknown) => (typeof value === "string" ? value : undefined);

const has = (value: unknown) => value !== undefined && value !== null;

const rules: readonly Rule[] = [
  function dataAtRisk({ type, kind }) {
    const what = holdsData[type];
    return what !== undefined && (kind === "destroy" || kind === "replace")
      ? [
          {
            about: "data at risk",
            says: `${what} is ${kind === "destroy" ? "destroyed" : "destroyed and made anew"}`,
          },
        ]
      : [];
  },

  function columns({ before, after }) {
    const names = (of: Attributes | undefined) =>
      Array.isArray(of?.["column"])
        ? (of["column"] as { readonly name?: unknown }[]).map(({ name }) => String(name))
        : [];
    const left = new Set(names(after));
    const lost = has(before) && has(after) ? names(before).filter((name) => !left.has(name)) : [];
    return lost.length > 0
      ? [{ about: "data at risk", says: `a table loses ${lost.join(", ")} with what is in there` }]
      : [];
  },

  function expiry({ type, kind, before, after }) {
    const rulesIn = (of: Attributes | undefined) => JSON.stringify(of?.["rule"]);
    return type === "azurerm_storage_management_policy" &&
      kind !== "destroy" &&
      has(before) &&
      rulesIn(before) !== rulesIn(after)
      ? [{ about: "retention", says: "blobs are deleted by other rules than before" }]
      : [];
  },

  function unknownKind({ type, kind }) {
    return kind === "create" && !knownTypes.has(type)
      ? [
          {
            about: "unknown kind",
            says: "these stacks have never had one of this kind, so that nothing here tells what it opens",
          },
        ]
      : [];
  },

  function template({ type, after }) {
    if (type !== "azurerm_resource_group_template_deployment" || !has(after)) {
      return [];
    }
    const about = "unknown kind";
    const made = templateIn(after);
    const others = made?.resources
      .map(({ type, resources: inner }) =>
        inner === undefined ? type : `${type} with others inside`,
      )
      .filter((each, index) => each !== workflowType || index > 0);
    if (others !== undefined && others.length > 0) {
      return [{ about, says: `a template makes more than a playbook: ${others.join(", ")}` }];
    }
    const definition = definitionOf(made);
    if (!definition) {
      return [{ about, says: "nothing here can tell what its template makes" }];
    }
    return hasExpression(definition)
      ? [{ about, says: "its playbook has text that Azure replaces when it is deployed" }]
      : [];
  },

  function permissions({ type, kind, before, after }) {
    if (type === "azuread_app_role_assignment") {
      return kind === "destroy"
        ? [{ about: "permission", says: "a permission is withdrawn: its collector stops" }]
        : [
            {
              about: "permission",
              says: "a permission is granted, with an administrator's consent",
            },
          ];
    }
    const asked = (of: Attributes | undefined) => JSON.stringify(of?.["required_resource_access"]);
    return type === "azuread_application" && has(after) && asked(before) !== asked(after)
      ? [{ about: "permission", says: "an application asks for other permissions" }]
      : [];
  },

  function roles({ type, kind, before, after }) {
    if (type !== "azurerm_role_assignment") {
      return [];
    }
    const of = after ?? before;
    const [id, given, scope] = ["role_definition_id", "role_definition_name", "scope"].map((name) =>
      textOf(of?.[name]),
    );
    const roleId = id?.split("/").at(-1);
    const known = Object.values(builtInRoles).find((role) => role.id === roleId)?.name;
    const name = known ?? given ?? "a role";
    const where = scope ?? "what is known after apply";
    return kind === "destroy"
      ? [{ about: "role", says: `${name} is taken away on ${where}` }]
      : [{ about: "role", says: `${name} is given on ${where}` }];
  },

  function secrets({ type, kind, before, after, isUnknown }) {
    if (type === "azuread_application_password") {
      const says = {
        create: "a client secret is made",
        update: "a client secret is changed",
        replace: "a client secret is renewed, and the one before is deleted",
        destroy: "a client secret is deleted",
        forget: "a client secret is left behind, and works until it expires",
      }[kind];
      return [{ about: "secret", says }];
    }
    const isWritten = isUnknown("value") || before?.["value"] !== after?.["value"];
    return type === "azurerm_key_vault_secret" && has(after) && isWritten
      ? [{ about: "secret", says: "the vault gets another secret" }]
      : [];
  },

  function publicAccess({ before, after }) {
    const opened = Object.entries(doors)
      .filter(([name, open]) => after?.[name] === open && before?.[name] !== open)
      // What is new and open by its nature is no news.
      .filter(([name]) => has(before) || !isOpenFromTheStart.has(name))
      .map(([name, open]) => `${name} becomes ${String(open)}`);
    const [level, last] = [after, before].map((of) => textOf(of?.["container_access_type"]));
    if (level !== undefined && level !== "private" && level !== last) {
      opened.push(`container_access_type becomes ${level}`);
    }
    return opened.map((says) => ({ about: "public access", says }));
  },

  function retention({ before, after }) {
    if (!has(before) || !has(after)) {
      return [];
    }
    return keepers.flatMap((name) => {
      const [from, to] = [before?.[name], after?.[name]];
      const isLess =
        typeof from === "number" && typeof to === "number" && atMost(to) < atMost(from);
      return isLess ? [{ about: "retention", says: `${name} falls from ${from} to ${to}` }] : [];
    });
  },

  function detection({ type, kind, before, after }) {
    if (!detections.includes(type)) {
      return [];
    }
    if (kind === "destroy" || kind === "forget") {
      return [{ about: "detection", says: `${textOf(before?.["name"]) ?? "one"} is removed` }];
    }
    return after?.["enabled"] === false && before?.["enabled"] !== false
      ? [{ about: "detection", says: `${textOf(after["name"]) ?? "one"} is switched off` }]
      : [];
  },

  function leftBehind({ kind }) {
    return kind === "forget"
      ? [
          {
            about: "left behind",
            says: "Terraform forgets it: it stays, and nobody looks after it",
          },
        ]
      : [];
  },
];

/** Open when they are made, because the collector could not reach them otherwise. */
const isOpenFromTheStart = new Set([
  "public_network_access_enabled",
  "internet_ingestion_enabled",
  "internet_query_enabled",
]);

/** No cap, which providers write as -1, is more than any. */
const atMost = (value: number) => (value < 0 ? Infinity : value);

/** What a reviewer has to look at in a plan, the worst first. */
export function flagsOf(stack: string, plan: TerraformPlan): Flag[] {
  const flags = managedChanges(plan).flatMap((resource) => {
    const seen = seenIn(resource);
    const { address } = resource;
    return rules.flatMap((rule) => rule(seen).map((flag) => ({ stack, address, ...flag })));
  });
  return flags.toSorted((a, b) => Number(isDataAtRisk(b)) - Number(isDataAtRisk(a)));
}

/** Tenants that a configuration has had and that no plan is about: nobody looks after their collectors. */
export const vanishedFlags = (before: Environment, stacks: readonly string[]): Flag[] =>
  Object.entries(before.tenants)
    .filter(
      ([name, { state }]) => state === "collected" && !stacks.includes(tenantStackId(before, name)),
    )
    .map(([name]) => ({
      ...{ stack: tenantStackId(before, name), address: `tenants.${name}` },
      about: "left behind",
      says: 'the tenant is gone from the configuration without "state": "removed": its collector stays, and nobody looks after it',
    }));

/**
 * Tenants that had been removed before what is proposed and that still have a collector: no deployment
 * takes it, so that its plan is to be judged by whoever does.
 */
export const waitingFlags = (
  before: Environment,
  proposed: Environment,
  plans: readonly { readonly stack: string; readonly plan: TerraformPlan }[],
): Flag[] =>
  Object.keys(proposed.tenants)
    .filter((name) => [before, proposed].every(({ tenants }) => tenants[name]?.state === "removed"))
    .map((name) => ({ name, stack: tenantStackId(proposed, name) }))
    .filter(({ stack }) =>
      plans.some((each) => each.stack === stack && managedChanges(each.plan).length > 0),
    )
    .map(({ name, stack }) => ({
      ...{ stack, address: `tenants.${name}` },
      about: "left behind",
      says: `the tenant was removed before, and a deployment leaves its collector as it is until npm run teardown -- --environment ${proposed.name} --tenant ${name}`,
    }));

/** Whether a flag stops a plan unless somebody has accepted it by name. */
export const isDataAtRisk = ({ about }: { readonly about: string }) => about === "data at risk";

function seenIn(resource: ResourceChange): Seen {
  const { before, after, after_unknown } = resource.change;
  return {
    type: resource.type,
    kind: kindOf(resource)!,
    before: (before ?? undefined) as Attributes | undefined,
    after: (after ?? undefined) as Attributes | undefined,
    isUnknown: (name) => (after_unknown as Attributes | undefined)?.[name] === true,
  };
}
