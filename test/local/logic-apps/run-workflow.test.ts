import { describe, expect, test } from "vitest";
import type { Json } from "../../../local/json.ts";
import { loadWorkflow } from "../../../local/logic-apps/load-workflow.ts";
import { runWorkflow } from "../../../local/logic-apps/run-workflow.ts";
import { WorkflowDefinitionError } from "../../../local/logic-apps/workflow-definition-error.ts";
import { wait } from "./actions.ts";
import {
  definition,
  recordOf,
  runActions,
  secondsAfterStart,
  start,
  statuses,
  testHost,
} from "./run.ts";

const compose = (inputs: unknown, ...before: string[]) => ({
  type: "Compose",
  inputs,
  runAfter: Object.fromEntries(before.map((name) => [name, ["Succeeded"]])),
});
const afterStatus = (name: string, ...accepted: string[]) => ({
  type: "Compose",
  inputs: "reached",
  runAfter: { [name]: accepted },
});
/** An action that fails. */
const failing = { type: "Compose", inputs: "@int('x')" };

// https://learn.microsoft.com/azure/logic-apps/error-exception-handling
describe("runAfter", () => {
  test("starts actions when all predecessors have ended as accepted, else skips them", async () => {
    const run = await runActions({
      Fails: failing,
      Works: compose(1),
      On_failure: afterStatus("Fails", "Failed"),
      On_success: afterStatus("Fails", "Succeeded"),
      On_both: { type: "Compose", inputs: 1, runAfter: { Fails: ["Failed"], Works: ["Failed"] } },
      On_skip: afterStatus("On_success", "Skipped"),
      After_skip: afterStatus("On_success", "Succeeded"),
    });
    expect(statuses(run)).toEqual({
      Fails: "Failed",
      Works: "Succeeded",
      On_failure: "Succeeded",
      On_success: "Skipped",
      On_both: "Skipped",
      On_skip: "Succeeded",
      After_skip: "Skipped",
    });
    expect(recordOf(run, "On_success").error).toEqual({
      code: "ActionSkipped",
      message:
        "The execution of template action 'On_success' is skipped: the 'runAfter' condition for action 'Fails' is not satisfied. Expected status values 'Succeeded' and actual value 'Failed'.",
    });
  });

  test("lets branches run at the same time", async () => {
    const run = await runActions({
      Ten: wait(10),
      Twenty: wait(20),
      Join: {
        type: "Compose",
        inputs: 1,
        runAfter: { Ten: ["Succeeded"], Twenty: ["Succeeded"] },
      },
    });
    expect(secondsAfterStart(recordOf(run, "Ten").endTime)).toBe(10);
    expect(secondsAfterStart(recordOf(run, "Join").startTime)).toBe(20);
  });

  test("says what an expression that fails was", async () => {
    const run = await runActions({ Fails: failing });
    expect(recordOf(run, "Fails")).toMatchObject({
      status: "Failed",
      code: "InvalidTemplate",
      error: {
        message:
          "Unable to process template language expressions in action 'Fails' inputs at line '0' and column '0': 'The template language function 'int' was invoked with a parameter that is not valid. The value cannot be converted to the target type.'.",
      },
    });
  });
});

