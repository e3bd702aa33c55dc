/** Something that costs as long as a tenant is deployed, whatever its feed has. */
export interface StandingCost {
  readonly item: string;
  /** How much of it one tenant has. */
  readonly amount: string;
  /** USD a month at list price; absent where no price was read. */
  readonly usdPerMonth?: number;
  /** Where the price stands, or that of a region would be found. */
  readonly source: string;
}

const monitor = "https://azure.microsoft.com/pricing/details/monitor/";
const blobs = "https://azure.microsoft.com/pricing/details/storage/blobs/";
const logicApps = "https://azure.microsoft.com/pricing/details/logic-apps/";

/**
 * What stands beside the executions of a tenant. The references of this package have a price with a source
 * for the transformations only; for the others none was read, and none is made up.
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
      "5 rules: 2 every 30 minutes, 2 every hour, 1 every 6 hours; the last only with a client secret, and one of those every hour only where the audit table is not on the Basic plan",
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
      "rows in the workspace for each run and action (WorkflowRuntime), each request to storage, each use of the secret, and rows that the collection rule drops (LogErrors); by the gigabyte",
    source: monitor,
  },
  {
    item: "ledger",
    amount:
      "M365AuditHealth_CL: a row for each run, one for each window that it lists (1 or 2 an ordinary run and content type, 8 or more a sweep), one for each blob, gap and blob set aside; by the gigabyte",
    source: monitor,
  },
  {
    item: "transformations",
    amount:
      "of all rows, which leave none out: without charge for Analytics tables of a workspace with Sentinel",
    usdPerMonth: 0,
    source:
      "https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-transformations",
  },
  {
    item: "storage",
    amount:
      "a checkpoint; the ids of collected blobs (collected/), some 100 bytes a blob; a line of some 30 bytes a run (runs/), 3,000 lines a month; each record over 64 KB whole (originals) and what could not be collected (set-aside), until somebody deletes it; 3 requests an idle run, 6 or more one that collects; by gigabyte, month and request",
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
