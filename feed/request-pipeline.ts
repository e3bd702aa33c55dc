import {
  createDefaultHttpClient,
  createEmptyPipeline,
  decompressResponsePolicy,
  logPolicy,
  proxyPolicy,
  retryPolicy,
  type PipelineRequest,
  type PipelineResponse,
  type RetryStrategy,
} from "@azure/core-rest-pipeline";
import { connectionProblem, isLostConnection } from "./connection-problem.ts";
import { maxRetries, type ConnectionOptions } from "./connection-options.ts";
import { FeedProblem } from "./feed-problem.ts";

/** Longest wait that a service may ask for before a repetition, in ms; for more the command ends. */
const longestWaitMs = 30_000;

/**
 * Gives what sends requests that are all safe to repeat, through the proxy of the environment. It fails
 * with a FeedProblem when there is no answer at all.
 */
export function requestPipeline(
  options: ConnectionOptions = {},
): (request: PipelineRequest) => Promise<PipelineResponse> {
  const httpClient = options.httpClient ?? createDefaultHttpClient();
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(proxyPolicy());
  pipeline.addPolicy(decompressResponsePolicy());
  pipeline.addPolicy(retryPolicy([whatIsSafeToRepeat(options)], { maxRetries }), {
    phase: "Retry",
  });
  pipeline.addPolicy(logPolicy(), { afterPhase: "Sign" });
  return async (request) => {
    try {
      return await pipeline.sendRequest(httpClient, request);
    } catch (error) {
      const host = new URL(request.url).hostname;
      throw (
        connectionProblem(error, host) ??
        new FeedProblem(`${host} gave no answer: check the network and repeat the command`, {
          cause: error,
        })
      );
    }
  };
}

/**
 * Repeats lost connections, 408, 429 and 5xx by `Retry-After` or with growing pauses. Leaves the answer
 * when it asks for a long wait, as the start cool-down does.
 */
function whatIsSafeToRepeat({ retryDelayMs = 1000 }: ConnectionOptions): RetryStrategy {
  return {
    name: "whatIsSafeToRepeat",
    retry: ({ response, responseError, retryCount }) => {
      const status = response?.status ?? 0;
      const isLost = response === undefined && isLostConnection(responseError);
      const isStartCoolDown = status === 429 && response?.request.url.includes("/start?");
      if (isStartCoolDown || !(isLost || status === 408 || status === 429 || status >= 500)) {
        return { skipStrategy: true };
      }
      const retryAfter = response?.headers.get("retry-after");
      const waitMs =
        retryAfter === undefined ? retryDelayMs * 2 ** retryCount : milliseconds(retryAfter);
      return waitMs <= longestWaitMs ? { retryAfterInMs: waitMs } : { skipStrategy: true };
    },
  };
}

/** `Retry-After` holds seconds or a date. */
function milliseconds(retryAfter: string): number {
  const seconds = Number(retryAfter);
  return Number.isNaN(seconds)
    ? Math.max(0, new Date(retryAfter).getTime() - Date.now())
    : seconds * 1000;
}
