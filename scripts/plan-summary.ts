import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { configFolder, loadEnvironment, loadEnvironments } from "../config/environment.ts";
import { vanishedFlags, waitingFlags } from "../plan/flags.ts";
import { costSentences, readBenchFigures } from "../plan/monthly-cost.ts";
import { summarize, type StackPlan } from "../plan/plan-summary.ts";
import { summaryMarkdown } from "../plan/summary-markdown.ts";
import { readPlan } from "../plan/terraform-plan.ts";
import { isProposal } from "./open-stacks.ts";
import { parseOptions, runScript, UsageError, wholeNumber } from "./command-line.ts";

const usage = `DIR [--accepted FILE] [--limit N] [--link URL] [--config DIR] [--json] [--out DIR]

  what the plans in DIR do, as one comment for a pull request, without any secret

  DIR              where npm run plan -- --out has put them
  --accepted FILE  text with the lines that accept the loss of data
  --limit N        longest comment, 1000 or more characters (default 65536)
  --link URL       where what is kept by --out can be read, for a comment that is too long
  --config DIR     the configuration that is planned, where it is proposed for that of config/
  --json           print the summary as one JSON object instead
  --out DIR        keep there comment.md, all of it in summary.md, and summary.json
  -h, --help       show this

  The exit code is 1 when data would be lost and nobody has accepted it.`;

const options = {
  accepted: { type: "string" },
  limit: { type: "string", default: "65536" },
  link: { type: "string" },
  config: { type: "string", default: configFolder },
  json: { type: "boolean", default: false },
  out: { type: "string" },
} as const;

/** Prints a summary; gives the exit code. */
function planSummary(args: readonly string[]): number {
  const { values, positionals } = parseOptions(args, options, { takesWords: true });
  const [folder, ...rest] = positionals;
  if (folder === undefined || rest.length > 0) {
    throw new UsageError(`DIR must be one folder, got ${positionals.join(" ") || "none"}`);
  }
  const limit = wholeNumber("limit", values.limit, 1000, Number.MAX_SAFE_INTEGER);
  const { environment, plans } = readPlans(folder);
  const accepted = values.accepted === undefined ? "" : read(values.accepted);
  const proposed = loadEnvironment(values.config, environment);
  // None of a new environment.
  const before = loadEnvironments(configFolder).find(({ name }) => name === environment);
  const stacks = plans.map(({ stack }) => stack);
  const vanished = before ? vanishedFlags(before, stacks) : [];
  const waiting = before && isProposal(values.config) ? waitingFlags(before, proposed, plans) : [];
  const summary = summarize(
    plans,
    accepted,
    [...vanished, ...waiting],
    waiting.map(({ stack }) => stack),
  );
  const cost = costSentences(proposed, plans, readBenchFigures(), before);
  const { link } = values;
  if (link !== undefined && (!URL.canParse(link) || /[\s()]/.test(link))) {
    throw new UsageError(`--link must be an address such as https://example.org/1, got ${link}`);
  }
  const shown = { environment, summary, cost, ...(link !== undefined && { link }) };
  const comment = summaryMarkdown(shown, limit);
  const json = JSON.stringify({ environment, ...summary });
  if (values.out !== undefined) {
    mkdirSync(values.out, { recursive: true });
    const kept = {
      "comment.md": comment,
      "summary.md": summaryMarkdown(shown),
      "summary.json": json,
    };
    for (const [file, text] of Object.entries(kept)) {
      writeFileSync(path.join(values.out, file), text);
    }
  }
  process.stdout.write(values.json ? `${json}\n` : comment);
  for (const { stack, address, says } of summary.refused) {
    console.error(`${stack}: ${address}: ${says}, and nobody has accepted that`);
  }
  return summary.refused.length > 0 ? 1 : 0;
}

/** The plans of a folder, which must be of one environment. */
function readPlans(folder: string): { environment: string; plans: StackPlan[] } {
  let files: string[];
  try {
    files = readdirSync(folder).filter((file) => file.endsWith(".plan.json"));
  } catch {
    throw new Error(`DIR must be a folder that can be read, got ${folder}`);
  }
  const plans = files.sort().map((file) => {
    const stack = file.slice(0, -".plan.json".length);
    const name = path.join(folder, file);
    return { stack, plan: readPlan(name, read(name)) };
  });
  const environments = new Set(plans.map(({ stack }) => stack.split("-")[0]!));
  const [environment, ...others] = environments;
  if (environment === undefined || others.length > 0) {
    const got = plans.map(({ stack }) => stack).join(", ") || "none";
    throw new Error(
      `DIR must hold files <stack>.plan.json of one environment, got ${got} in ${folder}`,
    );
  }
  return { environment, plans };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new Error(`${file} must be a file that can be read`);
  }
}

if (import.meta.filename === process.argv[1]) {
  await runScript({ command: "npm run plan:summary --", usage, run: planSummary });
}
