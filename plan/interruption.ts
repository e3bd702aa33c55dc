import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What is done before a signal ends the process. */
const cleanups = new Set<() => void>();
const programs = new Set<ChildProcess>();

/** Whether a signal is about to end the process. */
let isEnding = false;

/** Has something done before the process ends, also when Ctrl-C ends it, until what is given back is called. */
export function beforeTheEnd(cleanup: () => void): () => void {
  listen();
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
    unlisten();
  };
}

/**
 * Passes signals on to a program as long as it runs, and does not end before it: a Terraform whose
 * reader is gone neither saves its state nor unlocks it. It must be in a process group of its own, since
 * Ctrl-C in a terminal would reach it twice otherwise, which it takes for impatience.
 */
export function endAfter(program: ChildProcess): void {
  listen();
  programs.add(program);
  program.once("close", () => {
    programs.delete(program);
    unlisten();
  });
}

/** Is over at once, and never when a signal is about to end the process. */
export const unlessEnding = (): Promise<void> =>
  isEnding ? new Promise(() => undefined) : Promise.resolve();

function listen(): void {
  if (cleanups.size + programs.size === 0) {
    process.on("exit", cleanUp);
    signals.forEach((signal) => process.on(signal, onSignal));
  }
}

function unlisten(): void {
  if (cleanups.size + programs.size === 0) {
    process.off("exit", cleanUp);
    signals.forEach((signal) => process.off(signal, onSignal));
  }
}

function cleanUp(): void {
  for (const cleanup of cleanups) {
    cleanup();
  }
}

const onSignal = (signal: NodeJS.Signals) => void endBy(signal);

/** Ends the process as the signal would have done. */
async function endBy(signal: NodeJS.Signals): Promise<void> {
  isEnding = true;
  await Promise.all(
    [...programs].map(async (program) => {
      const ended = once(program, "close");
      // Terraform ends in order by this one, and at once by that of a terminal that has gone.
      program.kill(signal === "SIGHUP" ? "SIGTERM" : signal);
      await ended;
    }),
  );
  // Who waits for them can still tell how they ended.
  await setImmediate();
  cleanUp();
  signals.forEach((each) => process.off(each, onSignal));
  process.kill(process.pid, signal);
}
