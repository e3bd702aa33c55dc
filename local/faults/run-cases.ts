import { fork, type ChildProcess } from "node:child_process";

import { caseFor } from "./fault-case.ts";
import { judgeCase, type Verdict } from "./judge-case.ts";
import { simulateCase, type SimulateCaseOptions } from "./simulate-case.ts";

/** Simulates one case and judges it. */
export async function runCase(
  seed: number,
  number: number,
  options: SimulateCaseOptions = {},
): Promise<Verdict> {
  const simulated = await simulateCase(caseFor(seed, number), options);
  try {
    return await judgeCase(simulated);
  } finally {
    simulated.deployed.workspace.close();
  }
}

/** What a worker is asked for. */
export interface CaseRequest {
  readonly seed: number;
  readonly number: number;
}

/** What a worker answers: `error` when the case could not be simulated. */
export interface CaseAnswer {
  readonly verdict?: Verdict;
  readonly error?: string;
}

export interface RunCasesOptions {
  readonly seed: number;
  /** Numbers of the cases. */
  readonly numbers: readonly number[];
  /**
   * Processes that share the work.
   *
   * @default 2
   */
  readonly workers?: number;
  /** Told of each case when it has ended, in any order. */
  readonly onVerdict?: (verdict: Verdict) => void;
}

/**
 * Runs cases in processes of their own and gives the verdicts in the order of the numbers. Fails for a
 * case that cannot be simulated, and says which.
 */
export async function runCases(options: RunCasesOptions): Promise<Verdict[]> {
  const { seed, numbers, workers = 2, onVerdict } = options;
  const waiting = [...numbers];
  const verdicts = new Map<number, Verdict>();
  const processes = Array.from({ length: Math.min(workers, numbers.length) }, startWorker);
  try {
    await Promise.all(
      processes.map(async (worker) => {
        for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
          const { verdict, error } = await ask(worker, { seed, number });
          if (!verdict) {
            throw new Error(`case ${number} of seed ${seed} could not be simulated: ${error}`);
          }
          verdicts.set(number, verdict);
          onVerdict?.(verdict);
        }
      }),
    );
  } finally {
    processes.forEach((worker) => worker.kill());
  }
  return numbers.map((number) => verdicts.get(number)!);
}

/** Starts a process that waits for cases. */
export const startWorker = () =>
  fork(new URL("case-worker.ts", import.meta.url), {
    // Whatever runs this one, the worker is TypeScript. Runs make much that lives for a moment, which a
    // larger young generation holds until it is dead.
    execArgv: ["--max-semi-space-size=64", "--import", import.meta.resolve("tsx/esm")],
  });

/** Lets a process go through a case. */
export function ask(worker: ChildProcess, request: CaseRequest): Promise<CaseAnswer> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) =>
      reject(
        new Error(`the worker of case ${request.number} ended with exit code ${code ?? "none"}`),
      );
    worker.once("exit", onExit);
    worker.once("message", (answer) => {
      worker.off("exit", onExit);
      resolve(answer as CaseAnswer);
    });
    worker.send(request);
  });
}
