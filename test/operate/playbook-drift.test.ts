import { describe, expect, test } from "vitest";
import { playbookParameters } from "../../config/playbook-parameters.ts";
import { loadPlaybook } from "../../content/load.ts";
import { playbookDrift } from "../../operate/playbook-drift.ts";
import { localFeed } from "../feed/local-feed.ts";

/** What is found in a playbook that was changed after its deployment. */
function found({ definition = (given: object) => given, state = "Enabled", values = {} } = {}) {
  const { target } = localFeed();
  const assigned = { clientId: "c", ingestionEndpoint: "e", dataCollectionRuleId: "r" };
  const parameters = { ...playbookParameters(target.environment, "contoso", assigned), ...values };
  const deployed = loadPlaybook("get-o365-data", {
    recurrence: { frequency: "Minute", interval: target.tenant.recurrenceMinutes },
    identityId: target.names.identityId,
    feedCredential: "client-secret",
  });
  const properties = {
    state,
    definition: definition(deployed) as Record<string, unknown>,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, { value }]),
    ),
  };
  return playbookDrift(target, properties);
}

describe("playbookDrift", () => {
  test("finds none in what was deployed", () => {
    expect(found()).toEqual([]);
  });

  test("tells what was changed in the portal", () => {
    const definition = (given: object) => {
      const changed = structuredClone(given) as {
        triggers: Record<string, { recurrence: { interval: number } }>;
        actions: Record<string, unknown>;
      };
      changed.triggers["On_schedule"]!.recurrence.interval = 60;
      changed.actions["Somebody_elses"] = { type: "Compose", inputs: 1, runAfter: {} };
      return changed;
    };
    const values = { keepWorkloads: ["Exchange"] };
    expect(found({ definition, state: "Disabled", values })).toEqual([
      "the playbook is Disabled, and must be Enabled",
      "the trigger On_schedule is changed: recurrence.interval",
      "the action Somebody_elses is added",
      "the parameter keepWorkloads has another value than the configuration",
    ]);
  });

  test("tells that the playbook is gone", () => {
    expect(playbookDrift(localFeed().target, undefined)).toEqual(["the playbook is gone"]);
  });
});
