import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { mirrorConfiguration, providerMirror } from "../../../local/rehearsal/provider-mirror.ts";

test("Providers are taken from a folder that has both, or it is said that it has not", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "plugins-"));
  const missing = `--plugins must be a folder with registry.terraform.io/<source>/<version> of hashicorp/azurerm and hashicorp/azuread, got ${folder}`;
  const put = (name: string) => {
    const provider = path.join(folder, "registry.terraform.io", "hashicorp", name);
    mkdirSync(provider, { recursive: true });
    writeFileSync(path.join(provider, "1.0.0"), "");
  };
  put("azurerm");
  expect(providerMirror("terraform", folder, "unused")).toEqual({ missing });
  put("azuread");
  expect(providerMirror("terraform", folder, "unused")).toEqual({ folder });
  expect(mirrorConfiguration('a"b')).toContain('filesystem_mirror { path = "a\\"b" }');
});
