import { readFileSync } from "node:fs";
import path from "node:path";
import { secretSlot, secretSlots, type SecretSlot } from "../config/secret-slots.ts";
import type { CheckpointStore } from "../feed/checkpoint-store.ts";
import { FeedProblem } from "../feed/feed-problem.ts";
import type { FeedClock } from "../feed/feed-clock.ts";
import type { FeedReport } from "../feed/feed-report.ts";
import { deployCommand, type FeedTarget } from "../feed/feed-target.ts";
import { plannedChanges } from "../plan/planned-change.ts";
import { TemporaryFolder } from "../plan/temporary-folder.ts";
import { TerraformError, type Terraform } from "../plan/terraform.ts";
import { explainTerraform } from "./explain-terraform.ts";
import type { PlaybookRuns } from "./playbook-runs.ts";

export interface RotateSecretProps {
  readonly target: FeedTarget;
  /** The folder of the tenant's synthesized stack. */
  readonly stackFolder: string;
  /** Terraform in that folder. */
  readonly terraform: Pick<Terraform, "init" | "plan" | "apply">;
  readonly runs: Pick<PlaybookRuns, "ended" | "runOnce">;
  readonly checkpoint: Pick<CheckpointStore, "read">;
  readonly clock: FeedClock;
  /** Whether it is only told what would be done. */
  readonly dryRun: boolean;
}

/** What a rotation changes and nothing else. */
const rotated = ["azuread_application_password", "azurerm_key_vault_secret"];

/** A run takes minutes; with a backlog it takes up to an hour. */
const mostMs = 60 * 60_000;

/**
 * Renews the secret that is in the vault, by the stack's own resources, and waits for a run that
 * collected with the new one. Fails with a FeedProblem; what was done until then, a deployment completes.
 */
export async function rotateSecret(props: RotateSecretProps, report: FeedReport): Promise<void> {
  const { target, stackFolder, terraform, runs, checkpoint, clock, dryRun } = props;
  const tenant = { tenant: target.tenantName };
  if (target.tenant.credential !== "client-secret") {
    report.result(tenant, "has no secret, since its playbook signs in by a managed identity");
    return;
  }
  const progress = (line: string) => report.result(tenant, line);
  const slot = secretSlot(clock.now(), target.tenant.secretPeriodMonths);
  const address = slotAddress(stackFolder, slot);
  const plans = new TemporaryFolder("rotation");
  try {
    const file = path.join(plans.path, "tfplan");
    const plan = await explained(target, async () => {
      await terraform.init();
      return terraform.plan(file, { replace: [address] });
    });
    const changes = plannedChanges(target.names.collector, plan);
    const other = changes.find(({ type }) => !rotated.includes(type));
    if (other) {
      throw new FeedProblem(
        `a rotation must change the secret alone, but the plan would ${other.kind} ${other.address} as well: run ${deployCommand(target)} first`,
      );
    }
    const told = changes.map(({ kind, address }) => `${kind} ${address}`).join(", ");
    if (dryRun) {
      report.result(tenant, `would ${told}`, { slot });
      return;
    }
    // A run reads the secret when it begins and uses it to its end, and the old one is deleted. One that
    // begins meanwhile can fail by that, and the next one collects the same.
    await runs.ended({ mostMs, progress });
    await explained(target, () => terraform.apply(file));
    report.result(tenant, `the secret of the ${slot} periods is new, and in the vault`, { slot });
  } finally {
    plans.close();
  }
  if ((await checkpoint.read())?.paused === true) {
    report.result(tenant, "its playbook is paused: nothing has collected with the new secret yet");
    return;
  }
  const run = await runs.runOnce({ mostMs, progress });
  if (run.status !== "Succeeded") {
    throw new FeedProblem(
      `run ${run.name} of the playbook ended ${run.status} with the new secret: look at its row in M365AuditHealth_CL; the next run tries the same again`,
    );
  }
  report.result(tenant, `run ${run.name} has collected with it`, { run: run.name });
}

/** The address of a slot's secret in a synthesized stack. Fails with a FeedProblem. */
export function slotAddress(stackFolder: string, slot: SecretSlot): string {
  const address = slotAddresses(stackFolder)[slot];
  if (address === undefined) {
    throw new FeedProblem(
      `${path.join(stackFolder, "cdk.tf.json")} must be a synthesized stack with a secret: run npm run synth first`,
    );
  }
  return address;
}

/** The addresses of both slots, as far as a stack has them. */
export function slotAddresses(stackFolder: string): Partial<Record<SecretSlot, string>> {
  const type = "azuread_application_password";
  const names = Object.keys(passwordsOf(stackFolder, type));
  return Object.fromEntries(
    secretSlots.flatMap((slot) => {
      const name = names.find((each) => new RegExp(`_${slot}_[0-9A-F]{8}$`).test(each));
      return name === undefined ? [] : [[slot, `${type}.${name}`]];
    }),
  );
}

function passwordsOf(stackFolder: string, type: string): object {
  try {
    const text = readFileSync(path.join(stackFolder, "cdk.tf.json"), "utf8");
    const { resource } = JSON.parse(text) as { resource?: Readonly<Record<string, object>> };
    return resource?.[type] ?? {};
  } catch {
    return {};
  }
}

async function explained<T>(
  { environment, names }: FeedTarget,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TerraformError) {
      const problem = explainTerraform(environment, names.collector, error);
      throw new FeedProblem(problem, { cause: error });
    }
    throw error;
  }
}
