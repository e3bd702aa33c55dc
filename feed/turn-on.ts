import { formatDuration } from "./duration.ts";
import type { FeedApi } from "./feed-api.ts";
import type { FeedClock } from "./feed-clock.ts";
import { FeedProblem } from "./feed-problem.ts";

/** How often a content type waits: somebody else can have started another one meanwhile. */
const mostWaits = 3;
/** Added to a wait, since the API tells it in whole seconds. */
const marginMs = 1000;

export interface TurnOnOptions {
  readonly clock: FeedClock;
  /** Whether to wait when the API takes no start for the moment. */
  readonly wait: boolean;
  /** Called with one line that says what is being done, before it is done. */
  readonly progress: (line: string) => void;
  /** Called before each request to start. */
  readonly requested: () => void;
}

/**
 * Starts the subscription of a content type that was found off; gives what came of it. Fails with a
 * FeedProblem.
 *
 * @see https://learn.microsoft.com/en-us/office/office-365-management-api/office-365-management-activity-api-reference
 */
export async function turnOn(
  api: Pick<FeedApi, "contentTypesOn" | "start">,
  contentType: string,
  { clock, wait, progress, requested }: TurnOnOptions,
): Promise<"turned on" | "already on"> {
  const isOn = async () => (await api.contentTypesOn()).has(contentType.toLowerCase());
  for (let waits = 0; ; waits++) {
    requested();
    const answer = await api.start(contentType);
    if (answer.outcome === "started") {
      return "turned on";
    }
    // A start that was repeated after a lost answer is refused, although the first one worked.
    if (answer.outcome === "already on" || (await isOn())) {
      return "already on";
    }
    const remaining = formatDuration(answer.waitMs);
    if (!wait || waits === mostWaits) {
      throw new FeedProblem(
        `the API takes one start in 15 minutes: repeat the command in ${remaining}${wait ? "" : ", or with --wait"}`,
      );
    }
    progress(`waits ${remaining}, because the API takes one start in 15 minutes`);
    await clock.sleep(answer.waitMs + marginMs);
    if (await isOn()) {
      return "already on";
    }
  }
}
