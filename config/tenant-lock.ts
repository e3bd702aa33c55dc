import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { Environment, Tenant } from "./environment.ts";

/**
 * Every tenant of every environment with its state, as committed in `tenants.lock.json`: what is no
 * longer in a configuration file cannot be destroyed by it, so somebody else must remember it.
 */
export type TenantLock = Readonly<Record<string, Readonly<Record<string, Tenant["state"]>>>>;

const lockSchema = z.record(z.string(), z.record(z.string(), z.enum(["collected", "removed"])));

/** Where a configuration folder keeps its list of tenants. */
export function tenantLockFile(folder: string): string {
  return path.join(folder, "tenants.lock.json");
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

/** One sentence for each tenant that is gone without having been `removed`. */
export function vanishedTenantProblems(
  folder: string,
  environments: readonly Environment[],
): string[] {
  const now = tenantLockOf(environments);
  return entries(readTenantLock(folder)).flatMap(({ environment, tenant, state }) =>
    state === "removed" || now[environment]?.[tenant] !== undefined
      ? []
      : [
          `${path.join(folder, `${environment}.json`)}: tenants.${tenant} must stay with "state": "removed" until its stack is destroyed, got nothing; put it back so, run npm run config:lock and npx cdktf destroy ${environment}-${tenant}, or if it was never deployed take it out of ${tenantLockFile(folder)}`,
        ],
  );
}

/** One sentence for each tenant that vanished or that the list of tenants tells otherwise. */
export function tenantLockProblems(folder: string, environments: readonly Environment[]): string[] {
  const now = tenantLockOf(environments);
  const locked = readTenantLock(folder);
  const stale = (environment: string, tenant: string, must: string, got: string) =>
    `${tenantLockFile(folder)}: ${environment}.${tenant} must be ${must}, got ${got}; run npm run config:lock`;
  return [
    ...vanishedTenantProblems(folder, environments),
    ...entries(now).flatMap(({ environment, tenant, state }) => {
      const got = locked[environment]?.[tenant];
      return got === state ? [] : [stale(environment, tenant, state, got ?? "nothing")];
    }),
    ...entries(locked).flatMap(({ environment, tenant, state }) =>
      state === "removed" && now[environment]?.[tenant] === undefined
        ? [stale(environment, tenant, "left out", state)]
        : [],
    ),
  ];
}

function readTenantLock(folder: string): TenantLock {
  const file = tenantLockFile(folder);
  return existsSync(file) ? lockSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : {};
}

function entries(lock: TenantLock) {
  return Object.entries(lock).flatMap(([environment, tenants]) =>
    Object.entries(tenants).map(([tenant, state]) => ({ environment, tenant, state })),
  );
}
