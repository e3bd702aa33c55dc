/** The two slots of an application's secret, in the order of the periods in which they are renewed. */
export const secretSlots = ["even", "odd"] as const;
export type SecretSlot = (typeof secretSlots)[number];

/**
 * The slot whose secret is in the vault at an instant: time is cut into periods of so many calendar
 * months, and each slot is renewed in every second one, as the stack of a tenant declares it.
 */
export function secretSlot(now: Date, periodMonths: number): SecretSlot {
  const month = now.getUTCFullYear() * 12 + now.getUTCMonth();
  return secretSlots[Math.floor(month / periodMonths) % secretSlots.length]!;
}
