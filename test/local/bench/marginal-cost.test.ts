import { describe, expect, test } from "vitest";
import { measureMarginalCost } from "../../../local/bench/marginal-cost.ts";

describe("marginal cost", () => {
  test("is what a run with blobs costs beyond one without", async () => {
    const cost = await measureMarginalCost(10, 1, [0, 1, 3, 20]);
    const { recordsPerBlob, runs, firstBlob, oneMoreBlob } = cost;
    expect(recordsPerBlob).toBe(10);
    const [idle, one, three, twenty] = runs;
    expect(runs.map(({ blobs }) => blobs)).toEqual([0, 1, 3, 20]);
    expect(idle!.perBlob).toBeUndefined();
    expect(one!.perFurtherBlob).toBeUndefined();
    expect(one!.shareOfMicrosofts).toBeUndefined();
    for (const reading of ["loopOnce", "loopCycles"] as const) {
      const beyond = twenty!.executions[reading] - idle!.executions[reading];
      expect(twenty!.perBlob![reading]).toBeCloseTo(beyond / 20, 10);
      const jump = one!.executions[reading] - idle!.executions[reading];
      expect(firstBlob![reading]).toBe(jump);
      const further = twenty!.executions[reading] - one!.executions[reading];
      expect(twenty!.perFurtherBlob![reading]).toBeCloseTo(further / 19, 10);
      const step = (three!.executions[reading] - one!.executions[reading]) / 2;
      expect(oneMoreBlob[reading]).toBe(step);
    }
    // Blobs of ten records go into one call together, and a run without blobs sends none.
    expect(runs.map(({ rowCalls }) => rowCalls)).toEqual([0, 1, 1, 1]);
    expect(cost.twoFitCall).toBe(true);
    const microsofts = 19 * (0.000025 + 0.000125);
    const ours = (twenty!.executions.loopOnce - one!.executions.loopOnce) * 0.000025;
    expect(twenty!.shareOfMicrosofts!.loopOnce).toBeCloseTo(ours / microsofts, 10);
  });

  test("needs a run without blobs", async () => {
    await expect(measureMarginalCost(10, 1, [1])).rejects.toThrow(
      "numbers of waiting blobs must include 0, got 1",
    );
  });
});
