import { parseArgs } from "node:util";
import { ConfigurationError, readEnvironments } from "../config/environment.ts";
import { tenantLockFile, tenantLockOf, vanishedTenantProblems } from "../config/tenant-lock.ts";
import { writeGenerated } from "./write-generated.ts";

/**
 * Notes every tenant of a configuration folder in its `tenants.lock.json`. Safe to repeat. Throws a
 * {@link ConfigurationError} when a tenant is gone that was not `removed` before.
 */
export function lockTenants(folder: string, dryRun: boolean): void {
  const environments = readEnvironments(folder);
  const problems = vanishedTenantProblems(folder, environments);
  if (problems.length > 0) {
    throw new ConfigurationError(problems);
  }
  const text = `${JSON.stringify(tenantLockOf(environments), null, 2)}\n`;
  writeGenerated(tenantLockFile(folder), text, dryRun);
}

if (import.meta.filename === process.argv[1]) {
  try {
    const { values } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } });
    lockTenants("config", values["dry-run"]);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
