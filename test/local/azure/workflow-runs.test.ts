import { expect, test, vi } from "vitest";
import { loadPlaybook } from "../../../content/load.ts";
import type { Run } from "../../../local/logic-apps/run-workflow.ts";
import { errorOf, group, LocalAzure } from "./local-azure.ts";

const location = "westeurope";
const workflow = `${group}/providers/Microsoft.Logic/workflows/logic-test`;
const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-test`;

test("A trigger fired by hand begins a run, and runs of a workflow come one after the other", async () => {
  const local = new LocalAzure();
  await local.call("PUT", group, { location });
  await local.call("PUT", identity, { location });
  const definition = loadPlaybook("get-o365-data", {
    recurrence: { frequency: "Minute", interval: 15 },
    identityId: identity,
    feedCredential: "client-secret",
  });
  await local.call("PUT", workflow, {
    location,
    identity: { type: "UserAssigned", userAssignedIdentities: { [identity]: {} } },
    properties: { definition },
  });
  const fire = (trigger = "On_schedule") =>
    local.call("POST", `${workflow}/triggers/${trigger}/run`);
  const statuses = async () => {
    const { body } = await local.call("GET", `${workflow}/runs`);
    const value = body["value"] as { properties: { status: string } }[];
    return value.map(({ properties }) => properties.status);
  };

  // Nobody carries runs out.
  expect(errorOf(await fire()).code).toBe("WorkflowTriggerNotEnabled");
  const ends: ((status: Run["status"]) => void)[] = [];
  local.manager.runs.carryOut = () =>
    new Promise((resolve) => ends.push((status) => resolve({ status } as Run)));
  expect(errorOf(await fire("Nothing")).code).toBe("WorkflowTriggerNotFound");

  const first = await fire();
  expect(first.status).toBe(202);
  expect(first.headers.get("x-ms-workflow-run-id")).toMatch(/^08585/);
  await fire();
  expect(await statuses()).toEqual(["Running", "Running"]);
  expect(ends).toHaveLength(1);
  ends[0]!("Succeeded");
  await vi.waitFor(async () => expect(await statuses()).toEqual(["Running", "Succeeded"]));
  expect(ends).toHaveLength(2);
  ends[1]!("Failed");
  await vi.waitFor(async () => expect(await statuses()).toEqual(["Failed", "Succeeded"]));

  await local.call("POST", `${workflow}/disable`);
  expect(errorOf(await fire()).code).toBe("WorkflowTriggerNotEnabled");
});
