import { readFileSync } from "node:fs";
import {
  collectedTenants,
  configFolder,
  type Environment,
  loadEnvironments,
} from "../config/environment.ts";
import { FeedReport } from "../feed/feed-report.ts";
import { runFeed } from "../feed/run-feed.ts";
import { VirtualClock } from "../local/clock.ts";
import { type DeployedTenant, deployTenant } from "../local/deployed-tenant.ts";
import { connectAsOperator } from "../local/feed-operator.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  parseJson,
  stringifyJson,
} from "../local/json.ts";
import {
  evaluateExpression,
  readExpressionContext,
} from "../local/logic-apps/evaluate-expression.ts";
import { lineOf } from "../local/logic-apps/line-of.ts";
import { loadWorkflow } from "../local/logic-apps/load-workflow.ts";
import { runReport } from "../local/logic-apps/run-report.ts";
import { type RunProps, runWorkflow } from "../local/logic-apps/run-workflow.ts";
import { WorkflowDefinitionError } from "../local/logic-apps/workflow-definition-error.ts";
import { publishInFeed } from "../local/publish-in-feed.ts";
import { generateDay } from "../local/records/generate-records.ts";
import { publishDay } from "../local/records/publish-day.ts";
import { parseOptions, runScript, UsageError } from "./command-line.ts";

const usage = `FILE [--parameters FILE] [--environment NAME] [--trace]
       npm run playbook -- --evaluate EXPRESSION [--context FILE]

  FILE                     a workflow definition, run once against the local cloud
  --parameters FILE        values of its parameters by name, before those of the deployed playbook
  --environment NAME       whose first collected tenant the local cloud is (default dev)
  --trace                  show inputs and outputs, secured ones hidden

  --evaluate EXPRESSION    print the JSON value of an expression
  --context FILE           what it sees: variables, parameters, actions, item, utcNow
  -h, --help               show this`;

const options = {
  parameters: { type: "string" },
  environment: { type: "string", default: "dev" },
  trace: { type: "boolean", default: false },
  evaluate: { type: "string" },
  context: { type: "string" },
} as const;

// The local tenant's feed is turned on at midnight; the run sees what it has published by noon.
const midnight = new Date("2026-01-14T00:00:00Z");
const publishedMs = 12 * 3_600_000;
const seats = 20;
const seed = 1;

/** What the command line asks for. */
export type PlaybookArguments =
  | {
      readonly file: string;
      readonly parameters: string | undefined;
      readonly environment: string;
      readonly trace: boolean;
    }
  | { readonly expression: string; readonly context: string | undefined };

/** Reads the command line. Fails with a {@link UsageError}. */
export function parsePlaybookArguments(args: readonly string[]): PlaybookArguments {
  const { values, positionals } = parseOptions(args, options, { takesWords: true });
  const { evaluate: expression, context, parameters, environment, trace } = values;
  const [file, ...rest] = positionals;
  if (expression !== undefined) {
    if (file !== undefined || parameters !== undefined || trace) {
      throw new UsageError("--evaluate must stand alone or with --context");
    }
    return { expression, context };
  }
  if (file === undefined || rest.length > 0) {
    throw new UsageError(`FILE must be one, got ${positionals.join(" ") || "none"}`);
  }
  if (context !== undefined) {
    throw new UsageError("--context must stand with --evaluate");
  }
  return { file, parameters, environment, trace };
}

/** Runs a definition once, prints what each action did and gives the exit code. */
export async function runPlaybook(
  { file, parameters, environment, trace }: Extract<PlaybookArguments, { file: string }>,
  print: (line: string) => void,
): Promise<number> {
  const text = readText(file);
  const { definition, values, at } = readDefinition(file, readJson(file, text));
  const given = parameters === undefined ? {} : readParameters(parameters);
  try {
    const workflow = loadWorkflow(definition);
    const { clock, deployed } = await deploy(environment);
    try {
      const known = [...workflow.parameters.keys()].filter((name) => deployed.parameters[name]);
      const run = await clock.run(() =>
        runWorkflow(workflow, {
          parameters: {
            ...Object.fromEntries(known.map((name) => [name, deployed.parameters[name]!])),
            ...values,
            ...given,
          },
          host: {
            ...deployed.host,
            // Whatever identity the definition names, it is the one that the tenant's playbook has.
            managedIdentityToken: (_identity, audience) =>
              deployed.host.managedIdentityToken(deployed.identity.resourceId, audience),
          },
        }),
      );
      runReport(run, { trace }).forEach(print);
      return run.status === "Succeeded" ? 0 : 1;
    } finally {
      deployed.workspace.close();
    }
  } catch (error) {
    if (!(error instanceof WorkflowDefinitionError)) {
      throw error;
    }
    const isParameter = error.path.startsWith("properties.parameters.");
    const line = isParameter ? "" : `:${lineOf(text, at + error.path)}`;
    const place = isParameter && parameters !== undefined ? parameters : `${file}${line}`;
    throw new Error(`${place}: ${error.message} (${error.code})`, { cause: error });
  }
}

