import { connectionProblem } from "./connection-problem.ts";
import { FeedProblem } from "./feed-problem.ts";
import { deployCommand, type FeedTarget } from "./feed-target.ts";

/** The error code of a storage account's answer. */
export function storageErrorCode(error: unknown): string | undefined {
  const { code, details } = error as { code?: string; details?: { errorCode?: string } };
  return details?.errorCode ?? code;
}

/**
 * Why a storage account did not do what was asked of a container; `what` names what lies in it.
 *
 * @see https://learn.microsoft.com/en-us/rest/api/storageservices/common-rest-api-error-codes
 */
export function storageProblem(
  error: unknown,
  place: { readonly host: string; readonly container: string; readonly what: string },
  target: FeedTarget,
): FeedProblem {
  const { host, container, what } = place;
  if (error instanceof FeedProblem) {
    return error;
  }
  const lost = connectionProblem(error, host, `run ${deployCommand(target)}`);
  if (lost !== undefined) {
    return lost;
  }
  const problem = (sentence: string) => new FeedProblem(sentence, { cause: error });
  const { statusCode } = error as { statusCode?: number };
  if (statusCode === 401) {
    return problem(
      `${host} takes no token of this sign-in, which is one of another tenant: sign in to tenant ${target.environment.homeTenantId}`,
    );
  }
  if (statusCode === 403) {
    return storageErrorCode(error) === "AuthorizationFailure"
      ? problem(
          `the network rules of ${host} keep this machine out: run the command from a network that they allow`,
        )
      : problem(
          `you may not use ${what} in ${host}: let somebody give you the role Storage Blob Data Contributor on its container ${container}; a new role can take ten minutes`,
        );
  }
  if (statusCode === 404) {
    return problem(`${host} has no container ${container}: run ${deployCommand(target)}`);
  }
  return problem(
    `${host} gave no answer that can be used${statusCode === undefined ? "" : ` (HTTP ${statusCode})`}: repeat the command; behind a proxy check that it lets this host through`,
  );
}
