import { consentGrant } from "./consent-grant.ts";
import type { FeedReport } from "./feed-report.ts";
import type { TenantFeed } from "./tenant-feed.ts";

/**
 * Tells whether an administrator has granted what a collector needs, else the grant to ask for.
 * `clientId` is its application's and `permissions` those that it has, each where it is known.
 */
export function tellConsent(
  feed: TenantFeed,
  clientId: string | undefined,
  permissions: readonly string[] | undefined,
  report: FeedReport,
): void {
  const grant = consentGrant(feed, clientId);
  const isGranted =
    permissions && grant.permissions.every(({ name }) => permissions.includes(name));
  report.result(
    { tenant: feed.tenantName },
    isGranted ? `consent is given: ${grant.given}` : `consent to ask for: ${grant.request}`,
    { consent: { granted: isGranted ?? null, ...grant.facts } },
  );
}
