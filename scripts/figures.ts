import type { Readings } from "../local/bench/readings.ts";

/** A number without its fraction, in groups of thousands. */
export const whole = (value: number): string => Math.round(value).toLocaleString("en-US");

export const percent = (share: number, digits = 0): string => `${(share * 100).toFixed(digits)} %`;

/** A number under both readings of the pricing page. */
export const bothReadings = (
  { loopOnce, loopCycles }: Readings,
  show: (value: number) => string,
): string => `${show(loopOnce)} / ${show(loopCycles)}`;

/** A time as hours, minutes or seconds, whichever says it best; nothing for none. */
export function duration(ms: number | undefined): string {
  if (ms === undefined) {
    return "";
  }
  const minutes = ms / 60_000;
  return minutes >= 120
    ? `${(minutes / 60).toFixed(1)} h`
    : minutes >= 2
      ? `${minutes.toFixed(1)} min`
      : `${(ms / 1000).toFixed(0)} s`;
}
