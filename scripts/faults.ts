import { contentOf } from "../local/faults/case-content.ts";
import {
  caseLines,
  kindLines,
  repeatCommand,
  runLine,
  verdictLines,
} from "../local/faults/case-report.ts";
import { caseFor, largestNumber, largestSeed } from "../local/faults/fault-case.ts";
import { faultKinds, type FaultKindProps } from "../local/faults/fault-kinds.ts";
import type { Verdict } from "../local/faults/judge-case.ts";
import { runCase, runCases, type RunCasesOptions } from "../local/faults/run-cases.ts";
import { isMet, summaryOf } from "../local/faults/summary.ts";
import { parseOptions, runScript, wholeNumber } from "./command-line.ts";

const usage = `[--seed N] [--first N] [--cases N] [--case K] [--workers N] [--kinds] [--json]

  Lets made-up tenants live through random faults and compares what their feed offered with the tables.

  --seed N     another series of cases, 0 to ${largestSeed} (default 1)
  --first N    the first of the cases, from 0 (default 0)
  --cases N    how many cases, 1 or more (default 100)
  --case K     this case alone, from 0, with all that happened in it
  --workers N  processes that share the work, 1 or more (default 2)
  --kinds      only tell the kinds of faults
  --json       print one JSON object at the end
  -h, --help   show this

  The exit code is 1 when a bar is missed.`;

const options = {
  seed: { type: "string", default: "1" },
  first: { type: "string", default: "0" },
  cases: { type: "string", default: "100" },
  case: { type: "string" },
  workers: { type: "string", default: "2" },
  kinds: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

/** What the command line asks for. */
export interface FaultsArguments {
  readonly seed: number;
  /** The first of the cases. */
  readonly first: number;
  readonly cases: number;
  /** The one case that is wanted. */
  readonly only: number | undefined;
  readonly workers: number;
  readonly kinds: boolean;
  readonly json: boolean;
}

/** Reads the command line. Fails with a {@link UsageError}. */
export function parseFaultsArguments(args: readonly string[]): FaultsArguments {
  const { values } = parseOptions(args, options);
  return {
    seed: wholeNumber("seed", values.seed, 0, largestSeed),
    first: wholeNumber("first", values.first, 0, largestNumber),
    cases: wholeNumber("cases", values.cases, 1, largestNumber),
    only:
      values.case === undefined ? undefined : wholeNumber("case", values.case, 0, largestNumber),
    workers: wholeNumber("workers", values.workers, 1, 64),
    kinds: values.kinds,
    json: values.json,
  };
}

/** Runs cases and gives their verdicts, in the order of their numbers. */
export type RunCases = (options: RunCasesOptions) => Promise<Verdict[]>;

/** Does what the arguments say; gives the exit code. */
export async function faults(
  args: readonly string[],
  print: (line: string) => void = console.log,
  run: RunCases = runCases,
): Promise<number> {
  const { seed, first, cases, only, workers, kinds, json } = parseFaultsArguments(args);
  if (kinds) {
    Object.entries<FaultKindProps>(faultKinds).forEach(([kind, { does }]) => {
      print(`${kind.padEnd(24)} ${does}`);
    });
    return 0;
  }
  // With --json everything that is meant for people goes to the other stream.
  const tell = json ? console.error : print;
  const verdicts =
    only === undefined
      ? await manyCases({ seed, first, cases, workers }, tell, run)
      : [await oneCase(seed, only, tell)];
  const summary = summaryOf(seed, verdicts);
  if (json) {
    print(JSON.stringify(summary));
  } else if (only === undefined) {
    Object.entries(summary).forEach(([name, value]) => print(`${name}: ${value}`));
  }
  return isMet(summary) ? 0 : 1;
}

async function oneCase(
  seed: number,
  number: number,
  tell: (line: string) => void,
): Promise<Verdict> {
  const tellAll = (lines: readonly string[]) => lines.forEach((line) => tell(line));
  const faultCase = caseFor(seed, number);
  tellAll(caseLines(faultCase, contentOf(faultCase)));
  const verdict = await runCase(seed, number, {
    onRun: (run, observations) => tell(runLine(run, observations)),
  });
  tellAll(verdictLines(verdict));
  return verdict;
}

/** Runs cases side by side, tells those that failed and what came of each kind of fault. */
export async function manyCases(
  { seed, first, cases, workers }: Pick<FaultsArguments, "seed" | "first" | "cases" | "workers">,
  tell: (line: string) => void,
  run: RunCases = runCases,
): Promise<Verdict[]> {
  let ended = 0;
  let failed = 0;
  const isTerminal = process.stderr.isTTY;
  const verdicts = await run({
    seed,
    numbers: Array.from({ length: cases }, (_, index) => first + index),
    workers,
    onVerdict: ({ number, problems, faults: kinds }) => {
      ended++;
      if (problems.length > 0) {
        failed++;
        // At once, since a person may not want to wait for the others.
        tell(
          `${isTerminal ? "\n" : ""}case ${number} failed (${kinds.join(", ") || "no faults"}): ${repeatCommand(seed, number)}`,
        );
        problems.forEach((problem) => tell(`  ${problem}`));
      }
      const line = `${ended} of ${cases} cases, ${failed} failed`;
      if (isTerminal) {
        process.stderr.write(`\r${line}`);
      } else if (ended % 100 === 0) {
        console.error(line);
      }
    },
  });
  if (isTerminal) {
    process.stderr.write("\n");
  }
  kindLines(verdicts).forEach((line) => tell(line));
  return verdicts;
}

if (import.meta.filename === process.argv[1]) {
  await runScript({ command: "npm run faults --", usage, run: faults });
}
