import { describe, expect, test } from "vitest";
import { foreignActionTypes, foreignTriggerTypes } from "../../../local/logic-apps/action-types.ts";
import { foreignFunctions } from "../../../local/logic-apps/functions.ts";
import { checkReplacement, loadWorkflow } from "../../../local/logic-apps/load-workflow.ts";
import { WorkflowDefinitionError } from "../../../local/logic-apps/workflow-definition-error.ts";
import { after, http, initialize, wait } from "./actions.ts";
import { definition } from "./run.ts";

const compose = { type: "Compose", inputs: 1 };
const trigger = (members: object) => ({ triggers: { T: { type: "Recurrence", ...members } } });
const hourly = { recurrence: { frequency: "Hour", interval: 1 } };

/** What is wrong with a definition: `code: path reason`. */
function problem(actions: object, more: object = {}): string {
  try {
    loadWorkflow(JSON.parse(JSON.stringify(definition(actions, more))));
    return "nothing";
  } catch (error) {
    if (error instanceof WorkflowDefinitionError) {
      return `${error.code}: ${error.message}`;
    }
    throw error;
  }
}

function refuses(cases: Readonly<Record<string, readonly [object, string, object?]>>) {
  test.each(Object.entries(cases))("%s", (_rule, [actions, expected, more]) => {
    expect(problem(actions, more)).toBe(expected);
  });
}

const nested = (depth: number): object =>
  depth === 0
    ? { Innermost: compose }
    : { [`Scope_${depth}`]: { type: "Scope", actions: nested(depth - 1) } };

const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`A${index}`, compose]));

const parameters = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`p${index}`, { type: "string" }]),
  );

