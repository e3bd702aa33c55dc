import { expect, test } from "vitest";
import { microsoftPlaybookUsd } from "../../../local/bench/microsoft-playbook.ts";

test("Microsoft's playbook spends a built-in and a connector execution a blob, and the cycle of a loop", () => {
  const { loopOnce, loopCycles } = microsoftPlaybookUsd(20);
  expect(loopOnce).toBeCloseTo(20 * 0.000025 + 20 * 0.000125, 10);
  expect(loopCycles).toBeCloseTo(loopOnce + 20 * 0.000025, 10);
});
