import path from "node:path";
import type { TokenCredential } from "@azure/identity";
import type { ConnectionOptions } from "../feed/connection-options.ts";
import type { FeedClock } from "../feed/feed-clock.ts";
import type { FeedReport } from "../feed/feed-report.ts";
import type { FeedTarget } from "../feed/feed-target.ts";
import { connectTenantFeed } from "../feed/tenant-feed.ts";
import { forEachTenant } from "../feed/run-feed.ts";
import { Terraform, terraformProgram, terraformVariables } from "../plan/terraform.ts";
import { graphOf, managerOf } from "./services.ts";
import { PlaybookRuns } from "./playbook-runs.ts";
import { revokeSecret } from "./revoke-secret.ts";
import { rotateSecret, slotAddresses } from "./rotate-secret.ts";

/** What can be done with the secrets of collectors. */
export const secretCommands = ["rotate", "revoke"] as const;
export type SecretCommand = (typeof secretCommands)[number];

export interface RenewSecretsProps extends ConnectionOptions {
  /** Signs in whoever runs the command. */
  readonly operator: TokenCredential;
  /** Where the synthesized stacks are. */
  readonly stacks: string;
  /** Whether it is only told what would be done. */
  readonly dryRun: boolean;
  readonly clock: FeedClock;
}

/** Does one thing with the secrets of each tenant; the problem of one does not stop the others. */
export async function renewSecrets(
  command: SecretCommand,
  targets: readonly FeedTarget[],
  props: RenewSecretsProps,
  report: FeedReport,
): Promise<void> {
  const { operator, stacks, dryRun, clock } = props;
  await forEachTenant(targets, report, async (target) => {
    const stackFolder = path.join(stacks, target.names.collector);
    const common = { target, clock, dryRun };
    const manager = managerOf(target, operator, props);
    if (command === "revoke") {
      const addresses = Object.values(slotAddresses(stackFolder));
      const graph = graphOf(target, operator, props);
      await revokeSecret({ ...common, addresses, graph, manager }, report);
      return;
    }
    const program = terraformProgram();
    const environment = terraformVariables();
    await rotateSecret(
      {
        ...common,
        stackFolder,
        checkpoint: connectTenantFeed(target, operator, props).checkpoint,
        terraform: new Terraform({ program, folder: stackFolder, environment }),
        runs: new PlaybookRuns(manager, target.names.playbookId, clock),
      },
      report,
    );
  });
}
