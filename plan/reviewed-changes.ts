import { readFileSync } from "node:fs";
import { z } from "zod";
import { isDataAtRisk } from "./flags.ts";
import { acceptance } from "./plan-summary.ts";
import { changeKinds, unknownValue, type PlannedChange } from "./planned-change.ts";

/** What was reviewed: the digest of a plan, or all that it was to change. */
export interface Reviewed {
  readonly digest: string;
  /** Undefined when only the digest is known. */
  readonly changes?: readonly PlannedChange[];
  /** The lines that accepted the loss of data when it was reviewed. */
  readonly accepted: string;
}

const text = z.string().optional();

const flags = z.array(z.object({ stack: z.string(), address: z.string(), about: z.string() }));

const summarySchema = z.object({
  digest: z.string(),
  ...{ flags, refused: flags },
  stacks: z.array(
    z.object({
      changes: z.array(
        z.object({
          stack: z.string(),
          address: z.string(),
          type: z.string(),
          kind: z.enum(changeKinds),
          attributes: z.array(
            z
              .object({ path: z.string(), before: text, after: text })
              .transform(({ path, before, after }) => ({ path, before, after })),
          ),
        }),
      ),
    }),
  ),
});

/** Reads what was reviewed: a digest, or the name of a `summary.json`. Fails for what is neither. */
export function readReviewed(given: string): Reviewed {
  if (/^[0-9a-f]{16}$/.test(given)) {
    return { digest: given, accepted: "" };
  }
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(given, "utf8"));
  } catch {
    throw new Error(
      `--reviewed must be a digest of 16 hexadecimal digits or a summary.json of npm run plan:summary, got ${given}`,
    );
  }
  const { data } = summarySchema.safeParse(content);
  if (!data) {
    throw new Error(`${given} must be a summary.json as npm run plan:summary -- --out writes it`);
  }
  const refused = new Set(data.refused.map(acceptance));
  return {
    digest: data.digest,
    changes: data.stacks.flatMap(({ changes }) => changes),
    accepted: data.flags
      .filter(isDataAtRisk)
      .map(acceptance)
      .filter((line) => !refused.has(line))
      .join("\n"),
  };
}

/**
 * The changes of a plan that nobody has reviewed. What is left of a reviewed plan after a part of it was
 * done has none; what was to be known after apply may have become known by that.
 */
export function unreviewed(
  planned: readonly PlannedChange[],
  reviewed: readonly PlannedChange[],
): PlannedChange[] {
  return planned.filter(
    (change) => !reviewed.some((other) => isSame(change, other) && isWithin(change, other)),
  );
}

const isSame = (a: PlannedChange, b: PlannedChange) =>
  a.stack === b.stack && a.address === b.address && a.kind === b.kind;

function isWithin({ attributes }: PlannedChange, reviewed: PlannedChange): boolean {
  const known = new Map(reviewed.attributes.map((each) => [each.path, each]));
  const unknowns = reviewed.attributes.flatMap(({ path, after }) =>
    after === unknownValue ? [path] : [],
  );
  return attributes.every(({ path, before, after }) => {
    const other = known.get(path);
    return (
      (other?.before === before && other?.after === after) ||
      // Its members too, when a whole list or object was not known.
      unknowns.some(
        (each) => path === each || path.startsWith(`${each}[`) || path.startsWith(`${each}.`),
      )
    );
  });
}
