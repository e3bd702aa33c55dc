import type { Clock } from "../clock.ts";

/**
 * What a workflow may do in any five minutes; beyond it runs go on later, and nothing fails.
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#throughput-limits
 */
export const throughputLimits = { actions: 100_000, contentBytes: 6 * 1024 ** 3 } as const;

const windowSeconds = 300;

interface Second {
  readonly second: number;
  actions: number;
  bytes: number;
}

/** Counts the actions and the content of all runs of one workflow. */
export class Throughput {
  private readonly seconds: Second[] = [];
  private actions = 0;
  private bytes = 0;

  constructor(
    private readonly clock: Clock,
    private readonly limits: { readonly actions: number; readonly contentBytes: number },
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

  /** Counts content that an action received or sent. */
  add(bytes: number): void {
    this.current().bytes += bytes;
    this.bytes += bytes;
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
