import { describe, expect, test } from "vitest";
import { loadFlows } from "../../../content/flows.ts";
import { streamColumnType } from "../../../content/tables.ts";
import { BlobStorage } from "../../../local/blob-storage.ts";
import { resourceTypes } from "../../../local/azure/resource-types.ts";
import {
  errorOf,
  group,
  LocalAzure,
  subscription,
  table,
  tableBody,
  tenantId,
  workspace,
} from "./local-azure.ts";

const inGroup = (type: string, name: string) => `${group}/providers/${type}/${name}`;
const location = "westeurope";

test("No two types of resources have the same name", () => {
  const names = resourceTypes.map(({ name }) => name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
});

describe("Storage accounts", () => {
  const account = inGroup("Microsoft.Storage/storageAccounts", "sttest");
  const container = `${account}/blobServices/default/containers/checkpoint`;
  const host = "sttest.blob.core.windows.net";

  async function withAccount() {
    const azure = await new LocalAzure().withWorkspace();
    const made = await azure.call("PUT", account, { location, sku: { name: "Standard_LRS" } });
    return { azure, made };
  }

  test("answer for blobs at their host, to who has a role on the container or above", async () => {
    const { azure, made } = await withAccount();
    expect(made.status).toBe(202);
    expect(made.body).toMatchObject({
      kind: "StorageV2",
      properties: { primaryEndpoints: { blob: `https://${host}/` } },
    });
    expect((await azure.call("PUT", container, { properties: {} })).status).toBe(201);
    const service = azure.manager.hosts.get(host)!;
    expect(service).toBeInstanceOf(BlobStorage);
    const read = async (scope: string) => {
      const principalId = azure.principal("Storage Blob Data Contributor", scope);
      const token = azure.token(principalId, "https://storage.azure.com/");
      const headers = { authorization: `Bearer ${token}`, "x-ms-version": "2024-11-04" };
      return (await service.handle(new Request(`https://${host}/checkpoint/x`, { headers })))
        .status;
    };
    expect(await read(container)).toBe(404);
    expect(await read(account)).toBe(404);
    expect(await read(`${account}/blobServices/default/containers/other`)).toBe(403);
    await azure.call("DELETE", account);
    expect(azure.manager.hosts.has(host)).toBe(false);
    expect((await azure.call("GET", container)).status).toBe(404);
  });

  test("have services from their beginning, and keys", async () => {
    const { azure } = await withAccount();
    expect((await azure.call("GET", `${account}/blobServices/default`)).body).toMatchObject({
      properties: { deleteRetentionPolicy: { enabled: false } },
    });
    const listKeys = async () =>
      (await azure.call("POST", `${account}/listKeys`)).body as { keys: { value: string }[] };
    const { keys } = await listKeys();
    expect(new Set(keys.map(({ value }) => value)).size).toBe(2);
    // Otherwise whoever compares them with what was there before finds a change.
    expect((await listKeys()).keys).toEqual(keys);
    const missing = account.replace("sttest", "stnone");
    expect((await azure.call("GET", `${missing}/blobServices/default`)).status).toBe(404);
    expect((await azure.call("POST", `${missing}/listKeys`)).status).toBe(404);
  });

  test("have names that nobody else in the world has", async () => {
    const { azure } = await withAccount();
    const other = `${subscription}/resourceGroups/rg-other`;
    await azure.call("PUT", other, { location });
    const put = (path: string) => azure.call("PUT", path, { location });
    expect(errorOf(await put(account.replace(group, other)))).toEqual({
      status: 409,
      code: "StorageAccountAlreadyTaken",
      message: "The storage account named sttest is already taken.",
    });
    expect(errorOf(await put(account.replace("sttest", "st-test"))).code).toBe(
      "AccountNameInvalid",
    );
  });
});

describe("Identities", () => {
  const identity = inGroup("Microsoft.ManagedIdentity/userAssignedIdentities", "id-test");

  test("get tokens for as long as they are there, and stay who they are", async () => {
    const azure = await new LocalAzure().withWorkspace();
    const made = (await azure.call("PUT", identity, { location })).body;
    expect(made["properties"]).toMatchObject({ tenantId });
    const token = () => azure.directory.managedIdentityToken(identity, "https://vault.azure.net");
    expect(token()).toMatch(/^eyJ/);
    const changed = await azure.call("PUT", identity, { location, tags: { a: "b" } });
    expect(changed.body["properties"]).toEqual(made["properties"]);
    await azure.call("DELETE", identity);
    expect(token).toThrow("resourceId must have a managed identity");
  });
});

describe("Data collection rules", () => {
  const endpoint = inGroup("Microsoft.Insights/dataCollectionEndpoints", "dce-test");
  const rule = inGroup("Microsoft.Insights/dataCollectionRules", "dcr-test");
  const { table: health, transformation } = loadFlows().find(
    ({ table: { name } }) => name === "M365AuditHealth_CL",
  )!;
  const stream = health.stream.name;

  const body = (flow: object = {}, properties: object = {}) => ({
    location,
    properties: {
      dataCollectionEndpointId: endpoint,
      streamDeclarations: {
        [stream]: {
          columns: health.stream.columns.map(({ name, type }) => ({
            name,
            type: streamColumnType(type),
          })),
        },
      },
      destinations: { logAnalytics: [{ name: "workspace", workspaceResourceId: workspace }] },
      dataFlows: [
        {
          ...{ streams: [stream], destinations: ["workspace"] },
          ...{ outputStream: `Custom-${health.name}`, transformKql: transformation, ...flow },
        },
      ],
      ...properties,
    },
  });

  async function withEndpoint() {
    const azure = await new LocalAzure().withWorkspace();
    await azure.putTable("m365-audit-health");
    const made = await azure.call("PUT", endpoint, { location, properties: {} });
    return { azure, made };
  }

  test("keep their address and their id through changes", async () => {
    const { azure, made } = await withEndpoint();
    expect(made.body["properties"]).toMatchObject({
      logsIngestion: {
        endpoint: expect.stringMatching(
          /^https:\/\/dce-test-[0-9a-f]{4}\.westeurope-1\.ingest\.monitor\.azure\.com$/,
        ) as string,
      },
    });
    const again = await azure.call("PUT", endpoint, { location, properties: {}, tags: {} });
    expect(again.body["properties"]).toEqual(made.body["properties"]);
    const first = (await azure.call("PUT", rule, body())).body["properties"];
    expect(first).toMatchObject({
      immutableId: expect.stringMatching(/^dcr-[0-9a-f]{32}$/) as string,
    });
    const second = await azure.call("PUT", rule, { ...body(), tags: {} });
    expect(second).toMatchObject({
      status: 200,
      body: { properties: { immutableId: (first as { immutableId: string }).immutableId } },
    });
    await azure.manager.logs.close();
  });

  test("put rows into the workspace, from who has the role on the rule", async () => {
    const { azure, made } = await withEndpoint();
    const put = await azure.call("PUT", rule, body());
    const { immutableId } = put.body["properties"] as { immutableId: string };
    const { logsIngestion } = made.body["properties"] as { logsIngestion: { endpoint: string } };
    const post = async (principalId: string) => {
      const token = azure.token(principalId, "https://monitor.azure.com");
      const url = `${logsIngestion.endpoint}/dataCollectionRules/${immutableId}/streams/${stream}?api-version=2023-01-01`;
      const request = new Request(url, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify([{ TimeGenerated: "2026-01-14T12:00:00Z", Kind: "run" }]),
      });
      return (await azure.manager.hosts.get(new URL(url).hostname)!.handle(request)).status;
    };
    expect(await post(azure.principal("Monitoring Metrics Publisher", rule))).toBe(204);
    expect(await post(azure.principal("Monitoring Metrics Publisher", workspace))).toBe(403);
    const logs = await azure.manager.logs.at(workspace);
    const rows = [];
    for await (const line of logs.select('SELECT "Kind" FROM "M365AuditHealth_CL"')) {
      rows.push(line);
    }
    expect(rows).toEqual(['{"Kind":"run"}']);
    await azure.call("DELETE", rule);
    expect(azure.manager.hosts.has(new URL(logsIngestion.endpoint).hostname)).toBe(false);
    await azure.manager.logs.close();
  });

  test.each([
    [
      body({ outputStream: "Custom-B_CL" }),
      "InvalidOutputTable: Table for output stream 'Custom-B_CL' is not available for destination 'workspace'.",
    ],
    [body({ streams: ["Custom-B"] }), "InvalidStream: the stream 'Custom-B' is not declared."],
    [
      body({ destinations: ["other"] }),
      "InvalidDestination: the destination 'other' is not declared.",
    ],
    [
      { ...body(), location: "northeurope" },
      `InvalidDestination: the workspace '${workspace}' is in another region.`,
    ],
    [
      body({}, { dataCollectionEndpointId: `${endpoint}x` }),
      `InvalidDataCollectionEndpoint: the endpoint '${endpoint}x' was not found.`,
    ],
    [
      body({ transformKql: "source | summarize count()" }),
      "InvalidTransformQuery: transformation must",
    ],
  ])("are refused when they lead nowhere: %#", async (given, what) => {
    const { azure } = await withEndpoint();
    const { message, ...refused } = errorOf(await azure.call("PUT", rule, given));
    expect(refused).toEqual({ status: 400, code: "InvalidPayload" });
    expect(message).toContain(`Data collection rule is invalid: ${what}`);
    await azure.manager.logs.close();
  });
});

