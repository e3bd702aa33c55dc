import path from "node:path";
import { format } from "prettier";
import {
  actionTypes,
  foreignActionTypes,
  foreignTriggerTypes,
  triggerTypes,
} from "../local/logic-apps/action-types.ts";
import { billingRules, prices, priceSources } from "../local/logic-apps/billing-rules.ts";
import { defaultEngineOptions, openQuestions } from "../local/logic-apps/engine-options.ts";
import {
  foreignFunctions,
  functionGroups,
  functionReference,
} from "../local/logic-apps/functions.ts";
import { limits } from "../local/logic-apps/limits.ts";
import { parseOptions, runScript } from "./command-line.ts";
import { link, section, table } from "./markdown.ts";
import { writeGenerated } from "./write-generated.ts";

const usage = `[--dry-run]

  writes docs/logic-apps-runner.md: what of Logic Apps runs here, what does not, and by which source

  --dry-run   only tell whether it would be written
  -h, --help  show this`;

/** Where the page is. */
export const logicAppsPageFile = path.join(
  path.relative(process.cwd(), path.join(import.meta.dirname, "..")),
  "docs",
  "logic-apps-runner.md",
);

/** The page on the Logic Apps runner, as text of a file. */
export function logicAppsPage(): Promise<string> {
  const sections = [
    introduction,
    section("Triggers", [
      ...table(
        ["Type", "Notes"],
        Object.entries(triggerTypes).map(([type, { source, notes }]) => [
          link(type, source),
          notes,
        ]),
      ),
    ]),
    section("Actions", [
      ...table(
        ["Type", "Result", "Notes"],
        Object.entries(actionTypes).map(([type, { source, gives, notes = "" }]) => [
          link(type, source),
          { result: "`outputs()`", body: "`body()`", nothing: "" }[gives],
          notes,
        ]),
      ),
    ]),
    section("Functions", Object.entries(functionGroups).flatMap(functionTable)),
    section("Not implemented", [
      "A definition with one of these is refused with the place where it stands.",
      "",
      ...foreign("Trigger", foreignTriggerTypes, (name) => `\`${name}\``),
      ...foreign("Action", foreignActionTypes, (name) => `\`${name}\``),
      ...foreign("Function", foreignFunctions, (name) => `\`${name}()\``),
    ]),
    section("Readings", [
      "Where the sources disagree or say nothing, an option decides. The default stands first.",
      "",
      ...table(
        ["Option", "Values", "What it decides", "Sources"],
        Object.entries(openQuestions).map(([option, { about, others, sources }]) => [
          `\`${option}\``,
          [defaultEngineOptions[option as keyof typeof openQuestions], ...others]
            .map((value) => `\`${value}\``)
            .join(", "),
          about,
          links(sources),
        ]),
      ),
    ]),
    section("Limits", [
      ...table(
        ["At most", "Of what"],
        Object.values(limits).map(({ most, of, source }) => [
          most.toLocaleString("en-US"),
          link(of, source),
        ]),
      ),
    ]),
    section("Billing", [
      ...billingRules.map(({ rule, source }) => `- ${rule} ${link("source", source)}`),
      `- List prices: ${prices.builtInExecution} USD for a built-in execution, ${prices.standardConnectorCall} USD for a call of a standard connector, ${prices.enterpriseConnectorCall} USD for one of an enterprise connector; the first ${prices.freeExecutions.toLocaleString("en-US")} built-in executions of a month and subscription are free. Seen by third parties, not read from the price page: ${links(priceSources)}.`,
    ]),
  ];
  return format(sections.join("\n\n"), { parser: "markdown", printWidth: 100 });
}

const introduction = `# The Logic Apps runner

The playbook runs on a laptop by an engine of its own, in \`local/logic-apps\`, which holds a
definition of a Consumption workflow to what Microsoft documents. Nothing here was verified against
the live service. The page is written from what the engine runs on, by

\`\`\`sh
npm run docs:logic-apps
\`\`\`

A definition is run, and an expression evaluated, by

\`\`\`sh
npm run playbook -- content/playbooks/get-o365-data.json --trace
npm run playbook -- --evaluate "addDays('2026-01-14', 10, 'yyyy-MM-dd')"
\`\`\``;

function functionTable([title, group]: [string, (typeof functionGroups)[string]]): string[] {
  const rows = Object.entries(group).map(([name, { source, notes = "" }]) => [
    link(`${name}()`, source ?? `${functionReference}#${name.toLowerCase()}`),
    notes,
  ]);
  return [`### ${title}`, "", ...table(["Function", "Notes"], rows), ""];
}

function foreign(
  kind: string,
  names: Readonly<Record<string, string>>,
  shown: (name: string) => string,
): string[] {
  const rows = Object.entries(names).map(([name, reason]) => [shown(name), reason]);
  return [...table([kind, "Why not"], rows), ""];
}

const links = (addresses: readonly string[]) =>
  addresses.length === 0
    ? "none"
    : addresses.map((address, index) => link(String(index + 1), address)).join(", ");

if (import.meta.filename === process.argv[1]) {
  await runScript({
    command: "npm run docs:logic-apps --",
    usage,
    run: async (args) => {
      const { values } = parseOptions(args, { "dry-run": { type: "boolean", default: false } });
      writeGenerated(logicAppsPageFile, await logicAppsPage(), values["dry-run"]);
    },
  });
}
