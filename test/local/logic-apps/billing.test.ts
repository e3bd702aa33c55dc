import { describe, expect, test } from "vitest";
import { billingRules, prices, priceUsd } from "../../../local/logic-apps/billing-rules.ts";
import { initialize, wait } from "./actions.ts";
import { runActions } from "./run.ts";

const compose = { type: "Compose", inputs: 1 };
const billable = async (actions: object, send?: () => Response) =>
  (await runActions(actions, { send })).billable;

// https://learn.microsoft.com/azure/logic-apps/logic-apps-pricing
describe("billable executions", () => {
  test("are the trigger and every action", async () => {
    expect(await billable({})).toEqual({ executions: 1, executionsWithLoopCycles: 1 });
    expect(
      (await billable({ A: compose, S: { type: "Scope", actions: { B: compose } } })).executions,
    ).toBe(4);
  });

  test("are conditions, data operations, variables and waiting as well", async () => {
    const actions = {
      I: initialize("v", "Integer", 1),
      W: wait(1),
      S: { type: "Switch", expression: "@1", cases: {}, default: { actions: { A: compose } } },
      B: { type: "If", expression: "@false", actions: {}, else: { actions: { C: compose } } },
      Q: { type: "Query", inputs: { from: [], where: "@true" } },
    };
    expect((await billable(actions)).executions).toBe(8);
  });

  test("include failed actions, not skipped ones", async () => {
    const actions = {
      A: { type: "Compose", inputs: "@int('x')" },
      B: { ...compose, runAfter: { A: ["Succeeded"] } },
      I: { type: "If", expression: "@true", actions: {}, else: { actions: { C: compose } } },
    };
    expect((await billable(actions)).executions).toBe(3);
  });

  test("include each retry", async () => {
    const http = { type: "Http", inputs: { method: "GET", uri: "https://example.org/" } };
    const unavailable = () => new Response(null, { status: 503 });
    expect((await billable({ A: http }, unavailable)).executions).toBe(6);
  });

  test("include each poll of an asynchronous operation", async () => {
    let calls = 0;
    const accepted = () =>
      ++calls < 3
        ? new Response(null, { status: 202, headers: { location: "https://example.org/status" } })
        : Response.json(1);
    const http = { type: "Http", inputs: { method: "POST", uri: "https://example.org/" } };
    expect((await billable({ A: http }, accepted)).executions).toBe(4);
  });

  test("of a loop are items times actions and the loop, its cycles under the other reading", async () => {
    const actions = { A: compose, B: compose };
    const loop = { L: { type: "Foreach", foreach: [1, 2, 3], actions } };
    expect(await billable(loop)).toEqual({ executions: 8, executionsWithLoopCycles: 11 });
    const until = { U: { type: "Until", expression: "@false", limit: { count: 5 }, actions } };
    expect(await billable(until)).toEqual({ executions: 12, executionsWithLoopCycles: 17 });
  });

  // The page's example: a loop over ten items with one action in it.
  test("of the loop of the page are eleven", async () => {
    const loop = { L: { type: "Foreach", foreach: "@range(0, 10)", actions: { A: compose } } };
    expect((await billable(loop)).executions).toBe(1 + 11);
  });

  test("end where the run was terminated", async () => {
    const actions = {
      Stop: { type: "Terminate", inputs: { runStatus: "Succeeded" } },
      A: { ...compose, runAfter: { Stop: ["Succeeded"] } },
    };
    expect((await billable(actions)).executions).toBe(2);
  });
});

// https://learn.microsoft.com/azure/logic-apps/logic-apps-pricing
describe("the price of an execution", () => {
  test("is that of a built-in action, or more for a connector", () => {
    expect(prices.standardConnectorCall / prices.builtInExecution).toBeCloseTo(5);
    expect(prices.enterpriseConnectorCall / prices.builtInExecution).toBeCloseTo(40);
  });

  test("is nothing within the allotment of a subscription, for built-in actions alone", () => {
    expect(priceUsd({ builtIn: 4000 })).toBe(0);
    expect(priceUsd({ builtIn: 5000 })).toBeCloseTo(0.025);
    expect(priceUsd({ builtIn: 4000, standardConnector: 1000 })).toBeCloseTo(0.125);
    expect(priceUsd({ builtIn: 0, enterpriseConnector: 1000 })).toBeCloseTo(1);
    expect(priceUsd({ builtIn: 5000 }, 0)).toBeCloseTo(0.125);
  });

  test("is told with every rule that the engine counts by", () => {
    expect(billingRules.map(({ rule }) => rule).join(" ")).toMatch(
      /trigger.*failed.*retry.*loop.*skipped.*connector/,
    );
  });
});
