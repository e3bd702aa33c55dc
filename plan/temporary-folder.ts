import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeTheEnd } from "./interruption.ts";

/**
 * A folder that its owner alone may read, for what is too much for memory. It goes when it is closed,
 * or else with the process, even when Ctrl-C ends it.
 */
export class TemporaryFolder {
  readonly path: string;
  private readonly forget: () => void;

  constructor(kind: string) {
    this.path = mkdtempSync(join(tmpdir(), `${kind}-`));
    this.forget = beforeTheEnd(() => {
      try {
        this.close();
      } catch {
        // Windows removes no file that is open, and there is nobody left to close it.
      }
    });
  }

  close(): void {
    rmSync(this.path, { recursive: true, force: true });
    this.forget();
  }
}
