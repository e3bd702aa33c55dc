import type { RowDelay } from "./bench-tenant.ts";

/** How long records took, in ms; nothing is known without records. */
export interface Distribution {
  readonly medianMs: number | undefined;
  readonly p95Ms: number | undefined;
}

/** The distribution of the delays of records. */
export function distributionOf(delays: readonly RowDelay[]): Distribution {
  const sorted = delays.toSorted((a, b) => a.ms - b.ms);
  const all = sorted.reduce((sum, { records }) => sum + records, 0);
  const at = (share: number): number | undefined => {
    let left = share * all;
    return sorted.find(({ records }) => (left -= records) <= 0)?.ms;
  };
  return { medianMs: at(0.5), p95Ms: at(0.95) };
}
