import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { ConfigurationError } from "./configuration-error.ts";
import type { Environment, Tenant } from "./environment.ts";

/**
 * Every tenant of every environment with its state, as committed in `tenants.lock.json`: what is no
 * longer in a configuration file cannot be destroyed by it, so somebody else must remember it, until
 * somebody says that it is gone.
 */
export type TenantLock = Readonly<Record<string, Readonly<Record<string, Tenant["state"]>>>>;

/** Names of the tenants by environment; undefined for a file whose tenants cannot be read. */
export type TenantNames = ReadonlyMap<string, readonly string[] | undefined>;

const lockSchema = z.record(z.string(), z.record(z.string(), z.enum(["collected", "removed"])));

/** Where a configuration folder keeps its list of tenants. */
export function tenantLockFile(folder: string): string {
  return path.join(folder, "tenants.lock.json");
}

/** The list of tenants of a folder, empty without one. Throws a {@link ConfigurationError}. */
export function readTenantLock(folder: string): TenantLock {
  const file = tenantLockFile(folder);
  if (!existsSync(file)) {
    return {};
  }
  try {
    return lockSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) {
      throw error;
    }
    throw new ConfigurationError([
      `${file}: must be as npm run config:lock writes it; take it from version control again`,
    ]);
  }
}

/** What the list of tenants must be for these environments. */
export function tenantLockOf(environments: readonly Environment[]): TenantLock {
  return Object.fromEntries(
    environments.map(({ name, tenants }) => [
      name,
      Object.fromEntries(Object.entries(tenants).map(([tenant, { state }]) => [tenant, state])),
    ]),
  );
}

/** One sentence for each tenant of the list that its file no longer names. */
export function vanishedTenantProblems(
  folder: string,
  names: TenantNames,
  lock: TenantLock,
): string[] {
  return entries(lock).flatMap(({ environment, tenant, state }) => {
    const isUnknown = names.has(environment) && names.get(environment) === undefined;
    if (isUnknown || names.get(environment)?.includes(tenant)) {
      return [];
    }
    const destroy = `npm run teardown -- --environment ${environment} --tenant ${tenant}`;
    const forget = `npm run config:lock -- --forget ${environment}/${tenant}`;
    const fix =
      state === "removed"
        ? `when ${destroy} has ended run ${forget}, else put it back first`
        : `put it back so, run npm run config:lock and ${destroy}, or if it was never deployed run ${forget}`;
    return [
      `${path.join(folder, `${environment}.json`)}: tenants.${tenant} must stay with "state": "removed" until its stack is destroyed, got nothing; ${fix}`,
    ];
  });
}

/** One sentence for each tenant that the list does not tell as these environments do. */
export function staleLockProblems(
  folder: string,
  environments: readonly Environment[],
  lock: TenantLock,
): string[] {
  return entries(tenantLockOf(environments)).flatMap(({ environment, tenant, state }) => {
    const got = lock[environment]?.[tenant];
    return got === state
      ? []
      : [
          `${tenantLockFile(folder)}: ${environment}.${tenant} must be ${state}, got ${got ?? "nothing"}; run npm run config:lock`,
        ];
  });
}

function entries(lock: TenantLock) {
  return Object.entries(lock).flatMap(([environment, tenants]) =>
    Object.entries(tenants).map(([tenant, state]) => ({ environment, tenant, state })),
  );
}
