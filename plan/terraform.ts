import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import pLimit from "p-limit";
import { endAfter, unlessEnding } from "./interruption.ts";
import { readPlan, type TerraformPlan } from "./terraform-plan.ts";

/** What Terraform says is wrong. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly detail: string;
  /** Address of the resource that it is about, if it is about one. */
  readonly address?: string;
}

/** Terraforms at a time, each of which needs up to a gigabyte while it plans and applies. */
const atOnce = pLimit(4);

/** Thrown when a command of Terraform fails; the message has what it says is wrong. */
export class TerraformError extends Error {
  constructor(
    readonly command: string,
    readonly diagnostics: readonly Diagnostic[],
  ) {
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    const said = [...new Set(errors.map(textOfDiagnostic))];
    super(
      `terraform ${command} failed: ${said.length === 0 ? "it does not say why" : said.join("; ")}`,
    );
  }
}

/** What a diagnostic says, in one line. */
export function textOfDiagnostic({ summary, detail, address }: Diagnostic): string {
  const parts = [address, summary, detail === summary ? "" : detail];
  return parts
    .filter((part) => part !== undefined && part !== "")
    .join(": ")
    .replace(/\s+/g, " ");
}

export interface TerraformProps {
  /** Path of the program. */
  readonly program: string;
  /** The folder of a stack, which holds its configuration. */
  readonly folder: string;
  /** All variables that it sees. */
  readonly environment: Readonly<Record<string, string>>;
  /** Told of what it does, as it does it. */
  readonly onMessage?: (message: string) => void;
}

/** The Terraform of a stack's folder: plans and applies without asking. */
export class Terraform {
  private readonly props: TerraformProps;

  constructor(props: TerraformProps) {
    this.props = props;
  }

  /** Fetches providers and sets up the state. */
  async init(): Promise<void> {
    await this.run("init", ["-input=false", "-no-color"], false);
  }

  /** Plans what differs, to be applied from that file; it holds secrets in clear. */
  async plan(
    file: string,
    options: {
      readonly destroy?: boolean;
      /** Whether it only looks what others have changed. */
      readonly refreshOnly?: boolean;
      readonly replace?: readonly string[];
    } = {},
  ): Promise<TerraformPlan> {
    const { destroy = false, refreshOnly = false, replace = [] } = options;
    await this.run("plan", [
      ...["-input=false", "-lock=false", `-out=${file}`],
      ...(destroy ? ["-destroy"] : []),
      ...(refreshOnly ? ["-refresh-only"] : []),
      ...replace.map((address) => `-replace=${address}`),
    ]);
    return readPlan(file, await this.showJson(file));
  }

  /** Applies a plan. */
  async apply(file: string): Promise<void> {
    await this.run("apply", ["-input=false", file]);
  }

  /** Takes a resource that is there into the state. */
  async import(address: string, id: string): Promise<void> {
    await this.run("import", ["-input=false", "-no-color", address, id], false);
  }

  /** A plan, or the state, as JSON; it holds secrets in clear. */
  async showJson(file?: string): Promise<string> {
    const lines = await this.run("show", ["-json", ...(file === undefined ? [] : [file])], false);
    return lines.join("\n");
  }

  /** Runs a command when it is its turn; gives its lines. Fails with a `TerraformError`. */
  private run(command: string, args: readonly string[], tellsJson = true): Promise<string[]> {
    return atOnce(async () => {
      // Nobody would pass a signal on to one that begins now.
      await unlessEnding();
      return this.begin(command, args, tellsJson);
    });
  }

  private async begin(
    command: string,
    args: readonly string[],
    tellsJson: boolean,
  ): Promise<string[]> {
    const { program, folder, environment, onMessage } = this.props;
    const child = spawn(program, [command, ...(tellsJson ? ["-json"] : []), ...args], {
      cwd: folder,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    endAfter(child);
    const lines: string[] = [];
    const diagnostics: Diagnostic[] = [];
    const errors: string[] = [];
    const readers = [
      createInterface({ input: child.stdout }).on("line", (line) => {
        lines.push(line);
        const told = tellsJson ? messageIn(line) : undefined;
        if (told?.diagnostic) {
          diagnostics.push(told.diagnostic);
        }
        if (told?.message !== undefined) {
          onMessage?.(told.message);
        }
      }),
      createInterface({ input: child.stderr }).on("line", (line) => errors.push(line)),
    ];
    const ending = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve(signal ?? code));
    });
    readers.forEach((reader) => reader.close());
    if (ending !== 0) {
      // What `show` has printed is a plan, with its secrets in clear.
      const said = errors.length > 0 || command === "show" ? errors : lines.slice(-5);
      const detail = said.join(" ").replace(/[│╷╵]/g, "").replace(/\s+/g, " ").trim();
      throw new TerraformError(
        command,
        diagnostics.length > 0
          ? diagnostics
          : [{ severity: "error", summary: detail || `it ended by ${ending}`, detail: "" }],
      );
    }
    return lines;
  }
}

/**
 * What a line of Terraform's machine-readable output tells:
 * https://developer.hashicorp.com/terraform/internals/machine-readable-ui.
 */
function messageIn(line: string): { message?: string; diagnostic?: Diagnostic } | undefined {
  try {
    const { "@message": message, diagnostic } = JSON.parse(line) as {
      readonly "@message"?: string;
      readonly diagnostic?: Diagnostic;
    };
    return { ...(message !== undefined && { message }), ...(diagnostic && { diagnostic }) };
  } catch {
    return undefined;
  }
}

/** The Terraform on the `PATH`. Fails when there is none. */
export function terraformProgram(): string {
  const program = findProgram("terraform", process.env["PATH"] ?? "");
  if (program === undefined) {
    throw new Error(
      "terraform must be in a folder of PATH, got none: install Terraform 1.7 or later",
    );
  }
  return program;
}

/** The variables that Terraform sees when somebody runs it for himself: all of this process. */
export const terraformVariables = (): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  ),
  TF_IN_AUTOMATION: "1",
});

/** The path of a program in one of the folders of `PATH`; none when it is nowhere. */
export function findProgram(name: string, folders: string): string | undefined {
  return folders
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
