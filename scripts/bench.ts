import { benchSynth, synthGoals } from "./bench-synth.ts";
import { parseOptions, runScript, UsageError } from "./command-line.ts";

const usage = `synth [--json]

  synth       time to synthesize, against an empty cdktf app

  --json      print one JSON object
  -h, --help  show this`;

/** What can be measured, by the word on the command line: numbers by name, and goals of some. */
const subjects = { synth: { measure: benchSynth, goals: synthGoals } } as const;

/** Measures what the arguments say. Fails with a {@link UsageError}. */
export function bench(args: readonly string[]): void {
  const options = { json: { type: "boolean", default: false } } as const;
  const { values, positionals } = parseOptions(args, options, { takesWords: true });
  const subject = positionals.join(" ");
  const found = Object.entries(subjects).find(([name]) => name === subject)?.[1];
  if (found === undefined) {
    throw new UsageError(
      `subject must be one of ${Object.keys(subjects).join(", ")}, got ${subject || "nothing"}`,
    );
  }
  const measured = found.measure();
  const lines = values.json
    ? [JSON.stringify(measured)]
    : measuredLines({ ...measured }, found.goals);
  lines.forEach((line) => console.log(line));
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
