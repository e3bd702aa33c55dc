import type { TokenCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { z } from "zod";
import { clientSecretName } from "../config/names.ts";
import { clientOptions, type ConnectionOptions } from "./connection-options.ts";
import { connectionProblem } from "./connection-problem.ts";
import { FeedProblem } from "./feed-problem.ts";
import { deployCommand, type FeedTarget } from "./feed-target.ts";

/** The secret of the collector's application, and whose it is. */
export interface ClientSecret {
  readonly clientId: string;
  readonly value: string;
  /** When it stops working; undefined when the vault does not say. */
  readonly expires?: Date;
}

/** Reads a tenant's client secret from its vault. Fails with a FeedProblem. */
export async function readClientSecret(
  target: FeedTarget,
  operator: TokenCredential,
  options: ConnectionOptions = {},
): Promise<ClientSecret> {
  const { origin, hostname } = new URL(target.names.secretUri);
  const client = new SecretClient(origin, operator, clientOptions(options));
  const { value, properties } = await client
    .getSecret(clientSecretName)
    .catch(async (error: unknown) => {
      const problem = vaultProblem(error, target, hostname);
      // The library calls the vault before it signs in, so a vault out of reach hides that nobody is.
      await operator.getToken(`${target.azure.vaultAudience}/.default`);
      throw problem;
    });
  const clientId = z.guid().safeParse(properties.tags?.clientId);
  if (!clientId.success || value === undefined || value === "") {
    throw new FeedProblem(
      `the secret ${clientSecretName} in ${hostname} must have a value and the application's id in the tag clientId: run ${deployCommand(target)}`,
    );
  }
  return { clientId: clientId.data, value, expires: properties.expiresOn };
}

/** @see https://learn.microsoft.com/en-us/azure/key-vault/general/rest-error-codes */
function vaultProblem(error: unknown, target: FeedTarget, host: string): FeedProblem {
  if (error instanceof FeedProblem) {
    return error;
  }
  const lost = connectionProblem(error, host, `run ${deployCommand(target)}`);
  if (lost !== undefined) {
    return lost;
  }
  const { statusCode, details } = error as { statusCode?: number; details?: unknown };
  const problem = (sentence: string) => new FeedProblem(sentence, { cause: error });
  switch (statusCode) {
    case 401:
      return problem(
        `${host} takes no token of this sign-in, which is one of another tenant: sign in to tenant ${target.environment.homeTenantId}`,
      );
    case 403:
      switch (innerCode(details)) {
        case "SecretDisabled":
          return problem(
            `the secret ${clientSecretName} in ${host} is disabled: enable it in the vault`,
          );
        case "ForbiddenByConnection":
        case "ForbiddenByFirewall":
          return problem(
            `the network rules of ${host} keep this machine out: run the command from a network that they allow`,
          );
        default:
          return problem(
            `you may not read secrets of ${host}: let somebody give you the role Key Vault Secrets User on it; a new role can take ten minutes`,
          );
      }
    case 404:
      return problem(
        `${host} has no secret ${clientSecretName}: run ${deployCommand(target)}; after a deletion recover it first`,
      );
    default:
      return problem(
        `${host} gave no answer that can be used${statusCode === undefined ? "" : ` (HTTP ${statusCode})`}: repeat the command; behind a proxy check that it lets this host through`,
      );
  }
}

const innerError = z.object({ error: z.object({ innerError: z.object({ code: z.string() }) }) });

function innerCode(details: unknown): string | undefined {
  return innerError.safeParse(details).data?.error.innerError.code;
}