// https://learn.microsoft.com/azure/logic-apps/error-exception-handling#evaluate-action-status
describe("the status of a run", () => {
  const actionFailed = {
    code: "ActionFailed",
    message: "An action failed. No dependent actions succeeded.",
  };

  test("is Failed when an action at the end of a branch failed", async () => {
    expect(await runActions({ A: compose(1), B: failing })).toMatchObject({
      status: "Failed",
      error: actionFailed,
    });
  });

  test("is Succeeded when a handler took care of the failure", async () => {
    const run = await runActions({ A: failing, Handler: afterStatus("A", "Failed") });
    expect(run.status).toBe("Succeeded");
    expect(run.error).toBeUndefined();
  });

  test("is Failed when a skipped end stands for a failure", async () => {
    const run = await runActions({
      A: failing,
      Handler: afterStatus("A", "Failed"),
      Next: compose(1, "A"),
      After_next: compose(1, "Next"),
    });
    expect(run).toMatchObject({ status: "Failed", error: actionFailed });
  });

  test("is Succeeded when a handler was not needed", async () => {
    const run = await runActions({ A: compose(1), Handler: afterStatus("A", "Failed") });
    expect(run.status).toBe("Succeeded");
  });

  test("follows each predecessor of a skipped end", async () => {
    const end = (second: string) => ({
      A: compose(1),
      B: second === "fails" ? failing : compose(1),
      End: { type: "Compose", inputs: 1, runAfter: { A: ["Failed"], B: ["TimedOut"] } },
    });
    expect((await runActions(end("works"))).status).toBe("Succeeded");
    expect((await runActions(end("fails"))).status).toBe("Failed");
  });

  test("is Failed when the end of a branch was skipped with the container before it", async () => {
    const run = await runActions({
      A: failing,
      S: { type: "Scope", actions: { B: compose(1) }, runAfter: { A: ["Succeeded"] } },
      End: compose(1, "S"),
    });
    expect(run.status).toBe("Failed");
  });

  test("follows containers by the same rule", async () => {
    const run = await runActions({
      Handled: { type: "Scope", actions: { A: failing, B: afterStatus("A", "Failed") } },
      Unhandled: { type: "Scope", actions: { C: failing, D: compose(1, "C") } },
      Empty: { type: "Scope", actions: {} },
    });
    expect(statuses(run)).toMatchObject({
      Handled: "Succeeded",
      Unhandled: "Failed",
      D: "Skipped",
      Empty: "Succeeded",
    });
    expect(recordOf(run, "Unhandled").error).toEqual(actionFailed);
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#run-duration-retention-limits
describe("the duration of a run", () => {
  const days = (count: number) => ({
    W: { type: "Wait", inputs: { interval: { count, unit: "Day" } } },
    Handler: { type: "Compose", inputs: 1, runAfter: { W: ["Failed", "Skipped", "TimedOut"] } },
  });

  test("is at most 90 days, after which the run is TimedOut", async () => {
    expect((await runActions(days(89))).status).toBe("Succeeded");
    const run = await runActions(days(91));
    expect(run).toMatchObject({
      status: "TimedOut",
      error: { code: "WorkflowRunTimedOut", message: "The run took longer than 90 days." },
    });
    expect(secondsAfterStart(run.endTime)).toBe(90 * 86_400);
    expect(statuses(run)).toEqual({ W: "Cancelled", Handler: "Skipped" });
  });

  test("is looked at after every action", async () => {
    const retryPolicy = { type: "fixed", count: 90, interval: "P1D" };
    const run = await runActions(
      {
        H: { type: "Http", inputs: { method: "GET", uri: "https://example.org/", retryPolicy } },
        Handler: afterStatus("H", "Failed"),
      },
      { send: () => new Response(null, { status: 503 }) },
    );
    expect(run.status).toBe("TimedOut");
    expect(recordOf(run, "Handler").status).toBe("Skipped");
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#terminate-action
describe("Terminate", () => {
  test("ends the run with its status and error, cancels what runs and skips the rest", async () => {
    const run = await runActions({
      Slow: wait(1000),
      After_slow: compose(1, "Slow"),
      Short: wait(5),
      In: {
        type: "Scope",
        runAfter: { Short: ["Succeeded"] },
        actions: {
          Stop: {
            type: "Terminate",
            inputs: {
              runStatus: "Failed",
              runError: { code: "NoSecret", message: "@concat('no', ' secret')" },
            },
          },
          Next: compose(1, "Stop"),
        },
      },
      Last: compose(1, "In"),
    });
    expect(run).toMatchObject({
      status: "Failed",
      error: { code: "NoSecret", message: "no secret" },
    });
    expect(secondsAfterStart(run.endTime)).toBe(5);
    expect(statuses(run)).toMatchObject({
      Slow: "Cancelled",
      After_slow: "Skipped",
      Stop: "Succeeded",
      Next: "Skipped",
      Last: "Skipped",
    });
  });

  test.each(["Succeeded", "Cancelled"])("can end a run as %s", async (runStatus) => {
    const run = await runActions({
      Stop: { type: "Terminate", inputs: { runStatus } },
      F: failing,
    });
    expect(run.status).toBe(runStatus);
    expect(run.error).toBeUndefined();
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#control-workflow-actions
describe("branches", () => {
  const branches = (expression: unknown) => ({
    I: {
      type: "If",
      expression,
      actions: { Yes: compose(1) },
      else: { actions: { No: { type: "Scope", actions: { Inner_no: compose(1) } } } },
    },
    After: { type: "Compose", inputs: "@outputs('Yes')", runAfter: { I: ["Succeeded"] } },
  });

  test("If carries out one branch, and skips the other with all that is in it", async () => {
    const yes = await runActions(branches("@equals(1, 1)"));
    expect(statuses(yes)).toMatchObject({ Yes: "Succeeded", No: "Skipped", Inner_no: "Skipped" });
    expect(recordOf(yes, "No").code).toBe("ActionBranchingConditionNotSatisfied");
    const no = await runActions(branches("@equals(1, 2)"));
    expect(statuses(no)).toMatchObject({ Yes: "Skipped", No: "Succeeded", Inner_no: "Succeeded" });
    expect(recordOf(no, "After").outputs).toBe(null);
  });

  test.each([
    [{ equals: ["@add(1, 1)", 2] }, true],
    [{ and: [{ greater: [2, 1] }, { not: { contains: ["abc", "d"] } }] }, true],
    [{ or: [{ less: [2, 1] }, "@equals(1, 2)"] }, false],
    [{ and: [{ startsWith: ["abc", "ab"] }, { greaterOrEquals: [1, 2] }] }, false],
  ])("If understands the condition %j", async (expression, holds) => {
    const run = await runActions(branches(expression));
    expect(recordOf(run, "I").inputs).toEqual({ expressionResult: holds });
  });

  test("If fails when its condition is not Boolean", async () => {
    const run = await runActions(branches("@string(1)"));
    expect(recordOf(run, "I").error?.message).toContain(
      "The result of 'expression' must be a Boolean, got a value of type 'String'.",
    );
  });

  const cases = (expression: unknown) => ({
    S: {
      type: "Switch",
      expression,
      cases: {
        One: { case: 1, actions: { A: compose(1) } },
        Text: { case: "x", actions: { B: compose(1) } },
      },
      default: { actions: { C: compose(1) } },
    },
  });

  test.each([
    ["@add(0, 1)", "A"],
    ["x", "B"],
    ["@string(1)", "C"],
  ])("Switch on %s carries out the branch of %s", async (expression, carriedOut) => {
    const run = await runActions(cases(expression));
    const expected = Object.fromEntries(
      ["A", "B", "C"].map((name) => [name, name === carriedOut ? "Succeeded" : "Skipped"]),
    );
    expect(statuses(run)).toEqual({ ...expected, S: "Succeeded" });
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-perform-data-operations
describe("data operations", () => {
  test("Select, Query and Join work on each item", async () => {
    const run = await runActions({
      Select: {
        type: "Select",
        inputs: { from: [{ a: 1 }, { a: 2 }], select: { "k@{item()['a']}": "@item()['a']" } },
      },
      Query: { type: "Query", inputs: { from: [1, 2, 3], where: "@greater(item(), 1)" } },
      Join: { type: "Join", inputs: { from: [1, "b", true], joinWith: ", " } },
      Bodies: {
        type: "Compose",
        inputs: ["@body('Select')", "@body('Query')", "@outputs('Join')"],
        runAfter: { Select: ["Succeeded"], Query: ["Succeeded"], Join: ["Succeeded"] },
      },
    });
    expect(recordOf(run, "Bodies").outputs).toEqual([
      [{ k1: 1 }, { k2: 2 }],
      [2, 3],
      { body: "1, b, True" },
    ]);
  });

  test("Select fails on anything but an array", async () => {
    const run = await runActions({
      S: { type: "Select", inputs: { from: "@null", select: "@item()" } },
    });
    expect(recordOf(run, "S").error).toEqual({
      code: "BadRequest",
      message:
        "The 'from' property value in the 'select' action inputs is of type 'Null'. The value must be an array.",
    });
  });

  // https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#table-action
  const stock = [
    { ID: 0, Product_Name: "Apples" },
    { ID: 1, Product_Name: "Oranges" },
  ];
  test.each([
    [{ format: "CSV", from: stock }, "ID,Product_Name\r\n0,Apples\r\n1,Oranges\r\n"],
    [
      { format: "HTML", from: stock },
      "<table><thead><tr><th>ID</th><th>Product_Name</th></tr></thead><tbody><tr><td>0</td><td>Apples</td></tr><tr><td>1</td><td>Oranges</td></tr></tbody></table>",
    ],
    [
      {
        format: "HTML",
        from: stock,
        columns: [
          { header: "Stock_ID", value: "@item().ID" },
          { header: "Description", value: "@concat('Organic ', item().Product_Name)" },
        ],
      },
      "<table><thead><tr><th>Stock_ID</th><th>Description</th></tr></thead><tbody><tr><td>0</td><td>Organic Apples</td></tr><tr><td>1</td><td>Organic Oranges</td></tr></tbody></table>",
    ],
    [
      {
        format: "CSV",
        from: [
          { a: 'x"y', b: "1,2" },
          { a: null, c: "<&>" },
        ],
      },
      'a,b,c\r\n"x""y","1,2",\r\n,,<&>\r\n',
    ],
    [
      { format: "HTML", from: [1], columns: [{ header: "<", value: "&" }] },
      "<table><thead><tr><th>&lt;</th></tr></thead><tbody><tr><td>&amp;</td></tr></tbody></table>",
    ],
    [{ format: "CSV", from: [] }, "\r\n"],
  ])("Table makes %j a table", async (inputs, expected) => {
    const run = await runActions({ T: { type: "Table", inputs } });
    expect(recordOf(run, "T").outputs).toEqual({ body: expected });
  });

  test("Table without columns fails on anything but objects", async () => {
    const run = await runActions({ T: { type: "Table", inputs: { format: "CSV", from: [1] } } });
    expect(recordOf(run, "T").error).toEqual({
      code: "BadRequest",
      message:
        "The 'from' property value in the 'table' action inputs must hold objects when there are no columns. It holds a value of type 'Integer'.",
    });
  });

  // https://github.com/Azure/Azure-Sentinel/blob/388342538c1e1605295027cfc5c93142dad1a57e/Playbooks/Get-O365Data/azuredeploy.json
  const base = { baseTime: "2026-01-05T08:00:00Z" };
  const two = { interval: 2, timeUnit: "Hour" };
  test.each([
    ["CurrentTime", {}, "2026-01-05T10:00:00.0000000Z"],
    ["AddToTime", { ...base, ...two }, "2026-01-05T10:00:00.0000000Z"],
    ["SubtractFromTime", { ...base, ...two }, "2026-01-05T06:00:00.0000000Z"],
    ["GetFutureTime", two, "2026-01-05T12:00:00.0000000Z"],
    ["GetPastTime", { ...two, interval: "@add(1, 1)" }, "2026-01-05T08:00:00.0000000Z"],
    [
      "ConvertTimeZone",
      {
        ...base,
        sourceTimeZone: "UTC",
        destinationTimeZone: "Tokyo Standard Time",
        formatString: "g",
      },
      "1/5/2026 5:00 PM",
    ],
  ])("Expression of kind %s gives a time", async (kind, inputs, expected) => {
    const run = await runActions({
      E: { type: "Expression", kind, inputs },
      B: compose("@body('E')", "E"),
    });
    expect(recordOf(run, "B").outputs).toBe(expected);
  });

  const parse = (content: unknown) => ({
    P: {
      type: "ParseJson",
      inputs: {
        content,
        schema: {
          type: "object",
          properties: {
            id: { type: "integer" },
            tags: { type: "array", items: { type: "string" } },
          },
          required: ["id"],
        },
      },
    },
  });

  test("ParseJson gives what fits its schema, parsing a text first", async () => {
    const run = await runActions(parse('{"id":12345678901234567890,"tags":["a"]}'));
    expect(String((recordOf(run, "P").outputs as { body: { id: unknown } }).body.id)).toBe(
      "12345678901234567890",
    );
  });

  test.each([
    [
      { tags: [] },
      "SchemaValidationFailed",
      "Schema validation failed. Required properties are missing from object: id. Path ''.",
    ],
    [
      { id: 1, tags: ["a", 2] },
      "SchemaValidationFailed",
      "Schema validation failed. Invalid type. Expected string. Path 'tags[1]'.",
    ],
    [
      "{",
      "InvalidJSON",
      "The 'content' property of actions of type 'ParseJson' must be valid JSON. The provided value cannot be parsed.",
    ],
  ])("ParseJson refuses %j", async (content, code, message) => {
    expect(recordOf(await runActions(parse(content)), "P").error).toEqual({ code, message });
  });

  test("ParseJson needs content, and takes that of an envelope when told so", async () => {
    const empty = await runActions(parse("@null"));
    expect(recordOf(empty, "P").error?.message).toContain(
      "Required property 'content' expects a value but got null. Path ''.",
    );
    const wrapped = parse("@binary('{\"id\":1}')");
    expect(recordOf(await runActions(wrapped), "P").code).toBe("SchemaValidationFailed");
    const options = { envelopesAsText: "content" } as const;
    expect(recordOf(await runActions(wrapped, { options }), "P").outputs).toEqual({
      body: { id: 1 },
    });
  });

  test.each([
    ["Second", 1],
    ["Minute", 60],
    ["Hour", 3600],
    ["Day", 86_400],
    ["Week", 604_800],
    ["Month", 31 * 86_400],
  ])("Wait of one %s lasts for %d seconds", async (unit, seconds) => {
    const run = await runActions({
      W: { type: "Wait", inputs: { interval: { count: 1, unit } } },
    });
    expect(secondsAfterStart(run.endTime)).toBe(seconds);
  });

  test("Wait lasts for an interval, or until an instant if that lies ahead", async () => {
    const run = await runActions({
      Two_minutes: { type: "Wait", inputs: { interval: { count: "@add(1, 1)", unit: "Minute" } } },
      Until: {
        type: "Wait",
        inputs: { until: { timestamp: "@addMinutes(utcNow(), 3)" } },
        runAfter: { Two_minutes: ["Succeeded"] },
      },
      Past: {
        type: "Wait",
        inputs: { until: { timestamp: "2020-01-01T00:00:00Z" } },
        runAfter: { Until: ["Succeeded"] },
      },
    });
    expect(secondsAfterStart(run.endTime)).toBe(300);
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config
test("inputs and outputs of an action have at most 100 MB each", async () => {
  const half = "x".repeat(52_428_800);
  const run = await runActions(
    {
      A: compose(["@parameters('half')", "@parameters('half')"]),
      B: compose("@parameters('half')"),
    },
    { more: { parameters: { half: { type: "string" } } }, parameters: { half: { value: half } } },
  );
  expect(recordOf(run, "A").error).toEqual({
    code: "ActionResultsSizeLimitExceeded",
    message:
      "The inputs of template action 'A' have 104857607 bytes, more than the limit of 104857600.",
  });
  expect(recordOf(run, "B").status).toBe("Succeeded");
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config
test("the array of a Foreach is an input of at most 100 MB as well", async () => {
  const run = await runActions(
    {
      L: {
        type: "Foreach",
        foreach: "@createArray(parameters('half'), parameters('half'))",
        actions: {},
      },
    },
    {
      more: { parameters: { half: { type: "string" } } },
      parameters: { half: { value: "x".repeat(52_428_800) } },
    },
  );
  expect(recordOf(run, "L").error?.code).toBe("ActionResultsSizeLimitExceeded");
});

// https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#workflow-functions
describe("references at run time", () => {
  test("see actions as the service describes them", async () => {
    const run = await runActions({
      A: compose({ x: 1 }),
      B: compose("@actions('A')", "A"),
      C: compose(["@workflow().run.name", "@workflow()['name']", "@trigger()['name']"]),
    });
    expect(recordOf(run, "B").outputs).toEqual({
      name: "A",
      inputs: { x: 1 },
      outputs: { x: 1 },
      startTime: "2026-01-05T10:00:00.0000000Z",
      endTime: "2026-01-05T10:00:00.0000000Z",
      trackingId: "00000000-0000-4000-8000-000000000001",
      clientTrackingId: "run-1",
      code: "OK",
      status: "Succeeded",
    });
    expect(recordOf(run, "C").outputs).toEqual([
      "run-1",
      "Get-O365Data",
      "Every_quarter_of_an_hour",
    ]);
  });

  // https://learn.microsoft.com/azure/connectors/connectors-native-recurrence
  test("find nothing that a Recurrence put out, in particular no window", async () => {
    const run = await runActions({ C: compose(["@triggerOutputs()", "@triggerBody()"]) });
    expect(recordOf(run, "C").outputs).toEqual([null, null]);
  });

  // https://github.com/Azure/LogicAppsUX/blob/main/libs/logic-apps-shared/src/utils/src/lib/models/logicAppsV2.ts
  test("have the tracking id that the trigger gives", async () => {
    const correlation = { clientTrackingId: "@concat('day-', '5')" };
    const recurrence = { frequency: "Hour", interval: 1 };
    let header: string | null = null;
    const run = await runActions(
      {
        H: { type: "Http", inputs: { method: "GET", uri: "https://example.org/" } },
        C: compose("@actions('H')['clientTrackingId']", "H"),
      },
      {
        more: { triggers: { T: { type: "Recurrence", recurrence, correlation } } },
        send: (request) => {
          header = request.headers.get("x-ms-client-tracking-id");
          return new Response(null, { status: 204 });
        },
      },
    );
    expect(recordOf(run, "C").outputs).toBe("day-5");
    expect(header).toBe("day-5");
  });

  // https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#result
  test("result() has the members of a scope, not what is deeper", async () => {
    const run = await runActions({
      S: {
        type: "Scope",
        actions: {
          A: failing,
          Deeper: { type: "Scope", actions: { B: compose(2) } },
          C: compose(3, "A"),
        },
      },
      Failed: {
        type: "Query",
        inputs: { from: "@result('S')", where: "@equals(item()['status'], 'Failed')" },
        runAfter: { S: ["Failed"] },
      },
      Names: {
        type: "Select",
        inputs: { from: "@result('S')", select: "@concat(item()['name'], ':', item()['status'])" },
        runAfter: { S: ["Failed"] },
      },
    });
    expect(recordOf(run, "Names").outputs).toEqual({
      body: ["A:Failed", "Deeper:Succeeded", "C:Skipped"],
    });
    expect(recordOf(run, "Failed").outputs).toMatchObject({
      body: [{ name: "A", code: "InvalidTemplate", error: { code: "InvalidTemplate" } }],
    });
  });

  test("body() and outputs() of an action without any are null", async () => {
    const run = await runActions({
      F: {
        type: "Http",
        inputs: { method: "GET", uri: "https://example.org/", retryPolicy: { type: "none" } },
      },
      B: { type: "Compose", inputs: ["@body('F')", "@outputs('F')"], runAfter: { F: ["Failed"] } },
    });
    expect(recordOf(run, "B").outputs).toEqual([null, null]);
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language#parameters
describe("parameters", () => {
  const more = {
    parameters: {
      hours: { type: "int", defaultValue: 24, allowedValues: [1, 24] },
      secret: { type: "SecureString" },
    },
  };
  const actions = { A: compose("@parameters('hours')") };
  const given = (parameters: Record<string, { value: string | number }>) =>
    runActions(actions, { more, parameters });

  test("have the value that is given, else their default", async () => {
    const secret = { value: "s" };
    expect(recordOf(await given({ secret }), "A").outputs).toBe(24);
    expect(recordOf(await given({ secret, hours: { value: 1 } }), "A").outputs).toBe(1);
  });

  // https://github.com/hashicorp/terraform-provider-azurerm/issues/4731
  test.each([
    [
      { secret: { value: "s" }, extra: { value: 1 } },
      "properties.parameters.extra is not declared in the definition",
    ],
    [{}, "properties.parameters.secret.value must be given: the parameter has no default value"],
    [
      { secret: { value: 5 } },
      "properties.parameters.secret.value must be of type SecureString, got another",
    ],
    [
      { secret: { value: "s" }, hours: { value: "1" } },
      "properties.parameters.hours.value must be of type Int, got '1'",
    ],
    [
      { secret: { value: "s" }, hours: { value: 2 } },
      "properties.parameters.hours.value must be one of 1, 24",
    ],
  ])("%j are refused", async (parameters, message) => {
    const error = await given(parameters as Record<string, { value: string }>).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(WorkflowDefinitionError);
    expect(error).toMatchObject({ code: "InvalidTemplate", message });
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#request-trigger
describe("runs of a Request trigger", () => {
  test("see what came in, and answer", async () => {
    const { clock, host } = testHost();
    const workflow = loadWorkflow(
      definition(
        {
          R: {
            type: "Response",
            inputs: { statusCode: 202, body: { from: "@triggerBody()?['from']" } },
          },
        },
        { triggers: { Backfill: { type: "Request", kind: "Http", inputs: { schema: {} } } } },
      ),
    );
    const trigger = { outputs: { body: { from: "2026-01-01" } } };
    const run = await clock.run(() => runWorkflow(workflow, { parameters: {}, host, trigger }));
    expect(run.response).toEqual({ statusCode: 202, body: { from: "2026-01-01" } });
  });

  const requested = (actions: object, body: Json) => {
    const { clock, host } = testHost();
    const triggers = { Manual: { type: "Request", kind: "Http", inputs: {} } };
    const workflow = loadWorkflow(definition(actions, { triggers }));
    const trigger = { outputs: { body } };
    return clock.run(() => runWorkflow(workflow, { parameters: {}, host, trigger }));
  };

  // https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#response-action
  test("fail at a second response", async () => {
    const response = { type: "Response", inputs: { statusCode: 200 } };
    const run = await requested(
      { First: response, Second: { ...response, runAfter: { First: ["Succeeded"] } } },
      null,
    );
    expect(run.status).toBe("Failed");
    expect(recordOf(run, "Second").error).toEqual({
      code: "ActionConflict",
      message: "The request has been answered already.",
    });
  });

  // https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#triggerformdatavalue
  test("read form fields", async () => {
    const form = {
      "$content-type": "application/x-www-form-urlencoded",
      $content: Buffer.from("a=1&b=x+y&a=2").toString("base64"),
    };
    const run = await requested(
      {
        All: compose(["@triggerFormDataMultiValues('a')", "@triggerFormDataValue('b')"]),
        Two: compose("@triggerFormDataValue('a')"),
      },
      form,
    );
    expect(recordOf(run, "All").outputs).toEqual([["1", "2"], "x y"]);
    expect(recordOf(run, "Two").error?.message).toContain("There is more than one value of 'a'.");
    const other = await requested({ A: compose("@triggerFormDataValue('a')") }, { a: 1 });
    expect(recordOf(other, "A").error?.message).toContain("The content is not form-encoded.");
  });
});

// https://learn.microsoft.com/azure/logic-apps/view-workflow-status-run-history
describe("cancelling a run", () => {
  const actions = {
    A: compose(1),
    B: { ...wait(60), runAfter: { A: ["Succeeded"] } },
    C: compose(1, "B"),
  };

  test("at any action leaves the rest undone", async () => {
    const cancel = new AbortController();
    const run = await runActions(actions, {
      options: {
        cancelAt: cancel.signal,
        onAction: ({ phase, name }) => {
          if (phase === "started" && name === "B") {
            cancel.abort();
          }
        },
      },
    });
    expect(run.status).toBe("Cancelled");
    expect(statuses(run)).toEqual({ A: "Succeeded", B: "Cancelled", C: "Skipped" });
    expect(run.endTime).toEqual(start);
  });

  test("before it starts leaves everything undone", async () => {
    const run = await runActions(actions, { options: { cancelAt: AbortSignal.abort() } });
    expect(run.status).toBe("Cancelled");
    expect(statuses(run)).toEqual({ A: "Skipped", B: "Skipped", C: "Skipped" });
  });
});

describe("options", () => {
  test("form fields of an action are read by its name", async () => {
    const run = await runActions(
      {
        H: { type: "Http", inputs: { method: "GET", uri: "https://example.org/" } },
        C: compose(["@formDataValue('H', 'k')", "@formDataMultiValues('H', 'none')"], "H"),
      },
      { send: () => new Response(new URLSearchParams({ k: "v" })) },
    );
    expect(recordOf(run, "C").outputs).toEqual(["v", []]);
  });

  test("the service's own time is added to every action", async () => {
    const run = await runActions(
      { A: compose(1), B: compose(1, "A") },
      { options: { actionLatencyMs: 250 } },
    );
    expect(secondsAfterStart(run.endTime)).toBe(0.5);
  });

  test("without history the run has counts only", async () => {
    const run = await runActions({ A: compose(1) }, { options: { keepHistory: false } });
    expect(run.actions).toEqual([]);
    expect(run.billable.executions).toBe(2);
  });

  // https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#definition-limits
  test("tracked properties have at most 8000 characters", async () => {
    const of = (length: number) =>
      runActions({ A: { ...compose(1), trackedProperties: { text: "x".repeat(length) } } });
    // The rest is {"text":""}, as the engine counts it.
    expect(recordOf(await of(7900), "A").status).toBe("Succeeded");
    expect(recordOf(await of(8000), "A").error).toEqual({
      code: "TrackedPropertiesEvaluationFailed",
      message: "The tracked properties have more than 8000 characters.",
    });
  });

  test("tracked properties see the action itself, and fail it when they cannot be evaluated", async () => {
    const tracked = (value: string) => ({
      A: { ...compose({ n: 5 }), trackedProperties: { n: value } },
    });
    const run = await runActions(tracked("@action()['outputs']['n']"));
    expect(recordOf(run, "A").trackedProperties).toEqual({ n: 5 });
    const byName = await runActions(tracked("@outputs('A')['n']"));
    expect(recordOf(byName, "A").trackedProperties).toEqual({ n: 5 });
    const failed = await runActions(tracked("@action()['outputs']['m']"));
    expect(recordOf(failed, "A")).toMatchObject({
      status: "Failed",
      code: "TrackedPropertiesEvaluationFailed",
    });
  });
});
