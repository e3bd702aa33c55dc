/** Time as the local cloud and the Logic Apps runner see it. */
export interface Clock {
  /** The current instant. */
  now(): Date;
  /** Waits; `ms` in milliseconds of this clock. */
  sleep(ms: number): Promise<void>;
  /** Waits for real work (a database, a socket) while this clock stands still. */
  busy<T>(work: Promise<T> | T): Promise<T>;
}

/** A clock under which work can go through days in a moment. */
export interface SimulatedClock extends Clock {
  /** Runs `work` and moves the time until it has ended. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * A clock that jumps: when everything that runs under it waits for time, the time becomes that of
 * the earliest waiter. A day with ninety-six runs takes as long as the work in it, and timers of the
 * same instant wake in the order in which they were set.
 */
export class VirtualClock implements SimulatedClock {
  private instant: number;
  private timers: Timer[] = [];
  private working = 0;
  /** Called once when no real work goes on any more. */
  private readonly waitingForWork: (() => void)[] = [];

  constructor(start: Date) {
    this.instant = start.getTime();
  }

  now(): Date {
    return new Date(this.instant);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.addTimer({ at: this.instant + Math.max(0, ms), wake });
    });
  }

  async busy<T>(work: Promise<T> | T): Promise<T> {
    this.working++;
    try {
      return await work;
    } finally {
      this.working--;
      if (this.working === 0) {
        this.goOn();
      }
    }
  }

  /**
   * Runs `work` and moves the time until it has ended. Timers that nothing waits for any more stay
   * set and do not keep it running. Fails when `work` waits for something that no timer will end.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    let ended = false;
    const result = work().finally(() => {
      ended = true;
      this.goOn();
    });
    result.catch(() => undefined); // reported by the `return` below, not as unhandled
    let idleTurns = 0;
    for (;;) {
      await new Promise((turn) => setImmediate(turn));
      if (ended) {
        return result;
      }
      if (this.working > 0) {
        idleTurns = 0;
        // Turn after turn would take the processor from the work that is waited for.
        await new Promise<void>((goOn) => this.waitingForWork.push(goOn));
        continue;
      }
      const timer = this.takeTimer();
      if (timer) {
        idleTurns = 0;
        this.instant = timer.at;
        timer.wake();
      } else if (++idleTurns > 1000) {
        throw new Error(
          "the virtual clock stands still: work waits for something it does not know",
        );
      }
    }
  }

  private goOn(): void {
    this.waitingForWork.splice(0).forEach((goOn) => goOn());
  }

  private addTimer(timer: Timer): void {
    let index = this.timers.length;
    while (index > 0 && this.timers[index - 1]!.at > timer.at) {
      index--;
    }
    this.timers.splice(index, 0, timer);
  }

  private takeTimer(): Timer | undefined {
    return this.timers.shift();
  }
}

/**
 * A clock that goes with real time, for programs outside that have their own, and jumps through what runs
 * under it. What it has jumped over it stays ahead by.
 */
export class RehearsalClock implements SimulatedClock {
  private aheadMs = 0;
  private simulated: VirtualClock | undefined;

  now(): Date {
    return this.simulated?.now() ?? new Date(Date.now() + this.aheadMs);
  }

  sleep(ms: number): Promise<void> {
    return (
      this.simulated?.sleep(ms) ?? new Promise((wake) => setTimeout(wake, Math.max(0, ms)).unref())
    );
  }

  async busy<T>(work: Promise<T> | T): Promise<T> {
    return this.simulated ? this.simulated.busy(work) : work;
  }

  /** Fails while something else runs under it. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.simulated) {
      throw new Error("one thing at a time can run under the clock");
    }
    this.simulated = new VirtualClock(this.now());
    try {
      return await this.simulated.run(work);
    } finally {
      this.aheadMs = this.simulated.now().getTime() - Date.now();
      this.simulated = undefined;
    }
  }
}
