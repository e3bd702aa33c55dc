import { execFileSync } from "node:child_process";
import path from "node:path";
import { TemporaryFolder } from "../plan/temporary-folder.ts";

const tools = path.join(path.dirname(import.meta.dirname), "tools");

/** Programs of an environment of Python that is made for one piece of work. */
export type PythonTools = (program: string) => string;

/**
 * Installs what a file of `tools/` pins, by its hashes, into an environment of its own, works with it
 * and removes it. Fails without a Python of that name.
 */
export function withPythonTools<T>(
  python: string,
  requirements: string,
  work: (tools: PythonTools) => T,
): T {
  const environment = new TemporaryFolder("python");
  try {
    makeEnvironment(python, environment.path);
    const programs = path.join(environment.path, process.platform === "win32" ? "Scripts" : "bin");
    const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    const file = path.join(tools, requirements);
    execFileSync(path.join(programs, "python"), [
      ...[...install, "--require-hashes", "--requirement", file],
    ]);
    return work((program) => path.join(programs, program));
  } finally {
    environment.close();
  }
}

function makeEnvironment(python: string, folder: string): void {
  try {
    execFileSync(python, ["-m", "venv", folder]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new Error(
        `--python must be an interpreter of Python 3.11 or later, got ${python}, which is not there`,
        { cause: error },
      );
    }
    throw error;
  }
}
