import type { CaseBlob } from "./case-content.ts";
import { clockToleranceMs, isUnwatched } from "./judge-runs.ts";
import type { HealthRow } from "./observations.ts";
import type { SimulatedCase } from "./simulate-case.ts";

/** What the table does not have of what the feed offered, and what is wrong about it. */
export function missingBlobs(
  simulated: SimulatedCase,
  collected: ReadonlySet<string>,
  gaps: readonly HealthRow[],
) {
  const missing = (blob: CaseBlob) =>
    blob.records.filter(({ id, isKept }) => isKept && !collected.has(id)).map(({ id }) => id);
  const isMissing = (blob: CaseBlob) => missing(blob).length > 0;
  const { content, expectation, observations } = simulated;
  const required = new Set(expectation.required(observations.subscriptionChanges));
  const lost = [...required].filter(isMissing);
  const lostIds = new Set(lost.flatMap(missing));
  const offered = content.blobs.filter(isMissing);
  const others = offered.filter((blob) => !required.has(blob));
  const silent = silentGaps(simulated, others, gaps);
  return {
    problems: [
      ...lostProblems(lost, lostIds.size, gaps),
      ...(silent.length > 0
        ? [`silent gap: ${silent.length} blobs; first ${described(silent[0]!)}`]
        : []),
    ],
    lost: lostIds.size,
    silentGaps: silent.length,
    offered,
  };
}

/** What could be collected and was not is lost, whether it is told or not. */
function lostProblems(
  lost: readonly CaseBlob[],
  records: number,
  gaps: readonly HealthRow[],
): string[] {
  const ofContent = gapsOfContent(gaps);
  const told = lost.filter((blob) => isTold(blob, ofContent)).length;
  return lost.length > 0
    ? [
        `lost: ${records} records in ${lost.length} blobs, ${told} of them told; first ${described(lost[0]!)}`,
      ]
    : [];
}

/** Blobs that could not be collected, or were never made, of which nothing tells. */
function silentGaps(
  simulated: SimulatedCase,
  missing: readonly CaseBlob[],
  gaps: readonly HealthRow[],
): CaseBlob[] {
  const { expectation, observations } = simulated;
  const ofContent = gapsOfContent(gaps);
  const listed = new Set(observations.runs.flatMap((run) => [...run.listed]));
  // The id is known of what was listed, unless it was too late to fetch it when a run could.
  const ofListed = ofContent.filter(
    ({ ContentId, Status }) => ContentId || lostInTime.includes(Status as string),
  );
  const lastLook = observations.runs.findLast(({ run }) => run?.status === "Succeeded");
  return [
    ...missing.filter(
      (blob) =>
        !isTold(blob, listed.has(blob.contentId) ? ofListed : ofContent) &&
        !isTraceless(blob, simulated),
    ),
    ...expectation
      .silent(lastLook?.start.getTime() ?? 0)
      .filter((blob) => blob.records.some(({ isKept }) => isKept) && !isTold(blob, gaps)),
  ];
}

/** Gaps of times, though ids of some blobs may have been known. */
const lostInTime = ["Expired", "Dropped"];

/** Silence tells of nothing that was published. */
const gapsOfContent = (gaps: readonly HealthRow[]) =>
  gaps.filter(({ Status }) => Status !== "Silent");

/** Whether the subscription was off and on again while nothing was listed, so that nothing tells of it. */
export function isTraceless(
  { contentType, created }: CaseBlob,
  { faultCase, observations: { health, subscriptionChanges } }: SimulatedCase,
): boolean {
  const at = created.getTime();
  const own = subscriptionChanges.filter((change) => change.contentType === contentType);
  const last = own.filter((change) => change.at <= at).at(-1);
  const next = own.find((change) => change.at > at && change.isOn);
  if (last === undefined || last.isOn || next === undefined) {
    return false;
  }
  const toleranceMs = clockToleranceMs(faultCase.faults);
  return [last, next].every((change) => isUnwatched(change.at, contentType, health, toleranceMs));
}

export const described = ({ contentId, created, unreadable }: CaseBlob) =>
  `${contentId} of ${created.toISOString()}${unreadable ? ` (${unreadable})` : ""}`;

/** The newest row of each gap or content set aside that is not closed. */
export function openGaps(health: readonly HealthRow[]): HealthRow[] {
  const newest = new Map<string, HealthRow>();
  for (const row of health) {
    if (row["Kind"] === "gap" || row["Kind"] === "setAside") {
      const key = row["ContentId"] ? [row["ContentId"]] : [row["WindowStart"], row["WindowEnd"]];
      newest.set([row["Kind"], row["ContentType"], ...key].join(" "), row);
    }
  }
  return [...newest.values()].filter(
    ({ Status }) => !["Closed", "Collected", "Replayed"].includes(Status as string),
  );
}

function isTold({ contentId, contentType, created }: CaseBlob, gaps: readonly HealthRow[]) {
  const at = created.getTime();
  return gaps.some((gap) => {
    if (gap["ContentId"]) {
      return gap["ContentId"] === contentId;
    }
    const named = (gap["ContentType"] as string | null) ?? "";
    return (
      (named === "" || named.includes(contentType)) &&
      Date.parse(gap["WindowStart"] as string) <= at + 1000 &&
      Date.parse(gap["WindowEnd"] as string) >= at - 1000
    );
  });
}
