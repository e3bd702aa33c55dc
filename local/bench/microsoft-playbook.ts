import { prices } from "../logic-apps/billing-rules.ts";
import type { Readings } from "./readings.ts";

/**
 * What Microsoft's own playbook, Get-O365Data, spends on a blob: in a loop, one Http action that fetches it
 * and one call of the connector that sends its records, of any number and size. The loop itself is fixed.
 */
export const microsoftPlaybook = {
  builtInExecutionsPerBlob: 1,
  standardConnectorCallsPerBlob: 1,
  source:
    "https://github.com/Azure/Azure-Sentinel/blob/388342538c1e1605295027cfc5c93142dad1a57e/Playbooks/Get-O365Data/azuredeploy.json",
} as const;

/** Its list price for that many blobs of a run, what the run costs in any case left out, in USD. */
export function microsoftPlaybookUsd(blobs: number): Readings {
  const { builtInExecutionsPerBlob, standardConnectorCallsPerBlob } = microsoftPlaybook;
  const builtIn = blobs * builtInExecutionsPerBlob;
  const connector = blobs * standardConnectorCallsPerBlob * prices.standardConnectorCall;
  return {
    loopOnce: builtIn * prices.builtInExecution + connector,
    loopCycles: (builtIn + blobs) * prices.builtInExecution + connector,
  };
}
