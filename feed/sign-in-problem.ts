import { connectionProblem } from "./connection-problem.ts";
import { FeedProblem } from "./feed-problem.ts";
import { feedApplication } from "../config/feed-permissions.ts";
import { deployCommand, type FeedTarget } from "./feed-target.ts";

/** What a failed sign-in of the collector's application means, by the number after `AADSTS`. */
const applicationFailures: Readonly<
  Record<string, (target: FeedTarget, clientId: string) => string>
> = {
  "7000215": (target, clientId) =>
    `the secret in the vault ${target.names.vault} is none of application ${clientId}: renew it with ${deployCommand(target)}`,
  "7000222": (target, clientId) =>
    `the secret of application ${clientId} in the vault ${target.names.vault} has expired: renew it with ${deployCommand(target)}`,
  "700016": (target, clientId) =>
    `application ${clientId} does not exist in tenant ${target.tenant.tenantId}: check tenants.${target.tenantName}.tenantId, then run ${deployCommand(target)}`,
  "7000229": (target, clientId) =>
    `application ${clientId} has no service principal in tenant ${target.tenant.tenantId}: run ${deployCommand(target)}`,
  "7000112": (_target, clientId) =>
    `application ${clientId} is disabled: an administrator of the tenant enables it under Enterprise applications`,
  "90002": ({ tenant, tenantName }) =>
    `tenant ${tenant.tenantId} does not exist in this cloud: check tenantId and cloud of tenants.${tenantName}`,
  "500011": ({ tenant }) =>
    `tenant ${tenant.tenantId} has no service principal of the ${feedApplication.name}: an administrator creates it with az ad sp create --id ${feedApplication.clientId}; it is missing as a rule where nobody has an Exchange Online licence`,
  "500014": ({ tenant }) =>
    `the service principal of the ${feedApplication.name} is disabled in tenant ${tenant.tenantId}: assign an Exchange Online licence there, or let an administrator enable it under Enterprise applications`,
  "650051": (_target, clientId) =>
    `application ${clientId} asks for a permission that no longer exists, such as ActivityReports.Read: leave only ActivityFeed.Read among its API permissions`,
  "650052": ({ tenant }) =>
    `tenant ${tenant.tenantId} has no subscription to the ${feedApplication.name}: assign a licence that includes Exchange Online there`,
  "53003": (_target, clientId) =>
    `a Conditional Access policy blocks application ${clientId}: an administrator of the tenant exempts it`,
};

/** What a failed sign-in of whoever runs the command means. */
const operatorFailures: Readonly<Record<string, (homeTenantId: string) => string>> = {
  "7000215": () => "AZURE_CLIENT_SECRET is not a secret of AZURE_CLIENT_ID: set a valid one",
  "7000222": () => "AZURE_CLIENT_SECRET has expired: create a new one and set it",
  "700016": (home) =>
    `AZURE_CLIENT_ID does not exist in AZURE_TENANT_ID: set the application and its tenant, which must be ${home}`,
  "700024": () => "the token in AZURE_FEDERATED_TOKEN_FILE has expired: write a new one",
  "700213": () =>
    "no federated credential of AZURE_CLIENT_ID fits the token in AZURE_FEDERATED_TOKEN_FILE: check its issuer and subject",
  "70021": () =>
    "no federated credential of AZURE_CLIENT_ID fits the token in AZURE_FEDERATED_TOKEN_FILE: check its issuer and subject",
  "7000112": () => "the application AZURE_CLIENT_ID is disabled: let an administrator enable it",
  "90002": (home) => `AZURE_TENANT_ID does not exist in this cloud: set it to ${home}`,
  "50020": (home) =>
    `the account is not one of tenant ${home}: sign in with az login --tenant ${home}`,
  "50076": (home) =>
    `the sign-in needs multi-factor authentication: repeat az login --tenant ${home}`,
  "50079": (home) =>
    `the sign-in needs multi-factor authentication: repeat az login --tenant ${home}`,
  "50173": (home) => `the sign-in has expired: repeat az login --tenant ${home}`,
  "70043": (home) => `the sign-in has expired: repeat az login --tenant ${home}`,
  "700082": (home) => `the sign-in has expired: repeat az login --tenant ${home}`,
  "53003": () =>
    "a Conditional Access policy blocks the sign-in: use an account or a device that it allows",
};

/** Why the collector's application got no token for the audit API. */
export function applicationSignInProblem(
  error: unknown,
  target: FeedTarget,
  clientId: string,
): FeedProblem {
  const { hostname } = new URL(target.m365.loginAuthority);
  const code = signInCode(error);
  return code === undefined
    ? (connectionProblem(error, hostname) ??
        new FeedProblem(
          `application ${clientId} could not sign in, and ${hostname} gave no reason: repeat the command`,
          { cause: error },
        ))
    : described(error, code, applicationFailures[code]?.(target, clientId), () => {
        return `application ${clientId} could not sign in`;
      });
}

/** Why whoever runs the command got no token; `homeTenantId` is where they must sign in. */
export function operatorSignInProblem(
  error: unknown,
  loginAuthority: string,
  homeTenantId: string,
): FeedProblem {
  const code = signInCode(error);
  if (code !== undefined) {
    return described(error, code, operatorFailures[code]?.(homeTenantId), () => {
      return "you could not be signed in";
    });
  }
  const { message } = error as Error;
  if (/not configured to acquire tokens for tenant/.test(message)) {
    return new FeedProblem(
      `you are signed in to another tenant than the vault's: set AZURE_TENANT_ID to ${homeTenantId}, or sign in with az login --tenant ${homeTenantId}`,
      { cause: error },
    );
  }
  if (/Invalid tenant id provided/.test(message)) {
    return new FeedProblem(
      `AZURE_TENANT_ID must be the id of a tenant: set it to ${homeTenantId}, or unset it`,
      { cause: error },
    );
  }
  if (/ENOENT|EACCES|EISDIR|No content on the file/.test(message)) {
    return new FeedProblem(
      "a file of the sign-in cannot be read: check AZURE_FEDERATED_TOKEN_FILE and AZURE_CLIENT_CERTIFICATE_PATH",
      { cause: error },
    );
  }
  return (
    connectionProblem(error, new URL(loginAuthority).hostname) ??
    new FeedProblem(
      `nobody is signed in: run az login --tenant ${homeTenantId}, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and either AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE`,
      { cause: error },
    )
  );
}

// https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
function signInCode(error: unknown): string | undefined {
  return /\bAADSTS(\d{3,8})\b/.exec((error as Error).message)?.[1];
}

function described(
  cause: unknown,
  code: string,
  sentence: string | undefined,
  otherwise: () => string,
): FeedProblem {
  return new FeedProblem(
    sentence === undefined
      ? `${otherwise()} (AADSTS${code}): https://login.microsoftonline.com/error?code=${code} explains it`
      : sentence.replace(": ", ` (AADSTS${code}): `),
    { cause },
  );
}
