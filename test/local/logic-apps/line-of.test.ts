import { expect, test } from "vitest";
import { lineOf } from "../../../local/logic-apps/line-of.ts";

const json = `{
  "actions": {
    "A": { "type": "Compose",
      "inputs": [
        "x, [y] {z}",
        { "a.b": 1, "say \\"hi\\"": [[],
          2] }
      ] },
    "AB": {}
  },
  "list": [1, {},
    { "last": true }
  ]
}`;

test.each([
  ["actions", 2],
  ["actions.A.type", 3],
  ["actions.A.inputs", 4],
  ["actions.A.inputs[0]", 5],
  ["actions.A.inputs[1].a.b", 6],
  ['actions.A.inputs[1].say "hi"[0]', 6],
  ['actions.A.inputs[1].say "hi"[1]', 7],
  ["actions.AB", 9],
  ["list[1]", 11],
  ["list[2].last", 12],
])("%s stands in line %d", (path, line) => {
  expect(lineOf(json, path)).toBe(line);
});

test.each([
  ["actions.A.inputs[1].missing", 6],
  ["actions.A.uri", 3],
  ["triggers.T", 1],
])("%s, which is not there, would stand behind line %d", (path, line) => {
  expect(lineOf(json, path)).toBe(line);
});
