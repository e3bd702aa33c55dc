import { describe, expect, test } from "vitest";
import type { StartAnswer } from "../../feed/feed-api.ts";
import { turnOn } from "../../feed/turn-on.ts";
import { localFeed } from "./local-feed.ts";

const coolingDown: StartAnswer = { outcome: "cooling down", waitMs: 526_000 };

/** Turns Audit.General on at an API that gives these answers; it is on from the given look. */
async function turn(answers: StartAnswer[], options: { wait?: boolean; onFromLook?: number } = {}) {
  const { clock } = localFeed().options;
  const lines: string[] = [];
  let starts = 0;
  let looks = 0;
  let requests = 0;
  const api = {
    start: async () => answers[starts++]!,
    contentTypesOn: async () =>
      new Map(
        ++looks >= (options.onFromLook ?? Infinity) ? [["audit.general", "Audit.General"]] : [],
      ),
  };
  const result = await turnOn(api, "Audit.General", {
    clock,
    wait: options.wait ?? false,
    progress: (line) => lines.push(line),
    requested: () => requests++,
  }).catch((error: unknown) => (error as Error).message);
  return { result, lines, starts, requests, now: clock.now().toISOString() };
}

describe("turnOn", () => {
  test("says how long when the API takes no start", async () => {
    expect(await turn([coolingDown])).toEqual({
      result: "the API takes one start in 15 minutes: repeat the command in 8m 46s, or with --wait",
      lines: [],
      starts: 1,
      requests: 1,
      now: "2026-01-14T12:00:00.000Z",
    });
  });

  test("waits when asked to, a second longer than told, and starts again", async () => {
    expect(await turn([coolingDown, { outcome: "started" }], { wait: true })).toEqual({
      result: "turned on",
      lines: ["waits 8m 46s, because the API takes one start in 15 minutes"],
      starts: 2,
      requests: 2,
      now: "2026-01-14T12:08:47.000Z",
    });
  });

  test("does not start again what is on after the wait", async () => {
    expect(await turn([coolingDown], { wait: true, onFromLook: 2 })).toMatchObject({
      result: "already on",
      starts: 1,
    });
  });

  test("finds on what was started by a request whose answer was lost", async () => {
    expect(await turn([coolingDown], { onFromLook: 1 })).toMatchObject({
      result: "already on",
      lines: [],
    });
  });

  test("gives up after three waits", async () => {
    expect(await turn(Array<StartAnswer>(4).fill(coolingDown), { wait: true })).toMatchObject({
      result: "the API takes one start in 15 minutes: repeat the command in 8m 46s",
      starts: 4,
    });
  });
});
