import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A configuration file's content, loose enough to be broken on purpose. */
export type EnvironmentFile = Record<string, unknown> & {
  tenants: Record<string, Record<string, unknown>>;
};

export const homeTenantId = "00000000-0000-4000-8000-00000000000a";

/** A valid tenant that collects its own home tenant, with changes. */
export function tenantFile(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    tenantId: homeTenantId,
    primaryDomain: "contoso.example.org",
    cloud: "enterprise",
    credential: "client-secret",
    ...changes,
  };
}

/** A valid environment with the one tenant contoso, with changes. */
export function environmentFile(changes: Record<string, unknown> = {}): EnvironmentFile {
  return {
    $schema: "./environment.schema.json",
    subscriptionId: "00000000-0000-4000-8000-000000000001",
    homeTenantId,
    location: "westeurope",
    azureCloud: "public",
    stateBackend: { type: "local" },
    protection: "test",
    deployerVaultRole: "declared",
    alertReceivers: [{ name: "soc", email: "soc@example.org" }],
    workspace: { mode: "create" },
    tenants: { contoso: tenantFile() },
    ...changes,
  };
}

/** Writes files into a new folder, objects as JSON, and returns the folder. */
export function configFolder(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), "config-"));
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}
