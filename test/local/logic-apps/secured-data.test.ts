import { describe, expect, test } from "vitest";
import { loadWorkflow } from "../../../local/logic-apps/load-workflow.ts";
import { hiddenContent } from "../../../local/logic-apps/run-history.ts";
import { runWorkflow } from "../../../local/logic-apps/run-workflow.ts";
import { after, http } from "./actions.ts";
import { definition, recordOf, runActions, testHost } from "./run.ts";

const secret = "planted-secret-value";
const secured = (...properties: string[]) => ({
  runtimeConfiguration: { secureData: { properties } },
});
const send = () => Response.json({ value: secret });

/** Names of the actions of a run whose record shows the secret. */
async function leaks(actions: object): Promise<string[]> {
  const run = await runActions(actions, { send });
  expect(run.status).toBe("Succeeded");
  return run.actions
    .filter((record) => JSON.stringify(record).includes(secret))
    .map(({ name }) => name);
}

const getSecret = { Get_secret: { ...http(), ...secured("outputs") } };
const value = "@body('Get_secret')?['value']";

// https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#obfuscate
describe("secured data in the run history", () => {
  test("is shown as long as nothing is secured", async () => {
    expect(await leaks({ Get: http() })).toEqual(["Get"]);
  });

  test("is replaced in secured outputs and inputs", async () => {
    const run = await runActions(
      { A: { ...http({ headers: { key: secret } }), ...secured("inputs", "outputs") } },
      { send },
    );
    expect(recordOf(run, "A")).toMatchObject({ inputs: hiddenContent, outputs: hiddenContent });
    expect(JSON.stringify(run)).not.toContain(secret);
  });

  test("hides the inputs of an action that uses secured outputs directly, not its outputs", async () => {
    const actions = {
      ...getSecret,
      Use: { ...http({ headers: { key: value } }), ...after("Get_secret") },
    };
    const run = await runActions(actions, { send });
    expect(recordOf(run, "Use").inputs).toBe(hiddenContent);
    expect(recordOf(run, "Use").outputs).toMatchObject({ statusCode: 200 });
  });

  test.each([
    ["outputs('Get_secret')['body']['value']"],
    ["actions('Get_secret')['outputs']['body']['value']"],
    ["concat('x', body('Get_secret')?['value'])"],
  ])("counts %s as a direct use", async (expression) => {
    const select = {
      type: "Select",
      inputs: { from: `@createArray(${expression})`, select: "@length(item())" },
      ...after("Get_secret"),
    };
    expect(await leaks({ ...getSecret, Select: select })).toEqual([]);
  });

  test("comes out one step behind a Compose, and behind a ParseJson", async () => {
    const step = (first: object, expression: string) => ({
      ...getSecret,
      First: { ...first, ...after("Get_secret") },
      Second: { type: "Compose", inputs: expression, ...after("First") },
    });
    expect(await leaks(step({ type: "Compose", inputs: value }, "@outputs('First')"))).toEqual([
      "Second",
    ]);
    const parse = {
      type: "ParseJson",
      inputs: { content: "@body('Get_secret')", schema: { type: "object" } },
    };
    expect(await leaks(step(parse, "@body('First')['value']"))).toEqual(["Second"]);
  });

  test("is shown by variables, conditions and loops, which cannot be secured", async () => {
    const actions = {
      Init: {
        type: "InitializeVariable",
        inputs: { variables: [{ name: "v", type: "String", value: "" }] },
      },
      Get_secret: { ...http(), ...secured("outputs"), ...after("Init") },
      Set: { type: "SetVariable", inputs: { name: "v", value }, ...after("Get_secret") },
      Switch: { type: "Switch", expression: value, cases: {}, ...after("Set") },
      Loop: {
        type: "Foreach",
        foreach: "@createArray(body('Get_secret')?['value'])",
        actions: { Item: { type: "Compose", inputs: "@items('Loop')" } },
        ...after("Switch"),
      },
    };
    expect(await leaks(actions)).toEqual(["Set", "Switch", "Item", "Loop"]);
  });

  test("is shown by what result() gives", async () => {
    const actions = {
      S: { type: "Scope", actions: getSecret },
      R: { type: "Compose", inputs: "@result('S')", ...after("S") },
    };
    expect(await leaks(actions)).toEqual(["R"]);
  });

  test("hides the inputs of an action that uses secured outputs of the trigger", async () => {
    const { clock, host } = testHost();
    const triggers = { T: { type: "Request", inputs: {}, ...secured("outputs") } };
    const actions = { C: { type: "Compose", inputs: "@triggerBody()" } };
    const run = await clock.run(() =>
      runWorkflow(loadWorkflow(definition(actions, { triggers })), {
        parameters: {},
        host,
        trigger: { outputs: { body: secret } },
      }),
    );
    expect(recordOf(run, "C")).toMatchObject({ inputs: hiddenContent, outputs: hiddenContent });
  });

  test("hides the outputs of a Compose together with its inputs", async () => {
    expect(await leaks({ C: { type: "Compose", inputs: secret, ...secured("inputs") } })).toEqual(
      [],
    );
  });

  test("never shows an Authorization header, given or made from authentication", async () => {
    const run = await runActions(
      {
        Given: http({ headers: { authorization: `Bearer ${secret}`, other: "x" } }),
        Made: http({ authentication: { type: "ManagedServiceIdentity", audience: "a" } }),
      },
      { send: () => new Response(null, { status: 204 }) },
    );
    expect(recordOf(run, "Given").inputs).toMatchObject({
      headers: { authorization: "*sanitized*", other: "x" },
    });
    expect(JSON.stringify(run)).not.toContain(secret);
    expect(JSON.stringify(run)).not.toContain("system@a");
  });

  test("shows a secret of authentication unless the inputs are secured or use secured outputs", async () => {
    const basic = (password: string, more: object = {}) => ({
      ...http({ authentication: { type: "Basic", username: "u", password } }),
      ...more,
    });
    expect(await leaks({ A: basic(secret, secured("outputs")) })).toEqual(["A"]);
    expect(await leaks({ A: basic(secret, secured("inputs", "outputs")) })).toEqual([]);
    const use = basic(value, { ...secured("outputs"), ...after("Get_secret") });
    expect(await leaks({ ...getSecret, Use: use })).toEqual([]);
  });
});
