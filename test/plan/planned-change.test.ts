import { describe, expect, test } from "vitest";
import { digestOf, plannedChanges } from "../../plan/planned-change.ts";
import { readPlan } from "../../plan/terraform-plan.ts";
import { aPlan, type GivenChange } from "./a-plan.ts";

const changed = (change: Omit<GivenChange, "type" | "actions">, actions = ["update"]) =>
  plannedChanges("dev-contoso", aPlan({ type: "azurerm_thing", actions, ...change }))[0]!;

describe("plannedChanges", () => {
  test.each([
    [["create"], "create"],
    [["update"], "update"],
    [["delete", "create"], "replace"],
    [["create", "delete"], "replace"],
    [["create", "forget"], "replace"],
    [["delete"], "destroy"],
    [["forget"], "forget"],
  ])("calls %j %s", (actions, kind) => {
    expect(changed({}, actions).kind).toBe(kind);
  });

  test("leaves out what does not change and what is only read", () => {
    const plan = aPlan(
      { type: "azurerm_thing", actions: ["no-op"] },
      { type: "azurerm_thing", actions: ["read"] },
    );
    expect(plannedChanges("dev-contoso", plan)).toEqual([]);
  });

  test("tells each attribute that differs, at its path", () => {
    const { attributes } = changed({
      before: { name: "a", same: 1, tags: { x: "1" }, list: [{ query: "old" }], gone: true },
      after: { name: "a", same: 1, tags: { x: "2" }, list: [{ query: "new" }, { query: "more" }] },
      after_unknown: { id: true, nested: [{ id: true }] },
    });
    expect(attributes).toEqual([
      { path: "gone", before: "true", after: undefined },
      { path: "id", before: undefined, after: "(known after apply)" },
      { path: "list[0].query", before: "old", after: "new" },
      { path: "list[1].query", before: undefined, after: "more" },
      { path: "nested[0].id", before: undefined, after: "(known after apply)" },
      { path: "tags.x", before: "1", after: "2" },
    ]);
  });

  test("tells of a secret only that it differs", () => {
    const { attributes } = changed({
      before: { value: "planted-old", same: "planted-same", inner: [{ deep: "planted-a" }] },
      after: { value: "planted-new", same: "planted-same", inner: [{ deep: "planted-b" }] },
      before_sensitive: { value: true, same: true, inner: [{ deep: true }] },
      after_sensitive: { value: true, same: true, inner: true },
    });
    expect(attributes).toEqual([
      { path: "inner", before: undefined, after: "(secret)" },
      { path: "inner[0].deep", before: "(secret)", after: undefined },
      { path: "value", before: "(secret)", after: "(secret)" },
    ]);
  });

  test("takes everything for secret where the plan does not say what is", () => {
    const change = { actions: ["update"], before: { a: "planted-1" }, after: { a: "planted-2" } };
    const plan = readPlan(
      "a plan",
      JSON.stringify({
        format_version: "1.2",
        resource_changes: [{ address: "a.b", type: "a", change }],
      }),
    );
    expect(JSON.stringify(plannedChanges("dev-contoso", plan))).not.toContain("planted");
  });

  test("tells of a secret that is made anew", () => {
    expect(
      changed({
        before: { value: "planted-old" },
        after: {},
        after_unknown: { value: true },
        before_sensitive: { value: true },
        after_sensitive: { value: true },
      }).attributes,
    ).toEqual([{ path: "value", before: "(secret)", after: "(secret)" }]);
  });

  test.each([
    ["client_secret", "planted"],
    ["primary_shared_key", "planted"],
    ["primary_blob_connection_string", "planted"],
    ["webhook_receiver[0].service_uri", "planted"],
    ["admin_password", "planted"],
  ])("takes %s for a secret though its provider does not", (path, value) => {
    const after = path.startsWith("webhook_receiver")
      ? { webhook_receiver: [{ service_uri: value }] }
      : { [path]: value };
    expect(changed({ after }).attributes).toEqual([{ path, before: undefined, after: "(secret)" }]);
  });

  test.each([
    ["shared_access_key_enabled", false, "false"],
    ["key_vault_id", "/subscriptions/s", "/subscriptions/s"],
    ["secret_id", "https://vault/secrets/x", "https://vault/secrets/x"],
  ])("takes %s for none", (path, value, shown) => {
    expect(changed({ after: { [path]: value } }).attributes).toEqual([
      { path, before: undefined, after: shown },
    ]);
  });
});

describe("digestOf", () => {
  const withSecret = (value: string) =>
    changed({
      ...{ before: { value: "planted-old", name: "a" }, after: { value, name: "b" } },
      ...{ before_sensitive: { value: true }, after_sensitive: { value: true } },
    });

  test("is the same whatever the secret is, and in whichever order stacks come", () => {
    const [a, b] = [withSecret("planted-1"), { ...withSecret("planted-2"), stack: "dev-other" }];
    expect(digestOf([a, b])).toBe(digestOf([b, withSecret("planted-3")]));
  });

  test("is another for any other change", () => {
    const digests = [
      [],
      [withSecret("planted")],
      [changed({ before: { name: "a" }, after: { name: "c" } })],
      [changed({ before: { name: "a" }, after: { name: "b" } })],
      [{ ...withSecret("planted"), stack: "dev-other" }],
    ].map(digestOf);
    expect(new Set(digests).size).toBe(digests.length);
  });
});
