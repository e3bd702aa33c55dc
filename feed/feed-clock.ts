import { setTimeout } from "node:timers/promises";

/** Time as the commands see it. */
export interface FeedClock {
  /** The current instant. */
  now(): Date;
  /** Waits; `ms` in milliseconds. */
  sleep(ms: number): Promise<void>;
}

/** The clock of the machine. */
export const systemClock: FeedClock = {
  now: () => new Date(),
  sleep: (ms) => setTimeout(ms),
};
