import { flagsOf, isDataAtRisk, type Flag } from "./flags.ts";
import { lineDiff } from "./line-diff.ts";
import { digestOf, managedChanges, plannedChanges, type PlannedChange } from "./planned-change.ts";
import {
  definitionChanges,
  fieldChanges,
  type DefinitionChange,
  type FieldChange,
} from "./playbook-change.ts";
import { definitionOf, templateIn, withoutDefinition } from "./playbook-template.ts";
import type { ResourceChange, TerraformPlan } from "./terraform-plan.ts";

/** The plan of one stack. */
export interface StackPlan {
  /** Id of the stack. */
  readonly stack: string;
  readonly plan: TerraformPlan;
}

/** What the plans of an environment do, without any secret. */
export interface PlanSummary {
  /** The same for the same changes, another for any other. */
  readonly digest: string;
  readonly flags: readonly Flag[];
  /** Flags of data that would be lost and that nobody has accepted. */
  readonly refused: readonly Flag[];
  readonly stacks: readonly StackSummary[];
}

export interface StackSummary {
  readonly stack: string;
  readonly changes: readonly PlannedChange[];
  /** What changes in workflow definitions. */
  readonly playbooks: readonly PlaybookSummary[];
  /** What changes in queries, as the lines of a diff. */
  readonly queries: readonly QuerySummary[];
}

export interface PlaybookSummary {
  readonly address: string;
  readonly changes: readonly DefinitionChange[];
  /** What changes in the template that deploys it, but for the definition. */
  readonly template: readonly FieldChange[];
}

export interface QuerySummary {
  readonly address: string;
  /** Name of the rule or function that asks. */
  readonly name: string;
  readonly lines: readonly string[];
}

/** Attributes that are shown in their own way, not as one value. */
export const shownApart = /(^|\.)(template_content|query)$/;

/**
 * Sums up the plans of an environment's stacks; `text` is what somebody wrote who accepts a loss, `more`
 * is what else has to be looked at, and `waiting` are stacks that no deployment changes.
 */
export function summarize(
  plans: readonly StackPlan[],
  text = "",
  more: readonly Flag[] = [],
  waiting: readonly string[] = [],
): PlanSummary {
  const sorted = plans.toSorted((a, b) => (a.stack < b.stack ? -1 : 1));
  const stacks = sorted.map(summaryOf);
  const deployed = sorted.filter(({ stack }) => !waiting.includes(stack));
  const flags = [...more, ...deployed.flatMap(({ stack, plan }) => flagsOf(stack, plan))];
  const accepted = acceptedLosses(text);
  return {
    digest: digestOf(stacks.flatMap(({ changes }) => changes)),
    flags,
    refused: flags.filter(
      (flag) => isDataAtRisk(flag) && !accepted.has(`${flag.stack} ${flag.address}`),
    ),
    stacks,
  };
}

/** The line that accepts the loss of a resource's data. */
export const acceptance = ({ stack, address }: Pick<Flag, "stack" | "address">) =>
  `Accept-data-loss: ${stack} ${address}`;

/**
 * Stacks and addresses that the lines of a text accept the loss of. A semicolon ends a line as well: the
 * form of a workflow takes one line only.
 */
function acceptedLosses(text: string): Set<string> {
  const lines = text.split(/[\r\n;]/);
  return new Set(
    lines.flatMap((line) => {
      const [, stack, address] =
        /^\s*accept-data-loss:[ \t]*(\S+)[ \t]+(\S+)\s*$/i.exec(line) ?? [];
      return stack === undefined ? [] : [`${stack} ${address}`];
    }),
  );
}

function summaryOf({ stack, plan }: StackPlan): StackSummary {
  const resources = managedChanges(plan);
  return {
    stack,
    changes: plannedChanges(stack, plan),
    playbooks: resources.flatMap(playbookSummary),
    queries: resources.flatMap(querySummaries),
  };
}

function playbookSummary({ address, type, change }: ResourceChange): PlaybookSummary[] {
  if (type !== "azurerm_resource_group_template_deployment" || isMasked(change)) {
    return [];
  }
  const [before, after] = [change.before, change.after].map(templateIn);
  if (!before || !after) {
    return [];
  }
  const [old, young] = [before, after].map(definitionOf);
  const changes = old && young ? definitionChanges(old, young) : [];
  const template = fieldChanges("", withoutDefinition(before), withoutDefinition(after));
  return changes.length + template.length > 0 ? [{ address, changes, template }] : [];
}

/** Whether a provider calls a text sensitive that is shown apart otherwise. */
const isMasked = ({ before_sensitive, after_sensitive }: ResourceChange["change"]): boolean =>
  [before_sensitive, after_sensitive].some(
    (mask) => mask === true || maskedNames(mask).some((name) => shownApart.test(name)),
  );

/** The paths below a mask that are sensitive, or hold what is. */
const maskedNames = (mask: unknown): string[] =>
  typeof mask === "object" && mask !== null
    ? Object.entries(mask).flatMap(([name, of]) => [
        ...(of === true ? [name] : []),
        ...maskedNames(of),
      ])
    : [];

function querySummaries({ address, change }: ResourceChange): QuerySummary[] {
  if (isMasked(change)) {
    return [];
  }
  const { before, after } = change;
  const name = textAt(after, "name") ?? textAt(before, "name") ?? address;
  const [old, young] = [before, after].map(queryIn);
  return old !== young && (old !== undefined || young !== undefined)
    ? [{ address, name, lines: lineDiff(old ?? "", young ?? "") }]
    : [];
}

/** The query of a rule, a saved search or a scheduled query rule. */
function queryIn(attributes: unknown): string | undefined {
  const { criteria } = (attributes ?? {}) as { readonly criteria?: unknown };
  return (
    textAt(attributes, "query") ??
    (Array.isArray(criteria) ? textAt(criteria[0], "query") : undefined)
  );
}

function textAt(value: unknown, name: string): string | undefined {
  const member = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  return typeof member === "string" ? member : undefined;
}