const switchWith = (cases: number) => ({
  type: "Switch",
  expression: "@1",
  cases: Object.fromEntries(
    Array.from({ length: cases }, (_, index) => [`c${index}`, { case: index, actions: {} }]),
  ),
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language
describe("a definition", () => {
  test("may be empty", () => {
    expect(problem({}, { triggers: {} })).toBe("nothing");
  });

  test("needs neither a schema nor a version", () => {
    expect(problem({ A: compose }, { $schema: undefined, contentVersion: undefined })).toBe(
      "nothing",
    );
  });

  // https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#definition-limits
  test("may be as large as the limits allow", () => {
    expect(problem(many(500))).toBe("nothing");
    expect(problem(nested(7))).toBe("nothing");
    expect(problem({ ["n".repeat(80)]: { ...compose, description: "d".repeat(256) } })).toBe(
      "nothing",
    );
    expect(
      problem(
        Object.fromEntries(
          Array.from({ length: 250 }, (_, index) => [`I${index}`, initialize(`v${index}`)]),
        ),
      ),
    ).toBe("nothing");
    expect(problem({}, { parameters: parameters(50) })).toBe("nothing");
    expect(problem({ S: switchWith(25) })).toBe("nothing");
    expect(problem({ I: initialize("v".repeat(80)) })).toBe("nothing");
  });

  refuses({
    "has no unknown members": [
      {},
      "InvalidTemplate: definition.extra is not a known member; known are $schema, contentVersion, parameters, triggers, actions, outputs, staticResults, description, metadata",
      { extra: 1 },
    ],
    "has a version of four numbers": [
      {},
      "InvalidTemplate: contentVersion must be four numbers with dots, got '1.0'",
      { contentVersion: "1.0" },
    ],
    "has no outputs here": [
      {},
      "NotSupportedLocally: outputs must be empty: it is not supported by the local engine",
      { outputs: { a: { type: "string", value: "b" } } },
    ],
    "has at most 500 actions": [
      many(501),
      "InvalidTemplate: actions must be at most 500 in all, got 501",
    ],
    "nests actions at most 8 deep": [
      nested(8),
      "InvalidTemplate: actions.Scope_8.actions.Scope_7.actions.Scope_6.actions.Scope_5.actions.Scope_4.actions.Scope_3.actions.Scope_2.actions.Scope_1.actions.Innermost must be nested at most 8 deep, got 9",
    ],
    "has action names of at most 80 characters": [
      { ["n".repeat(81)]: compose },
      `InvalidTemplate: actions.${"n".repeat(81)} must have a name of 1 to 80 characters, got 81`,
    ],
    "has at most 250 variables": [
      Object.fromEntries(
        Array.from({ length: 251 }, (_, index) => [`I${index}`, initialize(`v${index}`)]),
      ),
      "InvalidTemplate: actions must declare at most 250 variables, got 251",
    ],
    "has a description of at most 256 characters": [
      {},
      "ActionDescriptionTooLong: definition.description must have at most 256 characters, got 257",
      { description: "d".repeat(257) },
    ],
    "has every action name once": [
      { A: compose, S: { type: "Scope", actions: { a: compose } } },
      "InvalidTemplate: actions.S.actions.a must have a name of its own, got that of another action: 'A'",
    ],
    "has at most 50 parameters": [
      {},
      "InvalidTemplate: parameters must be at most 50, got 51",
      { parameters: parameters(51) },
    ],
    "has parameters of known types": [
      {},
      "InvalidTemplate: parameters.p.type must be one of String, SecureString, Int, Float, Bool, Array, Object, SecureObject, got 'number'",
      { parameters: { p: { type: "number" } } },
    ],
    "has variable names of at most 80 characters": [
      { I: initialize("v".repeat(81)) },
      "InvalidTemplate: actions.I.inputs.variables[0].name must have 1 to 80 characters, got 81",
    ],
    "has trigger names of at most 80 characters": [
      {},
      `InvalidTemplate: triggers.${"n".repeat(81)} must have a name of 1 to 80 characters, got 81`,
      { triggers: { ["n".repeat(81)]: { type: "Recurrence", ...hourly } } },
    ],
    "has a trigger with a description of at most 256 characters": [
      {},
      "ActionDescriptionTooLong: triggers.T.description must have at most 256 characters, got 257",
      trigger({ ...hourly, description: "d".repeat(257) }),
    ],
    "has expressions of at most 8,192 characters": [
      { A: { type: "Compose", inputs: `@concat('${"x".repeat(8182)}')` } },
      "InvalidTemplate: actions.A.inputs is not a valid expression: an expression must have at most 8192 characters, got 8193",
    ],
    "has no static results here": [
      {},
      "NotSupportedLocally: staticResults must be empty: it is not supported by the local engine",
      { staticResults: { A: { status: "Succeeded" } } },
    ],
    "has allowed values in an array": [
      {},
      "InvalidTemplate: parameters.p.allowedValues must be an array, got 'a'",
      { parameters: { p: { type: "string", allowedValues: "a" } } },
    ],
    "has defaults of the declared type": [
      {},
      "InvalidTemplate: parameters.p.defaultValue must be of type Int, got '5'",
      { parameters: { p: { type: "int", defaultValue: "5" } } },
    ],
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language#parameters
describe("a parameter", () => {
  test.each([
    ["string", "a", 1],
    ["securestring", "a", 1],
    ["int", 5, 5.5],
    ["float", 5.5, "5.5"],
    ["bool", true, "true"],
    ["array", [1], { a: 1 }],
    ["object", { a: 1 }, [1]],
    ["secureobject", { a: 1 }, "a"],
  ])("of type %s takes %j, not %j", (type, fitting, other) => {
    const declared = (defaultValue: unknown) => ({ parameters: { p: { type, defaultValue } } });
    expect(problem({}, declared(fitting))).toBe("nothing");
    expect(problem({}, declared(other))).toMatch(
      /^InvalidTemplate: parameters\.p\.defaultValue must be of type \w+, got /,
    );
  });

  test("that is secure does not show its value in an error", () => {
    expect(problem({}, { parameters: { p: { type: "securestring", defaultValue: 77 } } })).toBe(
      "InvalidTemplate: parameters.p.defaultValue must be of type SecureString, got another",
    );
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#actions-overview
describe("an action", () => {
  test.each(Object.entries(foreignActionTypes))(
    "of type %s is named with its place: %s",
    (type, reason) => {
      expect(problem({ S: { type: "Scope", actions: { A: { type, inputs: {} } } } })).toBe(
        `NotSupportedLocally: actions.S.actions.A.type is not supported by the local engine: '${type}' (${reason})`,
      );
    },
  );

  test.each(Object.entries(foreignFunctions))(
    "with the function %s is named with its place: %s",
    (name, reason) => {
      expect(problem({ A: { type: "Compose", inputs: [`@${name}('a')`] } })).toBe(
        `NotSupportedLocally: actions.A.inputs[0] cannot be evaluated: the local engine does not have the function '${name}': ${reason}`,
      );
    },
  );

  test.each([
    ["runtimeConfiguration.contentTransfer", { runtimeConfiguration: { contentTransfer: {} } }],
    ["runtimeConfiguration.paginationPolicy", { runtimeConfiguration: { paginationPolicy: {} } }],
    ["runtimeConfiguration.staticResult", { runtimeConfiguration: { staticResult: {} } }],
    ["inputs.cookie", { inputs: { method: "GET", uri: "https://example.org/", cookie: "a=b" } }],
  ])("with %s is named with its place", (member, members) => {
    expect(problem({ A: { ...http({}), ...members } })).toBe(
      `NotSupportedLocally: actions.A.${member} is not supported by the local engine`,
    );
  });

  test("may have several options and any spelling of a choice", () => {
    expect(
      problem({
        A: { ...http({}), operationOptions: "DisableAsyncPattern, suppressWorkflowHeaders" },
        B: initialize("v", "integer", 1),
      }),
    ).toBe("nothing");
  });

  refuses({
    "has a known type": [
      { A: { type: "Frobnicate" } },
      "InvalidTemplate: actions.A.type is not a known action type: 'Frobnicate'",
    ],
    "has known members only": [
      { A: { ...compose, foreach: [] } },
      "InvalidTemplate: actions.A.foreach is not a known member; known are type, runAfter, description, metadata, runtimeConfiguration, inputs, trackedProperties",
    ],
    "has a short description": [
      { A: { ...compose, description: "d".repeat(257) } },
      "ActionDescriptionTooLong: actions.A.description must have at most 256 characters, got 257",
    ],
    "has predecessors in its container": [
      { A: compose, S: { type: "Scope", actions: { B: { ...compose, ...after("A") } } } },
      "InvalidTemplate: actions.S.actions.B.runAfter contains the non-existent action 'A'",
    ],
    "waits for statuses that exist": [
      { A: compose, B: { ...compose, runAfter: { A: ["Cancelled"] } } },
      "InvalidTemplate: actions.B.runAfter.A[0] must be one of Succeeded, Failed, Skipped, TimedOut, got 'Cancelled'",
    ],
    "waits for some status": [
      { A: compose, B: { ...compose, runAfter: { A: [] } } },
      "InvalidTemplate: actions.B.runAfter.A must be an array of statuses, got []",
    ],
    "does not wait for itself over others": [
      {
        A: { ...compose, ...after("C") },
        B: { ...compose, ...after("A") },
        C: { ...compose, ...after("B") },
      },
      "InvalidTemplate: actions.A.runAfter must not be a cycle, got A → C → B → A",
    ],
    "has expressions that parse": [
      { A: { type: "Compose", inputs: { deep: ["@concat("] } } },
      "InvalidTemplate: actions.A.inputs.deep[0] is not a valid expression: Unable to parse template language expression 'concat(': expected token 'Identifier' and actual 'EndOfData'.",
    ],
    "calls known functions": [
      { A: { type: "Compose", inputs: "@sum(1, 2)" } },
      "InvalidTemplate: actions.A.inputs is not a valid expression: The template function 'sum' is not defined or not valid.",
    ],
    "has no unknown options": [
      { A: { ...http({}), operationOptions: "DisableAsyncPattern, Fast" } },
      "InvalidTemplate: actions.A.operationOptions must be one of DisableAsyncPattern, SuppressWorkflowHeaders, DisableAutomaticDecompression, got 'Fast'",
    ],
    "of type Foreach is not Sequential and concurrent": [
      {
        L: {
          type: "Foreach",
          foreach: [1],
          actions: {},
          operationOptions: "Sequential",
          runtimeConfiguration: { concurrency: { repetitions: 5 } },
        },
      },
      "InvalidConcurrencyConfiguration: actions.L.operationOptions must not be Sequential together with runtimeConfiguration.concurrency",
    ],
    "of type Foreach runs at most 50 iterations at a time": [
      {
        L: {
          type: "Foreach",
          foreach: [1],
          actions: {},
          runtimeConfiguration: { concurrency: { repetitions: 51 } },
        },
      },
      "InvalidConcurrencyConfiguration: actions.L.runtimeConfiguration.concurrency.repetitions must be a whole number from 1 to 50, got 51",
    ],
    "of type Foreach runs at least one iteration at a time": [
      {
        L: {
          type: "Foreach",
          foreach: [1],
          actions: {},
          runtimeConfiguration: { concurrency: { repetitions: 0 } },
        },
      },
      "InvalidConcurrencyConfiguration: actions.L.runtimeConfiguration.concurrency.repetitions must be a whole number from 1 to 50, got 0",
    ],
    "of type Foreach goes over an array": [
      { L: { type: "Foreach", foreach: { a: 1 }, actions: {} } },
      'InvalidTemplate: actions.L.foreach must be an expression or an array, got {"a":1}',
    ],
    "of type Until has a condition that is an expression": [
      { L: { type: "Until", expression: "true", actions: {} } },
      "InvalidTemplate: actions.L.expression must be a Boolean expression, got 'true'",
    ],
    "of type Until repeats at least once": [
      { L: { type: "Until", expression: "@true", limit: { count: 0 }, actions: {} } },
      "WorkflowRunActionUntilLimitInvalid: actions.L.limit.count must be a whole number from 1 to 5000, got 0",
    ],
    "of type Until repeats at most 5,000 times": [
      { L: { type: "Until", expression: "@true", limit: { count: 5001 }, actions: {} } },
      "WorkflowRunActionUntilLimitInvalid: actions.L.limit.count must be a whole number from 1 to 5000, got 5001",
    ],
    "of type Until has a timeout in ISO 8601": [
      { L: { type: "Until", expression: "@true", limit: { timeout: "1h" }, actions: {} } },
      "WorkflowRunActionUntilLimitInvalid: actions.L.limit.timeout must be an ISO 8601 duration from 1 s to 7776000 s, got '1h'",
    ],
    "of type Switch has at most 25 cases": [
      { S: switchWith(26) },
      "AllowedSwitchCaseLimitExceeded: actions.S.cases must be at most 25, got 26",
    ],
    "of type Switch has cases that differ": [
      { S: { type: "Switch", expression: "@1", cases: { a: { case: "x" }, b: { case: "x" } } } },
      "InvalidTemplate: actions.S.cases.b.case must differ from the other cases, got 'x' again",
    ],
    "of type If has a condition": [
      { I: { type: "If", expression: { equal: [1, 1] }, actions: {} } },
      "InvalidTemplate: actions.I.expression.equal is not a known member; known are and, or, not, equals, contains, startsWith, endsWith, less, lessOrEquals, greater, greaterOrEquals",
    ],
    "of type Terminate stands outside of loops": [
      {
        L: {
          type: "Foreach",
          foreach: [1],
          actions: {
            S: {
              type: "Scope",
              actions: { T: { type: "Terminate", inputs: { runStatus: "Failed" } } },
            },
          },
        },
      },
      "InvalidTemplate: actions.L.actions.S.actions.T must not be of type Terminate inside the Foreach 'L'",
    ],
    "of type Terminate stands outside of an Until": [
      {
        L: {
          type: "Until",
          expression: "@true",
          actions: { T: { type: "Terminate", inputs: { runStatus: "Failed" } } },
        },
      },
      "InvalidTemplate: actions.L.actions.T must not be of type Terminate inside the Until 'L'",
    ],
    "of type Terminate has a known status": [
      { T: { type: "Terminate", inputs: { runStatus: "Skipped" } } },
      "InvalidTemplate: actions.T.inputs.runStatus must be one of Succeeded, Failed, Cancelled, got 'Skipped'",
    ],
    "of type Terminate has an error with Failed only": [
      { T: { type: "Terminate", inputs: { runStatus: "Cancelled", runError: { code: "x" } } } },
      "InvalidTemplate: actions.T.inputs.runError must not be given with the status Cancelled",
    ],
    "of type Response needs a Request trigger": [
      { R: { type: "Response", inputs: { statusCode: 200 } } },
      "InvalidTemplate: actions.R must not be of type Response: the workflow has no Request trigger",
    ],
    "of type Response stands outside of loops": [
      {
        L: {
          type: "Foreach",
          foreach: [1],
          actions: { R: { type: "Response", inputs: { statusCode: 200 } } },
        },
      },
      "InvalidTemplate: actions.L.actions.R must not be of type Response inside the Foreach 'L'",
      { triggers: { T: { type: "Request", kind: "Http", inputs: {} } } },
    ],
    "of type Response has a status that begins with 2, 4 or 5": [
      { R: { type: "Response", kind: "http", inputs: { statusCode: 302 } } },
      "InvalidTemplate: actions.R.inputs.statusCode must begin with 2, 4 or 5, got 302",
      { triggers: { T: { type: "Request", kind: "Http", inputs: {} } } },
    ],
    "of type Table has columns with different headers": [
      {
        T: {
          type: "Table",
          inputs: {
            format: "csv",
            from: [],
            columns: [
              { header: "a", value: 1 },
              { header: "a", value: 2 },
            ],
          },
        },
      },
      "NotSupportedLocally: actions.T.inputs.columns[1].header must differ from the others, got 'a'",
    ],
    "of type Expression is an operation on dates": [
      { E: { type: "Expression", kind: "Guess", inputs: {} } },
      "InvalidTemplate: actions.E.kind must be one of CurrentTime, AddToTime, SubtractFromTime, GetFutureTime, GetPastTime, ConvertTimeZone, got 'Guess'",
    ],
    "of type Expression has the inputs of its operation": [
      { E: { type: "Expression", kind: "GetPastTime", inputs: { interval: 1 } } },
      "InvalidTemplate: actions.E.inputs.timeUnit must be given, got nothing",
    ],
    "of type Response stands alone": [
      { R: { type: "Response", inputs: { statusCode: 200 } }, A: compose },
      "InvalidTemplate: actions.R must not run in parallel to 'A'",
      { triggers: { T: { type: "Request", kind: "Http", inputs: {} } } },
    ],
    "of type Wait has one way to wait": [
      { W: { type: "Wait", inputs: {} } },
      "InvalidTemplate: actions.W.inputs must have either interval or until",
    ],
    "of type ParseJson has a schema without unknown keywords": [
      {
        P: {
          type: "ParseJson",
          inputs: { content: "{}", schema: { properties: { a: { pattern: "x" } } } },
        },
      },
      "NotSupportedLocally: actions.P.inputs.schema.properties.a.pattern is a keyword that the local engine does not know",
    ],
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#http-action
describe("an Http action", () => {
  const authentication = (value: object) => ({ A: http({ authentication: value }) });
  const retry = (retryPolicy: object) => ({ A: http({ retryPolicy }) });

  // https://learn.microsoft.com/azure/logic-apps/error-exception-handling#retry-policies
  refuses({
    "has a known method": [
      { A: http({ method: "LIST" }) },
      "InvalidTemplate: actions.A.inputs.method must be one of GET, PUT, POST, PATCH, DELETE, HEAD, OPTIONS, got 'LIST'",
    ],
    "has a body only where one can be": [
      { A: http({ body: {} }) },
      "InvalidTemplate: actions.A.inputs.body must not be given with the method GET",
    ],
    "has a known type of authentication": [
      authentication({ type: "Kerberos" }),
      "InvalidTemplate: actions.A.inputs.authentication.type must be one of None, Raw, Basic, ManagedServiceIdentity, ActiveDirectoryOAuth, got 'Kerberos'",
    ],
    "has an identity that is no expression": [
      authentication({ type: "ManagedServiceIdentity", identity: "@parameters('id')" }),
      "InvalidTemplate: actions.A.inputs.authentication.identity must be a literal, got the expression '@parameters('id')'",
    ],
    "has all that client credentials need": [
      authentication({ type: "ActiveDirectoryOAuth", tenant: "t", audience: "a", clientId: "c" }),
      "InvalidTemplate: actions.A.inputs.authentication.secret must be given for the type ActiveDirectoryOAuth, got nothing",
    ],
    "retries at most 90 times": [
      retry({ type: "fixed", count: 91, interval: "PT10S" }),
      "InvalidRetryPolicy: actions.A.inputs.retryPolicy.count must be a whole number from 1 to 90, got 91",
    ],
    "waits at least 5 seconds before a retry": [
      retry({ type: "fixed", count: 1, interval: "PT1S" }),
      "InvalidRetryPolicy: actions.A.inputs.retryPolicy.interval must be an ISO 8601 duration from 5 s to 86400 s, got 'PT1S'",
    ],
    "retries at least once": [
      retry({ type: "fixed", count: 0, interval: "PT10S" }),
      "InvalidRetryPolicy: actions.A.inputs.retryPolicy.count must be a whole number from 1 to 90, got 0",
    ],
    "waits at most a day before a retry": [
      retry({ type: "exponential", count: 90, interval: "PT86401S" }),
      "InvalidRetryPolicy: actions.A.inputs.retryPolicy.interval must be an ISO 8601 duration from 5 s to 86400 s, got 'PT86401S'",
    ],
    "bounds the waiting of retries by at least 5 seconds": [
      retry({ type: "exponential", count: 1, interval: "PT5S", minimumInterval: "PT4S" }),
      "InvalidRetryPolicy: actions.A.inputs.retryPolicy.minimumInterval must be an ISO 8601 duration from 5 s to 86400 s, got 'PT4S'",
    ],
    "bounds the waiting of retries by at most a day": [
      retry({ type: "exponential", count: 1, interval: "PT5S", maximumInterval: "P2D" }),
      "InvalidRetryPolicy: actions.A.inputs.retryPolicy.maximumInterval must be an ISO 8601 duration from 5 s to 86400 s, got 'P2D'",
    ],
    "has a known type of retry policy": [
      retry({ type: "linear" }),
      "InvalidRetryPolicy: actions.A.inputs.retryPolicy.type must be one of default, none, fixed, exponential, got 'linear'",
    ],
    "bounds the waiting of exponential retries only": [
      retry({ type: "fixed", count: 1, interval: "PT5S", maximumInterval: "PT10S" }),
      "InvalidTemplate: actions.A.inputs.retryPolicy.maximumInterval is not a known member; known are type, count, interval",
    ],
  });
});

// https://learn.microsoft.com/azure/logic-apps/authenticate-with-managed-identity
describe("a managed identity", () => {
  const id = "/subscriptions/s/resourceGroups/g/providers/x/userAssignedIdentities/collector";
  const load = (identity: string | undefined, resource?: { identity?: string }) =>
    loadWorkflow(
      definition({
        A: http({ authentication: { type: "ManagedServiceIdentity", audience: "a", identity } }),
      }),
      resource,
    );

  test("is one that the workflow has", () => {
    expect(() => load(id, { identity: id.toUpperCase() })).not.toThrow();
    expect(() => load(undefined, { identity: "SystemAssigned" })).not.toThrow();
    expect(() => load(id)).not.toThrow();
  });

  test.each([
    [id, {}, `must be the identity of the workflow, which is none, got '${id}'`],
    [
      undefined,
      { identity: id },
      `must be the identity of the workflow, which is ${id}, got 'SystemAssigned'`,
    ],
  ])("%s is refused in a workflow with %j", (identity, resource, reason) => {
    expect(() => load(identity, resource)).toThrow(
      new WorkflowDefinitionError(
        "WorkflowManagedServiceIdentityNotSpecified",
        "actions.A.inputs.authentication.identity",
        reason,
      ),
    );
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#change-trigger-concurrency
describe("a definition in the place of a saved one", () => {
  const recurring = (members: object, name = "T") =>
    loadWorkflow(
      definition({}, { triggers: { [name]: { type: "Recurrence", ...hourly, ...members } } }),
    );
  const limited = recurring({ runtimeConfiguration: { concurrency: { runs: 1 } } });

  test("keeps the concurrency of the trigger switched on", () => {
    expect(() => checkReplacement(limited, recurring({}))).toThrow(
      new WorkflowDefinitionError(
        "CannotDisableTriggerConcurrency",
        "triggers.T.runtimeConfiguration.concurrency",
        "must be given: it cannot be switched off again",
      ),
    );
  });

  test("may change it, have another trigger or switch it on", () => {
    const more = recurring({ runtimeConfiguration: { concurrency: { runs: 5 } } });
    expect(() => checkReplacement(limited, more)).not.toThrow();
    expect(() => checkReplacement(limited, recurring({}, "Another"))).not.toThrow();
    expect(() => checkReplacement(recurring({}), limited)).not.toThrow();
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-create-variables-store-values
describe("variables", () => {
  refuses({
    "are initialized at the top level": [
      { S: { type: "Scope", actions: { I: initialize("v") } } },
      "InvalidVariableInitialization: actions.S.actions.I must stand at the top level, got it inside 'S'",
    ],
    "are initialized one by one": [
      {
        I: {
          type: "InitializeVariable",
          inputs: {
            variables: [
              { name: "a", type: "String" },
              { name: "b", type: "String" },
            ],
          },
        },
      },
      "InvalidVariableInitialization: actions.I.inputs.variables must be an array of one variable, got 2",
    ],
    "are initialized once": [
      { I: initialize("v"), J: initialize("V") },
      "InvalidVariableInitialization: actions.J must not initialize the variable 'V' a second time",
    ],
    "have a known type": [
      { I: initialize("v", "Date") },
      "InvalidVariableInitialization: actions.I.inputs.variables[0].type must be one of Array, Boolean, Float, Integer, Object, String, got 'Date'",
    ],
    "are initialized before they are set": [
      { I: initialize("v"), S: { type: "SetVariable", inputs: { name: "v", value: 1 } } },
      "InvalidVariableOperation: actions.S is not valid: the variable 'v' must be initialized before it can be used inside action 'S'",
    ],
    "are initialized before they are read": [
      { A: { type: "Compose", inputs: "@variables('v')" } },
      "InvalidVariableOperation: actions.A.inputs is not valid: the variable 'v' must be initialized before it can be used inside action 'A'",
    ],
    "are not set by themselves": [
      {
        I: initialize("v"),
        S: {
          type: "SetVariable",
          inputs: { name: "v", value: "@add(variables('V'), 1)" },
          ...after("I"),
        },
      },
      "InvalidVariableOperation: actions.S.inputs.value is not valid: self reference is not supported when updating the value of variable 'V'",
    ],
    "are counted when they are numbers": [
      {
        I: initialize("v", "String"),
        S: { type: "IncrementVariable", inputs: { name: "v" }, ...after("I") },
      },
      "InvalidVariableOperation: actions.S.inputs.name must name a variable of type Integer or Float, got 'v' of type String",
    ],
    "are appended to when they are arrays": [
      {
        I: initialize("v", "String"),
        S: { type: "AppendToArrayVariable", inputs: { name: "v", value: 1 }, ...after("I") },
      },
      "InvalidVariableOperation: actions.S.inputs.name must name a variable of type Array, got 'v' of type String",
    ],
  });

  test("can be used anywhere after they are initialized", () => {
    const use = { type: "Compose", inputs: "@variables('v')" };
    expect(
      problem({
        I: initialize("v"),
        A: { ...compose, ...after("I") },
        S: { type: "Scope", actions: { T: { type: "Scope", actions: { U: use } } }, ...after("A") },
      }),
    ).toBe("nothing");
  });
});

// https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#workflow-functions
describe("references", () => {
  const body = (name: string) => ({ type: "Compose", inputs: `@body('${name}')` });
  refuses({
    "name declared parameters": [
      { A: { type: "Compose", inputs: "x @{parameters('p')}" } },
      "InvalidTemplate: actions.A.inputs refers to the parameter 'p', which is not declared",
    ],
    "name existing actions": [
      { A: body("B") },
      "InvalidTemplate: actions.A.inputs refers to the action 'B', which is not defined in the template",
    ],
    "name actions that have ended before": [
      { A: body("B"), B: http({}) },
      "InvalidTemplate: actions.A.inputs refers to the action 'B', which is not in the runAfter path of 'A'",
    ],
    "do not reach into another branch": [
      {
        I: {
          type: "If",
          expression: "@true",
          actions: { B: http({}) },
          else: { actions: { A: body("B") } },
        },
      },
      "InvalidTemplate: actions.I.else.actions.A.inputs refers to the action 'B', which is not in the runAfter path of 'A'",
    ],
    "do not reach into a loop": [
      {
        L: { type: "Foreach", foreach: [1], actions: { B: http({}) } },
        A: { ...body("B"), ...after("L") },
      },
      "InvalidTemplate: actions.A.inputs must not read 'B' from outside of the Foreach 'L': what it gives is not documented; use result('L') or a variable",
    ],
    "ask for a body where there is one": [
      { B: compose, A: { ...body("B"), ...after("B") } },
      "InvalidTemplate: actions.A.inputs must not call body('B'): a Compose action has no body",
    ],
    "name actions literally": [
      { B: http({}), A: { type: "Compose", inputs: "@body(concat('B'))", ...after("B") } },
      "InvalidTemplate: actions.A.inputs must call body() with a name in quotes",
    ],
    "name a Foreach around them with items()": [
      {
        L: { type: "Foreach", foreach: [1], actions: {} },
        A: { type: "Compose", inputs: "@items('L')", ...after("L") },
      },
      "InvalidTemplate: actions.A.inputs must not call items('L'): no Foreach of that name is around it",
    ],
    "name an Until around them with iterationIndexes()": [
      {
        L: {
          type: "Foreach",
          foreach: [1],
          actions: { A: { type: "Compose", inputs: "@iterationIndexes('L')" } },
        },
      },
      "InvalidTemplate: actions.L.actions.A.inputs must not call iterationIndexes('L'): no Until of that name is around it",
    ],
    "call action() where the service has it, and here in tracked properties only": [
      { U: { type: "Until", expression: "@equals(action()?['status'], 'x')", actions: {} } },
      "NotSupportedLocally: actions.U.expression must not call action() in the condition of an Until locally",
    ],
    "ask for form fields of an action with a body": [
      { A: compose, B: { type: "Compose", inputs: "@formDataValue('A', 'k')", ...after("A") } },
      "InvalidTemplate: actions.B.inputs must not call body('A'): a Compose action has no body",
    ],
    "call item() where there is one": [
      { S: { type: "Select", inputs: { from: "@item()", select: "@item()" } } },
      "InvalidTemplate: actions.S.inputs.from must not call item(): no Foreach, Select or Query is around it",
    ],
    "ask for the result of a container": [
      { A: compose, B: { type: "Compose", inputs: "@result('A')", ...after("A") } },
      "InvalidTemplate: actions.B.inputs must call result() for a Scope, Foreach or Until, got 'A'",
    ],
    "read form fields of the trigger of a workflow that has one": [
      { A: { type: "Compose", inputs: "@triggerFormDataValue('k')" } },
      "InvalidTemplate: actions.A.inputs must not call triggerFormDataValue(): the workflow has no trigger",
      { triggers: {} },
    ],
    "call the trigger of a workflow that has one": [
      { A: { type: "Compose", inputs: "@triggerBody()" } },
      "InvalidTemplate: actions.A.inputs must not call triggerBody(): the workflow has no trigger",
      { triggers: {} },
    ],
  });

  test("reach into containers that have ended, whatever their branch", () => {
    expect(
      problem({
        S: { type: "Scope", actions: { B: http({}) } },
        A: { ...body("B"), ...after("S") },
        I: {
          type: "If",
          expression: "@true",
          actions: { D: http({}) },
          ...after("A"),
        },
        C: { type: "Compose", inputs: "@coalesce(body('D'), body('B'))", ...after("I") },
      }),
    ).toBe("nothing");
  });

  test("let the condition of an Until see the actions in it", () => {
    expect(
      problem({
        L: {
          type: "Until",
          expression: "@equals(outputs('B')['statusCode'], 200)",
          actions: { B: http({}) },
        },
      }),
    ).toBe("nothing");
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#obfuscate
describe("secured data", () => {
  const secure = (action: object, ...properties: string[]) => ({
    A: { ...action, runtimeConfiguration: { secureData: { properties } } },
  });
  refuses({
    "excludes tracked properties": [
      secure({ ...http({}), trackedProperties: { a: "@action().status" } }, "inputs"),
      "InvalidTemplate: actions.A.trackedProperties must not be used on an action with secured data",
    ],
  });

  const variable = (type: string) => ({ type, inputs: { name: "v", value: 1 } });
  const both = [
    http({}),
    { type: "Query", inputs: { from: [1], where: "@true" } },
    { type: "Select", inputs: { from: [1], select: 1 } },
    { type: "Join", inputs: { from: [1], joinWith: "" } },
  ];
  const inputsOnly = [
    compose,
    { type: "ParseJson", inputs: { content: "{}", schema: {} } },
    { type: "Response", inputs: { statusCode: 200 } },
    wait(1),
  ];
  const neither = [
    ...["SetVariable", "AppendToArrayVariable", "AppendToStringVariable"].map(variable),
    ...["IncrementVariable", "DecrementVariable"].map(variable),
    initialize("v"),
    { type: "Foreach", foreach: [], actions: {} },
    { type: "If", expression: "@true", actions: {} },
    { type: "Scope", actions: {} },
    switchWith(1),
    { type: "Terminate", inputs: { runStatus: "Failed" } },
    { type: "Until", expression: "@true", actions: {} },
  ];
  const request = { triggers: { T: { type: "Request", kind: "Http", inputs: {} } } };
  const secures = (action: { type: string }, property: string) => {
    const refused = `InvalidTemplate: actions.A.runtimeConfiguration.secureData.properties[0] must not be '${property}': it cannot be secured on an action of type ${action.type}`;
    const found = problem(secure(action, property), request);
    expect(["nothing", refused]).toContain(found);
    return found === "nothing";
  };

  test.each([
    ...both.map((action) => [action.type, true, true, action] as const),
    ...inputsOnly.map((action) => [action.type, true, false, action] as const),
    ...neither.map((action) => [action.type, false, false, action] as const),
  ])("is for a %s: inputs %j, outputs %j", (_type, inputs, outputs, action) => {
    expect([secures(action, "inputs"), secures(action, "outputs")]).toEqual([inputs, outputs]);
  });

  test.each(["inputs", "outputs"])("is not for %s of a Recurrence", (property) => {
    const runtimeConfiguration = { secureData: { properties: [property] } };
    expect(problem({}, trigger({ ...hourly, runtimeConfiguration }))).toBe(
      `InvalidTemplate: triggers.T.runtimeConfiguration.secureData.properties[0] must not be '${property}': it cannot be secured on a Recurrence trigger`,
    );
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#triggers-overview
describe("a trigger", () => {
  test.each(Object.entries(foreignTriggerTypes))(
    "of type %s is named with its place: %s",
    (type, reason) => {
      expect(problem({}, { triggers: { T: { type } } })).toBe(
        `NotSupportedLocally: triggers.T.type is not supported by the local engine: '${type}' (${reason})`,
      );
    },
  );

  test.each([
    ["Second", 9_999_999],
    ["Minute", 72_000],
    ["Hour", 12_000],
    ["Day", 500],
    ["Week", 71],
    ["Month", 16],
  ])("recurs after 1 to so many units: %s, %d", (frequency, most) => {
    const every = (interval: number) =>
      problem({}, trigger({ recurrence: { frequency, interval } }));
    expect([every(1), every(most)]).toEqual(["nothing", "nothing"]);
    for (const interval of [0, most + 1]) {
      expect(every(interval)).toBe(
        `InvalidTemplate: triggers.T.recurrence.interval must be a whole number from 1 to ${most}, got ${interval}`,
      );
    }
  });

  test("may have ten of its kind, which are too many here", () => {
    const triggers = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`T${index}`, { type: "Recurrence" }]),
    );
    expect(problem({}, { triggers })).toBe(
      "NotSupportedLocally: triggers must be one for the local engine, got 10",
    );
  });

  refuses({
    "is in UTC here": [
      {},
      "NotSupportedLocally: triggers.T.recurrence.timeZone must be UTC for the local engine, got 'Tokyo Standard Time'",
      trigger({ recurrence: { ...hourly.recurrence, timeZone: "Tokyo Standard Time" } }),
    ],
    "has a time zone with a start time without offset": [
      {},
      "InvalidTemplate: triggers.T.recurrence.startTime must be an ISO 8601 time that ends in Z, or one without offset beside a timeZone, got '2026-01-01T00:00:00'",
      trigger({ recurrence: { ...hourly.recurrence, startTime: "2026-01-01T00:00:00" } }),
    ],
    "is not split here": [
      {},
      "NotSupportedLocally: triggers.T.splitOn is not supported by the local engine",
      trigger({ ...hourly, splitOn: "@triggerBody()" }),
    ],
    "allows at least one run at a time": [
      {},
      "InvalidTemplate: triggers.T.runtimeConfiguration.concurrency.runs must be a whole number from 1 to 100, got 0",
      trigger({ ...hourly, runtimeConfiguration: { concurrency: { runs: 0 } } }),
    ],
    "is of a known type": [
      {},
      "InvalidTemplate: triggers.T.type is not a known trigger type: 'Timer'",
      { triggers: { T: { type: "Timer" } } },
    ],
    "is one of at most ten": [
      {},
      "InvalidTemplate: triggers must be at most 10, got 11",
      {
        triggers: Object.fromEntries(
          Array.from({ length: 11 }, (_, index) => [`T${index}`, { type: "Recurrence" }]),
        ),
      },
    ],
    "does not ask for the validation of requests here": [
      {},
      "NotSupportedLocally: triggers.T.operationOptions must not be EnableSchemaValidation locally",
      { triggers: { T: { type: "Request", operationOptions: "EnableSchemaValidation" } } },
    ],
    "is alone here": [
      {},
      "NotSupportedLocally: triggers must be one for the local engine, got 2",
      { triggers: { T: { type: "Recurrence", ...hourly }, U: { type: "Recurrence", ...hourly } } },
    ],
    "recurs by a known unit": [
      {},
      "InvalidTemplate: triggers.T.recurrence.frequency must be one of Second, Minute, Hour, Day, Week, Month, got 'Year'",
      trigger({ recurrence: { frequency: "Year", interval: 1 } }),
    ],
    "starts at a time without offset": [
      {},
      "InvalidTemplate: triggers.T.recurrence.startTime must be an ISO 8601 time that ends in Z, or one without offset beside a timeZone, got '2026-01-01T00:00:00+01:00'",
      trigger({
        recurrence: { frequency: "Hour", interval: 1, startTime: "2026-01-01T00:00:00+01:00" },
      }),
    ],
    "has no schedule here": [
      {},
      "NotSupportedLocally: triggers.T.recurrence.schedule is not supported by the local engine",
      trigger({ recurrence: { frequency: "Day", interval: 1, schedule: { hours: [5] } } }),
    ],
    "allows at most 100 runs at a time": [
      {},
      "InvalidTemplate: triggers.T.runtimeConfiguration.concurrency.runs must be a whole number from 1 to 100, got 101",
      trigger({ ...hourly, runtimeConfiguration: { concurrency: { runs: 101 } } }),
    ],
    "lets at most 100 runs wait": [
      {},
      "InvalidTemplate: triggers.T.runtimeConfiguration.concurrency.maximumWaitingRuns must be a whole number from 1 to 100, got 101",
      trigger({ ...hourly, runtimeConfiguration: { concurrency: { maximumWaitingRuns: 101 } } }),
    ],
    "does not say twice how many runs there are": [
      {},
      "InvalidConcurrencyConfiguration: triggers.T.operationOptions must not be SingleInstance together with runtimeConfiguration.concurrency",
      trigger({
        ...hourly,
        operationOptions: "SingleInstance",
        runtimeConfiguration: { concurrency: { runs: 1 } },
      }),
    ],
    "has a method with a relative path": [
      {},
      "InvalidTemplate: triggers.T.inputs.method must be given with relativePath, got nothing",
      { triggers: { T: { type: "Request", inputs: { relativePath: "x/{id}" } } } },
    ],
  });

  // https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#change-trigger-concurrency
  test.each([
    ["any number unless told otherwise", {}, undefined],
    ["25 once that is limited", { runtimeConfiguration: { concurrency: {} } }, 25],
    ["as many as it says", { runtimeConfiguration: { concurrency: { runs: 3 } } }, 3],
    ["one as a single instance", { operationOptions: "SingleInstance" }, 1],
  ])("has runs at a time: %s", (_how, members, expected) => {
    const loaded = loadWorkflow(definition({}, trigger({ ...hourly, ...members })));
    expect(loaded.trigger?.concurrentRuns).toBe(expected);
  });
});
