import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { collectedTenants, configFolder, loadEnvironment } from "../config/environment.ts";
import { feedTarget } from "../feed/feed-target.ts";
import { operatorCredential } from "../feed/sign-in.ts";
import { connectTenantFeed } from "../feed/tenant-feed.ts";
import { collectorDrift } from "../operate/collector-drift.ts";
import { driftMarkdown } from "../operate/drift-markdown.ts";
import { graphOf, managerOf } from "../operate/services.ts";
import { stacksDrift } from "../operate/stacks-drift.ts";
import { synthesized } from "../plan/stack-folders.ts";
import { parseOptions, runScript, UsageError } from "./command-line.ts";
import { openStacks } from "./open-stacks.ts";

const usage = `--environment NAME [--json] [--out DIR] [--stacks DIR]

  what is not as it was deployed: resources, the playbook, consent, subscriptions, secret

  --environment NAME  a file of config/, such as prod
  --json              print one JSON object
  --out DIR           keep there drift.md for an issue, and drift.json
  --stacks DIR        what npm run synth has written (default cdktf.out/stacks)
  -h, --help          show this

  The exit code is 3 when something has drifted or cannot be looked at.`;

const options = {
  environment: { type: "string" },
  json: { type: "boolean", default: false },
  out: { type: "string" },
  stacks: { type: "string", default: synthesized },
} as const;

const driftedCode = 3;

/** Looks for drift; gives the exit code. */
async function drift(args: readonly string[]): Promise<number> {
  const { values } = parseOptions(args, options);
  if (values.environment === undefined) {
    throw new UsageError("--environment must be a file of config/, such as prod, got none");
  }
  const environment = loadEnvironment(configFolder, values.environment);
  const operator = operatorCredential(environment);
  const found = [...(await stacksDrift(openStacks(environment, values.stacks)))];
  for (const tenantName of collectedTenants(environment)) {
    const target = feedTarget(environment, tenantName);
    const manager = managerOf(target, operator);
    const graph = graphOf(target, operator);
    const feed = connectTenantFeed(target, operator);
    found.push(...(await collectorDrift({ target, feed, manager, graph })));
  }
  const json = JSON.stringify({ environment: environment.name, drift: found });
  if (values.out !== undefined) {
    mkdirSync(values.out, { recursive: true });
    writeFileSync(path.join(values.out, "drift.json"), json);
    writeFileSync(path.join(values.out, "drift.md"), driftMarkdown(environment.name, found));
  }
  if (values.json) {
    console.log(json);
  } else if (found.length === 0) {
    console.log(`${environment.name}: nothing has drifted`);
  } else {
    found.forEach(({ stack, what, says }) => console.log(`${stack}: ${what}: ${says}`));
  }
  return found.length > 0 ? driftedCode : 0;
}

if (import.meta.filename === process.argv[1]) {
  await runScript({ command: "npm run drift --", usage, run: drift });
}
