import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { configFolder, loadEnvironment } from "../../../config/environment.ts";
import { RehearsalCloud } from "../../../local/rehearsal/rehearsal-cloud.ts";
import { RehearsalProject } from "../../../local/rehearsal/rehearsal-project.ts";

const environment = loadEnvironment(configFolder, "dev");

/** What somebody has who deploys from this machine to the real cloud. */
const signIn = {
  ARM_CLIENT_ID: "00000000-0000-4000-8000-00000000planted".replace("planted", "0abcde"),
  ARM_CLIENT_SECRET: "planted~arm~secret",
  ARM_TENANT_ID: "planted-tenant",
  AZURE_CLIENT_ID: "planted-client",
  AZURE_CLIENT_SECRET: "planted~azure~secret",
  AZURE_CONFIG_DIR: "/planted/.azure",
  HTTPS_PROXY: "http://planted-proxy:3128",
  NO_PROXY: "management.azure.com,.microsoft.com,planted",
  no_proxy: "*",
  TF_VAR_x: "planted",
  GITHUB_TOKEN: "planted~token",
  NODE_OPTIONS: "",
};

describe("RehearsalProject", () => {
  test("sees nothing of whoever is signed in on this machine", { timeout: 120_000 }, async () => {
    Object.entries(signIn).forEach(([name, value]) => vi.stubEnv(name, value));
    const cloud = await RehearsalCloud.start(environment);
    const seen: string[] = [];
    cloud.azure.login.before = async (request) => {
      seen.push(`${request.url} ${await request.clone().text()}`);
      return undefined;
    };
    try {
      const project = new RehearsalProject({
        folder: path.join(mkdtempSync(path.join(tmpdir(), "rehearsal-")), "project"),
        ...{ environment: "dev", program: process.execPath, providers: "/nowhere" },
        variables: cloud.variables(),
        onProgress: () => undefined,
      });
      const shown = JSON.stringify(project.environment);
      expect(shown).not.toContain("planted");
      expect(shown).not.toContain("0abcde");
      expect(project.environment["NO_PROXY"]).toBe("");
      expect(project.environment["HOME"]).not.toBe(process.env["HOME"]);

      await project.configure(({ tenants }) => {
        tenants["contoso"]!.recurrenceMinutes = 30;
      });
      const stack = path.join(project.stacks, "dev-contoso");
      const text = readFileSync(path.join(stack, "cdk.tf.json"), "utf8");
      expect(text).toContain("interval");
      expect((JSON.parse(text) as { terraform: { backend: object } }).terraform.backend).toEqual({
        local: { path: "../../../terraform.dev-contoso.tfstate" },
      });

      // Nothing is deployed, so it fails; whoever signed in was the deployer of this cloud.
      const said = await project.fail("feed", ["status", "--environment", "dev"]);
      expect(said).toMatch(/^contoso: /);
      const { AZURE_CLIENT_ID: deployer } = cloud.variables();
      expect(seen.length).toBeGreaterThan(0);
      expect(seen.join("\n")).toContain(`client_id=${deployer}`);
      expect(`${said} ${seen.join("\n")}`).not.toContain("planted");
    } finally {
      vi.unstubAllEnvs();
      await cloud.close();
    }
  });
});
