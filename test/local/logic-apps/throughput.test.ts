import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../../local/clock.ts";
import { loadWorkflow } from "../../../local/logic-apps/load-workflow.ts";
import { runWorkflow } from "../../../local/logic-apps/run-workflow.ts";
import { limits } from "../../../local/logic-apps/limits.ts";
import { Throughput } from "../../../local/logic-apps/throughput.ts";
import { definition, runActions, secondsAfterStart, start, testHost } from "./run.ts";

const actions = {
  L: {
    type: "Foreach",
    foreach: "@range(0, 6)",
    operationOptions: "Sequential",
    actions: {
      C: { type: "Compose", inputs: 1 },
      W: {
        type: "Wait",
        inputs: { interval: { count: 30, unit: "Second" } },
        runAfter: { C: ["Succeeded"] },
      },
    },
  },
};

// https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#throughput-limits
describe("the throughput of a workflow", () => {
  test("is 100,000 actions and 6 GB of content in five minutes", () => {
    expect(limits.actionsPerFiveMinutes.most).toBe(100_000);
    expect(limits.contentBytesPerFiveMinutes.most).toBe(6_442_450_944);
  });

  test("lets runs go on later, where all of them together are too fast", async () => {
    const { clock, host } = testHost();
    const workflow = loadWorkflow(definition(actions));
    const run = () =>
      runWorkflow(workflow, { parameters: {}, host, options: { fiveMinutes: { actions: 9 } } });
    const [first, second] = await clock.run(async () => [await run(), await run()] as const);
    // Nine actions until 90 s; the next ones as those of 0, 30, 60 … s are five minutes old.
    expect(first.status).toBe("Succeeded");
    expect(secondsAfterStart(first.endTime)).toBe(360);
    expect(second.status).toBe("Succeeded");
    expect(secondsAfterStart(second.endTime)).toBe(720);
  });

  test("does not hold up a run that is cancelled meanwhile", async () => {
    const { clock, host } = testHost();
    const cancel = new AbortController();
    const run = await clock.run(async () => {
      const running = runWorkflow(loadWorkflow(definition(actions)), {
        parameters: {},
        host,
        options: { fiveMinutes: { actions: 1 }, cancelAt: cancel.signal },
      });
      await clock.sleep(10_000);
      cancel.abort();
      return running;
    });
    expect(run.status).toBe("Cancelled");
    expect(secondsAfterStart(run.endTime)).toBe(10);
  });

  test("is 2,500 calls at a time, beyond which they are sent later", async () => {
    expect(limits.concurrentCalls.most).toBe(2500);
    const call = { type: "Http", inputs: { method: "GET", uri: "https://example.org/" } };
    const loop = { L: { type: "Foreach", foreach: "@range(0, 5)", actions: { H: call } } };
    const run = await runActions(loop, {
      send: async (_request, clock) => {
        await clock.sleep(100_000);
        return Response.json(1);
      },
      options: { concurrentCalls: 2 },
    });
    // None of them for longer than 120 seconds, though the last ones waited for 200.
    expect(run.status).toBe("Succeeded");
    expect(secondsAfterStart(run.endTime)).toBe(300);
  });

  test("does not send a call that waited while its run was cancelled", async () => {
    const { clock, host } = testHost(async (_request, sleeper) => {
      sent++;
      await sleeper.sleep(60_000);
      return Response.json(1);
    });
    let sent = 0;
    const cancel = new AbortController();
    const call = { type: "Http", inputs: { method: "GET", uri: "https://example.org/" } };
    const workflow = loadWorkflow(definition({ A: call, B: call }));
    const run = await clock.run(async () => {
      const running = runWorkflow(workflow, {
        ...{ parameters: {}, host },
        options: { concurrentCalls: 1, cancelAt: cancel.signal },
      });
      await clock.sleep(10_000);
      cancel.abort();
      await clock.sleep(100_000);
      return running;
    });
    expect(run.status).toBe("Cancelled");
    expect(sent).toBe(1);
  });

  test("counts what calls send and receive", async () => {
    const call = {
      type: "Http",
      inputs: { method: "POST", uri: "https://example.org/", body: "x".repeat(1000) },
    };
    const run = await runActions(
      { A: call, B: { ...call, runAfter: { A: ["Succeeded"] } } },
      {
        send: () => Response.json("y".repeat(1000)),
        options: { fiveMinutes: { contentBytes: 2000 } },
      },
    );
    expect(run.status).toBe("Succeeded");
    expect(secondsAfterStart(run.endTime)).toBe(300);
  });

  test("counts what failed attempts send and receive, and each retry as an action", async () => {
    const retryPolicy = { type: "fixed", count: 2, interval: "PT10S" };
    const call = {
      type: "Http",
      inputs: { method: "GET", uri: "https://example.org/", retryPolicy },
    };
    const next = { type: "Compose", inputs: 1, runAfter: { A: ["Failed"] } };
    const endOf = async (fiveMinutes: { actions?: number; contentBytes?: number }) => {
      const run = await runActions(
        { A: call, B: next },
        { send: () => new Response("x".repeat(1000), { status: 503 }), options: { fiveMinutes } },
      );
      return secondsAfterStart(run.endTime);
    };
    expect(await endOf({ actions: 4 })).toBe(20);
    // Three attempts: the next action starts when the first of them is five minutes old.
    expect(await endOf({ actions: 3 })).toBe(300);
    expect(await endOf({ contentBytes: 3000 })).toBe(300);
    expect(await endOf({ contentBytes: 5000 })).toBe(20);
  });

  test("is that of all runs of a workflow, whatever surrounds each of them", async () => {
    const { clock, host } = testHost();
    const workflow = loadWorkflow(definition({ A: { type: "Compose", inputs: 1 } }));
    const run = () =>
      runWorkflow(workflow, {
        parameters: {},
        host: { ...host },
        options: { fiveMinutes: { actions: 1 } },
      });
    const ends = await clock.run(async () => [await run(), await run()]);
    expect(ends.map(({ endTime }) => secondsAfterStart(endTime))).toEqual([0, 300]);
  });

  test("counts content as well", async () => {
    const clock = new VirtualClock(start);
    const throughput = new Throughput(clock, { actions: 10, contentBytes: 1000, calls: 1 });
    expect(throughput.admits()).toBe(true);
    throughput.add(1000);
    expect(throughput.admits()).toBe(false);
    expect(throughput.waitMs).toBe(300_000);
    await clock.run(() => clock.sleep(299_999));
    expect(throughput.admits()).toBe(false);
    await clock.run(() => clock.sleep(1));
    expect(throughput.admits()).toBe(true);
  });
});
