import { spawnSync } from "node:child_process";
import { z } from "zod";
import { parseOptions, runScript } from "./command-line.ts";

const usage = `

  asks npm's registry for known vulnerabilities of the packages in use; high and critical ones fail

  -h, --help  show this`;

/** @see https://docs.npmjs.com/cli/commands/npm-audit#json */
const report = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({ name: z.string(), severity: z.string(), range: z.string() }),
  ),
});

/** What npm audit has told, or undefined when its endpoint does not answer. */
export function auditFindings(json: string): string[] | undefined {
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch {
    return undefined;
  }
  const { data } = report.safeParse(content);
  return data === undefined
    ? undefined
    : Object.values(data.vulnerabilities)
        .filter(({ severity }) => ["high", "critical"].includes(severity))
        .map(({ name, severity, range }) => `${name} ${range} has a ${severity} vulnerability`);
}

if (import.meta.filename === process.argv[1]) {
  await runScript({
    command: "npm run audit:packages --",
    usage,
    run: (args) => {
      parseOptions(args, {});
      const { stdout } = spawnSync("npm", ["audit", "--json"], { encoding: "utf8" });
      const findings = auditFindings(stdout);
      if (findings === undefined) {
        console.log("npm audit: skipped, since the registry does not answer it");
        return 0;
      }
      findings.forEach((finding) => console.error(finding));
      console.log(`npm audit: ${findings.length} high or critical findings`);
      return findings.length > 0 ? 1 : 0;
    },
  });
}
