import { runInNewContext } from "node:vm";
import { ApplicationPasswordA } from "@cdktf/provider-azuread/lib/application-password/index.js";
import { Application } from "@cdktf/provider-azuread/lib/application/index.js";
import { KeyVaultSecret } from "@cdktf/provider-azurerm/lib/key-vault-secret/index.js";
import { KeyVault } from "@cdktf/provider-azurerm/lib/key-vault/index.js";
import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group/index.js";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment/index.js";
import { describe, expect, test } from "vitest";
import { ClientSecret } from "../../constructs/client-secret.ts";
import type { ClientSecretProps } from "../../constructs/client-secret.ts";
import { all, only, synth } from "../synth.ts";
import type { Synthesized } from "../synth.ts";

const synthSecret = (props: Partial<ClientSecretProps> = {}) =>
  synth((stack) => {
    new ClientSecret(stack, "secret", {
      application: new Application(stack, "application", { displayName: "app" }),
      resourceGroup: new ResourceGroup(stack, "group", { name: "rg", location: "westeurope" }),
      subscriptionId: "sub",
      tenantId: "home",
      vaultName: "kv-things",
      secretName: "feed-client-secret",
      secretTags: { m365TenantId: "feed" },
      ...props,
    });
  });

/** What Terraform makes of the expressions of the two slots and the vault at a time. */
function at(time: string, synthesized: Synthesized) {
  const date = new Date(time);
  const functions = {
    floor: Math.floor,
    plantimestamp: () => date,
    formatdate: (format: string) =>
      format === "YYYY" ? date.getUTCFullYear() : date.getUTCMonth() + 1,
    format: (_: string, year: number, month: number) =>
      `${year}-${String(month).padStart(2, "0")}-01T00:00:00Z`,
  };
  const evaluate = (expression: unknown): unknown => {
    const script = String(expression)
      .replace(/^\$\{(.*)\}$/s, "$1")
      .replace(/local\.[\w-]+/g, (name) => `(${String(local(name))})`)
      .replace(/azuread_application_password\.secret_(even|odd)_\w+\.\w+/g, '"$1"');
    return runInNewContext(script, functions) as unknown;
  };
  const local = (name: string): unknown =>
    evaluate(synthesized.locals?.[name.replace("local.", "")]);
  const slots = synthesized.resource?.azuread_application_password ?? {};
  const [even, odd] = ["even", "odd"].map((slot) =>
    evaluate(Object.entries(slots).find(([id]) => id.includes(`_${slot}_`))?.[1].end_date),
  );
  return { even, odd, vault: evaluate(only(synthesized, KeyVaultSecret).value) };
}

describe("ClientSecret", () => {
  test("renews its two slots in turn, each valid for two periods, the vault holding the newer", () => {
    const quarterly = synthSecret();
    const first = { even: "2026-07-01T00:00:00Z", odd: "2026-04-01T00:00:00Z", vault: "even" };
    const second = { even: "2026-07-01T00:00:00Z", odd: "2026-10-01T00:00:00Z", vault: "odd" };
    const third = { even: "2027-01-01T00:00:00Z", odd: "2026-10-01T00:00:00Z", vault: "even" };
    expect(at("2026-01-01T00:00:00Z", quarterly)).toEqual(first);
    expect(at("2026-03-31T23:59:59Z", quarterly)).toEqual(first);
    expect(at("2026-04-01T00:00:00Z", quarterly)).toEqual(second);
    expect(at("2026-06-30T23:59:59Z", quarterly)).toEqual(second);
    expect(at("2026-07-01T00:00:00Z", quarterly)).toEqual(third);
  });

  test.each([1, 2, 3, 5, 12])("holds for any day of ten years and %s months", (periodMonths) => {
    const synthesized = synthSecret({ periodMonths });
    let before = at("2026-01-01T12:00:00Z", synthesized);
    for (let month = 1; month < 120; month++) {
      const now = new Date(Date.UTC(2026, month, 1));
      const state = at(now.toISOString(), synthesized);
      const newer = state.vault === "even" ? "even" : "odd";
      const older = newer === "even" ? "odd" : "even";
      // What the vault holds outlives this period by a whole one, the older slot this period.
      const left = (slot: "even" | "odd") => {
        const end = new Date(String(state[slot]));
        return (end.getUTCFullYear() - 2026) * 12 + end.getUTCMonth() - month;
      };
      expect(left(newer)).toBeGreaterThan(periodMonths);
      expect(left(newer)).toBeLessThanOrEqual(2 * periodMonths);
      expect(left(older)).toBe(left(newer) - periodMonths);
      // A renewal leaves the slot alone that the vault held until then.
      if (state.vault !== before.vault) {
        expect(state[older]).toBe(before[older]);
      } else {
        expect(state).toEqual(before);
      }
      before = state;
    }
  });

  test("has no clock in synthesis", () => {
    expect(JSON.stringify(synthSecret())).not.toMatch(/20\d\d-\d\d/);
  });

  test("makes the new secret before it destroys the old one", () => {
    const slots = all(synthSecret(), ApplicationPasswordA);
    expect(slots).toHaveLength(2);
    for (const slot of slots) {
      expect(slot.lifecycle).toEqual({ create_before_destroy: true });
    }
  });

  test("tells programs what the secret is and when it expires", () => {
    const secret = only(synthSecret(), KeyVaultSecret);
    expect(secret.tags).toEqual({ m365TenantId: "feed" });
    expect(secret.expiration_date).toBe(String(secret.value).replaceAll(".value", ".end_date"));
    expect(secret).not.toHaveProperty("value_wo");
  });

  test.each([0, 13, 1.5])("fails on a period of %s months", (periodMonths) => {
    expect(() => synthSecret({ periodMonths })).toThrow(
      `periodMonths must be a whole number from 1 to 12, got ${periodMonths}`,
    );
  });

  test("is in a vault that roles open, for identities of the home tenant", () => {
    const vault = only(synthSecret(), KeyVault);
    expect(vault).toMatchObject({ rbac_authorization_enabled: true, tenant_id: "home" });
    expect(vault).not.toHaveProperty("access_policy");
  });

  test("protects the vault unless told otherwise", () => {
    expect(only(synthSecret(), KeyVault)).toMatchObject({
      purge_protection_enabled: true,
      soft_delete_retention_days: 90,
      lifecycle: { prevent_destroy: true },
    });
    expect(only(synthSecret({ protect: false }), KeyVault)).toMatchObject({
      purge_protection_enabled: false,
      soft_delete_retention_days: 90,
      lifecycle: { prevent_destroy: false },
    });
  });

  test("grants whoever deploys nothing unless told so", () => {
    expect(all(synthSecret(), RoleAssignment)).toEqual([]);
    const synthesized = synthSecret({ grantDeployer: true });
    expect(only(synthesized, RoleAssignment)).toMatchObject({
      scope: "${azurerm_resource_group.group.id}",
      role_definition_id:
        "/subscriptions/sub/providers/Microsoft.Authorization/roleDefinitions/b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
      principal_id: expect.stringMatching(
        /^\$\{data\.azurerm_client_config\.\w+\.object_id\}$/,
      ) as string,
    });
    expect(only(synthesized, KeyVaultSecret).depends_on).toEqual([
      expect.stringMatching(/^azurerm_role_assignment\.secret_deployer-role_/),
    ]);
  });
});