/** Prints the JSON value of an expression. */
export function evaluate(
  { expression, context }: Extract<PlaybookArguments, { expression: string }>,
  print: (line: string) => void,
): void {
  const seen =
    context === undefined ? {} : readExpressionContext(readJson(context, readText(context)));
  print(stringifyJson(evaluateExpression(expression, seen)));
}

/** The first tenant of an environment in the local cloud, with its feed on and some hours old. */
async function deploy(name: string): Promise<{ clock: VirtualClock; deployed: DeployedTenant }> {
  const { environment, tenantName } = collected(name);
  const tenant = environment.tenants[tenantName]!;
  const clock = new VirtualClock(midnight);
  const deployed = await deployTenant({ environment, tenantName, clock, seed });
  const report = new FeedReport({
    json: false,
    print: () => undefined,
    printError: (line) => console.error(line),
  });
  const feed = connectAsOperator(deployed, clock);
  await runFeed("start", [feed], { dryRun: false, wait: false }, report);
  const records = generateDay({
    seed,
    seats,
    date: midnight,
    tenantId: tenant.tenantId,
    domain: tenant.primaryDomain,
  });
  publishInFeed(deployed, await publishDay(records, { start: midnight, seed }));
  await clock.run(() => clock.sleep(midnight.getTime() + publishedMs - clock.now().getTime()));
  return { clock, deployed };
}

function collected(name: string): { environment: Environment; tenantName: string } {
  const environments = loadEnvironments(configFolder);
  const environment = environments.find((each) => each.name === name);
  const [tenantName] = environment ? collectedTenants(environment) : [];
  if (!environment || tenantName === undefined) {
    const names = environments.map((each) => each.name).join(", ");
    throw new UsageError(
      `--environment must be one of ${names} with a collected tenant, got ${name}`,
    );
  }
  return { environment, tenantName };
}

/** A definition alone, or beside its parameters as the portal's code view and a GET show it. */
function readDefinition(file: string, content: Json) {
  if (!isJsonObject(content)) {
    throw new Error(`${file}: must be a workflow definition, got another JSON value`);
  }
  if (content["resources"] !== undefined) {
    throw new Error(
      `${file}: must be a workflow definition, got an ARM template; take the definition out of its resource`,
    );
  }
  if (!isJsonObject(content["definition"])) {
    return { definition: content, values: {}, at: "" };
  }
  const values = isJsonObject(content["parameters"]) ? content["parameters"] : {};
  return {
    definition: content["definition"],
    values: values as RunProps["parameters"],
    at: "definition.",
  };
}

/** Values by name, or as a workflow resource has them: objects with a `value` each. */
function readParameters(file: string): RunProps["parameters"] {
  const content = readJson(file, readText(file));
  if (!isJsonObject(content)) {
    throw new Error(`${file}: must be an object of parameter values by name`);
  }
  const asInResource = Object.values(content).every(
    (value) => isJsonObject(value) && Object.keys(value).join() === "value",
  );
  return asInResource
    ? (content as Readonly<Record<string, { readonly value: Json }>>)
    : Object.fromEntries(Object.entries<Json>(content).map(([name, value]) => [name, { value }]));
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`${file}: must be a file that can be read, got ${code}`, { cause: error });
  }
}

function readJson(file: string, text: string): Json | JsonObject {
  try {
    return parseJson(text);
  } catch (error) {
    throw new Error(`${file}: must be JSON: ${(error as Error).message}`, { cause: error });
  }
}

if (import.meta.filename === process.argv[1]) {
  await runScript({
    command: "npm run playbook --",
    usage,
    run: (args) => {
      const asked = parsePlaybookArguments(args);
      const print = (line: string) => console.log(line);
      return "file" in asked ? runPlaybook(asked, print) : evaluate(asked, print);
    },
  });
}
