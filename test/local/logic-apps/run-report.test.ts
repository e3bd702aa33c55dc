import { expect, test } from "vitest";
import { runReport } from "../../../local/logic-apps/run-report.ts";
import { runActions } from "./run.ts";

const secured = (...properties: string[]) => ({
  runtimeConfiguration: { secureData: { properties } },
});

const actions = {
  Get: {
    type: "Http",
    inputs: { method: "GET", uri: "https://example.org/", headers: { key: "planted-secret" } },
    ...secured("inputs"),
  },
  Loop: {
    type: "Foreach",
    foreach: [1],
    runAfter: { Get: ["Succeeded"] },
    actions: { Convert: { type: "Compose", inputs: "@int('x')" } },
  },
  Never: { type: "Compose", inputs: 1, runAfter: { Loop: ["Succeeded"] } },
};

async function run() {
  let calls = 0;
  return runActions(actions, {
    send: () =>
      ++calls === 1 ? new Response(null, { status: 503 }) : Response.json({ value: "shown" }),
  });
}

const convertError =
  "    error    InvalidTemplate: Unable to process template language expressions in action 'Convert' inputs at line '0' and column '0': 'The template language function 'int' was invoked with a parameter that is not valid. The value cannot be converted to the target type.'.";

test("a report tells what each action did and what it costs", async () => {
  expect(runReport(await run(), { trace: false })).toEqual([
    "Start                        Seconds  Status                  Code             Executions  Action",
    "2026-01-05T10:00:00.000Z       6.250  Succeeded with retries  OK (503, 200)             2  Get",
    "2026-01-05T10:00:06.250Z       0.000  Failed                  InvalidTemplate           1  Loop[0] / Convert",
    convertError,
    "2026-01-05T10:00:06.250Z       0.000  Failed                  ActionFailed              1  Loop",
    "    error    ActionFailed: An action failed. No dependent actions succeeded.",
    "2026-01-05T10:00:06.250Z       0.000  Skipped                 ActionSkipped             0  Never",
    "",
    "The run ended as Failed after 6.250 s, with 5 billable executions (6 where each cycle of a loop counts).",
    "ActionFailed: An action failed. No dependent actions succeeded.",
  ]);
});

test("a trace shows inputs and outputs, and hides what is secured", async () => {
  const report = runReport(await run(), { trace: true });
  expect(report.slice(1, 4)).toEqual([
    "2026-01-05T10:00:00.000Z       6.250  Succeeded with retries  OK (503, 200)             2  Get",
    '    inputs   "Content not shown due to security configuration."',
    '    outputs  {"statusCode":200,"headers":{"Content-Type":"application/json"},"body":{"value":"shown"}}',
  ]);
  expect(report.join("\n")).not.toContain("planted-secret");
});
