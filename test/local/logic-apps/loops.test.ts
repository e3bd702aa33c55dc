import { describe, expect, test } from "vitest";
import { initialize, wait } from "./actions.ts";
import { recordOf, runActions, secondsAfterStart, statuses } from "./run.ts";

const after = (name: string, ...accepted: string[]) => ({
  runAfter: { [name]: accepted.length > 0 ? accepted : ["Succeeded"] },
});
const read = (name: string, before: string) => ({
  type: "Compose",
  inputs: `@variables('${name}')`,
  ...after(before, "Succeeded", "Failed"),
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-control-flow-loops#foreach-loop
describe("Foreach", () => {
  const loop = (foreach: unknown, more: object = {}, actions: object = { Wait: wait(10) }) => ({
    L: { type: "Foreach", foreach, actions, ...more },
  });
  const repetitions = (count: number) => ({
    runtimeConfiguration: { concurrency: { repetitions: count } },
  });
  const items = (count: number) => `@range(0, ${count})`;

  test.each([
    ["20 iterations at a time by default", {}, 41, 30],
    ["as many at a time as it says", repetitions(50), 100, 20],
    ["one by one when Sequential", { operationOptions: "Sequential" }, 3, 30],
  ])("runs %s", async (_how, more, count, expected) => {
    const run = await runActions(loop(items(count), more));
    expect(secondsAfterStart(run.endTime)).toBe(expected);
    expect(run.actions.filter(({ name }) => name === "Wait")).toHaveLength(count);
  });

  test("runs one by one inside another Foreach, whatever is between", async () => {
    const inner = {
      Between: {
        type: "Until",
        expression: "@true",
        actions: { Inner: { ...loop([1, 2, 3], repetitions(50)).L } },
      },
    };
    const run = await runActions(loop([1, 2], {}, inner));
    expect(secondsAfterStart(run.endTime)).toBe(30);
  });

  test("gives each iteration its item and its own results", async () => {
    const run = await runActions({
      Outer: { type: "Compose", inputs: "outer" },
      ...loop(
        ["a", "b"],
        { ...after("Outer"), operationOptions: "Sequential" },
        {
          C: { type: "Compose", inputs: "@concat(items('L'), item(), outputs('Outer'))" },
          N: {
            type: "Foreach",
            foreach: [1, 2],
            ...after("C"),
            actions: {
              D: { type: "Compose", inputs: "@concat(outputs('C'), items('N'), items('L'))" },
            },
          },
        },
      ),
    });
    const inner = run.actions.filter(({ name }) => name === "D");
    expect(inner.map(({ outputs }) => outputs)).toEqual([
      "aaouter1a",
      "aaouter2a",
      "bbouter1b",
      "bbouter2b",
    ]);
    expect(inner[3]!.iteration).toEqual([
      { loop: "L", index: 1 },
      { loop: "N", index: 1 },
    ]);
  });

  const iterated = (select: string) => ({
    ...loop([1, "x", 3], {}, { C: { type: "Compose", inputs: "@add(items('L'), 1)" } }),
    R: { type: "Select", inputs: { from: "@result('L')", select }, ...after("L", "Failed") },
  });
  const seen = (item: string) => `concat(${item}['name'], ${item}['status'], ${item}?['outputs'])`;

  test("goes on after a failed iteration and ends as Failed", async () => {
    const run = await runActions(iterated(`@${seen("item()")}`), {
      options: { loopResults: "byIteration" },
    });
    expect(recordOf(run, "L")).toMatchObject({ status: "Failed", code: "ActionFailed" });
    expect(recordOf(run, "R").outputs).toEqual({ body: ["CSucceeded2", "CFailed", "CSucceeded4"] });
  });

  // https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#result
  test("gives result() an entry for each action with its iterations as outputs", async () => {
    const third = seen("item()['outputs'][2]");
    const run = await runActions(
      iterated(`@concat(item()['name'], length(item()['outputs']), ${third})`),
    );
    expect(recordOf(run, "R").outputs).toEqual({ body: ["C3CSucceeded4"] });
  });

  test.each([
    ["@null", "Null"],
    ["@json('{\"a\":1}')", "Object"],
    ["@concat('a', 'b')", "String"],
  ])("fails on %s, which is no array", async (foreach, type) => {
    const run = await runActions(loop(foreach));
    expect(recordOf(run, "L").error).toEqual({
      code: "ExpressionEvaluationFailed",
      message: `The execution of template action 'L' failed: the result of the evaluation of 'foreach' expression '${foreach}' is of type '${type}'. The result must be a valid array.`,
    });
  });

  // https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#looping-debatching-limits
  test("fails on more than 100,000 items", async () => {
    const most = await runActions(loop("@range(0, 100000)", {}, {}));
    expect(recordOf(most, "L").status).toBe("Succeeded");
    const run = await runActions(loop("@union(range(0, 100000), createArray(-1))"));
    expect(recordOf(run, "L").error?.message).toBe(
      "The execution of template action 'L' failed: the array has 100001 items, more than the limit of 100000.",
    );
  });

  test("succeeds on an empty array", async () => {
    const run = await runActions(loop([]));
    expect(statuses(run)).toEqual({ L: "Succeeded" });
  });

  // The page calls variables in parallel iterations unreliable.
  test.each([
    ["at the same time", {}, 1],
    ["one by one", { operationOptions: "Sequential" }, 10],
  ])("counts in iterations that run %s to what is left of it", async (_how, more, expected) => {
    const run = await runActions({
      I: initialize("n", "Integer", 0),
      ...loop(
        items(10),
        { ...after("I"), ...more },
        { Inc: { type: "IncrementVariable", inputs: { name: "n" } } },
      ),
      R: read("n", "L"),
    });
    expect(recordOf(run, "R").outputs).toBe(expected);
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-control-flow-loops#until-loop
describe("Until", () => {
  const until = (expression: string, actions: object, more: object = {}) => ({
    I: initialize("n", "Integer", 0),
    U: { type: "Until", expression, actions, ...after("I"), ...more },
    R: read("n", "U"),
  });
  const count = { Inc: { type: "IncrementVariable", inputs: { name: "n", value: 1 } } };
  const never = "@equals(variables('n'), -1)";

  test("runs its actions before it looks at the condition", async () => {
    const run = await runActions(until("@true", count));
    expect(recordOf(run, "R").outputs).toBe(1);
  });

  test("counts its iterations from zero", async () => {
    const run = await runActions({
      U: {
        type: "Until",
        expression: "@greaterOrEquals(iterationIndexes('U'), 2)",
        actions: { C: { type: "Compose", inputs: "@iterationIndexes('U')" } },
      },
    });
    expect(run.actions.filter(({ name }) => name === "C").map(({ outputs }) => outputs)).toEqual([
      0, 1, 2,
    ]);
  });

  test("ends after 60 iterations, and as Succeeded, unless told otherwise", async () => {
    const run = await runActions(until(never, count));
    expect(recordOf(run, "R").outputs).toBe(60);
    expect(recordOf(run, "U").status).toBe("Succeeded");
  });

  test("ends after an hour, which it notices between iterations only", async () => {
    const actions = { ...count, W: { ...wait(1500), ...after("Inc") } };
    const run = await runActions(until(never, actions));
    expect(recordOf(run, "R").outputs).toBe(3);
    expect(secondsAfterStart(recordOf(run, "U").endTime)).toBe(4500);
  });

  test.each([
    [{ count: 5 }, "CountLimitReached", 5],
    [{ timeout: "PT2S", count: 100 }, "TimeLimitReached", 2],
  ])("fails at the limit %j when told to", async (limit, code, iterations) => {
    const actions = { ...count, W: { ...wait(1), ...after("Inc") } };
    const run = await runActions(
      until(never, actions, { limit, operationOptions: "FailWhenLimitsReached" }),
    );
    expect(recordOf(run, "U")).toMatchObject({
      status: "Failed",
      error: {
        code,
        message: `The execution of template action 'U' failed: the loop reached its limit after ${iterations} iterations and its condition does not hold.`,
      },
    });
  });

  test("has a default for the limit that is not given", async () => {
    const actions = { ...count, W: { ...wait(100), ...after("Inc") } };
    const counted = await runActions(until(never, actions, { limit: { count: 100 } }));
    expect(recordOf(counted, "R").outputs).toBe(36);
    const timed = await runActions(until(never, actions, { limit: { timeout: "PT10H" } }));
    expect(recordOf(timed, "R").outputs).toBe(60);
  });

  test.each([
    ["count", { count: 3 }],
    ["timeout", { timeout: "PT30S" }],
  ])("ends well when its condition holds in the last iteration of its %s", async (_of, limit) => {
    const actions = { ...count, W: { ...wait(10), ...after("Inc") } };
    const run = await runActions(
      until("@equals(variables('n'), 3)", actions, {
        limit,
        operationOptions: "FailWhenLimitsReached",
      }),
    );
    expect(recordOf(run, "U").status).toBe("Succeeded");
    expect(recordOf(run, "R").outputs).toBe(3);
  });

  test("fails at a limit when the last iteration failed", async () => {
    const actions = { F: { type: "Compose", inputs: "@int('x')" } };
    const run = await runActions(until(never, actions, { limit: { count: 2 } }));
    expect(recordOf(run, "U")).toMatchObject({ status: "Failed", code: "ActionFailed" });
  });

  // The page says any failure; that of run statuses follows the ends of branches.
  test("fails by a failure in the last iteration that was handled, unless told otherwise", async () => {
    const handled = {
      S: {
        type: "Scope",
        actions: {
          F: { type: "Compose", inputs: "@int('x')" },
          Handler: { type: "Compose", inputs: 1, ...after("F", "Failed") },
        },
      },
      Skipped: { type: "Compose", inputs: 1, ...after("S", "Failed") },
    };
    const status = async (options: object) =>
      recordOf(await runActions(until("@true", handled), { options }), "U").status;
    expect(await status({})).toBe("Failed");
    expect(await status({ untilStatus: "endActions" })).toBe("Succeeded");
  });

  test("fails by an action without an answer in the last iteration as well", async () => {
    const actions = {
      H: {
        type: "Http",
        inputs: {
          ...{ method: "GET", uri: "https://example.org/" },
          retryPolicy: { type: "none" },
        },
      },
      Handler: { type: "Compose", inputs: 1, ...after("H", "TimedOut") },
    };
    const run = await runActions(until("@true", actions), {
      send: async (_request, clock) => {
        await clock.sleep(200_000);
        return Response.json(1);
      },
      options: { requestTimeoutStatus: "TimedOut" },
    });
    expect(statuses(run)).toMatchObject({ H: "TimedOut", Handler: "Succeeded", U: "Failed" });
  });

  test("has the status of its last iteration and forgets earlier failures", async () => {
    const sometimes = (failing: number) => ({
      ...count,
      C: { type: "Compose", inputs: `@div(1, sub(variables('n'), ${failing}))`, ...after("Inc") },
    });
    const three = "@greaterOrEquals(variables('n'), 3)";
    const early = await runActions(until(three, sometimes(2)));
    expect(recordOf(early, "U").status).toBe("Succeeded");
    expect(early.actions.filter(({ status }) => status === "Failed")).toHaveLength(1);
    const last = await runActions(until(three, sometimes(3)));
    expect(recordOf(last, "U").status).toBe("Failed");
  });

  test("sees the results of the iteration in its condition, not those of the one before", async () => {
    const run = await runActions(
      until("@equals(coalesce(outputs('Odd'), 0), 3)", {
        ...count,
        If: {
          type: "If",
          expression: { equals: ["@mod(variables('n'), 2)", 1] },
          actions: { Odd: { type: "Compose", inputs: "@variables('n')" } },
          ...after("Inc"),
        },
      }),
    );
    expect(recordOf(run, "R").outputs).toBe(3);
  });

  test("fails when its condition cannot be evaluated", async () => {
    const run = await runActions(
      until("@equals(outputs('C')['x'], 1)", { C: { type: "Compose", inputs: "@int('x')" } }),
    );
    expect(recordOf(run, "U")).toMatchObject({ status: "Failed", code: "InvalidTemplate" });
  });
});

// What the service gives for an action that this iteration skipped is documented nowhere.
describe("an action that is skipped in a later iteration", () => {
  const skipping = {
    Once: {
      type: "If",
      expression: { equals: ["@items('L')", 1] },
      actions: {
        C: { type: "Compose", inputs: "@items('L')" },
        S: { type: "Scope", actions: { D: { type: "Compose", inputs: "@items('L')" } } },
      },
    },
    R: {
      type: "Compose",
      inputs: ["@outputs('C')", "@actions('C')?['status']", "@outputs('D')"],
      ...after("Once"),
    },
    T: {
      type: "Select",
      inputs: { from: "@result('S')", select: "@item()['status']" },
      ...after("Once"),
    },
  };
  const read = async (options: object, more: object) => {
    const run = await runActions(
      { L: { type: "Foreach", foreach: [1, 2, 3], actions: skipping, ...more } },
      { options },
    );
    const outputs = (name: string) =>
      run.actions.filter((record) => record.name === name).map((record) => record.outputs);
    return { values: outputs("R"), results: outputs("T") };
  };
  const sequential = { operationOptions: "Sequential" };
  const skipped = [null, "Skipped", null];
  const own = { body: ["Succeeded"] };

  test("has nothing to give", async () => {
    expect(await read({}, sequential)).toEqual({
      values: [[1, "Succeeded", 1], skipped, skipped],
      results: [own, { body: [] }, { body: [] }],
    });
  });

  test("gives what an earlier iteration left when told so", async () => {
    const stale = [1, "Succeeded", 1];
    expect(await read({ skippedInLoop: "earlierIteration" }, sequential)).toEqual({
      values: [stale, stale, stale],
      results: [own, own, own],
    });
  });

  test("gives it to the condition of an Until too", async () => {
    const once = { equals: ["@iterationIndexes('U')", 0] };
    const until = {
      U: {
        type: "Until",
        expression: "@and(equals(iterationIndexes('U'), 1), equals(outputs('C'), 5))",
        limit: { count: 3 },
        actions: {
          If: { type: "If", expression: once, actions: { C: { type: "Compose", inputs: 5 } } },
        },
      },
    };
    const iterations = async (options: object) =>
      (await runActions(until, { options })).actions.filter(({ name }) => name === "If").length;
    expect(await iterations({})).toBe(3);
    expect(await iterations({ skippedInLoop: "earlierIteration" })).toBe(2);
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-create-variables-store-values
describe("variables", () => {
  const change = (type: string, initial: unknown, action: string, value: unknown) => ({
    I: initialize("v", type, initial),
    C: { type: action, inputs: { name: "v", value }, ...after("I") },
    R: read("v", "C"),
  });

  test.each([
    ["Integer", 5, "SetVariable", 6, 6],
    ["Float", 1.5, "SetVariable", 2, 2],
    ["String", "a", "SetVariable", null, null],
    ["Array", [1], "SetVariable", null, null],
    ["Integer", 5, "IncrementVariable", 2, 7],
    ["Float", 0.5, "DecrementVariable", 2, -1.5],
    ["String", "a", "AppendToStringVariable", 1, "a1"],
    ["Array", [1], "AppendToArrayVariable", { a: 1 }, [1, { a: 1 }]],
  ])(
    "of type %s and value %j after %s(%j) are %j",
    async (type, initial, action, value, expected) => {
      const run = await runActions(change(type, initial, action, value));
      expect(recordOf(run, "R").outputs).toEqual(expected);
    },
  );

  test.each([
    [
      "Integer",
      5,
      "SetVariable",
      "6",
      "The variable 'v' of type 'Integer' cannot be initialized or updated with value of type 'String'. The variable 'v' only supports values of types 'Integer'.",
    ],
    [
      "Integer",
      5,
      "SetVariable",
      1.5,
      "The variable 'v' of type 'Integer' cannot be initialized or updated with value of type 'Float'. The variable 'v' only supports values of types 'Integer'.",
    ],
    [
      "Object",
      {},
      "SetVariable",
      null,
      "The variable 'v' of type 'Object' cannot be initialized or updated with value of type 'Null'. The variable 'v' only supports values of types 'Object'.",
    ],
    [
      "Integer",
      undefined,
      "IncrementVariable",
      1,
      "The variable 'v' cannot be counted: its value and the change must be numbers, got 'Null' and 'Integer'.",
    ],
    [
      "Array",
      [],
      "AppendToArrayVariable",
      [1],
      "The variable 'v' of type 'Array' cannot be appended with a value of type 'Array'.",
    ],
    [
      "Array",
      [],
      "AppendToArrayVariable",
      null,
      "The variable 'v' of type 'Array' cannot be appended with a value of type 'Null'.",
    ],
  ])("of type %s and value %j refuse %s(%j)", async (type, initial, action, value, message) => {
    const run = await runActions(change(type, initial, action, value));
    expect(recordOf(run, "C").error).toEqual({ code: "BadRequest", message });
    expect(recordOf(run, "R").outputs).toEqual(initial ?? null);
  });

  test("that are read keep the value they had then", async () => {
    const run = await runActions({
      I: initialize("v", "Array", []),
      A: { type: "AppendToArrayVariable", inputs: { name: "v", value: 1 }, ...after("I") },
      Early: read("v", "A"),
      B: { type: "AppendToArrayVariable", inputs: { name: "v", value: 2 }, ...after("Early") },
      Late: read("v", "B"),
    });
    expect(recordOf(run, "Early").outputs).toEqual([1]);
    expect(recordOf(run, "Late").outputs).toEqual([1, 2]);
  });

  // https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config
  test("hold arrays of at most 100,000 items", async () => {
    const run = await runActions(change("Array", "@range(0, 100000)", "AppendToArrayVariable", 1));
    expect(recordOf(run, "C").error).toEqual({
      code: "VariableSizeLimitExceeded",
      message: "The variable 'v' has 100001 items, more than the limit of 100000.",
    });
    expect(recordOf(run, "R").outputs).toHaveLength(100_000);
  });

  /** The end of a change to a variable, where `half` is a text of that length. */
  const changed = async (length: number, ...args: Parameters<typeof change>) => {
    const run = await runActions(change(...args), {
      more: { parameters: { half: { type: "string" } } },
      parameters: { half: { value: "x".repeat(length) } },
    });
    return recordOf(run, "C");
  };
  const half = "@parameters('half')";

  test("hold texts of at most 104,857,600 characters", async () => {
    const append = (length: number) =>
      changed(length, "String", half, "AppendToStringVariable", half);
    expect((await append(52_428_800)).status).toBe("Succeeded");
    expect((await append(52_428_801)).error).toEqual({
      code: "VariableSizeLimitExceeded",
      message: "The variable 'v' has 104857602 characters, more than the limit of 104857600.",
    });
  });

  test.each([
    ["Array", [half], "AppendToArrayVariable", half],
    ["Object", { a: half }, "SetVariable", { a: half, b: half }],
  ])("hold as many characters of JSON in an %s", async (type, initial, action, value) => {
    const { error } = await changed(52_428_800, type, initial, action, value);
    expect(error?.code).toBe("VariableSizeLimitExceeded");
    expect((await changed(52_428_700, type, initial, action, value)).status).toBe("Succeeded");
  });
});
