import { parseArgs } from "node:util";
import { benchSynth } from "./bench-synth.ts";

/** What can be measured, by the word on the command line; each returns numbers by name. */
const subjects = { synth: benchSynth } as const;

/** Measures one subject and prints its numbers, one a line, or all as one line of JSON. */
export function bench(subject: string | undefined, json: boolean): void {
  const measure = Object.entries(subjects).find(([name]) => name === subject)?.[1];
  if (measure === undefined) {
    throw new Error(
      `subject must be one of ${Object.keys(subjects).join(", ")}, got ${subject ?? "nothing"}`,
    );
  }
  const result = measure();
  if (json) {
    console.log(JSON.stringify(result));
  } else {
    for (const [name, value] of Object.entries(result)) {
      console.log(`${name}: ${value}`);
    }
  }
}

if (import.meta.filename === process.argv[1]) {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { json: { type: "boolean", default: false } },
    });
    bench(positionals[0], values.json);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
