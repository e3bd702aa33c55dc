/**
 * A failure told in one sentence: the cause, then what to do. Holds nothing that a service said in
 * free text, since such text can repeat what was sent to it.
 */
export class FeedProblem extends Error {
  constructor(sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.name = "FeedProblem";
  }
}

/** The outcome of `work`; undefined when it failed with a FeedProblem, whose message is then told. */
export async function attempt<T>(
  work: () => Promise<T>,
  tell: (problem: string) => void,
): Promise<{ readonly value: T } | undefined> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof FeedProblem)) {
      throw error;
    }
    tell(error.message);
    return undefined;
  }
}
