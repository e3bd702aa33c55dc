import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { infrastructureDrift, stacksDrift } from "../../operate/stacks-drift.ts";
import { readPlan } from "../../plan/terraform-plan.ts";
import { fakeTerraform } from "../plan/fake-terraform.ts";

/** A plan that found what others changed. */
const drifted = (...changes: readonly object[]) =>
  readPlan(
    "a plan",
    JSON.stringify({
      format_version: "1.2",
      resource_drift: changes.map((change) => ({
        ...{ address: "azurerm_key_vault.one", type: "azurerm_key_vault" },
        change: { before_sensitive: {}, after_sensitive: {}, ...change },
      })),
    }),
  );

describe("infrastructureDrift", () => {
  test("tells what others changed, and not what a provider writes in two ways", () => {
    const before = { a: null, tags: {}, public_network_access_enabled: false, secret: "planted1" };
    const after = { a: [], tags: null, public_network_access_enabled: true, secret: "planted2" };
    const found = infrastructureDrift(
      "dev-contoso",
      drifted({ actions: ["update"], before, after }),
    );
    expect(found).toEqual([
      {
        stack: "dev-contoso",
        what: "azurerm_key_vault.one",
        says: "public_network_access_enabled is true, and was deployed as false",
      },
      expect.objectContaining({ says: "secret is (secret), and was deployed as (secret)" }),
    ]);
  });

  test("tells keys that are others, and none that whoever looks may not read", () => {
    const says = (after: string | null) =>
      infrastructureDrift(
        "dev-contoso",
        drifted({
          actions: ["update"],
          before: { primary_access_key: "planted1" },
          after: { primary_access_key: after },
          before_sensitive: { primary_access_key: true },
          after_sensitive: { primary_access_key: true },
        }),
      ).map((each) => each.says);
    expect(says("planted2")).toEqual([
      "primary_access_key is (secret), and was deployed as (secret)",
    ]);
    expect(says("")).toEqual([]);
    expect(says(null)).toEqual([]);
  });

  test("tells what is gone", () => {
    const [gone] = infrastructureDrift("dev-contoso", drifted({ actions: ["delete"], before: {} }));
    expect(gone?.says).toBe("is gone");
  });
});

describe("stacksDrift", () => {
  test("looks at every stack, and tells of one that cannot be looked at", async () => {
    const gone = drifted({ actions: ["delete"], before: {} });
    const { props, done } = fakeTerraform({
      "dev-workspace": { plans: [drifted()] },
      "dev-contoso": { plans: [gone] },
    });
    const broken = { stack: "dev-fabrikam", folder: path.join(tmpdir(), "no-such-folder") };
    const explain = (stack: string) => `${stack} cannot be looked at`;
    const found = await stacksDrift({ ...props, explain, stacks: [...props.stacks, broken] });
    expect(found).toEqual([
      { stack: "dev-contoso", what: "azurerm_key_vault.one", says: "is gone" },
      { stack: "dev-fabrikam", what: "Terraform", says: "dev-fabrikam cannot be looked at" },
    ]);
    expect(done().sort()).toEqual([
      "plan dev-contoso refresh-only",
      "plan dev-workspace refresh-only",
    ]);
  });
});
