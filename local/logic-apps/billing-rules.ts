const pricing = "https://learn.microsoft.com/azure/logic-apps/logic-apps-pricing";

/** List prices of a Consumption workflow in USD; those of a region may differ. */
export const prices = {
  /** For each execution of a trigger or built-in action beyond the free ones. */
  builtInExecution: 0.000025,
  /** For each call of a standard connector, such as that of Microsoft's own playbook. */
  standardConnectorCall: 0.000125,
  enterpriseConnectorCall: 0.001,
  /** Built-in executions a month and subscription that cost nothing. */
  freeExecutions: 4000,
} as const;

/** Where the prices were seen. */
export const priceSources = [
  "https://gist.github.com/MateuszNad/36d9f449090ea00f8b71a531409c7034",
  "https://github.com/api-evangelist/microsoft-azure-integration-services",
] as const;

/** How much of each kind is paid for. */
export interface PricedExecutions {
  readonly builtIn: number;
  readonly standardConnector?: number;
  readonly enterpriseConnector?: number;
}

/**
 * What executions cost in USD, where so many built-in ones of the month are still free; calls of
 * connectors never are.
 */
export function priceUsd(
  { builtIn, standardConnector = 0, enterpriseConnector = 0 }: PricedExecutions,
  free: number = prices.freeExecutions,
): number {
  return (
    Math.max(0, builtIn - free) * prices.builtInExecution +
    standardConnector * prices.standardConnectorCall +
    enterpriseConnector * prices.enterpriseConnectorCall
  );
}

/** What counts as an execution, as `billable` of a run counts it. */
export const billingRules: readonly { readonly rule: string; readonly source: string }[] = [
  { rule: "Each firing of a trigger counts, also one that is skipped or fails.", source: pricing },
  { rule: "Each action that was carried out counts, also one that failed.", source: pricing },
  {
    rule: "Each retry counts, and so does each poll of an asynchronous operation.",
    source: pricing,
  },
  {
    rule: "A loop counts once (`executions`), or once and for each cycle (`executionsWithLoopCycles`): the page says both.",
    source: pricing,
  },
  {
    rule: "A disabled workflow costs nothing: the faults and the bench do not run it while it is off.",
    source: pricing,
  },
  { rule: "Actions that are skipped or not reached do not count.", source: pricing },
  {
    rule: "Calls of a connector cost the price of its class, also those that a free allotment would cover if they were built in.",
    source: pricing,
  },
];
