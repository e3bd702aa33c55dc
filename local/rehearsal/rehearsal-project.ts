import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { copyProject } from "../../scripts/copy-project.ts";
import { mirrorConfiguration } from "./provider-mirror.ts";
import { stackFolders, synthesized } from "../../plan/stack-folders.ts";

const ownFolder = path.dirname(path.dirname(import.meta.dirname));
const tsx = pathToFileURL(path.join(ownFolder, "node_modules/tsx/dist/esm/index.mjs")).href;

/** What a command ended with. */
export interface CommandOutcome {
  readonly code: number;
  /** Its stdout. */
  readonly text: string;
  /** Its stderr without the lines of progress. */
  readonly problems: string;
}

export interface RehearsalProjectProps {
  /** Gets the copy; must not exist. */
  readonly folder: string;
  /** Name of the environment that is rehearsed. */
  readonly environment: string;
  /** Path of Terraform. */
  readonly program: string;
  /** Folder with the providers. */
  readonly providers: string;
  /** All variables that the commands see, but for the way to Terraform. */
  readonly variables: Readonly<Record<string, string>>;
  /** Told of each line of progress. */
  readonly onProgress: (line: string) => void;
}

/** A copy of the project, whose configuration can change and whose commands see nothing of this machine. */
export class RehearsalProject {
  readonly folder: string;
  /** All variables that the commands see. */
  readonly environment: Readonly<Record<string, string>>;
  private readonly props: RehearsalProjectProps;
  private readonly running = new Set<ChildProcess>();

  constructor(props: RehearsalProjectProps) {
    const { folder, program, providers, variables } = props;
    copyProject(folder);
    const tools = path.join(folder, "tools");
    mkdirSync(tools);
    symlinkSync(program, path.join(tools, path.basename(program)));
    const cliConfiguration = path.join(folder, "terraform.tfrc");
    writeFileSync(cliConfiguration, mirrorConfiguration(providers));
    this.folder = folder;
    this.props = props;
    this.environment = {
      ...variables,
      PATH: tools,
      TF_CLI_CONFIG_FILE: cliConfiguration,
      NODE_NO_WARNINGS: "1",
    };
  }

  /** Where the synthesized stacks are. */
  get stacks(): string {
    return path.join(this.folder, synthesized);
  }

  /** Changes the environment's file, notes its tenants and synthesizes. Fails for a configuration that is not valid. */
  async configure(change: (file: EnvironmentFile) => void): Promise<void> {
    const file = path.join(this.folder, "config", `${this.props.environment}.json`);
    const content = JSON.parse(readFileSync(file, "utf8")) as EnvironmentFile;
    change(content);
    await this.write(content);
  }

  /** Writes the environment's file, notes its tenants and synthesizes. */
  async write(content: object): Promise<void> {
    const file = path.join(this.folder, "config", `${this.props.environment}.json`);
    writeFileSync(file, JSON.stringify(content, null, 2));
    await this.succeed("config:lock");
    await this.synthesize();
  }

  /** Writes the stacks, with their state beside the copy wherever it is kept otherwise. */
  async synthesize(): Promise<void> {
    await this.succeed("synth");
    for (const { stack, folder } of stackFolders(this.props.environment, this.stacks)) {
      const file = path.join(folder, "cdk.tf.json");
      const content = JSON.parse(readFileSync(file, "utf8")) as { terraform: object };
      const backend = { local: { path: `../../../terraform.${stack}.tfstate` } };
      const terraform = { ...content.terraform, backend };
      writeFileSync(file, JSON.stringify({ ...content, terraform }));
    }
  }

  /** Runs a script of package.json, with other values of some variables. */
  async run(
    script: string,
    args: readonly string[] = [],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<CommandOutcome> {
    const { scripts } = JSON.parse(
      readFileSync(path.join(this.folder, "package.json"), "utf8"),
    ) as { scripts: Readonly<Record<string, string>> };
    const file = scripts[script]!.split(" ").at(-1)!;
    const child = spawn(process.execPath, ["--import", tsx, file, ...args], {
      cwd: this.folder,
      env: { ...this.environment, ...variables },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.running.add(child);
    const text: string[] = [];
    const problems: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => text.push(line));
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (line.startsWith("… ")) {
        this.props.onProgress(line.slice(2));
      } else {
        problems.push(line);
      }
    });
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status) => resolve(status ?? 1));
    });
    this.running.delete(child);
    return { code, text: text.join("\n"), problems: problems.join("\n") };
  }

  /** Kills whatever runs, with all that it has begun and without a warning. */
  kill(): void {
    for (const { pid } of this.running) {
      [...descendantsOf(pid!), pid!].forEach((each) => process.kill(each, "SIGKILL"));
    }
  }

  /** Interrupts whatever runs, as a CI system does that cancels a job. */
  interrupt(): void {
    for (const child of this.running) {
      child.kill("SIGINT");
    }
  }

  /** Runs a script that must succeed; gives its stdout. Fails with what it says. */
  async succeed(
    script: string,
    args: readonly string[] = [],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { code, text, problems } = await this.run(script, args, variables);
    if (code !== 0) {
      const command = ["npm run", script, ...(args.length > 0 ? ["--", ...args] : [])].join(" ");
      throw new Error(`${command} ended with ${code}: ${problems || text}`);
    }
    return text;
  }

  /** Runs a script that must fail; gives what it says. Fails when it succeeds. */
  async fail(script: string, args: readonly string[] = []): Promise<string> {
    const { code, text, problems } = await this.run(script, args);
    if (code === 0) {
      throw new Error(`npm run ${script} -- ${args.join(" ")} must fail, but did: ${text}`);
    }
    return problems;
  }
}

/** The processes that a process has begun, and those that these have. */
function descendantsOf(pid: number): number[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).split("\n");
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const below = (parent: number): number[] =>
    pairs.filter(([, of]) => of === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

/** What a rehearsal changes in an environment's file. */
export interface EnvironmentFile {
  subscriptionId: string;
  homeTenantId: string;
  protection: string;
  tenants: Record<string, { state?: string; recurrenceMinutes?: number }>;
}
