import { loadText } from "../../content/load.ts";
import { translatedSql } from "../workspace/translation.ts";
import type { CaseBlob } from "./case-content.ts";
import { described, isTraceless } from "./judge-missing.ts";
import type { SimulatedCase } from "./simulate-case.ts";

/** What M365AuditCompleteness answers for one content type. */
interface Answer {
  readonly ContentType: string;
  readonly Complete: string;
  readonly Reason: string;
}

/** Questions for the function that are enough for one case. */
const mostQuestions = 10;

/**
 * Asks M365AuditCompleteness for the moments of blobs that are missing, which must all be denied; and
 * for the whole case when everything is in the table and nothing is told to be missing, which must not.
 */
export async function completenessProblems(
  simulated: SimulatedCase,
  { missing, isWhole }: { readonly missing: readonly CaseBlob[]; readonly isWhole: boolean },
): Promise<string[]> {
  const problems = await affirmed(simulated, missing);
  return isWhole ? [...problems, ...(await denied(simulated))] : problems;
}

/** The first moment of a missing blob that the function takes for complete. */
async function affirmed(simulated: SimulatedCase, missing: readonly CaseBlob[]): Promise<string[]> {
  const step = Math.max(1, Math.floor(missing.length / mostQuestions));
  for (const blob of missing.filter((_, index) => index % step === 0)) {
    const at = blob.created.getTime();
    for (const { ContentType, Complete, Reason } of await ask(simulated, at - 1000, at + 1000)) {
      const isWarned = isTraceless(blob, simulated) && Reason.includes("nothing was listed");
      if (ContentType === blob.contentType && Complete === "yes" && !isWarned) {
        return [`completeness: yes for the moment of ${described(blob)}, which is missing`];
      }
    }
  }
  return [];
}

/** Content types of which the function denies that all of the case is there. */
async function denied(simulated: SimulatedCase): Promise<string[]> {
  const { content, faultCase } = simulated;
  // Through the last blob, since nobody need have listed what is after it.
  const to = Math.max(
    faultCase.start.getTime(),
    ...content.blobs.map(({ created }) => created.getTime() + 1),
  );
  const answers = await ask(simulated, knownFrom(simulated), to);
  return faultCase.tenant.contentTypes.flatMap((contentType) => {
    const answer = answers.find(({ ContentType }) => ContentType === contentType);
    return answer?.Complete === "yes"
      ? []
      : [
          `completeness: ${answer ? `no for ${contentType}, of which nothing is missing: ${answer.Reason}` : `no answer for ${contentType}`}`,
        ];
  });
}

/**
 * From when on the function can know, in ms: it takes for listed what rows tell of, and those of the
 * first windows can have been dropped.
 */
function knownFrom({ faultCase, observations }: SimulatedCase): number {
  const start = faultCase.start.getTime();
  if (!observations.hasDroppedHealth) {
    return start;
  }
  const from = faultCase.tenant.contentTypes.map((contentType) =>
    Math.min(
      ...observations.health
        .filter(
          ({ Kind, Status, ContentType }) =>
            Kind === "window" && Status === "Succeeded" && ContentType === contentType,
        )
        .map(({ WindowStart }) => Date.parse(WindowStart as string)),
    ),
  );
  return Math.max(start, ...from);
}

async function ask({ deployed, end }: SimulatedCase, from: number, to: number): Promise<Answer[]> {
  const sql = translatedSql(loadText("functions/m365-audit-completeness.kql"));
  const times = { kqlnow: end, kqlp0: new Date(from), kqlp1: new Date(to) };
  const answers: Answer[] = [];
  for await (const line of deployed.workspace.select(sql, times)) {
    answers.push(JSON.parse(line) as Answer);
  }
  return answers;
}
