/**
 * Readings of the service's behaviour where its documents disagree or say nothing, and what the
 * engine adds. Each default is the reading under which a workflow has the harder time.
 */
export interface EngineOptions {
  /** Milliseconds that the service itself spends on each action. */
  readonly actionLatencyMs: number;
  /**
   * Characters that a result of `string()`, `concat()`, `base64()` or an interpolation may have:
   * 131,072 according to the limits page, 104,857,600 according to the function reference.
   * https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config
   */
  readonly stringLimit: number;
  /**
   * Bytes of a request URI: 2 KB according to
   * https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers, 16,384
   * characters according to the limits page.
   */
  readonly uriLimit: number;
  /** Whether `if()`, `and()` and `or()` evaluate arguments that cannot matter; undocumented. */
  readonly eagerLogic: boolean;
  /**
   * Whether `startsWith()`, `endsWith()`, `indexOf()` and `lastIndexOf()` ignore case, as
   * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference says, or not, as a
   * re-implementation of the runtime observed.
   */
  readonly searchIgnoresCase: boolean;
  /** Whether `equals(null, '')` holds, which the function reference suggests and tests deny. */
  readonly nullEqualsEmptyText: boolean;
  /**
   * Whether a member is found whatever the case of its name, as a re-implementation of the runtime
   * observed (https://github.com/ScoreUnder/IllogicApps), or under the exact name only; undocumented.
   */
  readonly memberNames: "anyCase" | "exact";
  /**
   * What becomes of content with its media type where a text is built of it or JSON is read from it:
   * its JSON as of any object, or what it holds, since wrapping and unwrapping are "implicit"
   * according to
   * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#base64-encoding-decoding.
   */
  readonly envelopesAsText: "json" | "content";
  /**
   * What `outputs()`, `body()`, `actions()` and `result()` give for an action that was skipped in this
   * iteration of a loop: nothing of it, or what an earlier iteration left; undocumented.
   */
  readonly skippedInLoop: "nothing" | "earlierIteration";
  /**
   * What `result()` gives for a loop: an entry for each action with the results of all iterations as
   * its `outputs`, as the example of
   * https://learn.microsoft.com/azure/logic-apps/expression-functions-reference#result shows, or
   * the results of one iteration after the other, as for a scope.
   */
  readonly loopResults: "byAction" | "byIteration";
  /** What a text response becomes: a string, or an object with `$content-type` and `$content`. */
  readonly textBodies: "envelope" | "string";
  /**
   * What a response becomes that says it is JSON and is not: a failed action without outputs, as
   * observed (https://github.com/Azure/LogicAppsUX/issues/4304), or a string.
   */
  readonly brokenJson: "fails" | "string";
  /** Whether a retry waits for at least what `Retry-After` says; documented for triggers only. */
  readonly retryAfter: "ignored" | "honoured";
  /** Status of an Http action whose last attempt had no answer within 120 seconds. */
  readonly requestTimeoutStatus: "Failed" | "TimedOut";
  /**
   * Status of an action that exceeds its `limit.timeout`; no `runAfter` accepts `Cancelled`.
   * https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers
   */
  readonly limitTimeoutStatus: "Cancelled" | "TimedOut";
}

/** The options that hold unless others are given. */
export const defaultEngineOptions: EngineOptions = {
  actionLatencyMs: 0,
  stringLimit: 131_072,
  uriLimit: 2048,
  eagerLogic: false,
  searchIgnoresCase: true,
  nullEqualsEmptyText: false,
  memberNames: "anyCase",
  envelopesAsText: "json",
  skippedInLoop: "nothing",
  loopResults: "byAction",
  textBodies: "envelope",
  brokenJson: "fails",
  retryAfter: "ignored",
  requestTimeoutStatus: "Failed",
  limitTimeoutStatus: "Cancelled",
};
