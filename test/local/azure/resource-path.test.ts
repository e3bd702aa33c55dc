import { describe, expect, test } from "vitest";
import { parseResourcePath } from "../../../local/azure/resource-path.ts";

const subscription = "/subscriptions/s";
const group = `${subscription}/resourceGroups/g`;
const vault = `${group}/providers/Microsoft.KeyVault/vaults/v`;

describe("parseResourcePath", () => {
  test.each([
    [subscription, "Microsoft.Resources/subscriptions", subscription, ""],
    [group, "Microsoft.Resources/resourceGroups", group, subscription],
    [`${subscription}/resourcegroups/g`, "Microsoft.Resources/resourceGroups", group, subscription],
    [`/${group}//providers/Microsoft.KeyVault/vaults/v`, "Microsoft.KeyVault/vaults", vault, group],
    [`${vault}/secrets/x%20y`, "Microsoft.KeyVault/vaults/secrets", `${vault}/secrets/x y`, vault],
    [
      `${vault}/providers/Microsoft.Insights/diagnosticSettings/d`,
      "Microsoft.Insights/diagnosticSettings",
      `${vault}/providers/Microsoft.Insights/diagnosticSettings/d`,
      vault,
    ],
    [
      `${subscription}/providers/Microsoft.KeyVault/locations/l/deletedVaults/v`,
      "Microsoft.KeyVault/locations/deletedVaults",
      `${subscription}/providers/Microsoft.KeyVault/locations/l/deletedVaults/v`,
      `${subscription}/providers/Microsoft.KeyVault/locations/l`,
    ],
  ])("%s is a resource", (pathname, type, id, parentId) => {
    expect(parseResourcePath(pathname)).toMatchObject({
      ...{ type, id, parentId },
      ...{ provider: undefined, rest: undefined },
    });
  });

  test.each([
    [`${vault}/listKeys`, vault, undefined, "listKeys"],
    [`${group}/resources`, group, undefined, "resources"],
    [`${subscription}/providers`, subscription, undefined, "providers"],
    [`${subscription}/providers/Microsoft.KeyVault`, subscription, "Microsoft.KeyVault", undefined],
    [`${subscription}/providers/a.b/register`, subscription, "a.b", "register"],
    [`${group}/providers/a.b/vaults`, group, "a.b", "vaults"],
    ["/metadata/endpoints", "", undefined, "metadata/endpoints"],
  ])("%s asks for something of a resource", (pathname, id, provider, rest) => {
    expect(parseResourcePath(pathname)).toMatchObject({ id, provider, rest });
  });
});
