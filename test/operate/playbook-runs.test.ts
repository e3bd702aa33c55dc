import { describe, expect, test } from "vitest";
import { PlaybookRuns } from "../../operate/playbook-runs.ts";

/** Runs of a workflow of which `lists` are what it lists, one after the other. */
function runsOf(...lists: readonly (readonly [name: string, status: string][])[]) {
  const asked: string[] = [];
  let looks = 0;
  let now = Date.parse("2026-01-14T12:00:00Z");
  const runs = new PlaybookRuns(
    {
      get: async (path) => {
        asked.push(`get ${path}`);
        const value = lists[Math.min(looks++, lists.length - 1)]!;
        return { value: value.map(([name, status]) => ({ name, properties: { status } })) };
      },
      post: async (path) => {
        asked.push(`post ${path}`);
        return undefined;
      },
    },
    "/playbook",
    {
      now: () => new Date(now),
      sleep: async (ms) => {
        now += ms;
      },
    },
  );
  return { asked, runs };
}

const mostMs = 60_000;

describe("PlaybookRuns", () => {
  test("fires the trigger and waits for the run that began after that", async () => {
    const { asked, runs } = runsOf(
      [["old", "Running"]],
      [["old", "Succeeded"]],
      [
        ["new", "Running"],
        ["old", "Succeeded"],
      ],
      [
        ["newer", "Failed"],
        ["new", "Succeeded"],
        ["old", "Succeeded"],
      ],
    );
    const told: string[] = [];
    const run = await runs.runOnce({ mostMs, progress: (line) => told.push(line) });
    expect(run).toEqual({ name: "new", status: "Succeeded" });
    expect(told).toEqual(["waiting for a run of the playbook", "run new goes on"]);
    expect(asked.slice(0, 2)).toEqual([
      "get /playbook/runs?api-version=2019-05-01&$top=30",
      "post /playbook/triggers/On_schedule/run?api-version=2019-05-01",
    ]);
  });

  test("waits until those have ended that go on, and for none that begins meanwhile", async () => {
    const one: [string, string] = ["one", "Running"];
    const { asked, runs } = runsOf(
      [["queued", "Waiting"], one, ["older", "Failed"]],
      [["two", "Running"], one],
      [
        ["three", "Running"],
        ["two", "Succeeded"],
        ["one", "Succeeded"],
      ],
    );
    const told: string[] = [];
    await runs.ended({ mostMs, progress: (line) => told.push(line) });
    expect(asked).toHaveLength(3);
    expect(told).toEqual(["waiting until run one has ended"]);
    const idle = runsOf([["older", "Failed"]]);
    await idle.runs.ended({ mostMs });
    expect(idle.asked).toHaveLength(1);
    await expect(runsOf([one]).runs.ended({ mostMs })).rejects.toThrow(
      "run one of the playbook did not end within 1 minutes: repeat the command when it has",
    );
  });

  test("does not wait for ever", async () => {
    await expect(runsOf([["new", "Waiting"]]).runs.runOnce({ mostMs })).rejects.toThrow(
      "no run of the playbook ended within 1 minutes: look at the runs of /playbook in the portal",
    );
  });

  test("says when there is no playbook", async () => {
    const manager = { get: async () => undefined, post: async () => undefined };
    const clock = { now: () => new Date(0), sleep: async () => undefined };
    const runs = new PlaybookRuns(manager, "/playbook", clock);
    await expect(runs.list()).rejects.toThrow(
      "/playbook is not there: deploy the environment first",
    );
  });
});
