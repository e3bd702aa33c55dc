import { describe, expect, test } from "vitest";
import { areOwn, existingResources } from "../../plan/existing-resources.ts";
import { TerraformError } from "../../plan/terraform.ts";

const id = "/subscriptions/s/resourceGroups/rg-own/providers/Microsoft.KeyVault/vaults/kv";
const exists = {
  severity: "error",
  summary: `A resource with the ID "${id}" already exists - to be managed via Terraform this resource needs to be imported into the State.`,
  detail: "",
  address: "azurerm_key_vault.vault",
} as const;
const other = { severity: "error", summary: "something else", detail: "" } as const;
const warning = { severity: "warning", summary: "be warned", detail: "" } as const;

describe("existingResources", () => {
  test("are what Terraform wanted to create and found to be there", () => {
    expect(existingResources(new TerraformError("apply", [exists, warning]))).toEqual([
      { address: "azurerm_key_vault.vault", id },
    ]);
  });

  test("are none when anything else went wrong", () => {
    expect(existingResources(new TerraformError("apply", [exists, other]))).toEqual([]);
    expect(existingResources(new Error(exists.summary))).toEqual([]);
  });
});

test("Only what lies in groups of one's own was made by oneself", () => {
  const found = [{ address: "a", id }];
  expect(areOwn(found, ["RG-own"])).toBe(true);
  expect(areOwn(found, ["rg-own2", "rg-ow"])).toBe(false);
  expect(areOwn([], ["rg-own"])).toBe(false);
  expect(areOwn([...found, { address: "b", id: "/x" }], ["rg-own"])).toBe(false);
});
