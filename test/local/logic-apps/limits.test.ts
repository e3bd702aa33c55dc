import { expect, test } from "vitest";
import { limits } from "../../../local/logic-apps/limits.ts";

const mega = 1024 * 1024;

// https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config, and where another page
// names the bound, the source that goes with it.
test("the bounds are those of the pages", () => {
  const bounds = Object.fromEntries(Object.entries(limits).map(([name, { most }]) => [name, most]));
  expect(bounds).toEqual({
    actions: 500,
    nesting: 8,
    triggers: 10,
    parameters: 50,
    variables: 250,
    switchCases: 25,
    nameCharacters: 80,
    descriptionCharacters: 256,
    expressionCharacters: 8192,
    trackedCharacters: 8000,
    foreachItems: 100_000,
    foreachAtOnce: 50,
    untilIterations: 5000,
    runsAtOnce: 100,
    runDays: 90,
    variableItems: 100_000,
    variableCharacters: 100 * mega,
    contentBytes: 100 * mega,
    messageBytes: 100 * mega,
    requestSeconds: 120,
    actionsPerFiveMinutes: 100_000,
    contentBytesPerFiveMinutes: 6 * 1024 * mega,
    concurrentCalls: 2500,
    startYears: 49,
    retries: 90,
    joinCharacters: 100 * mega,
    rangeItems: 100_000,
  });
});
