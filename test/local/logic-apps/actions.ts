/** Where an action comes, as members to be added to it: after these, when all have succeeded. */
export const after = (...names: string[]) => ({
  runAfter: Object.fromEntries(names.map((name) => [name, ["Succeeded"]])),
});

/** A GET of `https://example.org/`, with other inputs. */
export const http = (inputs: object = {}) => ({
  type: "Http",
  inputs: { method: "GET", uri: "https://example.org/", ...inputs },
});

/** Initializes one variable. */
export const initialize = (name: string, type = "Integer", value: unknown = undefined) => ({
  type: "InitializeVariable",
  inputs: { variables: [{ name, type, value }] },
});

/** Waits for seconds, which may be an expression. */
export const wait = (count: unknown) => ({
  type: "Wait",
  inputs: { interval: { count, unit: "Second" } },
});
