import path from "node:path";
import { format } from "prettier";
import { z } from "zod";
import { configFolder, environmentSchema } from "../config/environment.ts";
import { parseOptions, runScript } from "./command-line.ts";
import { writeGenerated } from "./write-generated.ts";

const usage = `[--dry-run]

  writes config/environment.schema.json, by which editors check and complete config/*.json

  --dry-run   only tell whether it would be written
  -h, --help  show this`;

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
  await runScript({
    command: "npm run config:schema --",
    usage,
    run: async (args) => {
      const { values } = parseOptions(args, { "dry-run": { type: "boolean", default: false } });
      const file = path.join(configFolder, "environment.schema.json");
      await writeEnvironmentJsonSchema(file, values["dry-run"]);
    },
  });
}
