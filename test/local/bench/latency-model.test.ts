import { describe, expect, test } from "vitest";
import {
  Latencies,
  loadLatencyModel,
  type LatencyModel,
} from "../../../local/bench/latency-model.ts";

const model = loadLatencyModel();

/** Times that a model gives for requests of one kind, sorted. */
function drawn(from: LatencyModel, seed: number): number[] {
  const latencies = new Latencies(from, seed);
  return Array.from({ length: 5000 }, () => latencies.answerMs("blob")).sort((a, b) => a - b);
}

describe("the latency model", () => {
  test("says of every number where it is from", () => {
    expect(model.actionOverheadFrom).toMatch(/^(assumed|measured|documented)/);
    for (const { from } of Object.values(model.requests)) {
      expect(from).toMatch(/^(assumed|measured|documented)/);
    }
  });

  test("can be made slower, every time of it alike", () => {
    const slower = loadLatencyModel(3);
    expect(slower.actionOverheadMs).toBe(3 * model.actionOverheadMs);
    for (const [kind, { medianMs, p95Ms, perMegabyteMs, from }] of Object.entries(model.requests)) {
      expect(slower.requests[kind as keyof LatencyModel["requests"]]).toEqual({
        medianMs: 3 * medianMs,
        p95Ms: 3 * p95Ms,
        perMegabyteMs: 3 * perMegabyteMs,
        from,
      });
    }
  });
});

describe("Latencies", () => {
  test("have the median and the 95th percentile of the model", () => {
    const times = drawn(model, 1);
    const { medianMs, p95Ms } = model.requests.blob;
    expect(times[2500]! / medianMs).toBeCloseTo(1, 1);
    expect(times[4750]! / p95Ms).toBeCloseTo(1, 1);
  });

  test("are the same for the same seed only", () => {
    expect(drawn(model, 1)).toEqual(drawn(model, 1));
    expect(drawn(model, 2)).not.toEqual(drawn(model, 1));
  });

  test("grow with the bytes of a body", () => {
    const latencies = new Latencies(model, 1);
    const { perMegabyteMs } = model.requests.ingestion;
    expect(latencies.transferMs("ingestion", 0)).toBe(0);
    expect(latencies.transferMs("ingestion", 2_500_000)).toBe(2.5 * perMegabyteMs);
  });
});
