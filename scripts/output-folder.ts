import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** Characters, few enough for the text to be collected with the young generation. */
const writtenAtOnce = 32 * 1024;

/** A folder for files of these names, made when the first is written, with the folders above it. */
export class OutputFolder {
  /** Fails when the files could not be written; leaves nothing behind. */
  constructor(
    readonly path: string,
    readonly files: readonly string[],
  ) {
    try {
      this.tryOut();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const got =
        code === "EEXIST" || code === "ENOTDIR"
          ? `${path}, where a file is`
          : `${code} for ${path}`;
      throw new Error(`--out must be a folder that can be written, got ${got}`, { cause: error });
    }
  }

  /** Writes one of the files, each line with a line end. */
  async write(file: string, lines: Iterable<string> | AsyncIterable<string>): Promise<void> {
    makeFolders(this.path);
    const handle = await open(join(this.path, file), "w");
    try {
      let text = "";
      for await (const line of lines) {
        text += `${line}\n`;
        if (text.length > writtenAtOnce) {
          await handle.write(text);
          text = "";
        }
      }
      await handle.write(text);
    } finally {
      await handle.close();
    }
  }

  private tryOut(): void {
    const made = makeFolders(this.path);
    try {
      // Permissions alone do not tell, as under /proc.
      rmdirSync(mkdtempSync(join(this.path, "try-")));
      this.files
        .map((file) => join(this.path, file))
        .filter((file) => existsSync(file))
        .forEach((file) => closeSync(openSync(file, "r+")));
    } finally {
      made.reverse().forEach((folder) => rmdirSync(folder));
    }
  }
}

/** Makes a folder and those above it, and tells which; where that is impossible, `recursive` can hang. */
function makeFolders(path: string): string[] {
  const missing: string[] = [];
  for (let folder = resolve(path); !existsSync(folder); folder = dirname(folder)) {
    missing.unshift(folder);
  }
  missing.forEach((folder) => mkdirSync(folder));
  return missing;
}
