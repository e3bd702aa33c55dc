import { configFolder, loadEnvironment } from "../config/environment.ts";
import { planStacks } from "../plan/plan-stacks.ts";
import { summarize } from "../plan/plan-summary.ts";
import { synthesized } from "../plan/stack-folders.ts";
import { totalsOf } from "../plan/summary-markdown.ts";
import { TemporaryFolder } from "../plan/temporary-folder.ts";
import { parseOptions, runScript, UsageError } from "./command-line.ts";
import { isProposal, openStacks } from "./open-stacks.ts";

const usage = `--environment NAME [--stacks DIR] [--config DIR] [--out DIR]

  plans all stacks of an environment side by side and changes nothing

  --environment NAME  a file of config/, such as dev
  --stacks DIR        what npm run synth has written (default cdktf.out/stacks)
  --config DIR        the configuration that the stacks are made of, where somebody else proposes both
                      (default config)
  --out DIR           keep the plans there for npm run plan:summary; they hold secrets in clear
  -h, --help          show this`;

const options = {
  environment: { type: "string" },
  stacks: { type: "string", default: synthesized },
  config: { type: "string", default: configFolder },
  out: { type: "string" },
} as const;

/** Plans an environment; gives the exit code. */
async function plan(args: readonly string[]): Promise<number> {
  const { values } = parseOptions(args, options);
  if (values.environment === undefined) {
    throw new UsageError("--environment must be a file of config/, such as dev, got none");
  }
  const environment = loadEnvironment(values.config, values.environment);
  const opened = openStacks(environment, values.stacks, isProposal(values.config));
  const temporary = values.out === undefined ? new TemporaryFolder("plan") : undefined;
  try {
    const planned = await planStacks({ ...opened, out: values.out ?? temporary!.path });
    for (const result of planned) {
      if (result.problem !== undefined) {
        console.error(`${result.stack}: ${result.problem}`);
      } else {
        console.log(`${result.stack}: ${totalsOf(summarize([result]))}`);
      }
    }
    return planned.some(({ problem }) => problem !== undefined) ? 1 : 0;
  } finally {
    temporary?.close();
  }
}

if (import.meta.filename === process.argv[1]) {
  await runScript({ command: "npm run plan --", usage, run: plan });
}
