/** When a failed call is repeated; times in milliseconds. */
export interface RetryPolicy {
  readonly type: "none" | "fixed" | "exponential";
  /** Retries after the first attempt. */
  readonly count: number;
  readonly intervalMs: number;
  readonly minimumIntervalMs: number;
  readonly maximumIntervalMs: number;
}

/**
 * The policy of an action that names none.
 * https://learn.microsoft.com/azure/logic-apps/error-exception-handling#retry-policies
 */
export const defaultRetryPolicy: RetryPolicy = {
  type: "exponential",
  count: 4,
  intervalMs: 7500,
  minimumIntervalMs: 5000,
  maximumIntervalMs: 45_000,
};

/**
 * Milliseconds before retry `n` (the first is 1), for a random number from 0 to 1: uniform between
 * `max(2^(n-2)·interval, min)` and `min(2^(n-1)·interval, max)`.
 * https://learn.microsoft.com/azure/logic-apps/error-exception-handling#exponential-interval
 */
export function retryDelayMs(policy: RetryPolicy, n: number, random: number): number {
  if (policy.type === "fixed") {
    return policy.intervalMs;
  }
  const { intervalMs, minimumIntervalMs, maximumIntervalMs } = policy;
  const least = Math.max(n === 1 ? 0 : 2 ** (n - 2) * intervalMs, minimumIntervalMs);
  const most = Math.min(2 ** (n - 1) * intervalMs, maximumIntervalMs);
  return most <= least ? Math.min(least, maximumIntervalMs) : least + random * (most - least);
}

/** Whether an answer is worth another attempt: 408, 429 and the 5xx. */
export function isRetried(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}
