import { describe, expect, test } from "vitest";
import { RehearsalClock, VirtualClock } from "../../local/clock.ts";

const start = "2026-01-14T00:00:00.000Z";
const clockAtStart = () => new VirtualClock(new Date(start));

/** Notes when things happen, in milliseconds since the start. */
function diary(clock: VirtualClock) {
  const entries: string[] = [];
  return {
    entries,
    note: (what: string) => {
      entries.push(`${clock.now().getTime() - Date.parse(start)} ${what}`);
    },
  };
}

/** Real work that takes a few turns of the event loop. */
const work = (turns = 5): Promise<void> =>
  turns === 0 ? Promise.resolve() : new Promise(setImmediate).then(() => work(turns - 1));

describe("VirtualClock", () => {
  test("begins at its start and gives a date of one's own", () => {
    const clock = clockAtStart();
    clock.now().setFullYear(1999);
    expect(clock.now().toISOString()).toBe(start);
  });

  test("stands still while nothing runs under it", async () => {
    const clock = clockAtStart();
    let awake = false;
    void clock.sleep(1).then(() => (awake = true));
    await work(20);
    expect([awake, clock.now().toISOString()]).toEqual([false, start]);
  });

  test("jumps to the earliest waiter, and wakes those of one instant in their order", async () => {
    const clock = clockAtStart();
    const { entries, note } = diary(clock);
    const wait = async (ms: number, name: string) => {
      await clock.sleep(ms);
      note(name);
    };
    await clock.run(() =>
      Promise.all([
        wait(86_400_000, "a day"),
        wait(20, "first"),
        wait(10, "early"),
        wait(20, "second"),
        wait(20, "third"),
      ]),
    );
    expect(entries).toEqual(["10 early", "20 first", "20 second", "20 third", "86400000 a day"]);
  });

  test("lets what one waiter does come before the next one wakes", async () => {
    const clock = clockAtStart();
    const { entries, note } = diary(clock);
    await clock.run(() =>
      Promise.all([
        clock.sleep(10).then(async () => {
          await Promise.resolve();
          await clock.sleep(5);
          note("15 after 10");
        }),
        clock.sleep(20).then(() => note("20")),
      ]),
    );
    expect(entries).toEqual(["15 15 after 10", "20 20"]);
  });

  test("does not go back for a wait of less than nothing", async () => {
    const clock = clockAtStart();
    await clock.run(() => clock.sleep(-1000));
    expect(clock.now().toISOString()).toBe(start);
  });

  test("stands still during real work, even when others wait for time", async () => {
    const clock = clockAtStart();
    const { entries, note } = diary(clock);
    await clock.run(() =>
      Promise.all([
        clock.busy(work()).then(() => note("worked")),
        clock.sleep(1).then(() => note("slept")),
      ]),
    );
    expect(entries).toEqual(["0 worked", "1 slept"]);
  });

  test("gives what real work gives, and goes on after real work that fails", async () => {
    const clock = clockAtStart();
    await clock.run(async () => {
      expect(await clock.busy(7)).toBe(7);
      expect(await clock.busy(Promise.resolve("done"))).toBe("done");
      await expect(clock.busy(Promise.reject(new Error("no socket")))).rejects.toThrow(
        new Error("no socket"),
      );
      await clock.sleep(1);
    });
    expect(clock.now().getTime()).toBe(Date.parse(start) + 1);
  });

  test("runs until the work has ended, not until nobody waits", async () => {
    const clock = clockAtStart();
    const result = await clock.run(async () => {
      void clock.sleep(1_000_000);
      await clock.sleep(1000);
      return "result";
    });
    expect(result).toBe("result");
    expect(clock.now().getTime()).toBe(Date.parse(start) + 1000);
  });

  test("wakes a waiter of an earlier run at its time in a later one", async () => {
    const clock = clockAtStart();
    const { entries, note } = diary(clock);
    await clock.run(async () => {
      void clock.sleep(50).then(() => note("left over"));
      await clock.sleep(10);
    });
    await clock.run(() => clock.sleep(100));
    expect(entries).toEqual(["50 left over"]);
    expect(clock.now().getTime()).toBe(Date.parse(start) + 110);
  });

  test("fails as the work fails", async () => {
    const clock = clockAtStart();
    const failing = clock.run(async () => {
      await clock.sleep(5);
      throw new Error("the work failed");
    });
    await expect(failing).rejects.toThrow(new Error("the work failed"));
  });

  test("fails when the work waits for something that no time brings", async () => {
    const endless = clockAtStart().run(() => new Promise(() => undefined));
    await expect(endless).rejects.toThrow(
      new Error("the virtual clock stands still: work waits for something it does not know"),
    );
  });
});

describe("RehearsalClock", () => {
  test("goes with real time, and stays ahead by what it has jumped over", async () => {
    const clock = new RehearsalClock();
    const ahead = () => Math.round((clock.now().getTime() - Date.now()) / 60_000);
    expect(ahead()).toBe(0);
    await clock.sleep(1);
    await clock.run(async () => {
      await clock.busy(work());
      await clock.sleep(24 * 3_600_000);
      expect(ahead()).toBe(24 * 60);
    });
    expect(ahead()).toBe(24 * 60);
    await clock.run(() => clock.sleep(3_600_000));
    expect(ahead()).toBe(25 * 60);
  });

  test("runs one thing at a time, and goes on after one that failed", async () => {
    const clock = new RehearsalClock();
    const failed = clock.run(async () => {
      await clock.sleep(60_000);
      await clock.run(() => Promise.resolve());
    });
    await expect(failed).rejects.toThrow("one thing at a time can run under the clock");
    await clock.sleep(1);
    expect(Math.round((clock.now().getTime() - Date.now()) / 1000)).toBe(60);
  });
});
