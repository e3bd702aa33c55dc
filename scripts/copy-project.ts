import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";

const project = path.dirname(import.meta.dirname);
const parts = ["package.json", "main.ts", "without-source-maps.ts"].concat(
  // all but the local cloud
  ["config", "constructs", "content", "feed", "operate", "plan", "scripts", "stacks"],
);

/** Copies what is deployed and what deploys it into a new folder, to be run with other files in `config/`. */
export function copyProject(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const part of parts) {
    cpSync(path.join(project, part), path.join(folder, part), { recursive: true });
  }
  cpSync(path.join(project, "docs", "measured"), path.join(folder, "docs", "measured"), {
    recursive: true,
  });
  symlinkSync(path.join(project, "node_modules"), path.join(folder, "node_modules"), "junction");
}
