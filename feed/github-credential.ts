import { createHttpHeaders, createPipelineRequest } from "@azure/core-rest-pipeline";
import {
  ClientAssertionCredential,
  CredentialUnavailableError,
  type ClientAssertionCredentialOptions,
  type TokenCredential,
} from "@azure/identity";
import { z } from "zod";
import type { ConnectionOptions } from "./connection-options.ts";
import { FeedProblem } from "./feed-problem.ts";
import { parseJson } from "./parse-json.ts";
import { requestPipeline } from "./request-pipeline.ts";

const tokenAnswer = z.object({ value: z.string().min(1) });

const audience = "api://AzureADTokenExchange";

/**
 * Signs a job of GitHub Actions in, by the application of `AZURE_CLIENT_ID` and `AZURE_TENANT_ID`. Each
 * sign-in asks GitHub for another assertion: one that was handed over at the beginning of a job has
 * expired when a long deployment is over. Fails with a CredentialUnavailableError elsewhere.
 *
 * @see https://docs.github.com/actions/reference/security/oidc
 */
export function githubCredential(
  options: ClientAssertionCredentialOptions,
  connection: ConnectionOptions,
): TokenCredential {
  const {
    ACTIONS_ID_TOKEN_REQUEST_URL: url,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: token,
    AZURE_CLIENT_ID: clientId,
    AZURE_TENANT_ID: tenantId,
  } = process.env;
  if (!url || !token || !clientId || !tenantId) {
    throw new CredentialUnavailableError(
      "this is no job of GitHub Actions with the permission id-token: write",
    );
  }
  const request = requestPipeline(connection);
  let problem: FeedProblem | undefined;
  const assertion = async () => {
    const answer = await request(
      createPipelineRequest({
        url: `${url}&audience=${encodeURIComponent(audience)}`,
        headers: createHttpHeaders({ authorization: `Bearer ${token}` }),
        timeout: 60_000,
      }),
    );
    const { data } = tokenAnswer.safeParse(parseJson(answer.bodyAsText));
    if (!data) {
      problem = new FeedProblem(
        `GitHub gave no token for this job (HTTP ${answer.status}): give the job the permission id-token: write`,
      );
      throw problem;
    }
    return data.value;
  };
  const credential = new ClientAssertionCredential(tenantId, clientId, assertion, options);
  return {
    getToken: async (scopes, how) => {
      try {
        return await credential.getToken(scopes, how);
      } catch (error) {
        // The library says in its own words that there is no assertion.
        throw problem ?? error;
      }
    },
  };
}
