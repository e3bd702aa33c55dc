import { describe, expect, test } from "vitest";
import { playbookParameters } from "../../config/playbook-parameters.ts";
import { loadPlaybook } from "../../content/load.ts";
import { putBackPlaybook } from "../../operate/put-back-playbook.ts";
import { localFeed } from "../feed/local-feed.ts";
import { LocalAzure } from "../local/azure/local-azure.ts";

type Body = Record<string, unknown>;

/** A tenant's playbook as its stack deploys it, in a local Azure. */
async function deployed() {
  const { target } = localFeed();
  const { environment, tenant, tenantName, names } = target;
  const azure = new LocalAzure();
  const groupId = names.playbookId.split("/providers/")[0]!;
  const location = "westeurope";
  await azure.call("PUT", groupId, { location });
  await azure.call("PUT", names.identityId, { location });
  const assigned = { clientId: "c", ingestionEndpoint: "e", dataCollectionRuleId: "r" };
  const values = playbookParameters(environment, tenantName, assigned);
  const definition = loadPlaybook("get-o365-data", {
    recurrence: { frequency: "Minute", interval: tenant.recurrenceMinutes },
    identityId: names.identityId,
    feedCredential: "client-secret",
  });
  const template = {
    parameters: { workflowParameters: { type: "object" } },
    resources: [
      {
        type: "Microsoft.Logic/workflows",
        apiVersion: "2019-05-01",
        name: names.playbook,
        location,
        identity: { type: "UserAssigned", userAssignedIdentities: { [names.identityId]: {} } },
        properties: {
          ...{ state: "Enabled", definition },
          parameters: "[parameters('workflowParameters')]",
        },
      },
    ],
  };
  const value = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { value }]),
  );
  const parameters = { workflowParameters: { value } };
  await azure.call("PUT", names.deploymentId, {
    tags: { stack: "dev-contoso" },
    properties: { mode: "Incremental", template, parameters },
  });
  const asked: string[] = [];
  const ask = async (method: string, path: string, body?: object) => {
    asked.push(method);
    const answer = await azure.call(method, path, body);
    return answer.status === 404 ? undefined : answer.body;
  };
  const manager = {
    get: (path: string) => ask("GET", path),
    post: (path: string) => ask("POST", path),
    put: (path: string, body: object) => ask("PUT", path, body),
  };
  const live = async () => (await azure.call("GET", names.playbookId)).body as Body;
  const change = async (properties: Body) => {
    const body = await live();
    await azure.call("PUT", names.playbookId, {
      ...body,
      properties: { ...(body["properties"] as Body), ...properties },
    });
  };
  const putBack = () => putBackPlaybook(target, manager, azure.clock);
  return { asked, azure, change, live, manager, names, putBack, target };
}

const propertiesOf = (body: Body) => {
  const { state, definition, parameters } = body["properties"] as Body;
  return { state, definition, parameters };
};

describe("putBackPlaybook", () => {
  test("leaves a playbook alone that is as it was deployed", async () => {
    const { asked, putBack } = await deployed();
    expect(await putBack()).toEqual([]);
    expect(asked).toEqual(["GET"]);
  });

  test("puts back what was changed in the portal, with what Azure had assigned", async () => {
    const { azure, change, live, names, putBack } = await deployed();
    const before = propertiesOf(await live());
    const definition = structuredClone(before.definition) as Record<string, Record<string, object>>;
    definition["triggers"]!["On_schedule"] = {
      ...definition["triggers"]!["On_schedule"],
      recurrence: { frequency: "Hour", interval: 12 },
    };
    await change({ state: "Disabled", definition, parameters: {} });
    expect(await putBack()).toEqual(
      expect.arrayContaining([
        "the playbook is Disabled, and must be Enabled",
        expect.stringMatching(/^the trigger On_schedule is changed: recurrence/),
      ]),
    );
    expect(propertiesOf(await live())).toEqual(before);
    const { body } = await azure.call("GET", names.deploymentId);
    expect(body["tags"]).toEqual({ stack: "dev-contoso" });
    expect(await putBack()).toEqual([]);
  });

  test("makes a playbook anew that is gone", async () => {
    const { azure, live, names, putBack } = await deployed();
    const before = propertiesOf(await live());
    await azure.call("DELETE", names.playbookId);
    expect(await putBack()).toEqual(["the playbook is gone"]);
    expect(propertiesOf(await live())).toEqual(before);
  });

  test("waits while the deployment goes on, and says how it ended", async () => {
    const { azure, change, manager, target } = await deployed();
    await change({ state: "Disabled" });
    const states = ["Succeeded", "Accepted", "Running", "Failed"];
    const get = async (path: string) => {
      const body = (await manager.get(path))!;
      return path.includes("/deployments/")
        ? {
            ...body,
            properties: { ...(body["properties"] as Body), provisioningState: states.shift() },
          }
        : body;
    };
    const from = azure.clock.now().getTime();
    const putting = putBackPlaybook(target, { ...manager, get }, azure.clock);
    const problem = azure.clock.run(() => putting.catch((error: Error) => error.message));
    expect(await problem).toMatch(/could not be put back, its deployment ended Failed: look at/);
    expect(azure.clock.now().getTime() - from).toBe(4000);
  });

  test("says what to do when there is no deployment that could be repeated", async () => {
    const { azure, change, names, putBack } = await deployed();
    await change({ state: "Disabled" });
    azure.manager.store.delete(names.deploymentId);
    await expect(putBack()).rejects.toThrow(
      `the deployment of ${names.playbook} is gone, so that it cannot be put back: run npm run deploy -- --environment dev --unreviewed, which makes it anew`,
    );
  });

  test("says when a playbook differs from its file although it was deployed again", async () => {
    const { change, manager, names, target, azure } = await deployed();
    await change({ state: "Disabled" });
    const idle = { ...manager, put: async () => undefined };
    await expect(putBackPlaybook(target, idle, azure.clock)).rejects.toThrow(
      `${names.playbook} could not be put back, its deployment ended Succeeded: the playbook is Disabled, and must be Enabled: look at the deployments of`,
    );
  });
});
