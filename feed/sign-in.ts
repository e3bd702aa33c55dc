import {
  AzureCliCredential,
  ChainedTokenCredential,
  ClientSecretCredential,
  EnvironmentCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { azureClouds } from "../config/clouds.ts";
import type { Environment } from "../config/environment.ts";
import { clientOptions, type ConnectionOptions } from "./connection-options.ts";
import type { FeedProblem } from "./feed-problem.ts";
import type { FeedTarget } from "./feed-target.ts";
import { applicationSignInProblem, operatorSignInProblem } from "./sign-in-problem.ts";

/**
 * Whoever runs the command: by the variables of the environment, by workload identity, or by the
 * Azure CLI, and by nothing else. Fails with a FeedProblem.
 */
export function operatorCredential(
  environment: Pick<Environment, "azureCloud" | "homeTenantId">,
  options: ConnectionOptions = {},
): TokenCredential {
  const { homeTenantId: tenantId } = environment;
  const { loginAuthority: authorityHost } = azureClouds[environment.azureCloud];
  const common = { authorityHost, ...clientOptions(options) };
  const chain = new ChainedTokenCredential(
    onFirstUse(() => new EnvironmentCredential(common)),
    onFirstUse(() => new WorkloadIdentityCredential(common)),
    onFirstUse(() => new AzureCliCredential({ tenantId, ...common })),
  );
  return explaining(chain, (error) => operatorSignInProblem(error, authorityHost, tenantId));
}

/** The collector's application, for the audit API. Fails with a FeedProblem. */
export function applicationCredential(
  target: FeedTarget,
  clientId: string,
  secret: string,
  options: ConnectionOptions = {},
): TokenCredential {
  const credential = new ClientSecretCredential(target.tenant.tenantId, clientId, secret, {
    authorityHost: target.m365.loginAuthority,
    ...clientOptions(options),
  });
  return explaining(credential, (error) => applicationSignInProblem(error, target, clientId));
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
        throw explain(error);
      }
    },
  };
}
