import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/**
 * Turns what zod found wrong in `content` into sentences of the form
 * `<key> must <rule>, got <value>`; one for each key that should not be there.
 */
export function describeIssue(issue: Issue, content: unknown): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => sentence([...issue.path, key], "not be there", content));
  }
  if (issue.code === "invalid_key") {
    const [problem] = issue.issues;
    const key = issue.path.at(-1);
    return [`${dotted(issue.path)} must ${problem?.message}, got ${show(key)}`];
  }
  if (issue.code === "custom" && issue.params !== undefined) {
    const { got, fix } = issue.params as { got: unknown; fix?: string };
    const broken = `${dotted(issue.path)} must ${issue.message}, got ${show(got)}`;
    return [fix === undefined ? broken : `${broken}; ${fix}`];
  }
  return [sentence(issue.path, ruleOf(issue), content)];
}

function sentence(path: readonly PropertyKey[], rule: string, content: unknown): string {
  return `${dotted(path)} must ${rule}, got ${show(valueAt(content, path))}`;
}

function ruleOf(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `be ${typeNames[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `be ${oneOf(issue.values)}`;
    case "invalid_union":
      return `be ${oneOf("options" in issue ? (issue.options as unknown[]) : [])}`;
    case "too_small":
      return issue.origin === "number" || issue.origin === "int"
        ? `be ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`
        : "not be empty"; // the only length that the schema asks for
    case "too_big":
      return `be at most ${issue.maximum}`;
    case "invalid_format":
      return formatNames[issue.format] ?? issue.message;
    default:
      return issue.message;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a string",
  int: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

const formatNames: Readonly<Record<string, string>> = {
  guid: "be a GUID",
  email: "be an e-mail address",
};

function oneOf(values: readonly unknown[]): string {
  const shown = values.map(show).join(", ");
  return values.length > 1 ? `one of ${shown}` : shown;
}

function dotted(path: readonly PropertyKey[]): string {
  return path.length === 0 ? "content" : path.map(String).join(".");
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

function valueAt(content: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    content,
  );
}
