/** Something that costs as long as a tenant is deployed, whatever its feed has. */
export interface StandingCost {
  readonly item: string;
  /** How much of it one tenant has. */
  readonly amount: string;
  /** USD a month at list price, which may differ by region; absent where it is not known here. */
  readonly usdPerMonth?: number;
  /** Where the price of a region is found. */
  readonly source: string;
}

const monitor = "https://azure.microsoft.com/pricing/details/monitor/";
const blobs = "https://azure.microsoft.com/pricing/details/storage/blobs/";
const logicApps = "https://azure.microsoft.com/pricing/details/logic-apps/";

/**
 * What stands beside the executions of a tenant. The sources of this package name no prices for these,
 * and none is made up.
 */
export const standingCosts: readonly StandingCost[] = [
  {
    item: "alert rules on metrics",
    amount: "2 rules with one time series each, every 5 minutes",
    source: monitor,
  },
  {
    item: "alert rules on logs",
    amount:
      "5 rules: 2 every 30 minutes, 2 every hour, 1 every 6 hours; the last only with a client secret",
    source: monitor,
  },
  {
    item: "mails of alerts",
    amount: "one for each receiver and alert",
    source: monitor,
  },
  {
    item: "diagnostics",
    amount:
      "a row in the workspace for each run and action (WorkflowRuntime), each request to storage and each use of the secret; by the gigabyte",
    source: monitor,
  },
  {
    item: "ledger",
    amount: "M365AuditHealth_CL: a row for each run and for each blob; by the gigabyte",
    source: monitor,
  },
  {
    item: "storage",
    amount:
      "a checkpoint and the ids of the blobs of seven days, some 100 bytes a blob; 3 requests or more a run",
    source: blobs,
  },
  {
    item: "run history",
    amount: "inputs and outputs of the actions of 90 days; by gigabyte and month",
    source: logicApps,
  },
  {
    item: "Key Vault",
    amount: "one read of the secret a run",
    source: "https://azure.microsoft.com/pricing/details/key-vault/",
  },
];
