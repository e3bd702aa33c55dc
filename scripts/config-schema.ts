import { parseArgs } from "node:util";
import { format } from "prettier";
import { z } from "zod";
import { environmentSchema } from "../config/environment.ts";
import { writeGenerated } from "./write-generated.ts";

/** The JSON schema that editors check `config/<environment>.json` with, as text of a file. */
export function environmentJsonSchema(): Promise<string> {
  const schema = z.toJSONSchema(environmentSchema, { io: "input" });
  return format(JSON.stringify(schema), { parser: "json", printWidth: 100 });
}

/** Writes the JSON schema of the configuration to a file. Safe to repeat. */
export async function writeEnvironmentJsonSchema(file: string, dryRun: boolean): Promise<void> {
  writeGenerated(file, await environmentJsonSchema(), dryRun);
}

if (import.meta.filename === process.argv[1]) {
  try {
    const { values } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } });
    await writeEnvironmentJsonSchema("config/environment.schema.json", values["dry-run"]);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
