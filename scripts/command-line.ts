import { parseArgs } from "node:util";

/** Arguments that do not fit; the message says which and what would. */
export class UsageError extends Error {}

/** The options of a command, as `parseArgs` takes them. */
export type CommandOptions = Readonly<
  Record<
    string,
    {
      readonly type: "string" | "boolean";
      readonly multiple?: boolean;
      readonly default?: string | boolean;
    }
  >
>;

/** Reads options, and words where a command `takesWords`. Fails with a {@link UsageError}. */
export function parseOptions<T extends CommandOptions>(
  args: readonly string[],
  options: T,
  { takesWords = false }: { readonly takesWords?: boolean } = {},
) {
  // Looked at first without its own rules, because their messages speak to programmers.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "option" ? !Object.hasOwn(options, token.name) : !takesWords) {
      const names = Object.keys(options).map((name) => `--${name}`);
      const got = token.kind === "option" ? token.rawName : args[token.index];
      throw new UsageError(`option must be one of ${names.join(", ")}, got ${got}`);
    }
    if (token.kind === "option") {
      const { rawName, value, inlineValue } = token;
      const takesText = options[token.name]?.type === "string";
      if (takesText && (!value || (value.startsWith("-") && !inlineValue))) {
        throw new UsageError(`${rawName} must have a value, got ${value || "none"}`);
      }
      if (!takesText && value !== undefined) {
        throw new UsageError(`${rawName} must have no value, got ${value || "an empty one"}`);
      }
    }
  }
  return parseArgs({ args: [...args], options, allowPositionals: takesWords });
}

/** The value of an option as a whole number. Fails with a {@link UsageError}. */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new UsageError(
      `--${option} must be a whole number from ${least} to ${most}, got ${text}`,
    );
  }
  return value;
}

export interface Script {
  /** What runs it, such as `npm run feed --`. */
  readonly command: string;
  /** What follows the command, then an empty line and one line for each word and option. */
  readonly usage: string;
  /** Does what the arguments say; gives the exit code, 0 when it gives nothing. */
  readonly run: (args: readonly string[]) => number | void | Promise<number | void>;
}

/**
 * Runs a script by the arguments of this process: tells its usage when asked and a failure in one
 * sentence, and sets the exit code, which is 1 for a failure and 2 for arguments that do not fit.
 */
export async function runScript({ command, usage, run }: Script): Promise<void> {
  process.stdout.on("error", ignoreClosedPipe);
  process.stderr.on("error", ignoreClosedPipe);
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) {
    console.log(`usage: ${command} ${usage}`);
    return;
  }
  try {
    process.exitCode = (await run(args)) ?? 0;
  } catch (error) {
    const isUsage = error instanceof UsageError;
    const { message } = error as Error;
    console.error(isUsage ? `${message}; ${command} --help tells what it takes` : message);
    process.exitCode = isUsage ? 2 : 1;
  }
}

/**
 * Whoever reads, such as `head`, may have enough, and a terminal may be closed; what the script does must
 * not stop half way.
 */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "EIO") {
    throw error;
  }
}
