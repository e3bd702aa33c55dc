/**
 * The line, counted from 1, at which a member of a JSON text stands, or the nearest one around it that
 * is there: `path` is made of names and indexes as in `actions.Get_page.inputs[0]`.
 */
export function lineOf(json: string, path: string): number {
  let found = { length: 0, at: 0 };
  for (const member of membersOf(json)) {
    const isAround =
      path === member.path ||
      path.startsWith(`${member.path}.`) ||
      path.startsWith(`${member.path}[`);
    if (isAround && member.path.length > found.length) {
      found = { length: member.path.length, at: member.at };
    }
  }
  return json.slice(0, found.at).split("\n").length;
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Every member and item with its path and place. */
function* membersOf(json: string): Generator<{ readonly path: string; readonly at: number }> {
  const around: { readonly path: string; index: number | undefined }[] = [];
  let path = "";
  let previous = "";
  let key: { readonly text: string; readonly at: number } | undefined;
  for (const { 0: text, index: at } of json.matchAll(token)) {
    const container = around.at(-1);
    const opens = text === "{" || text === "[";
    const startsItem =
      container?.index !== undefined && (previous === "[" || previous === ",") && text !== "]";
    if (startsItem) {
      path = `${container.path}[${container.index!++}]`;
      yield { path, at };
    }
    if (text === ":" && key) {
      path = container?.path ? `${container.path}.${key.text}` : key.text;
      yield { path, at: key.at };
    } else if (opens) {
      around.push({ path: around.length === 0 ? "" : path, index: text === "[" ? 0 : undefined });
    } else if (text === "}" || text === "]") {
      around.pop();
    }
    key = text.startsWith('"') ? { text: JSON.parse(text) as string, at } : undefined;
    previous = text;
  }
}
