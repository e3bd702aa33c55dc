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
