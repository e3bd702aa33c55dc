import type { CatchUp } from "./catch-up.ts";
import type { DayCell } from "./measure-day.ts";

/** What the numbers of a day were measured over; those marked as extrapolated follow from it. */
export function dayMeasuredOver(day: DayCell): string {
  const { measuredHours, isExtrapolated, sweepListings, sweepListingsMeasured } = day;
  return isExtrapolated
    ? `${measuredHours} h and ${whole(sweepListingsMeasured)} of ${whole(sweepListings)} listings of a sweep`
    : `${measuredHours} h`;
}

/** What extrapolated times of catching up follow from; nothing where each was simulated to its end. */
export function caughtUpFrom(catchUps: readonly (CatchUp | undefined)[]): string {
  const minutes = new Set(catchUps.flatMap((each) => each?.rateMinutes ?? []));
  return [...minutes].map((each) => `a rate over ${each} min`).join(", ");
}

const whole = (value: number) => value.toLocaleString("en-US");
