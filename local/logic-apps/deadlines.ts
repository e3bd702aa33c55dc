import type { Clock } from "../clock.ts";

/** What `Deadlines.race` gives when the work took too long. */
export const timedOut = Symbol("timed out");

/**
 * The same time limit for many overlapping waits, with one timer for all of them: a timer for each
 * request would stay set long after its answer.
 */
export class Deadlines {
  private readonly pending = new Set<{ readonly at: number; readonly expire: () => void }>();
  private watching = false;

  constructor(
    private readonly clock: Clock,
    private readonly limitMs: number,
  ) {}

  /** Waits for the work, at most for the limit; the work goes on unheard after that. */
  race<T>(work: Promise<T>): Promise<T | typeof timedOut> {
    return new Promise((resolve, reject) => {
      const deadline = {
        at: this.clock.now().getTime() + this.limitMs,
        expire: () => resolve(timedOut),
      };
      this.pending.add(deadline);
      if (!this.watching) {
        this.watching = true;
        void this.watch();
      }
      work.then(
        (value) => {
          this.pending.delete(deadline);
          resolve(value);
        },
        (error: Error) => {
          this.pending.delete(deadline);
          reject(error);
        },
      );
    });
  }

  private async watch(): Promise<void> {
    for (const deadline of this.pending) {
      await this.clock.sleep(deadline.at - this.clock.now().getTime());
      this.pending.delete(deadline);
      deadline.expire();
    }
    this.watching = false;
  }
}
