import { feedApplication, neededPermissions } from "../config/feed-permissions.ts";
import { deployCommand, type FeedTarget } from "./feed-target.ts";

/** A refusal of the audit API. */
export interface FeedAnswer {
  /** HTTP status. */
  readonly status: number;
  /** `error.code` of the body; undefined without one. */
  readonly code?: string;
  /** `error.message` of the body; read, but never shown. */
  readonly message: string;
}

type Sentence = (target: FeedTarget, clientId: string) => string;

const wrongCall = (what: string): Sentence => {
  return () =>
    `the API does not take the call, because ${what}: this is a fault of the command, please report it`;
};
const internalError: Sentence = () =>
  "Microsoft's service has an internal error: repeat the command in an hour";
const wrongWindow: Sentence = () =>
  "the API does not take the time window: check the clock of this machine";
const subscriptionOff: Sentence = ({ environment, tenantName }) =>
  `the subscription is off: run npm run feed -- start --environment ${environment.name} --tenant ${tenantName}`;

/**
 * Cause and fix by the API's codes.
 *
 * @see https://learn.microsoft.com/en-us/office/office-365-management-api/office-365-management-activity-api-reference
 */
const sentences: Readonly<Record<string, Sentence>> = {
  AF20001: wrongCall("a parameter is missing"),
  AF20002: ({ tenantName }) =>
    `a parameter has the wrong type: check that publisherId of tenants.${tenantName} is a GUID`,
  AF20003: wrongCall("a webhook's expiration has passed"),
  AF20010: (target) =>
    `the application does not live in tenant ${target.tenant.tenantId}: check tenants.${target.tenantName}.tenantId, then run ${deployCommand(target)}`,
  AF20011: ({ tenant, tenantName }) =>
    `tenant ${tenant.tenantId} is unknown or deleted: check tenants.${tenantName}.tenantId`,
  AF20012: ({ tenant }) =>
    `tenant ${tenant.tenantId} is set up wrongly on Microsoft's side: open a support ticket with Microsoft`,
  AF20013: ({ tenantName }) =>
    `the tenant id is not a GUID: set tenants.${tenantName}.tenantId to the id, not the domain`,
  AF20020: ({ tenant, tenantName }) =>
    `the content type is unknown in cloud ${tenant.cloud}: check contentTypes of tenants.${tenantName}`,
  AF20021: wrongCall("a webhook could not be validated"),
  AF20022: subscriptionOff,
  AF20023: subscriptionOff,
  AF20024: () => "the subscription is already on: there is nothing to do",
  AF20030: wrongWindow,
  AF20031: wrongCall("it does not know the page"),
  AF20050: () => "the content does not exist: leave it out",
  AF20051: () =>
    "the content has expired after seven days: search the audit log in Purview for what it held",
  AF20052: wrongCall("a content id is malformed"),
  AF20053: wrongCall("it names more than one language"),
  AF20054: wrongCall("it names a language wrongly"),
  AF20055: wrongWindow,
  AF429: ({ tenant }) =>
    `publisher ${tenant.publisherId} has made too many requests: repeat the command in a minute; if others use the same publisher id, set a publisherId of your own`,
  AF50000: internalError,
  AF50005: internalError,
  AF50006: internalError,
};

/** What a refusal of the audit API means and what to do, in one sentence. */
export function feedAnswerProblem(
  answer: FeedAnswer,
  target: FeedTarget,
  clientId: string,
  contentType?: string,
): string {
  const { status, code, message } = answer;
  const { tenant, m365 } = target;
  if (code === "AF10001") {
    return permissionMissing(target, clientId, contentType);
  }
  const sentence = code === undefined ? undefined : sentences[code];
  if (sentence !== undefined) {
    return sentence(target, clientId).replace(": ", ` (${code}): `);
  }
  // https://github.com/MicrosoftDocs/office-365-management-api/issues/89: the tenant is there.
  if (/Tenant \S+ does not exist/.test(message)) {
    return `unified auditing is off in tenant ${tenant.tenantId}, or not yet in effect (Tenant ... does not exist): run Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true in Exchange Online PowerShell, wait one to several hours and repeat the command`;
  }
  if (status === 401) {
    return code === undefined
      ? `the API rejects the token of application ${clientId} (HTTP 401): check that cloud of tenants.${target.tenantName} is the tenant's, since each cloud has an audience of its own, here ${m365.feedAudience}`
      : permissionMissing(target, clientId, contentType);
  }
  if (status === 408 || status >= 500) {
    return `Microsoft's service is down for the moment (HTTP ${status}): repeat the command in some minutes`;
  }
  if (status === 429) {
    return `too many requests (HTTP 429): repeat the command in some minutes`;
  }
  // A code is a word; whatever else stands there is free text.
  const shown = code !== undefined && /^[A-Za-z]{0,20}\d{0,8}$/.test(code) ? ` ${code}` : "";
  return `the API refused with an answer that this command does not know (HTTP ${status}${shown}): repeat the command later; a proxy on the way may have answered in the API's place`;
}

function permissionMissing(target: FeedTarget, clientId: string, contentType?: string): string {
  const { tenant, environment, tenantName } = target;
  const wanted = contentType === undefined ? tenant.contentTypes : [contentType];
  const names = neededPermissions(wanted).map(({ name }) => name);
  const fix =
    tenant.consent === "declared"
      ? `run ${deployCommand(target)}`
      : `npm run feed -- status --environment ${environment.name} --tenant ${tenantName} prints the grant to ask for`;
  return `application ${clientId} is not granted the application permission ${names.join(" and ")} of the ${feedApplication.name} (AF10001): ${fix}; a grant can take some minutes until it is in force`;
}
