import { isDeepStrictEqual } from "node:util";

type Node = Readonly<Record<string, unknown>>;

/** A change of one action, trigger, parameter or output of a workflow, as a person reads it. */
export interface DefinitionChange {
  readonly kind: "added" | "removed" | "changed" | "moved";
  readonly what: "action" | "trigger" | "parameter" | "output" | "definition";
  readonly name: string;
  /** The type of an action or trigger, such as `Http`. */
  readonly type: string | undefined;
  /** What contains it, such as `Collect_each_page`, or `If_off, else`; empty at the top. */
  readonly place: string;
  /** Fields that differ, by paths such as `inputs.uri`. */
  readonly fields: readonly FieldChange[];
}

/** A field before and after, as JSON; undefined when there is none. */
export interface FieldChange {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

interface Part {
  readonly what: DefinitionChange["what"];
  readonly name: string;
  readonly place: string;
  readonly runAfter: unknown;
  /** All but what it contains and what it runs after. */
  readonly own: Node;
}

/**
 * What differs between two workflow definitions: each action by its name, since names are unique in a
 * definition wherever the action stands.
 *
 * @see https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language
 */
export function definitionChanges(before: Node, after: Node): DefinitionChange[] {
  const [old, young] = [partsOf(before), partsOf(after)];
  return [...new Set([...old.keys(), ...young.keys()])].flatMap((key) =>
    partChanges(old.get(key), young.get(key)),
  );
}

function partChanges(before: Part | undefined, after: Part | undefined): DefinitionChange[] {
  const part = (after ?? before)!;
  const { what, name, place } = part;
  const type = typeof part.own["type"] === "string" ? part.own["type"] : undefined;
  const told = { what, name, type, place };
  if (!before || !after) {
    const fields = fieldChanges("", {}, after?.own ?? {}).filter(({ path }) => path !== "type");
    return [{ kind: after ? "added" : "removed", ...told, fields }];
  }
  const fields = fieldChanges("", before.own, after.own);
  const moves = [
    ...fieldChanges("in", before.place, after.place),
    ...fieldChanges("runAfter", before.runAfter, after.runAfter),
  ];
  return [
    ...(moves.length > 0 ? [{ kind: "moved" as const, ...told, fields: moves }] : []),
    ...(fields.length > 0 ? [{ kind: "changed" as const, ...told, fields }] : []),
  ];
}

/** Everything of a definition that has a name, by its kind and name. */
function partsOf(definition: Node): Map<string, Part> {
  const parts = new Map<string, Part>();
  const { actions, triggers, parameters, outputs, ...rest } = definition;
  const add = (what: Part["what"], name: string, place: string, value: unknown) => {
    const { runAfter, ...own } = isNode(value) ? value : { value };
    parts.set(`${what} ${name}`, { what, name, place, runAfter, own });
  };
  const addActions = (of: unknown, place: string) => {
    for (const [name, action] of entriesOf(of)) {
      const { actions: inner, else: otherwise, cases, default: last, ...own } = nodeOf(action);
      const choices = entriesOf(cases).map(([each, { actions: _, ...choice }]) => [each, choice]);
      add("action", name, place, {
        ...own,
        ...(cases !== undefined && { cases: Object.fromEntries(choices) as unknown }),
      });
      addActions(inner, name);
      addActions(nodeOf(otherwise)["actions"], `${name}, else`);
      for (const [each, choice] of entriesOf(cases)) {
        addActions(choice["actions"], `${name}, case ${each}`);
      }
      addActions(nodeOf(last)["actions"], `${name}, default`);
    }
  };
  addActions(actions, "");
  entriesOf(triggers).forEach(([name, trigger]) => add("trigger", name, "", trigger));
  entriesOf(parameters).forEach(([name, parameter]) => add("parameter", name, "", parameter));
  entriesOf(outputs).forEach(([name, output]) => add("output", name, "", output));
  add("definition", "the rest", "", rest);
  return parts;
}

/** Where two values differ, at the deepest paths of which both have one. */
export function fieldChanges(path: string, before: unknown, after: unknown): FieldChange[] {
  if (isDeepStrictEqual(before, after)) {
    return [];
  }
  if (isNode(before) && isNode(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      fieldChanges(path === "" ? key : `${path}.${key}`, before[key], after[key]),
    );
  }
  return [{ path, before: json(before), after: json(after) }];
}

const json = (value: unknown) =>
  value === undefined || typeof value === "string" ? value : JSON.stringify(value, undefined, 2);

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const nodeOf = (value: unknown): Node => (isNode(value) ? value : {});

const entriesOf = (value: unknown): [string, Node][] =>
  Object.entries(nodeOf(value)).map(([name, member]) => [name, nodeOf(member)]);
