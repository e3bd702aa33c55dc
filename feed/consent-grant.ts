import {
  feedApplication,
  neededPermissions,
  type FeedPermission,
} from "../config/feed-permissions.ts";
import type { FeedTarget } from "./feed-target.ts";

/** The grant that an administrator of the tenant gives, in words and for programs. */
export interface ConsentGrant {
  readonly permissions: readonly FeedPermission[];
  /** What is granted to whom. */
  readonly given: string;
  /** Who grants what to whom, and where. */
  readonly request: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

// Sufficient for every API but Microsoft Graph:
// https://learn.microsoft.com/en-us/entra/identity/enterprise-apps/grant-admin-consent
const administrators =
  "an Application Administrator, Cloud Application Administrator or Privileged Role Administrator";

/**
 * The consent that a tenant's collector needs. `clientId` is its application's; without it, that of an
 * application whose secret could not be read. A managed identity has no consent page.
 */
export function consentGrant(target: FeedTarget, clientId: string | undefined): ConsentGrant {
  const { tenant, names, m365 } = target;
  const permissions = neededPermissions(tenant.contentTypes);
  const usesIdentity = tenant.credential === "managed-identity";
  const grantee = usesIdentity
    ? `the managed identity ${names.identity}`
    : `the application ${names.application}${clientId === undefined ? "" : ` (client id ${clientId})`}`;
  const wanted = permissions.map(({ name, id }) => `${name} (app role ${id})`).join(" and ");
  const given = `${grantee} has ${wanted} of the ${feedApplication.name} (app id ${feedApplication.clientId})`;
  const consentUrl =
    clientId === undefined || usesIdentity
      ? undefined
      : `${m365.loginAuthority}${tenant.tenantId}/adminconsent?client_id=${clientId}`;
  const where = usesIdentity
    ? "with New-MgServicePrincipalAppRoleAssignment, since a managed identity has no consent page"
    : consentUrl === undefined
      ? "under Enterprise applications, Permissions"
      : `at ${consentUrl}`;
  return {
    permissions,
    given,
    request: `${administrators} of tenant ${tenant.primaryDomain} (${tenant.tenantId}) grants ${grantee} the application permission ${wanted} of the ${feedApplication.name} (app id ${feedApplication.clientId}) ${where}`,
    facts: {
      tenantId: tenant.tenantId,
      grantee: usesIdentity ? names.identity : names.application,
      clientId: clientId ?? null,
      api: feedApplication.clientId,
      permissions,
      consentUrl: consentUrl ?? null,
      grantedBy: [
        "Application Administrator",
        "Cloud Application Administrator",
        "Privileged Role Administrator",
      ],
    },
  };
}