describe("Alerts and diagnostic settings", () => {
  test("are refused without what they watch", async () => {
    const azure = await new LocalAzure().withWorkspace();
    const alert = inGroup("Microsoft.Insights/scheduledQueryRules", "alert-test");
    const properties = (scope: string) => ({
      scopes: [scope],
      criteria: { allOf: [{ query: "A_CL | where Kind == 'run'" }] },
    });
    const put = (scope: string) =>
      azure.call("PUT", alert, { location, properties: properties(scope) });
    expect(errorOf(await put(`${workspace}x`)).code).toBe("ResourceNotFound");
    expect(errorOf(await put(workspace))).toEqual({
      status: 400,
      code: "BadRequest",
      message:
        "The query of the rule failed: 'where' operator: Failed to resolve table or column expression named 'A_CL'.",
    });
    await azure.call("PUT", table("A_CL"), tableBody(["TimeGenerated", "dateTime"]));
    expect((await put(workspace)).status).toBe(201);

    const metric = inGroup("Microsoft.Insights/metricAlerts", "alert-test");
    const body = { location: "global", properties: { scopes: [`${workspace}x`] } };
    expect(errorOf(await azure.call("PUT", metric, body)).code).toBe("ResourceNotFound");
    const setting = `${workspace}/providers/Microsoft.Insights/diagnosticSettings/to-workspace`;
    const to = (workspaceId: string) => azure.call("PUT", setting, { properties: { workspaceId } });
    expect(errorOf(await to(`${workspace}x`)).code).toBe("ResourceNotFound");
    expect((await to(workspace)).status).toBe(200);
  });
});

