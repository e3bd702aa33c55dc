import { localClientSecret } from "../deployed-tenant.ts";
import { recordMarker } from "./case-content.ts";
import { rotatedSecret } from "./planned-events.ts";

/** What must not be seen by whoever may read the run history. */
export type Leak = "secret" | "token" | "record";

const patterns: Readonly<Record<Leak, RegExp>> = {
  // Also as a form holds it.
  secret: new RegExp(
    [localClientSecret, rotatedSecret(1)].map((each) => each.replaceAll("~", "(~|%7E)")).join("|"),
  ),
  token: /Bearer [\w-]|eyJ[\w-]+\.eyJ/,
  record: new RegExp(recordMarker),
};

/** What is visible of it in something of a run history, which shows a body that is no JSON in base64. */
export function leaksIn(shown: unknown): Leak[] {
  const text = readable(shown);
  return (Object.keys(patterns) as Leak[]).filter((leak) => patterns[leak].test(text));
}

/**
 * JSON of something of a run history, in which bodies that it holds in base64 stand as they were, also
 * those in a text that holds JSON.
 */
export function readable(shown: unknown): string {
  const text = JSON.stringify(shown) ?? "";
  return text.includes("$content")
    ? text.replace(
        /(\\*)"\$content\1":\1"([\w+/]+=*)\1"/g,
        (_, slashes: string, content: string) =>
          `${slashes}"$content${slashes}":${JSON.stringify(Buffer.from(content, "base64").toString("latin1"))}`,
      )
    : text;
}
