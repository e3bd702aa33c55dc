import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A folder that its owner alone may read, for what is too much for memory. It goes when it is closed,
 * or else with the process, even when Ctrl-C ends it.
 */
export class TemporaryFolder {
  readonly path: string;

  constructor(kind: string) {
    this.path = mkdtempSync(join(tmpdir(), `${kind}-`));
    if (open.size === 0) {
      process.on("exit", removeAll);
      signals.forEach((signal) => process.on(signal, endBy));
    }
    open.add(this);
  }

  close(): void {
    rmSync(this.path, { recursive: true, force: true });
    open.delete(this);
    if (open.size === 0) {
      process.off("exit", removeAll);
      signals.forEach((signal) => process.off(signal, endBy));
    }
  }
}

const open = new Set<TemporaryFolder>();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function removeAll(): void {
  for (const folder of open) {
    try {
      folder.close();
    } catch {
      // Windows removes no file that is open, and there is nobody left to close it.
    }
  }
}

/** Ends the process as the signal would have done. */
function endBy(signal: NodeJS.Signals): void {
  removeAll();
  process.kill(process.pid, signal);
}
