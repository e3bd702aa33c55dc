import {
  AzureCliCredential,
  ChainedTokenCredential,
  ClientSecretCredential,
  EnvironmentCredential,
  type TokenCredential,
  type TokenCredentialOptions,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { azureClouds } from "../config/clouds.ts";
import type { Environment } from "../config/environment.ts";
import { clientOptions, type ConnectionOptions } from "./connection-options.ts";
import { FeedProblem } from "./feed-problem.ts";
import type { FeedTarget } from "./feed-target.ts";
import { githubCredential } from "./github-credential.ts";
import { applicationSignInProblem, operatorSignInProblem } from "./sign-in-problem.ts";

/**
 * Whoever runs the command: by the variables of the environment, by workload identity, as a job of
 * GitHub Actions or by the Azure CLI, and by nothing else; in the home tenant and in each that is collected. Fails with a
 * FeedProblem.
 */
export function operatorCredential(
  environment: Pick<Environment, "azureCloud" | "homeTenantId" | "tenants">,
  options: ConnectionOptions = {},
): TokenCredential {
  const { homeTenantId: tenantId } = environment;
  const { loginAuthority: authorityHost } = azureClouds[environment.azureCloud];
  const failures = new NotedFailures();
  const common = {
    authorityHost,
    additionallyAllowedTenants: Object.values(environment.tenants).map((each) => each.tenantId),
    ...clientOptions(options),
    ...failures.clientOptions,
  };
  const chain = new ChainedTokenCredential(
    onFirstUse(() => new EnvironmentCredential(common)),
    onFirstUse(() => new WorkloadIdentityCredential(common)),
    onFirstUse(() => githubCredential(common, options)),
    onFirstUse(() => new AzureCliCredential({ tenantId, ...common })),
  );
  return explaining(chain, (error) =>
    operatorSignInProblem(failures.caused(error), authorityHost, tenantId),
  );
}

/** The collector's application, for the audit API. Fails with a FeedProblem. */
export function applicationCredential(
  target: FeedTarget,
  clientId: string,
  secret: string,
  options: ConnectionOptions = {},
): TokenCredential {
  const failures = new NotedFailures();
  const credential = new ClientSecretCredential(target.tenant.tenantId, clientId, secret, {
    authorityHost: target.m365.loginAuthority,
    ...clientOptions(options),
    ...failures.clientOptions,
  });
  return explaining(credential, (error) =>
    applicationSignInProblem(failures.caused(error), target, clientId),
  );
}

/** What went wrong on the way: the sign-in library tells of a lost connection, but not of its cause. */
class NotedFailures {
  private last: unknown;

  /** Options of a credential whose lost connections are noted. */
  readonly clientOptions: Pick<TokenCredentialOptions, "additionalPolicies"> = {
    additionalPolicies: [
      {
        position: "perRetry",
        policy: {
          name: "noteFailures",
          sendRequest: async (request, next) => {
            try {
              this.last = undefined;
              return await next(request);
            } catch (error) {
              this.last = error;
              throw error;
            }
          },
        },
      },
    ],
  };

  /** The error of a sign-in with its cause, if that was noted. */
  caused(error: unknown): Error {
    return new Error((error as Error).message, { cause: this.last });
  }
}

/** Some credentials fail when they are made without their variables, and the chain goes on only after getToken. */
function onFirstUse(make: () => TokenCredential): TokenCredential {
  let credential: TokenCredential | undefined;
  return {
    getToken: async (scopes, options) => {
      credential ??= make();
      return credential.getToken(scopes, options);
    },
  };
}

function explaining(
  credential: TokenCredential,
  explain: (error: unknown) => FeedProblem,
): TokenCredential {
  return {
    getToken: async (scopes, options) => {
      try {
        return await credential.getToken(scopes, options);
      } catch (error) {
        throw error instanceof FeedProblem ? error : explain(error);
      }
    },
  };
}
