import { ask, startWorker } from "./run-cases.ts";

/** A case without faults, of half a day. */
const request = { seed: 1, number: 7 };

/**
 * How many times as long two processes take as one alone, each with the same case: 1 where each has a
 * core of its own, and up to 2 where the two processors of a machine are threads of one core, which
 * many rented ones are. The median of some rounds, since others work on the machine too.
 */
export async function measureContention(rounds = 5): Promise<number> {
  const workers = [startWorker(), startWorker()];
  const timed = async (some: typeof workers) => {
    const begun = performance.now();
    await Promise.all(some.map((worker) => ask(worker, request)));
    return performance.now() - begun;
  };
  try {
    // What is compiled for the first time takes longer.
    await timed(workers);
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const alone = await timed(workers.slice(0, 1));
      times.push((await timed(workers)) / alone);
    }
    return Math.max(1, times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!);
  } finally {
    workers.forEach((worker) => worker.kill());
  }
}
