import { FeedProblem } from "../feed/feed-problem.ts";
import type { FeedClock } from "../feed/feed-clock.ts";
import type { FeedReport } from "../feed/feed-report.ts";
import { deployCommand, type FeedTarget } from "../feed/feed-target.ts";
import { clientIdOf, namedApplications } from "./feed-applications.ts";
import { livePlaybook } from "./live-playbook.ts";
import type { ServiceClient } from "./service-client.ts";

export interface RevokeSecretProps {
  readonly target: FeedTarget;
  /** Microsoft Graph in the tenant of the application. */
  readonly graph: Pick<ServiceClient, "get" | "post">;
  readonly manager: Pick<ServiceClient, "get">;
  readonly clock: FeedClock;
  /** Addresses of the secrets in the tenant's stack, which the next plan makes again. */
  readonly addresses: readonly string[];
  /** Whether it is only told what would be done. */
  readonly dryRun: boolean;
}

/** The feed keeps content that long: it is what a pause costs nothing within. */
const feedDays = 7;

/** Longest life of a token that was issued before: https://learn.microsoft.com/entra/identity-platform/access-tokens#token-lifetime. */
const tokenMinutes = 90;

/**
 * Takes every secret of a tenant's application away at once, for when one has leaked, and tells what
 * stops until when and what the next plan shows. Safe to repeat. Fails with a FeedProblem.
 */
export async function revokeSecret(props: RevokeSecretProps, report: FeedReport): Promise<void> {
  const { target, graph, manager, clock, addresses, dryRun } = props;
  const { names, tenantName } = target;
  const tenant = { tenant: tenantName };
  if (target.tenant.credential !== "client-secret") {
    report.result(tenant, "has no secret, since its playbook signs in by a managed identity");
    return;
  }
  const named = await namedApplications(target, graph);
  const used = named.length > 1 ? clientIdOf(await livePlaybook(target, manager)) : undefined;
  const [application, ...others] =
    used === undefined ? named : named.filter(({ appId }) => appId === used);
  if (application === undefined || others.length > 0) {
    throw new FeedProblem(
      `tenant ${target.tenant.tenantId} must have one application ${names.application} that the playbook uses, got ${named.length} of that name: remove the secrets under App registrations in the portal`,
    );
  }
  const { passwordCredentials: secrets } = application;
  if (secrets.length === 0) {
    report.result(tenant, `the application ${names.application} has no secret`);
  }
  const failed: string[] = [];
  for (const { keyId, displayName } of secrets) {
    const name = `the secret ${displayName ?? keyId} of ${names.application}`;
    if (dryRun) {
      report.result(tenant, `${name} would be revoked`, { keyId });
      continue;
    }
    // One that cannot be taken away keeps none of the others.
    const done = await report.attempt(tenant, () =>
      graph.post(`/v1.0/applications/${application.id}/removePassword`, { keyId }),
    );
    if (done) {
      report.result(tenant, `${name} is revoked`, { keyId });
    } else {
      failed.push(name);
    }
  }
  if (failed.length > 0) {
    throw new FeedProblem(
      `${failed.join(" and ")} may still work: repeat the command, or remove it under App registrations in the portal`,
    );
  }
  const now = clock.now().getTime();
  const at = (ms: number) => new Date(now + ms).toISOString().slice(0, 16) + "Z";
  const lost = at(feedDays * 24 * 3_600_000);
  for (const line of [
    `whoever has signed in with a secret keeps access until ${at(tokenMinutes * 60_000)} at most, when the last token has expired`,
    `the playbook and npm run feed cannot sign in until ${deployCommand(target)} has made new secrets; each run fails and alerts until then`,
    `nothing is lost by that before ${lost}: the feed keeps content for ${feedDays} days, and the first run afterwards collects it`,
    `the next plan creates ${addresses.join(" and ")} and updates the vault's secret, and is flagged for that; nothing else follows from this`,
  ]) {
    report.result(tenant, line);
  }
}
