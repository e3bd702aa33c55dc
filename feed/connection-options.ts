import type { HttpClient } from "@azure/core-rest-pipeline";

/** How requests are sent. */
export interface ConnectionOptions {
  /**
   * Sends the requests.
   *
   * @default the client of core-rest-pipeline, which goes through the proxy of the environment
   */
  readonly httpClient?: HttpClient;
  /**
   * Milliseconds before the first repetition of what is safe to repeat, when the service names none.
   *
   * @default 1000
   */
  readonly retryDelayMs?: number;
}

/** How often a request is repeated. */
export const maxRetries = 3;

/** The options in the words of Azure's client libraries. */
export function clientOptions({ httpClient, retryDelayMs = 1000 }: ConnectionOptions) {
  return {
    ...(httpClient === undefined ? {} : { httpClient }),
    retryOptions: { maxRetries, retryDelayInMs: retryDelayMs },
  };
}
