import {
  changeKinds,
  unknownValue,
  type AttributeChange,
  type PlannedChange,
} from "./planned-change.ts";
import {
  acceptance,
  shownApart,
  type PlanSummary,
  type PlaybookSummary,
  type QuerySummary,
  type StackSummary,
} from "./plan-summary.ts";
import { fieldChanges, type DefinitionChange } from "./playbook-change.ts";

/** A summary to be shown, with what is known about it beside. */
export interface ShownSummary {
  readonly environment: string;
  readonly summary: PlanSummary;
  /** What is known of the cost, in whole sentences. */
  readonly cost?: readonly string[];
  /** Address of where all of it is kept. */
  readonly link?: string;
}

/** The first line of a comment, by which its successor finds it. */
export const marker = (environment: string) => `<!-- plan of ${environment} -->`;

const longestValue = 160;

/**
 * A summary as one Markdown comment of at most `limit` characters. Of long values it shows where they
 * differ, and what does not fit is left out at its end, which says so; without a limit values are whole.
 *
 * @see https://docs.github.com/rest/issues/comments (a comment has at most 65,536 characters)
 */
export function summaryMarkdown(shown: ShownSummary, limit = Infinity): string {
  const { environment, summary } = shown;
  const head = [
    marker(environment),
    `## Plan of ${environment}`,
    "",
    `**${totalsOf(summary)}** Digest \`${summary.digest}\`.`,
    ...flagLines(summary),
    ...(shown.cost === undefined ? [] : ["", ...shown.cost]),
    ...stackTable(summary.stacks),
  ].join("\n");
  const all = summary.stacks.flatMap((stack) => stackDetails(stack, Infinity));
  if (limit === Infinity) {
    return [head, ...all].join("\n\n") + "\n";
  }
  const details = summary.stacks.flatMap((stack) => stackDetails(stack, longestValue));
  const isCut = details.join() !== all.join();
  const kept = shown.link === undefined ? "summary.md" : `[summary.md](${shown.link})`;
  const rest = `\n\n_What does not fit here is in ${kept}._\n`;
  const whole = [head, ...details].join("\n\n") + (isCut ? rest : "\n");
  if (whole.length <= limit) {
    return whole;
  }
  let text = head;
  for (const detail of details) {
    if (text.length + 2 + detail.length + rest.length > limit) {
      break;
    }
    text += `\n\n${detail}`;
  }
  return cut(text, limit - rest.length) + rest;
}

/** How many resources change in which way, as one sentence. */
export function totalsOf({ stacks }: PlanSummary): string {
  const changes = stacks.flatMap((stack) => stack.changes);
  if (changes.length === 0) {
    return "Nothing changes.";
  }
  const parts = countsOf(changes)
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} to ${kind}`);
  return `${parts.join(", ")}.`;
}

const counted = ({ length }: readonly unknown[]) =>
  `${length} ${length === 1 ? "change" : "changes"}`;

const countsOf = (changes: readonly PlannedChange[]) =>
  changeKinds.map((kind) => ({
    kind,
    count: changes.filter((change) => change.kind === kind).length,
  }));

function flagLines({ flags, refused }: PlanSummary): string[] {
  if (flags.length === 0) {
    return [];
  }
  const lines = flags.map(
    ({ stack, address, about, says }) => `- **${about}**: ${says} (${code(`${stack} ${address}`)})`,
  );
  const stop =
    refused.length === 0
      ? []
      : [
          "",
          "> [!CAUTION]",
          "> Data would be lost, so this check fails. Whoever wants that writes in the pull request:",
          ...refused.map((flag) => `> ${code(acceptance(flag))}  `),
        ];
  return [...stop, "", "### To look at", "", ...lines];
}

function stackTable(stacks: readonly StackSummary[]): string[] {
  const head = ["stack", ...changeKinds];
  const rows = stacks.map(({ stack, changes }) => [
    stack,
    ...countsOf(changes).map(({ count }) => (count === 0 ? "" : String(count))),
  ]);
  return ["", ...[head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`)];
}

