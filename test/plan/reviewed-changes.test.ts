import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { AttributeChange, PlannedChange } from "../../plan/planned-change.ts";
import { readReviewed, unreviewed } from "../../plan/reviewed-changes.ts";

const attribute = (path: string, before?: string, after?: string): AttributeChange => ({
  ...{ path, before, after },
});

const change = (
  address: string,
  kind: PlannedChange["kind"],
  ...attributes: AttributeChange[]
): PlannedChange => ({ stack: "dev-contoso", type: "azurerm_x", address, kind, attributes });

const reviewed = [
  change("azurerm_x.one", "create", attribute("name", undefined, "n")),
  change(
    "azurerm_x.two",
    "create",
    attribute("principal_id", undefined, "(known after apply)"),
    attribute("identity", undefined, "(known after apply)"),
  ),
  change("azurerm_x.three", "update", attribute("days", "1", "2"), attribute("cap", "3", "4")),
];

const addresses = (planned: readonly PlannedChange[]) =>
  unreviewed(planned, reviewed).map(({ address }) => address);

describe("unreviewed", () => {
  test("has nothing of a plan that is what was reviewed, or what is left of it", () => {
    expect(addresses(reviewed)).toEqual([]);
    expect(addresses(reviewed.slice(1))).toEqual([]);
    expect(addresses([])).toEqual([]);
    const half = change("azurerm_x.three", "update", attribute("cap", "3", "4"));
    const known = change(
      "azurerm_x.two",
      "create",
      attribute("principal_id", undefined, "p"),
      attribute("identity[0].id", undefined, "i"),
    );
    expect(addresses([half, known])).toEqual([]);
  });

  test.each([
    ["another resource", change("azurerm_x.four", "create")],
    ["another kind", change("azurerm_x.one", "replace", attribute("name", undefined, "n"))],
    ["another value", change("azurerm_x.one", "create", attribute("name", undefined, "m"))],
    ["another value before", change("azurerm_x.three", "update", attribute("days", "0", "2"))],
    ["another attribute", change("azurerm_x.three", "update", attribute("sku", "a", "b"))],
  ])("has %s", (_, planned) => {
    expect(addresses([planned])).toEqual([planned.address]);
  });

  test("has what another stack was reviewed for", () => {
    expect(addresses([{ ...reviewed[0]!, stack: "dev-fabrikam" }])).toHaveLength(1);
  });
});

describe("readReviewed", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "reviewed-"));
  const file = path.join(folder, "summary.json");

  test("takes a digest or what a summary kept", () => {
    const digest = "0123456789abcdef";
    expect(readReviewed(digest)).toEqual({ digest, accepted: "" });
    const stacks = [{ stack: "x", changes: reviewed }];
    writeFileSync(file, JSON.stringify({ digest, flags: [], refused: [], stacks }));
    expect(readReviewed(file)).toEqual({ digest, changes: reviewed, accepted: "" });
  });

  test("takes the losses that were accepted, and no others", () => {
    const flag = (address: string, about = "data at risk") => ({ stack: "x", address, about });
    const flags = [flag("a.one"), flag("a.two"), flag("a.three", "role")];
    const summary = { digest: "0", flags, refused: [flag("a.two")], stacks: [] };
    writeFileSync(file, JSON.stringify(summary));
    expect(readReviewed(file).accepted).toBe("Accept-data-loss: x a.one");
  });

  test("takes nothing else", () => {
    expect(() => readReviewed("nowhere.json")).toThrow(
      "--reviewed must be a digest of 16 hexadecimal digits or a summary.json of npm run plan:summary, got nowhere.json",
    );
    writeFileSync(file, "{}");
    expect(() => readReviewed(file)).toThrow(
      /must be a summary.json as npm run plan:summary -- --out writes it$/,
    );
  });
});
