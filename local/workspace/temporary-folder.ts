import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A name for a folder that somebody may make and fill; what is there goes when it is closed, or else
 * with the process, even when Ctrl-C ends it.
 */
export class TemporaryFolder {
  readonly path: string;

  constructor(kind: string) {
    this.path = join(tmpdir(), `${kind}-${randomUUID()}`);
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
  open.forEach((folder) => folder.close());
}

/** Ends the process as the signal would have done. */
function endBy(signal: NodeJS.Signals): void {
  removeAll();
  process.kill(process.pid, signal);
}
