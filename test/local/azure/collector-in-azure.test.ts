import { expect, test } from "vitest";
import { configFolder, loadEnvironment } from "../../../config/environment.ts";
import { tenantNames } from "../../../config/names.ts";
import { playbookParameters } from "../../../config/playbook-parameters.ts";
import { loadPlaybook } from "../../../content/load.ts";
import { AuditFeed } from "../../../local/audit-feed.ts";
import { collectorInAzure } from "../../../local/azure/collector-in-azure.ts";
import { runWorkflow } from "../../../local/logic-apps/run-workflow.ts";
import { LocalAzure, subscription } from "./local-azure.ts";

const environment = loadEnvironment(configFolder, "dev");
const [tenantName] = Object.keys(environment.tenants) as [string];
const names = tenantNames(environment, tenantName);
const location = "westeurope";

/** The parameters of the playbook's workflow, as beside the definition in its resource. */
const parameters = Object.fromEntries(
  Object.entries(
    playbookParameters(environment, tenantName, {
      clientId: "",
      ingestionEndpoint: "https://dce.westeurope-1.ingest.monitor.azure.com",
      dataCollectionRuleId: "dcr-0",
    }),
  ).map(([name, value]) => [name, { value }]),
);

test("The collector of a tenant is what lies in Azure", async () => {
  const local = new LocalAzure();
  const { azure, clock } = local;
  const collector = () =>
    collectorInAzure({
      ...{ azure, clock, environment, tenantName, seed: 1 },
      feed: new AuditFeed({ clock, directory: azure.directory, host: "manage.office.com" }),
    });
  await expect(collector()).rejects.toThrow(
    `playbook must be deployed, got none at ${names.playbookId}`,
  );
  await local.call("PUT", `${subscription}/resourceGroups/${names.resourceGroup}`, { location });
  await local.call("PUT", names.identityId, { location });
  const definition = loadPlaybook("get-o365-data", {
    recurrence: { frequency: "Minute", interval: 15 },
    identityId: names.identityId,
    feedCredential: "client-secret",
  });
  const put = await local.call("PUT", names.playbookId, {
    location,
    identity: { type: "UserAssigned", userAssignedIdentities: { [names.identityId]: {} } },
    properties: { definition, parameters },
  });
  expect(put.status).toBe(201);
  const { host, workflow, parameters: values } = await collector();
  expect(values).toEqual(parameters);
  expect(host.workflow).toEqual({ name: names.playbook, id: names.playbookId, location });

  // No role, no vault, no storage: it runs, and fails.
  const run = await clock.run(() => runWorkflow(workflow, { parameters: values, host }));
  expect(run.status).toBe("Failed");

  await local.call("POST", `${names.playbookId}/disable`);
  await expect(collector()).rejects.toThrow("playbook must be enabled, got Disabled");
  await azure.close();
});
