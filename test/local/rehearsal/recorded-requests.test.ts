import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { configFolder, loadEnvironment } from "../../../config/environment.ts";
import { tenantNames } from "../../../config/names.ts";
import { RequestRecorder, type Recording } from "../../../local/rehearsal/recorded-requests.ts";
import { replayRequests } from "../../../local/rehearsal/replay-requests.ts";
import type { Json } from "../../../local/json.ts";
import { TenantStack } from "../../../stacks/tenant-stack.ts";
import { synthStack } from "../../synth.ts";

const environment = loadEnvironment(configFolder, "dev");
const file = new URL("dev-requests.json", import.meta.url);
const recording = JSON.parse(readFileSync(file, "utf8")) as Recording;

/** The template of the only deployment, as Terraform sends it. */
function template(): Json {
  const { resource } = synthStack(
    (app) => new TenantStack(app, environment, "contoso", environment.tenants["contoso"]!),
  );
  const [deployment] = Object.values(resource!["azurerm_resource_group_template_deployment"]!) as [
    { template_content: string },
  ];
  return JSON.parse(deployment.template_content.replace(/([$%])\1\{/g, "$1{")) as Json;
}

const replay = (changed: Recording) =>
  replayRequests({
    ...{ environment, recording: changed, start: new Date("2026-11-30T10:00:00Z") },
    templateOf: (name) => {
      expect(name).toBe(tenantNames(environment, "contoso").playbook);
      return template();
    },
  });

describe("What the real providers asked for in a deployment, a change and a teardown", () => {
  test("is answered by the local Azure as it was then", { timeout: 60_000 }, async () => {
    expect(recording.requests.length).toBeGreaterThan(200);
    expect(await replay(recording)).toEqual([]);
  });

  test("is no longer when an answer becomes another one", { timeout: 60_000 }, async () => {
    const requests = recording.requests.map((request, index) =>
      index === recording.requests.length - 1 ? { ...request, status: 418 } : request,
    );
    expect(await replay({ ...recording, requests })).toHaveLength(1);
  });

  test("holds no secret and no path of a machine", () => {
    const text = readFileSync(file, "utf8");
    expect(text).not.toMatch(/loc8Q~/); // what secrets of the local Graph begin with
    expect(text).not.toMatch(/eyJ[\w-]{20}/);
    expect(text).not.toMatch(/"\/(?:home|root|tmp|work|Users)\//);
    expect(text).not.toContain("Bearer ");
  });
});

test("A recorder hides secrets and keeps what later requests repeat", async () => {
  let now = 1000;
  const recorder = new RequestRecorder(() => (now += 5));
  const graph = recorder.around({
    serves: () => true,
    handle: async (request) =>
      request.method === "POST"
        ? Response.json({ id: "object-id-1", secretText: "planted~secret", note: "not repeated" })
        : new Response(null, { status: 204 }),
  });
  const headers = {
    "user-agent": "HashiCorp Terraform/1.11.4",
    authorization: `Bearer x.${Buffer.from('{"oid":"me","tid":"t"}').toString("base64url")}.y`,
  };
  const send = (method: string, url: string, body?: string) =>
    graph.handle(new Request(url, { method, headers, ...(body !== undefined && { body }) }));
  await send("POST", "https://graph.microsoft.com/v1.0/applications", "{}");
  await send("PUT", "https://kv.vault.azure.net/secrets/x", '{"value":"planted~secret"}');
  await send("GET", "https://graph.microsoft.com/v1.0/applications/object-id-1");
  await graph.handle(new Request("https://graph.microsoft.com/v1.0/me")); // not Terraform
  expect(recorder.recording()).toEqual({
    deployer: { t: "me" },
    requests: [
      {
        ...{ atMs: 0, method: "POST", url: "https://graph.microsoft.com/v1.0/applications" },
        ...{ tenantId: "t", body: {}, status: 200 },
        assigned: { "/id": "object-id-1", "/secretText": "redacted-secret-1" },
      },
      {
        ...{ atMs: 5, method: "PUT", url: "https://kv.vault.azure.net/secrets/x" },
        ...{ tenantId: "t", body: { value: "redacted-secret-1" }, status: 204 },
      },
      {
        ...{ atMs: 10, method: "GET" },
        url: "https://graph.microsoft.com/v1.0/applications/object-id-1",
        ...{ tenantId: "t", status: 204 },
      },
    ],
  });
});
