import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { BlobStorage } from "../../local/blob-storage.ts";
import { VirtualClock } from "../../local/clock.ts";
import { Directory } from "../../local/directory.ts";
import { Login } from "../../local/login.ts";
import { startProxy, type HttpsProxy } from "../../local/proxy.ts";
import { Vault } from "../../local/vault.ts";
import { answeringAddresses } from "./answering-addresses.ts";

const TENANT = "11111111-2222-3333-4444-555555555555";
const APP = "aaaaaaaa-0000-4000-8000-000000000001";
const VAULT = "kv-example.vault.azure.net";
const STORAGE = "stexample.blob.core.windows.net";
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a module in a child process with the given environment and nothing else. */
const run = (source: string, environment: Record<string, string>) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      ["--input-type=module", "--eval", source],
      { cwd: ROOT, env: environment },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

describe("startProxy", () => {
  let proxy: HttpsProxy;
  let assertionFile: string;
  const folder = mkdtempSync(join(tmpdir(), "proxy-test-"));

  beforeAll(async () => {
    const clock = new VirtualClock(new Date("2026-03-01T00:00:00Z"));
    const directory = new Directory({ clock });
    directory.addTenant(TENANT);
    const { secrets, assertions, principalId } = directory.addApplication({
      clientId: APP,
      tenantId: TENANT,
    });
    secrets.push({ value: "the-secret", expires: new Date("2026-06-01"), keyId: "1" });
    assertions.add("workflow-token");
    assertionFile = join(folder, "assertion");
    writeFileSync(assertionFile, "workflow-token");
    directory.assignRole({ principalId, role: "Key Vault Secrets User", scope: VAULT });
    directory.assignRole({ principalId, role: "Storage Blob Data Contributor", scope: STORAGE });
    const vault = new Vault({ clock, directory, host: VAULT, tenantId: TENANT });
    vault.setSecret("feed-client-secret", { value: "from-the-vault" });
    const storage = new BlobStorage({ clock, directory, host: STORAGE, tenantId: TENANT });
    await storage.createContainer("checkpoint");
    proxy = await startProxy([new Login({ clock, directory }), vault, storage]);
  });
  afterAll(async () => {
    await proxy.close();
    rmSync(folder, { recursive: true });
  });

  const readSecret = (credential: string) => `
    import * as identity from "@azure/identity";
    import { SecretClient } from "@azure/keyvault-secrets";
    const client = new SecretClient("https://${VAULT}", ${credential});
    console.log((await client.getSecret("feed-client-secret")).value);`;

  test("serves Microsoft's own libraries in a child process", async () => {
    const secret = `new identity.ClientSecretCredential("${TENANT}", "${APP}", "the-secret")`;
    expect(await run(readSecret(secret), proxy.environment())).toEqual({
      code: 0,
      stdout: "from-the-vault\n",
      stderr: "",
    });
    const workload = `new identity.WorkloadIdentityCredential(${JSON.stringify({ tenantId: TENANT, clientId: APP, tokenFilePath: assertionFile })})`;
    expect(await run(readSecret(workload), proxy.environment())).toEqual({
      code: 0,
      stdout: "from-the-vault\n",
      stderr: "",
    });
  });

  test("carries bodies, headers and conditions unchanged", async () => {
    const source = `
      import { ClientSecretCredential } from "@azure/identity";
      import { BlobServiceClient } from "@azure/storage-blob";
      const credential = new ClientSecretCredential("${TENANT}", "${APP}", "the-secret");
      const container = new BlobServiceClient("https://${STORAGE}", credential).getContainerClient("checkpoint");
      const blob = container.getBlockBlobClient("Audit.General/checkpoint.json");
      const content = Buffer.from("ä".repeat(1_000_000));
      await blob.upload(content, content.length, { conditions: { ifNoneMatch: "*" } });
      const again = await blob.upload("x", 1, { conditions: { ifNoneMatch: "*" } }).catch((error) => error);
      const { contentLength } = await blob.getProperties();
      const same = content.equals(await blob.downloadToBuffer());
      const names = [];
      for await (const { name } of container.listBlobsFlat()) names.push(name);
      console.log(JSON.stringify([again.statusCode, again.code, contentLength, same, names]));`;
    const { stdout, stderr } = await run(source, proxy.environment());
    expect([stderr, JSON.parse(stdout)]).toEqual([
      "",
      [409, "BlobAlreadyExists", 2_000_000, true, ["Audit.General/checkpoint.json"]],
    ]);
  });

  test("answers 502 for a host that it does not serve, and to http", async () => {
    const source = (url: string) => `
      import { createDefaultHttpClient, createPipelineFromOptions, createPipelineRequest } from "@azure/core-rest-pipeline";
      const pipeline = createPipelineFromOptions({ retryOptions: { maxRetries: 0 } });
      const request = createPipelineRequest({ url: "${url}", allowInsecureConnection: true });
      const { status, bodyAsText } = await pipeline.sendRequest(createDefaultHttpClient(), request);
      console.log(status, bodyAsText);`;
    expect((await run(source("https://www.example.org/"), proxy.environment())).stdout).toBe(
      "502 the local cloud does not serve www.example.org\n\n",
    );
    expect((await run(source(`http://${VAULT}/secrets`), proxy.environment())).stdout).toBe(
      `502 the local cloud answers over https alone, got http://${VAULT}/secrets\n\n`,
    );
  });

  test("is not trusted without its certificate", async () => {
    const environment = { ...proxy.environment(), NODE_EXTRA_CA_CERTS: "" };
    const source = readSecret(`new identity.ClientSecretCredential("${TENANT}", "${APP}", "x")`);
    const { code, stderr } = await run(source, environment);
    expect(code).toBe(1);
    expect(stderr).toMatch(/unable to verify the first certificate|self-signed certificate/);
  });

  test("listens on loopback alone", async () => {
    const { hostname, port } = new URL(proxy.url);
    expect(hostname).toBe("127.0.0.1");
    expect(await answeringAddresses(Number(port))).toEqual(["127.0.0.1"]);
  });

  describe("with a real-looking sign-in on the machine", () => {
    const planted = {
      AZURE_TENANT_ID: TENANT,
      AZURE_CLIENT_ID: APP,
      AZURE_CLIENT_SECRET: "the-secret",
      ARM_CLIENT_SECRET: "the-secret",
    };
    const home = join(folder, "home");
    const az = join(folder, "bin", "az");
    const kept = { ...process.env };

    beforeAll(() => {
      mkdirSync(join(home, ".azure"), { recursive: true });
      writeFileSync(join(home, ".azure", "azureProfile.json"), '{"subscriptions":[]}');
      mkdirSync(dirname(az));
      const token = JSON.stringify({ accessToken: "stolen", expires_on: 4_000_000_000 });
      writeFileSync(az, `#!/bin/sh\ntouch "${folder}/az-was-run"\necho '${token}'\n`);
      chmodSync(az, 0o755);
      Object.assign(process.env, planted, { HOME: home });
      process.env.PATH = `${dirname(az)}:${process.env.PATH}`;
    });
    afterAll(() => {
      process.env = kept;
    });

    const source = readSecret(
      "new identity.ChainedTokenCredential(new identity.EnvironmentCredential(), new identity.AzureCliCredential())",
    );

    test("keeps it from the child", async () => {
      const { code, stdout, stderr } = await run(source, proxy.environment());
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toContain("Azure CLI could not be found");
      expect(existsSync(join(folder, "az-was-run"))).toBe(false);
      const seen = await run(
        'import { homedir } from "node:os"; console.log(JSON.stringify([homedir(), process.env]))',
        proxy.environment(),
      );
      for (const value of [...Object.keys(planted), "the-secret", home, dirname(az)]) {
        expect(seen.stdout).not.toContain(value);
      }
    });

    test("which would have worked", async () => {
      const signedIn = { ...(process.env as Record<string, string>), ...proxy.environment() };
      expect((await run(source, signedIn)).stdout).toBe("from-the-vault\n");
      await run(source, { ...proxy.environment(), PATH: process.env.PATH! });
      expect(existsSync(join(folder, "az-was-run"))).toBe(true);
    });
  });
});

test("startProxy keeps its authority readable by the owner alone, and deletes it", async () => {
  const proxy = await startProxy([]);
  const other = await startProxy([]);
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
  const folder = dirname(proxy.certificateFile);
  expect(dirname(folder)).toBe(tmpdir());
  expect([modeOf(folder), modeOf(proxy.certificateFile)]).toEqual(["700", "600"]);
  expect(other.certificateFile).not.toBe(proxy.certificateFile);
  await proxy.close();
  expect([existsSync(folder), existsSync(other.certificateFile)]).toEqual([false, true]);
  expect(await answeringAddresses(Number(new URL(proxy.url).port))).toEqual([]);
  await other.close();
});
