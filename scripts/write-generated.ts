import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Writes a generated file where it is not yet what it must be, and tells on stdout. Safe to repeat. */
export function writeGenerated(file: string, text: string, dryRun: boolean): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) {
    console.log(`${file}: already up to date`);
  } else if (dryRun) {
    console.log(`${file}: would be written`);
  } else {
    writeFileSync(file, text);
    console.log(`${file}: written`);
  }
}
