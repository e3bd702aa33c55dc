import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { logicAppsPage, logicAppsPageFile } from "../../scripts/logic-apps-page.ts";

const page = readFileSync(logicAppsPageFile, "utf8");

test("docs/logic-apps-runner.md is what the engine says; else run npm run docs:logic-apps", async () => {
  expect(logicAppsPageFile).toBe("docs/logic-apps-runner.md");
  expect(page).toBe(await logicAppsPage());
});

test("what is implemented has its source, what is not its reason", () => {
  const reference = "https://learn.microsoft.com/azure/logic-apps/expression-functions-reference";
  expect(page).toContain(`[addDays()](${reference}#adddays)`);
  expect(page).toContain("[mergeObjects()](https://github.com/Azure/LogicAppsUX)");
  expect(page).toContain(
    "[Http](https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#http-action)",
  );
  expect(page).toMatch(
    /\| `ApiConnection` +\| a managed connector, which has no counterpart in the local cloud +\|/,
  );
  expect(page).toMatch(/\| `memberNames` +\| `anyCase`, `exact` +\|/);
  expect(page).toMatch(/\| 120 +\| \[seconds of an outbound request\]/);
});
