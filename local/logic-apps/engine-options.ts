/**
 * Readings of the service's behaviour where its documents disagree or say nothing, and what the
 * engine adds; {@link openQuestions} says what each is about.
 */
export interface EngineOptions {
  /** Milliseconds. */
  readonly actionLatencyMs: number;
  /** Milliseconds. */
  readonly firingDelayMs: number;
  readonly waitingRuns: number;
  /** Characters. */
  readonly stringLimit: number;
  /** Bytes. */
  readonly uriLimit: number;
  readonly eagerLogic: boolean;
  readonly searchIgnoresCase: boolean;
  readonly nullEqualsEmptyText: boolean;
  readonly memberNames: "anyCase" | "exact";
  readonly envelopesAsText: "json" | "content";
  readonly skippedInLoop: "nothing" | "earlierIteration";
  readonly loopResults: "byAction" | "byIteration";
  readonly untilStatus: "anyAction" | "endActions";
  readonly textBodies: "envelope" | "string";
  readonly brokenJson: "fails" | "string";
  readonly retryAfter: "ignored" | "honoured";
  readonly requestTimeoutStatus: "Failed" | "TimedOut";
  readonly limitTimeoutStatus: "Cancelled" | "TimedOut";
}

/**
 * The options that hold unless others are given: the harder reading for a workflow where documents
 * disagree, what was observed where they say nothing.
 */
export const defaultEngineOptions: EngineOptions = {
  actionLatencyMs: 0,
  firingDelayMs: 0,
  waitingRuns: 1,
  stringLimit: 131_072,
  uriLimit: 2048,
  eagerLogic: false,
  searchIgnoresCase: true,
  nullEqualsEmptyText: false,
  memberNames: "anyCase",
  envelopesAsText: "json",
  skippedInLoop: "nothing",
  loopResults: "byAction",
  untilStatus: "anyAction",
  textBodies: "envelope",
  brokenJson: "fails",
  retryAfter: "ignored",
  requestTimeoutStatus: "Failed",
  limitTimeoutStatus: "Cancelled",
};

/** What an option decides. */
export interface OpenQuestion {
  /** A sentence. */
  readonly about: string;
  /** Values beside the default. */
  readonly others: readonly (string | number | boolean)[];
  readonly sources: readonly string[];
}

const config = "https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config";
const triggersAndActions =
  "https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers";
const schedules =
  "https://learn.microsoft.com/azure/logic-apps/concepts-schedule-automated-recurring-tasks-workflows";
const reference = "https://learn.microsoft.com/azure/logic-apps/expression-functions-reference";
const reimplementation = "https://github.com/ScoreUnder/IllogicApps";

/** What each option decides, with the documents that disagree or come closest. */
export const openQuestions: Readonly<Record<keyof EngineOptions, OpenQuestion>> = {
  actionLatencyMs: {
    about: "Milliseconds that the service itself spends on each action; no figure is published.",
    others: [],
    sources: [],
  },
  firingDelayMs: {
    about:
      "Milliseconds by which each firing of a Recurrence is late. The next one is counted from it, so that the times drift; up to a minute was observed.",
    others: [60_000],
    sources: [schedules, "https://github.com/Azure/logicapps/issues/370"],
  },
  waitingRuns: {
    about:
      "Occurrences of a Recurrence that wait while it has as many runs as it may; the others are skipped. The pages name numbers of waiting runs, and say that this trigger ignores their setting.",
    others: [0, 11],
    sources: [`${triggersAndActions}#change-waiting-runs`, config],
  },
  stringLimit: {
    about:
      "Characters that a result of `string()`, `concat()`, `base64()` or an interpolation may have: two pages name different numbers.",
    others: [104_857_600],
    sources: [config, `${reference}#concat`],
  },
  uriLimit: {
    about: "Bytes of a request URI: two pages name different numbers.",
    others: [16_384],
    sources: [`${triggersAndActions}#http-action`, config],
  },
  eagerLogic: {
    about: "Whether `if()`, `and()` and `or()` evaluate arguments that cannot matter.",
    others: [true],
    sources: [`${reference}#function-considerations`, reimplementation],
  },
  searchIgnoresCase: {
    about:
      "Whether `startsWith()`, `endsWith()`, `indexOf()` and `lastIndexOf()` ignore case, as documented, or not, as a re-implementation of the runtime observed.",
    others: [false],
    sources: [`${reference}#startswith`, reimplementation],
  },
  nullEqualsEmptyText: {
    about:
      "Whether `equals(null, '')` holds, as the note on logical comparison functions suggests.",
    others: [true],
    sources: [`${reference}#logical-comparison-functions`, reimplementation],
  },
  memberNames: {
    about:
      "Whether a member is found whatever the case of its name, as a re-implementation of the runtime observed, or under the exact name only.",
    others: ["exact"],
    sources: [reimplementation],
  },
  envelopesAsText: {
    about:
      "What content with its media type is where a text is built of it or JSON is read from it: its JSON as of any object, or what it holds, since wrapping and unwrapping are called implicit.",
    others: ["content"],
    sources: [`${reference}#base64-encoding-decoding`, reimplementation],
  },
  skippedInLoop: {
    about:
      "What `outputs()`, `body()`, `actions()` and `result()` give for an action that was skipped in this iteration of a loop: nothing of it, or what an earlier iteration left.",
    others: ["earlierIteration"],
    sources: [],
  },
  loopResults: {
    about:
      "What `result()` gives for a loop: an entry for each action with the results of all iterations as its `outputs`, as the example shows, or the results of one iteration after the other, as for a scope.",
    others: ["byIteration"],
    sources: [`${reference}#result`],
  },
  untilStatus: {
    about:
      "Which failures in the last iteration of an Until make it Failed: any, handled ones too, as its page says, or those at the end of branches, as in every other container.",
    others: ["endActions"],
    sources: [
      "https://learn.microsoft.com/azure/logic-apps/logic-apps-control-flow-loops#until-loop",
      "https://learn.microsoft.com/azure/logic-apps/error-exception-handling#control-run-after-behavior",
    ],
  },
  textBodies: {
    about:
      "What a text response becomes: an object with `$content-type` and `$content`, or a string.",
    others: ["string"],
    sources: ["https://learn.microsoft.com/azure/logic-apps/logic-apps-content-type"],
  },
  brokenJson: {
    about:
      "What a response becomes that says it is JSON and is not: a failed action without outputs, as observed, or a string.",
    others: ["string"],
    sources: ["https://github.com/Azure/LogicAppsUX/issues/4304"],
  },
  retryAfter: {
    about:
      "Whether a retry waits for at least what `Retry-After` says, which is documented for triggers only.",
    others: ["honoured"],
    sources: [
      "https://learn.microsoft.com/azure/logic-apps/error-exception-handling#retry-policies",
    ],
  },
  requestTimeoutStatus: {
    about: "Status of an Http action whose last attempt had no answer within 120 seconds.",
    others: ["TimedOut"],
    sources: [config],
  },
  limitTimeoutStatus: {
    about:
      "Status of an action that exceeds its `limit.timeout`; no `runAfter` accepts the documented one.",
    others: ["TimedOut"],
    sources: [`${triggersAndActions}#asynchronous-limits`],
  },
};
