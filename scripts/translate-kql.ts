import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { kqlFiles } from "../content/kql.ts";
import {
  sqlFiles,
  sqlFolder,
  sqlHeader,
  translationOf,
  type Translation,
} from "../local/workspace/translation.ts";
import { parseOptions, runScript } from "./command-line.ts";
import { withPythonTools } from "./python-tools.ts";

const usage = `[--dry-run] [--python COMMAND]

  writes the SQL of every query below content/ to local/sql/

  --dry-run         only tell what is out of step, and end with 1 if anything is
  --python COMMAND  interpreter of Python 3.11 or later (default python3)
  -h, --help        show this`;

const tools = fileURLToPath(new URL("../tools/", import.meta.url));

/** Gives the SQL of each query, by its file. */
export type Translator = (translations: readonly Translation[]) => Record<string, string>;

/**
 * Brings a folder of SQL files in step with the queries below `content/`: writes what is missing or
 * differs, and removes what has no query. With `dryRun` it only tells. Returns one line for each file
 * that was out of step.
 */
export function translateQueries(
  translate: Translator,
  { folder = sqlFolder, dryRun = false }: { folder?: URL; dryRun?: boolean } = {},
): string[] {
  const translations = kqlFiles().map(translationOf);
  const sql = translate(translations);
  const differences: string[] = [];
  for (const translation of translations) {
    const file = sqlFile(translation);
    const url = new URL(file, folder);
    const text = `${sqlHeader(translation)}${sql[translation.file]}\n`;
    if (text !== readIfThere(url)) {
      differences.push(`${file}: ${dryRun ? "out of step with its query" : "written"}`);
      if (!dryRun) {
        mkdirSync(new URL(".", url), { recursive: true });
        writeFileSync(url, text);
      }
    }
  }
  for (const file of sqlFiles(folder)) {
    if (!translations.some((translation) => file === sqlFile(translation))) {
      differences.push(`${file}: ${dryRun ? "has no query" : "removed"}`);
      if (!dryRun) {
        rmSync(new URL(file, folder));
      }
    }
  }
  return differences;
}

const sqlFile = ({ file }: Translation) => file.replace(/\.kql$/, ".sql");

/** Translates with Python in an environment that is made for it and removed afterwards. */
const translateWithPython =
  (python: string): Translator =>
  (translations) =>
    withPythonTools(python, "translate-requirements.txt", (tool) => {
      const output = execFileSync(tool("python"), [join(tools, "translate-kql.py")], {
        input: JSON.stringify(translations),
        maxBuffer: 1 << 28,
      });
      return JSON.parse(output.toString()) as Record<string, string>;
    });

function readIfThere(file: URL): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

if (import.meta.filename === process.argv[1]) {
  await runScript({
    command: "npm run translate --",
    usage,
    run: (args) => {
      const { values } = parseOptions(args, {
        "dry-run": { type: "boolean", default: false },
        python: { type: "string", default: "python3" },
      });
      const dryRun = values["dry-run"];
      const differences = translateQueries(translateWithPython(values.python), { dryRun });
      differences.forEach((line) => console.log(line));
      if (dryRun && differences.length > 0) {
        throw new Error(
          "local/sql is out of step: run npm run translate and commit what it writes",
        );
      }
      if (differences.length === 0) {
        console.log("local/sql is in step with content/");
      }
    },
  });
}
