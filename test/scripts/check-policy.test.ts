import { expect, test } from "vitest";
import { policyProblems } from "../../scripts/check-policy.ts";

const failed = { check: "CKV_1", what: "be safe", stack: "dev-contoso", resource: "a.b" };
const waiver = { check: "CKV_1", stacks: "(dev|test)-.*", reason: "tests are not kept" };

test("A failed check needs a waiver for its stack, and a waiver a failed check", () => {
  expect(policyProblems([failed], [waiver])).toEqual([]);
  expect(policyProblems([{ ...failed, stack: "prod-contoso" }, failed], [waiver])).toEqual([
    "prod-contoso: a.b must pass CKV_1 (be safe), or have a waiver with its reason in tools/policy-waivers.json",
  ]);
  expect(policyProblems([], [waiver])).toEqual([
    "tools/policy-waivers.json must hold no waiver that nothing needs, got CKV_1 for (dev|test)-.*",
  ]);
});