describe("Deployments", () => {
  const deployment = inGroup("Microsoft.Resources/deployments", "logic-test");
  const workflow = inGroup("Microsoft.Logic/workflows", "logic-test");
  const identity = inGroup("Microsoft.ManagedIdentity/userAssignedIdentities", "id-test");
  const definition = {
    $schema:
      "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
    contentVersion: "1.0.0.0",
    triggers: {
      Recurrence: { type: "Recurrence", recurrence: { frequency: "Minute", interval: 15 } },
    },
    actions: { Compose: { type: "Compose", inputs: "[[text]", runAfter: {} } },
  };

  const body = (
    properties: object = {},
    parameters: object = { name: { value: "logic-test" } },
  ) => ({
    properties: {
      mode: "Incremental",
      template: {
        parameters: { name: { type: "string" } },
        resources: [
          {
            type: "Microsoft.Logic/workflows",
            apiVersion: "2019-05-01",
            name: "[parameters('name')]",
            location,
            identity: { type: "UserAssigned", userAssignedIdentities: { [identity]: {} } },
            properties: { definition, ...properties },
          },
        ],
      },
      parameters,
    },
  });

  async function withIdentity() {
    const azure = await new LocalAzure().withWorkspace();
    await azure.call("PUT", identity, { location });
    return azure;
  }

  test("put the resources of their template, with the values of its parameters", async () => {
    const azure = await withIdentity();
    expect((await azure.call("POST", `${deployment}/validate`, body())).status).toBe(200);
    expect((await azure.call("GET", workflow)).status).toBe(404);
    const { status, body: answered } = await azure.call("PUT", deployment, body());
    expect(status).toBe(201);
    expect(answered["properties"]).toMatchObject({
      provisioningState: "Succeeded",
      outputResources: [{ id: workflow }],
      parameters: { name: { type: "string", value: "logic-test" } },
    });
    expect(answered).not.toHaveProperty("$template");
    const exported = await azure.call("POST", `${deployment}/exportTemplate`);
    expect(exported.body["template"]).toEqual(body().properties.template);
    const made = (await azure.call("GET", workflow)).body;
    expect(made).toMatchObject({
      properties: {
        state: "Enabled",
        definition: { actions: { Compose: { inputs: "[text]" } } },
      },
      identity: {
        userAssignedIdentities: { [identity]: { principalId: expect.any(String) as string } },
      },
    });
    await azure.call("DELETE", deployment);
    expect((await azure.call("GET", workflow)).status).toBe(200);
  });

  test("make workflows that can be paused", async () => {
    const azure = await withIdentity();
    await azure.call("PUT", deployment, body());
    const state = async () =>
      ((await azure.call("GET", workflow)).body["properties"] as { state: string }).state;
    await azure.call("POST", `${workflow}/disable`);
    expect(await state()).toBe("Disabled");
    await azure.call("POST", `${workflow}/enable`);
    expect(await state()).toBe("Enabled");
  });

  test("are refused with what is wrong in them", async () => {
    const azure = await withIdentity();
    const refused = async (given: object) => errorOf(await azure.call("PUT", deployment, given));
    expect(await refused(body({}, {}))).toEqual({
      status: 400,
      code: "InvalidTemplate",
      message:
        "Deployment template validation failed: 'the value for the template parameter 'name' is not provided'.",
    });
    expect(await refused(body({}, { other: { value: 1 } }))).toMatchObject({
      message:
        "Deployment template validation failed: 'the template parameter 'other' is not declared'.",
    });
    expect(await refused(body({ state: "[concat('En', 'abled')]" }))).toMatchObject({
      message:
        "Deployment template validation failed: 'the expression '[concat('En', 'abled')]' is not known here'.",
    });
    const broken = { ...definition, actions: { A: { type: "Compose", inputs: "@nothing()" } } };
    const { code, message } = await refused(body({ definition: broken }));
    expect(code).toBe("DeploymentFailed");
    expect(message).toContain("InvalidTemplate: ");
    await azure.call("DELETE", identity);
    expect((await refused(body())).message).toContain("FailedIdentityOperation: ");
    expect((await azure.call("GET", deployment)).status).toBe(404);
  });
});
