import {
  measurePlaybook,
  type MeasurePlaybookOptions,
  type PlaybookBench,
} from "../local/bench/playbook-bench.ts";
import { playbookLines, tellProgress } from "./bench-playbook.ts";
import { benchSynth, synthGoals } from "./bench-synth.ts";
import { parseOptions, runScript, UsageError, wholeNumber } from "./command-line.ts";

const usage = `synth [--json]
       npm run bench -- playbook [--quick] [--seed N] [--workers N] [--json]

  synth        time to synthesize, against an empty cdktf app
  playbook     what the playbook costs, how late its rows are and how much it can collect, in
               simulated time; takes up to half an hour

  --quick      playbook: only a few small measurements
  --seed N     playbook: other random times, from 0 (default 1)
  --workers N  playbook: processes that share the work, 1 or more (default 2)
  --json       print one JSON object
  -h, --help   show this

  The exit code is 1 when a bar of the playbook is missed.`;

const options = {
  json: { type: "boolean", default: false },
  quick: { type: "boolean" },
  seed: { type: "string" },
  workers: { type: "string" },
} as const;

interface BenchValues {
  readonly quick?: boolean;
  readonly seed?: string;
  readonly workers?: string;
}

/** What carries out the measurements. */
export interface BenchCollaborators {
  readonly measurePlaybook: (options: MeasurePlaybookOptions) => Promise<PlaybookBench>;
}

/** What came of a subject. */
interface Measured {
  readonly json: object;
  readonly lines: readonly string[];
  readonly isMet: boolean;
}

/** What can be measured, by the word on the command line, and the options that it takes. */
const subjects: Readonly<
  Record<
    string,
    {
      readonly takes: readonly (keyof BenchValues)[];
      readonly measure: (
        values: BenchValues,
        collaborators: BenchCollaborators,
      ) => Promise<Measured> | Measured;
    }
  >
> = {
  synth: {
    takes: [],
    measure: () => {
      const measured = benchSynth();
      return { json: measured, lines: measuredLines({ ...measured }, synthGoals), isMet: true };
    },
  },
  playbook: {
    takes: ["quick", "seed", "workers"],
    measure: async ({ quick, seed = "1", workers = "2" }, collaborators) => {
      const measured = await collaborators.measurePlaybook({
        isQuick: quick ?? false,
        seed: wholeNumber("seed", seed, 0, 2 ** 32 - 1),
        workers: wholeNumber("workers", workers, 1, 64),
        onProgress: tellProgress,
      });
      return {
        json: measured,
        lines: playbookLines(measured),
        isMet: measured.bars.every(({ isMet }) => isMet),
      };
    },
  },
};

/** Measures what the arguments say; gives the exit code. Fails with a {@link UsageError}. */
export async function bench(
  args: readonly string[],
  collaborators: BenchCollaborators = { measurePlaybook },
): Promise<number> {
  const { values, positionals } = parseOptions(args, options, { takesWords: true });
  const subject = positionals.join(" ");
  const found = Object.entries(subjects).find(([name]) => name === subject)?.[1];
  if (found === undefined) {
    throw new UsageError(
      `subject must be one of ${Object.keys(subjects).join(", ")}, got ${subject || "nothing"}`,
    );
  }
  const { json, ...given } = values;
  for (const option of Object.keys(given) as (keyof BenchValues)[]) {
    if (!found.takes.includes(option)) {
      throw new UsageError(`${subject} must have no option but --json, got --${option}`);
    }
  }
  const measured = await found.measure(given, collaborators);
  const lines = json ? [JSON.stringify(measured.json)] : measured.lines;
  lines.forEach((line) => console.log(line));
  return measured.isMet ? 0 : 1;
}

/** One line for each number, with its goal where it has one. */
export function measuredLines(
  measured: Readonly<Record<string, number>>,
  goals: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(measured).map(([name, value]) =>
    goals[name] === undefined ? `${name}: ${value}` : `${name}: ${value} (goal: ${goals[name]})`,
  );
}

if (import.meta.filename === process.argv[1]) {
  await runScript({ command: "npm run bench --", usage, run: bench });
}
