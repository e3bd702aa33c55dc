import path from "node:path";
import { configFolder, readEnvironments } from "../config/environment.ts";
import {
  readTenantLock,
  tenantLockFile,
  tenantLockOf,
  type TenantLock,
} from "../config/tenant-lock.ts";
import { parseOptions, runScript, UsageError } from "./command-line.ts";
import { writeGenerated } from "./write-generated.ts";

const usage = `[--forget ENVIRONMENT/TENANT] [--dry-run]

  notes every tenant of config/ and its state in config/tenants.lock.json

  --forget ENVIRONMENT/TENANT  take a tenant off the list that its file no longer names; before that
                               npm run teardown must have ended, or it was never deployed; repeatable
  --dry-run                    only tell what would be written
  -h, --help                   show this`;

/**
 * Notes every tenant of a configuration folder in its `tenants.lock.json`, and takes those off it
 * that are to be forgotten, each as `<environment>/<tenant>`. Safe to repeat. Throws a
 * ConfigurationError when a tenant is gone that is not to be forgotten.
 */
export function lockTenants(
  folder: string,
  { dryRun, forget = [] }: { readonly dryRun: boolean; readonly forget?: readonly string[] },
): void {
  const environments = readEnvironments(folder, without(readTenantLock(folder), forget));
  const lock = tenantLockOf(environments);
  for (const name of forget) {
    const [environment = "", tenant = ""] = name.split("/");
    if (lock[environment]?.[tenant] !== undefined) {
      throw new Error(
        `${path.join(folder, `${environment}.json`)}: tenants.${tenant} must not be there when it is forgotten, got ${lock[environment][tenant]}; set "state": "removed", run npm run config:lock and npm run teardown -- --environment ${environment} --tenant ${tenant}, and delete it then`,
      );
    }
  }
  writeGenerated(tenantLockFile(folder), `${JSON.stringify(lock, null, 2)}\n`, dryRun);
}

function without(lock: TenantLock, names: readonly string[]): TenantLock {
  return Object.fromEntries(
    Object.entries(lock).map(([environment, tenants]) => [
      environment,
      Object.fromEntries(
        Object.entries(tenants).filter(([tenant]) => !names.includes(`${environment}/${tenant}`)),
      ),
    ]),
  );
}

if (import.meta.filename === process.argv[1]) {
  await runScript({
    command: "npm run config:lock --",
    usage,
    run: (args) => {
      const { values } = parseOptions(args, {
        forget: { type: "string", multiple: true },
        "dry-run": { type: "boolean", default: false },
      });
      const malformed = values.forget?.find((name) => !/^[^/]+\/[^/]+$/.test(name));
      if (malformed !== undefined) {
        throw new UsageError(
          `--forget must be an environment and its tenant, such as dev/contoso, got ${malformed}`,
        );
      }
      lockTenants(configFolder, { dryRun: values["dry-run"], forget: values.forget });
    },
  });
}
