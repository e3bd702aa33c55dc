import { ClientSecretCredential } from "@azure/identity";
import { m365Clouds } from "../../config/clouds.ts";
import { environmentSchema, type Environment } from "../../config/environment.ts";
import { checkpointContainer, clientSecretName, tenantNames } from "../../config/names.ts";
import { FeedReport } from "../../feed/feed-report.ts";
import { feedTarget } from "../../feed/feed-target.ts";
import { connectTenantFeed } from "../../feed/tenant-feed.ts";
import { AuditFeed } from "../../local/audit-feed.ts";
import { BlobStorage } from "../../local/blob-storage.ts";
import { VirtualClock } from "../../local/clock.ts";
import { dispatch } from "../../local/cloud.ts";
import { Directory } from "../../local/directory.ts";
import { localHttpClient } from "../../local/http-client.ts";
import { Login } from "../../local/login.ts";
import { Vault } from "../../local/vault.ts";
import { environmentFile, homeTenantId, tenantFile } from "../config/environment-files.ts";

export { homeTenantId };
export const clientId = "00000000-0000-4000-8000-0000000000c1";
export const operatorId = "00000000-0000-4000-8000-0000000000c2";
export const clientSecret = "planted~client~secret";
export const operatorSecret = "planted~operator~secret";

/** The environment dev with the one tenant contoso, with changes to the tenant. */
export function devEnvironment(
  tenant: Record<string, unknown> = {},
  changes: Record<string, unknown> = {},
): Environment {
  const file = environmentFile({ tenants: { contoso: tenantFile(tenant) }, ...changes });
  return { name: "dev", ...environmentSchema.parse(file) };
}

/** The feed of contoso on the services of the local cloud, by a virtual clock. */
export function localFeed(
  tenant: Record<string, unknown> = {},
  changes: Record<string, unknown> = {},
  start = new Date("2026-01-14T12:00:00Z"),
) {
  const environment = devEnvironment(tenant, changes);
  const clock = new VirtualClock(start);
  const target = feedTarget(environment, "contoso");
  const { tenantId, cloud } = target.tenant;
  const names = tenantNames(environment, "contoso");
  const vaultHost = new URL(names.secretUri).hostname;
  const storageHost = new URL(names.checkpointUri).hostname;

  const directory = new Directory({ clock });
  directory.addTenant(environment.homeTenantId);
  directory.addTenant(tenantId);
  const application = directory.addApplication({ clientId, tenantId });
  const expires = new Date(start.getTime() + 180 * 86_400_000);
  application.secrets.push({ value: clientSecret, expires, keyId: "1" });
  directory.grantAppRole(application.principalId, "ActivityFeed.Read");
  const operator = directory.addApplication({
    clientId: operatorId,
    tenantId: environment.homeTenantId,
  });
  operator.secrets.push({ value: operatorSecret, expires, keyId: "1" });
  const { principalId } = operator;
  const roles = {
    vault: { principalId, role: "Key Vault Secrets User", scope: vaultHost },
    storage: {
      principalId,
      role: "Storage Blob Data Contributor",
      scope: `${storageHost}/${checkpointContainer}`,
    },
  };
  Object.values(roles).forEach((role) => directory.assignRole(role));

  const login = new Login({ clock, directory });
  const vault = new Vault({
    clock,
    directory,
    host: vaultHost,
    tenantId: environment.homeTenantId,
  });
  vault.setSecret(clientSecretName, {
    value: clientSecret,
    attributes: { exp: Math.floor(expires.getTime() / 1000) },
    tags: { clientId, m365TenantId: tenantId },
  });
  const storage = new BlobStorage({
    clock,
    directory,
    host: storageHost,
    tenantId: environment.homeTenantId,
  });
  void storage.createContainer(checkpointContainer);
  const feed = new AuditFeed({
    clock,
    directory,
    host: new URL(m365Clouds[cloud].feedUri).hostname,
  });
  const services = [login, vault, storage, feed];

  const options = {
    httpClient: localHttpClient((request) => dispatch(services, request)),
    retryDelayMs: 1,
    clock: {
      now: () => clock.now(),
      sleep: (ms: number) => clock.run(() => clock.sleep(ms)),
    },
  };
  const credential = new ClientSecretCredential(
    environment.homeTenantId,
    operatorId,
    operatorSecret,
    { authorityHost: target.azure.loginAuthority, httpClient: options.httpClient },
  );

  const writer = new Request(`${names.checkpointUri}/checkpoint.json`, {
    headers: {
      authorization: `Bearer ${directory.issueToken(operator, "https://storage.azure.com")}`,
      "x-ms-version": "2021-08-06",
      "x-ms-blob-type": "BlockBlob",
    },
  });
  const output: string[] = [];
  const errors: string[] = [];
  return {
    environment,
    target,
    clock,
    directory,
    application,
    operator,
    roles,
    login,
    vault,
    storage,
    feed,
    services,
    credential,
    options,
    tenantFeed: connectTenantFeed(target, credential, options),
    output,
    errors,
    report: new FeedReport({
      json: false,
      print: (line) => output.push(line),
      printError: (line) => errors.push(line),
    }),
    /** Takes the lines that were printed since the last time. */
    lines: () => [...output.splice(0), ...errors.splice(0)],
    /** The content of checkpoint.json; undefined without one. */
    async checkpoint(): Promise<unknown> {
      const { before } = storage;
      storage.before = undefined;
      const response = await storage.handle(new Request(writer));
      storage.before = before;
      return response.status === 200 ? response.json() : undefined;
    },
    /** Writes checkpoint.json as somebody else. */
    async writeCheckpoint(content: object | string): Promise<void> {
      const { before } = storage;
      storage.before = undefined;
      const body = typeof content === "string" ? content : JSON.stringify(content);
      await storage.handle(new Request(writer, { method: "PUT", body }));
      storage.before = before;
    },
    /** Whether the audit API has the content type on. */
    async isOn(contentType: string): Promise<boolean> {
      const { before } = feed;
      feed.before = undefined;
      const on = await connectTenantFeed(target, credential, options)
        .signIn?.()
        .then(({ api }) => api.contentTypesOn());
      feed.before = before;
      return on?.has(contentType.toLowerCase()) ?? false;
    },
    /** Notes each request to the audit API and each write of the checkpoint, in order. */
    watch(): string[] {
      const seen: string[] = [];
      feed.before = async (request) => {
        const { pathname, searchParams } = new URL(request.url);
        seen.push(
          [pathname.split("/").at(-1), searchParams.get("contentType")].filter(Boolean).join(" "),
        );
        return undefined;
      };
      storage.before = async (request) => {
        if (request.method === "PUT") {
          const { paused } = (await request.clone().json()) as { paused: boolean };
          seen.push(`write paused=${paused}`);
        }
        return undefined;
      };
      return seen;
    },
  };
}

/** The audit API's refusal of a request. */
export const refusal = (status: number, code: string, message = "") =>
  Response.json({ error: { code, message } }, { status });
