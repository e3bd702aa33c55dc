import { ClientSecretCredential } from "@azure/identity";
import { workspaceNames } from "../config/names.ts";
import { feedTarget } from "../feed/feed-target.ts";
import { connectTenantFeed, type TenantFeed } from "../feed/tenant-feed.ts";
import type { VirtualClock } from "./clock.ts";
import { dispatch } from "./cloud.ts";
import type { DeployedTenant } from "./deployed-tenant.ts";
import { localHttpClient } from "./http-client.ts";

const clientId = "00000000-0000-4000-8000-0000000000f1";
const secret = "local~cloud~operator~secret~Qx7T";
const lifetimeMs = 24 * 3600 * 1000;

/**
 * The feed of a local tenant as `npm run feed` connects it, for an operator with the rights that the
 * README asks for; to be used outside of `clock.run`.
 */
export function connectAsOperator(deployed: DeployedTenant, clock: VirtualClock): TenantFeed {
  const { directory, environment, services, tenantName } = deployed;
  const tenantId = environment.homeTenantId;
  const operator = directory.addApplication({ clientId, tenantId });
  const expires = new Date(clock.now().getTime() + lifetimeMs);
  operator.secrets.push({ value: secret, expires, keyId: clientId });

  const target = feedTarget(environment, tenantName);
  const { hostname: vault } = new URL(target.names.secretUri);
  const { setAsideUri, originalsUri } = workspaceNames(environment);
  const containers = [target.names.checkpointUri, setAsideUri, originalsUri];
  const roles: [string, string][] = [
    ["Key Vault Secrets User", vault],
    ...containers.map((uri): [string, string] => [
      "Storage Blob Data Contributor",
      uri.replace("https://", ""),
    ]),
    ["Monitoring Metrics Publisher", deployed.parameters["dataCollectionRuleId"]!.value as string],
  ];
  for (const [role, scope] of roles) {
    directory.assignRole({ principalId: operator.principalId, role, scope });
  }

  const options = {
    httpClient: localHttpClient((request) => dispatch(services, request)),
    clock: {
      now: () => clock.now(),
      sleep: (ms: number) => clock.run(() => clock.sleep(ms)),
    },
  };
  return connectTenantFeed(
    target,
    new ClientSecretCredential(tenantId, clientId, secret, options),
    options,
  );
}
