import { createHash } from "node:crypto";
import type { ResourceChange, TerraformPlan } from "./terraform-plan.ts";

/** What happens to a resource. */
export const changeKinds = ["create", "update", "replace", "destroy", "forget"] as const;

export type ChangeKind = (typeof changeKinds)[number];

/** A value as people may see it: secrets and what is not known yet are words in brackets. */
export interface AttributeChange {
  /** Such as `criteria[0].query`. */
  readonly path: string;
  /** Undefined when there is none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What a plan does to one resource, without any secret. */
export interface PlannedChange {
  /** Id of the stack. */
  readonly stack: string;
  readonly address: string;
  readonly type: string;
  readonly kind: ChangeKind;
  readonly attributes: readonly AttributeChange[];
}

/** What stands for a value that nobody may read. */
export const secret = "(secret)";
/** What stands for a value that only the apply will tell. */
export const unknownValue = "(known after apply)";

/**
 * Attributes that hold what nobody should read, though their provider does not say so: webhooks of an
 * action group carry their key in the address.
 */
const secretNames =
  /(secret|password|passphrase|token|credential|_key|_sas|connection_string|webhook.*uri|service_uri|callback_url)$/i;

/** Names of that kind that are no secrets. */
const publicNames =
  /(key_vault_id|shared_access_key_enabled|_key_id|public_key|secret_id|secret_name)$/i;

/** What a plan changes, in the order of the addresses. */
export function plannedChanges(stack: string, plan: TerraformPlan): PlannedChange[] {
  return managedChanges(plan)
    .map((resource) => ({
      stack,
      address: resource.address,
      type: resource.type,
      kind: kindOf(resource)!,
      attributes: attributeChanges(resource),
    }))
    .toSorted((a, b) => (a.address < b.address ? -1 : 1));
}

/** The resources that a plan changes, with their values in clear. */
export const managedChanges = (plan: TerraformPlan): ResourceChange[] =>
  plan.resource_changes.filter(
    (resource) => resource.mode === "managed" && kindOf(resource) !== undefined,
  );

/** What happens to a resource; undefined when nothing does. */
export function kindOf({ change: { actions } }: ResourceChange): ChangeKind | undefined {
  const does = (action: string) => actions.includes(action);
  if (does("create")) {
    return does("delete") || does("forget") ? "replace" : "create";
  }
  return does("delete")
    ? "destroy"
    : does("update")
      ? "update"
      : does("forget")
        ? "forget"
        : undefined;
}

/** Tells one set of changes from another: the same for the same changes, whatever their secrets are. */
export function digestOf(changes: readonly PlannedChange[]): string {
  const sorted = changes.toSorted((a, b) =>
    `${a.stack} ${a.address}` < `${b.stack} ${b.address}` ? -1 : 1,
  );
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex").slice(0, 16);
}

/** The attributes of a resource that differ, as people may see them. */
export function attributeChanges({ change }: ResourceChange): AttributeChange[] {
  const before = new Map(shown("", change.before, change.before_sensitive, false));
  const after = new Map(shown("", change.after, change.after_sensitive, change.after_unknown));
  return [...new Set([...before.keys(), ...after.keys()])]
    .toSorted()
    .filter(
      (path) =>
        before.get(path) !== after.get(path) ||
        (after.get(path) === secret && isEdited(change, path)),
    )
    .map((path) => ({ path, before: before.get(path), after: after.get(path) }));
}

/** Whether a secret differs, which is told without it. */
function isEdited({ before, after, after_unknown }: ResourceChange["change"], path: string) {
  const value = (of: unknown) => JSON.stringify(at(of, path));
  return at(after_unknown, path) === true || value(before) !== value(after);
}

/** The value at a path such as `criteria[0].query`. */
function at(value: unknown, path: string): unknown {
  const names = path.split(/[.[\]]+/).filter((name) => name !== "");
  return names.reduce<unknown>(
    (from, name) => (isObject(from) || Array.isArray(from) ? Reflect.get(from, name) : undefined),
    value,
  );
}

/** Each value below a value with its path, as people may see it; null is none. */
function* shown(
  path: string,
  value: unknown,
  sensitive: unknown,
  isUnknown: unknown,
): Generator<readonly [string, string]> {
  const name = path.replace(/\[\d+\]$/, "");
  const isSecret =
    sensitive === true ||
    (secretNames.test(name) && !publicNames.test(name) && typeof value !== "boolean");
  if (isUnknown === true) {
    yield [path, isSecret ? secret : unknownValue];
  } else if (isSecret && value !== null && value !== undefined && value !== "") {
    yield [path, secret];
  } else if (Array.isArray(value) || Array.isArray(isUnknown)) {
    const items = Array.isArray(value) ? (value as unknown[]) : [];
    const unknowns = Array.isArray(isUnknown) ? (isUnknown as unknown[]) : [];
    for (let index = 0; index < Math.max(items.length, unknowns.length); index++) {
      const masked = Array.isArray(sensitive) ? (sensitive as unknown[])[index] : undefined;
      yield* shown(`${path}[${index}]`, items[index], masked, unknowns[index]);
    }
  } else if (isObject(value) || isObject(isUnknown)) {
    const members = isObject(value) ? value : {};
    const unknowns = isObject(isUnknown) ? isUnknown : {};
    for (const key of new Set([...Object.keys(members), ...Object.keys(unknowns)])) {
      const masked = isObject(sensitive) ? sensitive[key] : undefined;
      yield* shown(path === "" ? key : `${path}.${key}`, members[key], masked, unknowns[key]);
    }
  } else if (value !== null && value !== undefined) {
    yield [path, typeof value === "string" ? value : JSON.stringify(value)];
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
