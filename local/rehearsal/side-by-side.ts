import pLimit from "p-limit";

/** Something to be done that takes long and works little. */
export interface Job {
  readonly name: string;
  /** Does it; gives in one sentence what was found. Fails when it does not hold. */
  readonly run: () => Promise<string>;
}

/** How a job or a step went: what was found, or what the problem is. */
export interface Outcome {
  readonly name: string;
  readonly seconds: number;
  readonly found?: string;
  readonly problem?: string;
}

/** Does one job; never fails. */
async function outcomeOf({ name, run }: Job): Promise<Outcome> {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 100) / 10;
  try {
    const found = await run();
    return { name, seconds: seconds(), found };
  } catch (error) {
    return { name, seconds: seconds(), problem: (error as Error).message };
  }
}

/** Does jobs in their order, each of which needs those before: none after one that fails. */
export async function oneByOne(
  jobs: readonly Job[],
  onOutcome: (outcome: Outcome) => void = () => undefined,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const job of jobs) {
    const outcome = await outcomeOf(job);
    outcomes.push(outcome);
    onOutcome(outcome);
    if (outcome.problem !== undefined) {
      break;
    }
  }
  return outcomes;
}

/** Does jobs, at most so many at a time; tells each outcome when it is there. */
export async function sideBySide(
  jobs: readonly Job[],
  most: number,
  onOutcome: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const work = async (job: Job) => {
    const outcome = await outcomeOf(job);
    onOutcome(outcome);
    return outcome;
  };
  return pLimit(most).map(jobs, work);
}
