import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** What a run's folder for temporary files is called, before its random end. */
export const temporaryFolderPrefix = "m365-audit-sentinel-test-";

/** Gives a test run its own folder for temporary files; removes it at the end, with all that tests left. */
export default function ownTemporaryFolder(): () => void {
  const folder = mkdtempSync(path.join(tmpdir(), temporaryFolderPrefix));
  for (const name of ["TMPDIR", "TEMP", "TMP"]) {
    process.env[name] = folder;
  }
  return () => rmSync(folder, { recursive: true, force: true });
}
