import { describe, expect, test } from "vitest";
import { loadText } from "../../content/load.ts";
import { definitionChanges } from "../../plan/playbook-change.ts";

const before = {
  contentVersion: "1.0.0.0",
  parameters: { collector: { type: "String" } },
  triggers: { Recurrence: { type: "Recurrence", recurrence: { interval: 15 } } },
  actions: {
    Read: { type: "Http", inputs: { method: "GET", uri: "https://a" }, runAfter: {} },
    Judge: {
      type: "If",
      expression: "@true",
      runAfter: { Read: ["Succeeded"] },
      actions: { Keep: { type: "Compose", inputs: 1, runAfter: {} } },
      else: { actions: { Drop: { type: "Compose", inputs: 2, runAfter: {} } } },
    },
    Choose: {
      type: "Switch",
      expression: "@1",
      runAfter: { Judge: ["Succeeded"] },
      cases: { One: { case: 1, actions: { First: { type: "Compose", inputs: 3, runAfter: {} } } } },
      default: { actions: { Other: { type: "Compose", inputs: 4, runAfter: {} } } },
    },
  },
  outputs: {},
};

/** What changes when a copy of the definition is edited. */
function changes(edit: (definition: typeof before) => void) {
  const after = structuredClone(before);
  edit(after);
  return definitionChanges(before, after);
}

const action = (name: string, type: string, place = "") => ({ what: "action", name, type, place });

describe("definitionChanges", () => {
  test("finds none in a definition that is the same", () => {
    expect(changes(() => {})).toEqual([]);
    const playbook = JSON.parse(loadText("playbooks/get-o365-data.json")) as object;
    expect(definitionChanges({ ...playbook }, structuredClone({ ...playbook }))).toEqual([]);
  });

  test("tells the field of an action that differs, and not what contains it", () => {
    expect(
      changes(({ actions }) => {
        actions.Judge.actions.Keep.inputs = 5;
        actions.Read.inputs.uri = "https://b";
      }),
    ).toEqual([
      {
        ...{ kind: "changed", ...action("Read", "Http") },
        fields: [{ path: "inputs.uri", before: "https://a", after: "https://b" }],
      },
      {
        ...{ kind: "changed", ...action("Keep", "Compose", "Judge") },
        fields: [{ path: "inputs", before: "1", after: "5" }],
      },
    ]);
  });

  test("tells what is added and removed, wherever it stands", () => {
    expect(
      changes(({ actions }) => {
        Object.assign(actions.Judge.else.actions, {
          More: { type: "Http", inputs: { uri: "https://a" }, runAfter: {} },
        });
        Object.assign(actions.Choose.cases.One, { actions: {} });
        Object.assign(actions.Choose.default, { actions: {} });
      }),
    ).toEqual([
      { kind: "removed", ...action("First", "Compose", "Choose, case One"), fields: [] },
      { kind: "removed", ...action("Other", "Compose", "Choose, default"), fields: [] },
      {
        ...{ kind: "added", ...action("More", "Http", "Judge, else") },
        fields: [{ path: "inputs", before: undefined, after: '{\n  "uri": "https://a"\n}' }],
      },
    ]);
  });

  test("tells an action that moved to another place or runs after another one", () => {
    expect(
      changes(({ actions }) => {
        const { Keep } = actions.Judge.actions;
        Object.assign(actions.Judge, { actions: {} });
        Object.assign(actions.Judge.else.actions, { Keep });
        Object.assign(actions.Choose, { runAfter: { Read: ["Failed"] } });
      }),
    ).toEqual([
      {
        ...{ kind: "moved", ...action("Keep", "Compose", "Judge, else") },
        fields: [{ path: "in", before: "Judge", after: "Judge, else" }],
      },
      {
        ...{ kind: "moved", ...action("Choose", "Switch") },
        fields: [
          { path: "runAfter.Judge", before: '[\n  "Succeeded"\n]', after: undefined },
          { path: "runAfter.Read", before: undefined, after: '[\n  "Failed"\n]' },
        ],
      },
    ]);
  });

  test("tells cases, triggers, parameters, outputs and what else there is", () => {
    const told = changes((definition) => {
      definition.actions.Choose.cases.One.case = 2;
      definition.triggers.Recurrence.recurrence.interval = 5;
      Object.assign(definition.parameters, { more: { type: "Int", defaultValue: 1 } });
      Object.assign(definition.outputs, { count: { type: "Int", value: 1 } });
      definition.contentVersion = "2.0.0.0";
    }).map(({ kind, what, name, fields }) =>
      [kind, what, name, ...fields.map(({ path }) => path)].join(" "),
    );
    expect(told).toEqual([
      "changed action Choose cases.One.case",
      "changed trigger Recurrence recurrence.interval",
      "changed definition the rest contentVersion",
      "added parameter more defaultValue",
      "added output count value",
    ]);
  });
});
