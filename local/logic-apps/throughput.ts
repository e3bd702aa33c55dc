import type { Clock } from "../clock.ts";

const windowSeconds = 300;

interface Second {
  readonly second: number;
  actions: number;
  bytes: number;
}

/**
 * Counts what all runs of one workflow do in five minutes and how many calls they have open; beyond it
 * they go on later, and nothing fails.
 */
export class Throughput {
  private readonly seconds: Second[] = [];
  private actions = 0;
  private bytes = 0;
  private calls = 0;
  private readonly callers: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly limits: {
      readonly actions: number;
      readonly contentBytes: number;
      readonly calls: number;
    },
  ) {}

  /** Whether an action may start now, which then counts. */
  admits(): boolean {
    const current = this.current();
    if (this.actions >= this.limits.actions || this.bytes >= this.limits.contentBytes) {
      return false;
    }
    current.actions++;
    this.actions++;
    return true;
  }

  /** Milliseconds until something that counts is five minutes old. */
  get waitMs(): number {
    const oldest = this.seconds[0]!.second + windowSeconds;
    return oldest * 1000 - this.clock.now().getTime();
  }

  /** Counts content that an action received or sent, and retries, which no limit holds up. */
  add(bytes: number, retries = 0): void {
    const current = this.current();
    current.bytes += bytes;
    this.bytes += bytes;
    current.actions += retries;
    this.actions += retries;
  }

  /** Carries out an outbound call once there are few enough of them. */
  async call<T>(carryOut: () => Promise<T>): Promise<T> {
    if (this.calls >= this.limits.calls) {
      await new Promise<void>((resolve) => this.callers.push(resolve));
    }
    this.calls++;
    try {
      return await carryOut();
    } finally {
      this.calls--;
      this.callers.shift()?.();
    }
  }

  private current(): Second {
    const second = Math.floor(this.clock.now().getTime() / 1000);
    while (this.seconds[0] && this.seconds[0].second <= second - windowSeconds) {
      const gone = this.seconds.shift()!;
      this.actions -= gone.actions;
      this.bytes -= gone.bytes;
    }
    const last = this.seconds.at(-1);
    if (last?.second === second) {
      return last;
    }
    const next = { second, actions: 0, bytes: 0 };
    this.seconds.push(next);
    return next;
  }
}
