import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { configFolder, loadEnvironments } from "../config/environment.ts";
import { connectGithub } from "../github/connect-github.ts";
import { explainGithub } from "../github/explain-github.ts";
import { keepComment } from "../github/keep-comment.ts";
import { keepIssue } from "../github/keep-issue.ts";
import { reviewedSummary } from "../github/reviewed-summary.ts";
import { parseOptions, runScript, UsageError, wholeNumber } from "./command-line.ts";

const usage = `environments|comment|issue|reviewed [DIR] [--environment NAME] [--config DIR] [--pull-request N] [--commit SHA]

  environments        print the names of the environments whose state is not local as JSON, production last
  comment             keep one comment of a pull request up to date for each folder in DIR that has
                      a comment.md of npm run plan:summary
  issue               open, update or close the issue on what npm run drift -- --out has put in DIR
  reviewed            put into DIR the summary.json of the plan that was reviewed with a pull request

  DIR                 a folder
  --environment NAME  a file of config/, such as prod; for environments the only one, for reviewed the
                      one whose plan is meant
  --config DIR        for environments: the configuration (default config)
  --pull-request N    for comment
  --commit SHA        for reviewed: the commit by which the pull request was merged
  -h, --help          show this

  For jobs of a workflow: GitHub sets GITHUB_REPOSITORY, and a step gives GITHUB_TOKEN.`;

const options = {
  environment: { type: "string" },
  config: { type: "string", default: configFolder },
  "pull-request": { type: "string" },
  commit: { type: "string" },
} as const;

const commands = ["environments", "comment", "issue", "reviewed"] as const;

/** What the command line asks for. */
export type GithubArguments =
  | {
      readonly command: "environments";
      readonly only: string | undefined;
      readonly config: string;
    }
  | { readonly command: "comment"; readonly folder: string; readonly pullRequest: number }
  | { readonly command: "issue"; readonly folder: string }
  | {
      readonly command: "reviewed";
      readonly folder: string;
      readonly environment: string;
      readonly commit: string;
    };

/** Reads the command line. Fails with a {@link UsageError}. */
export function parseGithubArguments(args: readonly string[]): GithubArguments {
  const { values, positionals } = parseOptions(args, options, { takesWords: true });
  const [command, folder, ...rest] = positionals;
  const needed = (name: keyof typeof options): string => {
    const value = values[name];
    if (value === undefined) {
      throw new UsageError(`--${name} must be given for ${command}, got none`);
    }
    return value;
  };
  if (command === "environments") {
    if (folder !== undefined) {
      throw new UsageError(`${command} takes no DIR, got ${folder}`);
    }
    return { command, only: values.environment, config: values.config };
  }
  if (!commands.some((each) => each === command)) {
    throw new UsageError(`command must be one of ${commands.join(", ")}, got ${command ?? "none"}`);
  }
  if (folder === undefined || rest.length > 0) {
    throw new UsageError(`DIR must be one folder, got ${positionals.slice(1).join(" ") || "none"}`);
  }
  switch (command) {
    case "comment": {
      const pullRequest = needed("pull-request");
      const most = Number.MAX_SAFE_INTEGER;
      return { command, folder, pullRequest: wholeNumber("pull-request", pullRequest, 1, most) };
    }
    case "reviewed":
      return { command, folder, environment: needed("environment"), commit: needed("commit") };
    default:
      return { command: "issue", folder };
  }
}

/** Runs a command. */
async function github(args: readonly string[]): Promise<void> {
  const given = parseGithubArguments(args);
  if (given.command === "environments") {
    console.log(JSON.stringify(environmentNames(given)));
    return;
  }
  const repository = connectGithub(process.env);
  try {
    switch (given.command) {
      case "comment":
        for (const body of commentsIn(given.folder)) {
          console.log(await keepComment(repository, given.pullRequest, body));
        }
        return;
      case "issue": {
        const issue = await keepIssue(repository, issueIn(given.folder));
        console.log(issue ?? "nothing has drifted, and no issue was open");
        return;
      }
      case "reviewed": {
        const summary = await reviewedSummary(repository, given);
        mkdirSync(given.folder, { recursive: true });
        const file = path.join(given.folder, "summary.json");
        writeFileSync(file, summary);
        console.log(file);
      }
    }
  } catch (error) {
    throw explainGithub(error);
  }
}

/** In the order in which they are deployed. What has its state on one machine, no job can deploy. */
function environmentNames({
  only,
  config,
}: {
  readonly only: string | undefined;
  readonly config: string;
}): string[] {
  const names = loadEnvironments(config)
    .filter(({ stateBackend }) => stateBackend.type !== "local")
    .toSorted(
      (a, b) =>
        Number(a.protection === "production") - Number(b.protection === "production") ||
        (a.name < b.name ? -1 : 1),
    )
    .map(({ name }) => name);
  if (only !== undefined && !names.includes(only)) {
    throw new UsageError(
      `--environment must be one of ${names.join(", ") || "those whose state is not local"}, got ${only}`,
    );
  }
  return only === undefined ? names : [only];
}

/** The comments in a folder and in the folders in it. */
function commentsIn(folder: string): string[] {
  const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  const files = [".", ...entries.filter((each) => each.isDirectory()).map(({ name }) => name)]
    .map((name) => path.join(folder, name, "comment.md"))
    .filter((file) => existsSync(file));
  if (files.length === 0) {
    throw new Error(
      `DIR must have a comment.md of npm run plan:summary -- --out, or folders with one, got ${folder}: look at why the plan failed`,
    );
  }
  return files.toSorted().map((file) => readFileSync(file, "utf8"));
}

function issueIn(folder: string) {
  const file = path.join(folder, "drift.json");
  if (!existsSync(file)) {
    throw new Error(`DIR must be what npm run drift -- --out has written, got ${folder}`);
  }
  const { environment, drift } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly environment: string;
    readonly drift: readonly unknown[];
  };
  return {
    title: `Drift in ${environment}`,
    body: readFileSync(path.join(folder, "drift.md"), "utf8"),
    isOpen: drift.length > 0,
  };
}

if (import.meta.filename === process.argv[1]) {
  await runScript({ command: "npm run github --", usage, run: github });
}