function stackDetails(
  { stack, changes, playbooks, queries }: StackSummary,
  longest: number,
): string[] {
  return changes.length === 0
    ? []
    : [
        ...playbooks.map((playbook) => playbookDetails(stack, playbook, longest)),
        ...queries.map((query) => queryDetails(stack, query)),
        folded(`${stack}: ${counted(changes)}`, [
          ...changes.flatMap((change) => changeLines(change, longest)),
        ]),
      ];
}

function changeLines({ kind, address, attributes }: PlannedChange, longest: number): string[] {
  const shown = attributes.filter(({ path }) => !shownApart.test(path.replace(/\[\d+\]/g, "")));
  // Of what is made a comment has no room for more than the name, and what Azure fills in says nothing.
  const isNamedAlone = kind === "destroy" || (kind === "create" && longest !== Infinity);
  const isTold = ({ after }: AttributeChange) => kind !== "create" || after !== unknownValue;
  const told = isNamedAlone ? [] : shown.filter(isTold);
  return [
    "",
    `**${kind}** ${code(address)}`,
    ...told.flatMap(membersOf).map((each) => attributeLine(each, longest)),
  ];
}

/** The members that differ of a text that is JSON before and after; else the text. */
function membersOf(attribute: AttributeChange): AttributeChange[] {
  const { path, before, after } = attribute;
  try {
    const members = fieldChanges(path, JSON.parse(before ?? ""), JSON.parse(after ?? ""));
    return members.length > 0 ? members : [attribute];
  } catch {
    return [attribute];
  }
}

function attributeLine({ path, before, after }: AttributeChange, longest: number): string {
  const [old, young] = excerpts(before, after, longest);
  return `- ${code(path)}: ${old} → ${young}`;
}

/** Two values from shortly before where they differ, when they are longer than that. */
function excerpts(
  before: string | undefined,
  after: string | undefined,
  longest: number,
): string[] {
  const [old = "", young = ""] = [before, after].map((text) => text?.replace(/\s*\n\s*/g, " ⏎ "));
  const isLong = Math.max(old.length, young.length) > longest;
  const from = isLong ? Math.max(0, commonLength(old, young) - longest / 4) : 0;
  return [before, after].map((given, index) =>
    given === undefined
      ? "none"
      : code((from > 0 ? "…" : "") + cut([old, young][index]!.slice(from), longest)),
  );
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) {
    length++;
  }
  return length;
}

function playbookDetails(
  stack: string,
  { changes, template }: PlaybookSummary,
  longest: number,
): string {
  const lines = changes.flatMap((change) => [
    `- ${change.kind} ${change.what} ${code(change.name)}${described(change)}`,
    ...change.fields.map((field) => `  ${attributeLine(field, longest)}`),
  ]);
  const others = template.map(
    (field) => `- of its template ${attributeLine(field, longest).slice(2)}`,
  );
  const title = `${stack}: the playbook, ${counted([...changes, ...template])}`;
  return folded(title, ["", ...lines, ...others], true);
}

const described = ({ type, place }: DefinitionChange) =>
  (type === undefined ? "" : ` (${type})`) + (place === "" ? "" : ` in ${code(place)}`);

function queryDetails(stack: string, { name, lines }: QuerySummary): string {
  const text = lines.join("\n");
  const ticks = Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1));
  const fence = "`".repeat(ticks);
  return folded(`${stack}: the query of ${name}`, ["", `${fence}diff`, text, fence], true);
}

function folded(title: string, lines: readonly string[], isOpen = false): string {
  return [
    `<details${isOpen ? " open" : ""}><summary>${escaped(title)}</summary>`,
    ...lines,
    "",
    "</details>",
  ].join("\n");
}

/** As much of a text as has at most so many characters. */
const cut = (text: string, most: number) =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;

/** Text as code, which Markdown and mentions leave alone. */
export const code = (text: string) => `<code>${escaped(text)}</code>`;

export const escaped = (text: string) =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("|", "&#124;")
    .replace(/[`*_[\]\\~@#]/g, (letter) => `&#${letter.codePointAt(0)};`);
