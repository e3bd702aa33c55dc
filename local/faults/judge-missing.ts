import type { CaseBlob } from "./case-content.ts";
import { clockToleranceMs, isUnwatched } from "./judge-runs.ts";
import type { HealthRow } from "./observations.ts";
import type { SimulatedCase } from "./simulate-case.ts";

/** What the table does not have of what the feed offered, and what of it is wrong. */
export function missingBlobs(
  simulated: SimulatedCase,
  collected: ReadonlySet<string>,
  gaps: readonly HealthRow[],
) {
  const { content, expectation, observations } = simulated;
  const problems: string[] = [];
  const required = new Set(expectation.required(observations.subscriptionChanges));
  const missing = (blob: CaseBlob) => [
    ...new Set(
      blob.records.filter(({ id, isKept }) => isKept && !collected.has(id)).map(({ id }) => id),
    ),
  ];
  // Silence tells of nothing that was published.
  const gapsOfContent = gaps.filter(({ Status }) => Status !== "Silent");
  const lost = new Set([...required].flatMap(missing));
  if (lost.size > 0) {
    const blobs = [...required].filter((blob) => missing(blob).length > 0);
    const told = blobs.filter((blob) => isTold(blob, gapsOfContent)).length;
    problems.push(
      `lost: ${lost.size} records in ${blobs.length} blobs, ${told} of them told; first ${described(blobs[0]!)}`,
    );
  }
  const lastLook = observations.runs.findLast(({ run }) => run?.status === "Succeeded");
  const unaudited = expectation.silent(lastLook?.start.getTime() ?? 0);
  const offered = content.blobs.filter((blob) => missing(blob).length > 0);
  const silent = [
    ...offered.filter(
      (blob) =>
        !required.has(blob) && !isTold(blob, gapsOfContent) && !isTraceless(blob, simulated),
    ),
    ...unaudited.filter((blob) => missing(blob).length > 0 && !isTold(blob, gaps)),
  ];
  if (silent.length > 0) {
    problems.push(`silent gap: ${silent.length} blobs; first ${described(silent[0]!)}`);
  }
  return { problems, lost: lost.size, silentGaps: silent.length, offered };
}

/** Whether the subscription was off and on again while no run looked, so that nothing tells of it. */
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
  return [last, next].every((change) => isUnwatched(change.at, health, toleranceMs));
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
