import type { Checkpoint } from "./checkpoint.ts";
import { formatDuration } from "./duration.ts";
import type { FeedReport } from "./feed-report.ts";
import { deployCommand } from "./feed-target.ts";
import { tellConsent } from "./tell-consent.ts";
import type { SignedInFeed, TenantFeed } from "./tenant-feed.ts";

/** Below this the line on the secret says how to renew it. */
const soonMs = 30 * 86_400_000;

/**
 * Tells how a tenant's feed stands: pause, secret, consent, and each content type's subscription and
 * checkpoint. What cannot be found out is reported as a problem, and the rest is told all the same.
 */
export async function feedStatus(feed: TenantFeed, report: FeedReport): Promise<void> {
  const tenant = { tenant: feed.tenantName };
  const checkpoint = await report.attempt(tenant, () => feed.checkpoint.read());
  if (checkpoint) {
    tellPause(feed, checkpoint.value, report);
  }
  const { signIn } = feed;
  const session = signIn && (await report.attempt(tenant, signIn))?.value;
  if (session) {
    tellSecret(feed, session, report);
  }
  const permissions =
    session && (await report.attempt(tenant, () => session.api.permissions()))?.value;
  if (feed.tenant.consent === "by-administrator") {
    tellConsent(feed, session?.clientId, permissions, report);
  }
  const on =
    permissions && (await report.attempt(tenant, () => session.api.contentTypesOn()))?.value;

  for (const contentType of feed.tenant.contentTypes) {
    const subscription =
      on === undefined ? "unknown" : on.has(contentType.toLowerCase()) ? "on" : "off";
    const through = checkpoint?.value?.contentTypes[contentType]?.through ?? undefined;
    const behindMs =
      through === undefined ? undefined : feed.clock.now().getTime() - Date.parse(through);
    const collected =
      behindMs === undefined
        ? checkpoint
          ? "nothing collected yet"
          : "checkpoint unknown"
        : `collected through ${through}, ${formatDuration(behindMs)} behind`;
    report.result(
      { ...tenant, contentType },
      feed.signIn === undefined
        ? `${collected}; the subscription can be seen by the playbook's managed identity alone`
        : `${subscription === "unknown" ? "subscription unknown" : subscription}, ${collected}`,
      {
        subscription,
        through: through ?? null,
        secondsBehind: behindMs === undefined ? null : Math.round(behindMs / 1000),
      },
    );
  }
}

function tellPause(feed: TenantFeed, checkpoint: Checkpoint | undefined, report: FeedReport) {
  const start = `npm run feed -- start --environment ${feed.environment.name} --tenant ${feed.tenantName}`;
  report.result(
    { tenant: feed.tenantName },
    checkpoint === undefined
      ? `no checkpoint yet, ${start} writes it`
      : checkpoint.paused
        ? `paused, ${start} lifts the pause`
        : "not paused",
    { paused: checkpoint?.paused ?? null },
  );
}

function tellSecret(feed: TenantFeed, { secretExpires }: SignedInFeed, report: FeedReport) {
  const leftMs = secretExpires && secretExpires.getTime() - feed.clock.now().getTime();
  const renew = `${deployCommand(feed)} renews it`;
  const day = secretExpires?.toISOString().slice(0, 10);
  report.result(
    { tenant: feed.tenantName },
    leftMs === undefined
      ? "client secret without an expiry date"
      : leftMs <= 0
        ? `client secret expired on ${day}, ${renew}`
        : `client secret expires on ${day}, in ${formatDuration(leftMs)}${leftMs < soonMs ? `; ${renew}` : ""}`,
    { secretExpires: secretExpires?.toISOString() ?? null },
  );
}
