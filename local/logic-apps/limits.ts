/** A bound of the service that the engine holds definitions and runs to. */
export interface Limit {
  readonly most: number;
  /** What there may be so many of. */
  readonly of: string;
  readonly source: string;
}

const config = "https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config";
const reference = "https://learn.microsoft.com/azure/logic-apps/expression-functions-reference";
const retries =
  "https://learn.microsoft.com/azure/logic-apps/error-exception-handling#retry-policies";

/** Bounds of a Consumption workflow. */
export const limits = {
  actions: { most: 500, of: "actions in a definition", source: config },
  nesting: { most: 8, of: "levels of nested actions", source: config },
  triggers: { most: 10, of: "triggers in a definition", source: config },
  parameters: { most: 50, of: "parameters of a definition", source: config },
  variables: { most: 250, of: "variables of a workflow", source: config },
  switchCases: { most: 25, of: "cases of a Switch", source: config },
  nameCharacters: { most: 80, of: "characters in the name of an action", source: config },
  descriptionCharacters: { most: 256, of: "characters in a description", source: config },
  expressionCharacters: { most: 8192, of: "characters in an expression", source: config },
  trackedCharacters: { most: 8000, of: "characters in tracked properties", source: config },
  foreachItems: { most: 100_000, of: "items of a Foreach", source: config },
  foreachAtOnce: { most: 50, of: "iterations of a Foreach at a time", source: config },
  untilIterations: { most: 5000, of: "iterations of an Until", source: config },
  runsAtOnce: { most: 100, of: "runs at a time of a trigger that limits them", source: config },
  runDays: { most: 90, of: "days of a run, and of waiting for an action or loop", source: config },
  variableItems: { most: 100_000, of: "items of an array variable", source: config },
  variableCharacters: { most: 104_857_600, of: "characters of a variable", source: config },
  contentBytes: {
    most: 104_857_600,
    of: "bytes of the inputs or outputs of an action",
    source: config,
  },
  messageBytes: { most: 104_857_600, of: "bytes of a request or response", source: config },
  requestSeconds: { most: 120, of: "seconds of an outbound request", source: config },
  actionsPerFiveMinutes: {
    most: 100_000,
    of: "actions in five minutes, those of all runs together",
    source: config,
  },
  contentBytesPerFiveMinutes: {
    most: 6 * 1024 ** 3,
    of: "bytes of content in five minutes, that of all runs together",
    source: config,
  },
  concurrentCalls: {
    most: 2500,
    of: "outbound calls at a time, those of all runs together",
    source: config,
  },
  startYears: {
    most: 49,
    of: "years that the start time of a Recurrence lies ahead",
    source:
      "https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#recurrence-trigger",
  },
  retries: { most: 90, of: "retries of an action", source: retries },
  joinCharacters: {
    most: 104_857_600,
    of: "characters that `join()` makes",
    source: `${reference}#join`,
  },
  rangeItems: { most: 100_000, of: "items that `range()` makes", source: `${reference}#range` },
} as const satisfies Readonly<Record<string, Limit>>;
