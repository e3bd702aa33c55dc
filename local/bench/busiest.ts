import type { MeteredSecond } from "./metered-network.ts";

/** The most of something in any stretch of that many seconds. */
export function busiest(
  seconds: readonly MeteredSecond[],
  lengthSeconds: number,
  countOf: (second: MeteredSecond) => number,
): number {
  let first = 0;
  let sum = 0;
  let most = 0;
  for (const second of seconds) {
    sum += countOf(second);
    while (seconds[first]!.second <= second.second - lengthSeconds) {
      sum -= countOf(seconds[first++]!);
    }
    most = Math.max(most, sum);
  }
  return most;
}
