import { describe, expect, test } from "vitest";
import { digestOf, plannedChanges } from "../../plan/planned-change.ts";
import { readPlan } from "../../plan/terraform-plan.ts";

/** A plan by somebody with this object id, of an application that he is to own. */
function planBy(
  planner: string,
  { before, owner = planner }: { before?: string; owner?: string } = {},
) {
  const application = (id: string) => ({ display_name: "app", owners: [id] });
  return readPlan(
    "a plan",
    JSON.stringify({
      format_version: "1.2",
      prior_state: {
        values: {
          root_module: {
            resources: [
              { mode: "data", type: "azuread_client_config", values: { object_id: planner } },
              {
                mode: "managed",
                type: "azuread_application",
                values: { object_id: "application" },
              },
            ],
          },
        },
      },
      resource_changes: [
        {
          ...{ address: "azuread_application.one", mode: "managed", type: "azuread_application" },
          change: {
            actions: [before === undefined ? "create" : "update"],
            before: before === undefined ? null : application(before),
            after: { ...application(owner), display_name: "other" },
            ...{ after_unknown: {}, before_sensitive: false, after_sensitive: false },
          },
        },
      ],
    }),
  );
}

const changesBy = (...given: Parameters<typeof planBy>) =>
  plannedChanges("prod-contoso", planBy(...given));

describe("readPlan", () => {
  test.each([
    ["{", "plan.json must be JSON as terraform show -json writes it, got text that is none"],
    [
      '{"format_version":"2.0"}',
      "plan.json must be a plan as terraform show -json writes it: format_version: be 1.x",
    ],
    [
      '{"format_version":"1.2","errored":true}',
      "plan.json must be a whole plan, got one that ended with an error: plan again",
    ],
  ])("refuses %s", (text, message) => {
    expect(() => readPlan("plan.json", text)).toThrow(new Error(message));
  });

  test("tells nothing of what is in a file that is no plan", () => {
    const read = () => readPlan("plan.json", '{"value": planted-secret}');
    expect(read).not.toThrow(/planted/);
  });

  test("gives the same plan whoever has planned", () => {
    const owners = changesBy("reader")[0]!.attributes.find(({ path }) => path === "owners[0]");
    expect(owners?.after).toBe("(whoever deploys)");
    expect(digestOf(changesBy("reader"))).toBe(digestOf(changesBy("deployer")));
  });

  test("takes nobody else for whoever deploys", () => {
    expect(digestOf(changesBy("reader", { owner: "somebody" }))).not.toBe(
      digestOf(changesBy("reader")),
    );
  });

  test("shows no change of an owner who stays, whoever has planned", () => {
    const paths = (planner: string) =>
      changesBy(planner, { before: "deployer", owner: "deployer" })[0]!.attributes.map(
        ({ path }) => path,
      );
    expect(paths("reader")).toEqual(["display_name"]);
    expect(paths("deployer")).toEqual(["display_name"]);
  });
});
