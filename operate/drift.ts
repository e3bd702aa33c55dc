import { attempt } from "../feed/feed-problem.ts";

/** One thing that is not as it was deployed. */
export interface Drift {
  /** Id of the stack. */
  readonly stack: string;
  /** Address of the resource, or what else it is about. */
  readonly what: string;
  /** One sentence without its full stop. */
  readonly says: string;
}

/** What has drifted in one stack; what cannot be looked at has drifted as well. */
export class FoundDrift {
  readonly all: Drift[] = [];

  constructor(private readonly stack: string) {}

  add(what: string, ...sentences: readonly string[]): void {
    this.all.push(...sentences.map((says) => ({ stack: this.stack, what, says })));
  }

  /** The outcome of `work`; undefined when it failed with a FeedProblem, which is then found. */
  async attempt<T>(
    what: string,
    work: () => Promise<T>,
  ): Promise<{ readonly value: T } | undefined> {
    return attempt(work, (problem) => this.add(what, problem));
  }
}
