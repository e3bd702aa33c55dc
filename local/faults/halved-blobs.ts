import { runUpMs, type CaseBlob } from "./case-content.ts";
import type { Observations, ObservedRun } from "./observations.ts";

/** The second of an instant, in ms. */
const secondOf = (ms: number) => ms - (ms % 1000);

/**
 * Follows, run by run, which places of listed blobs were accepted. While `partialAtWindowStart` holds,
 * the feed gives half of a blob that was made in the very second in which a listing begins: half is
 * enough of these alone, and a run that ends well has all of every other.
 */
export class HalvedBlobs {
  private readonly accepted = new Map<string, Set<unknown>>();
  private readonly blobs: ReadonlyMap<string, CaseBlob>;
  private readonly starts: ReadonlySet<number>;

  constructor(
    blobs: readonly CaseBlob[],
    private readonly observations: Observations,
    isPartial: boolean,
  ) {
    this.blobs = new Map(blobs.map((blob) => [blob.contentId, blob]));
    const windows = isPartial ? observations.health.filter(({ Kind }) => Kind === "window") : [];
    this.starts = new Set(
      windows.flatMap(({ WindowStart }) => {
        const from = Date.parse(WindowStart as string);
        return [secondOf(from), secondOf(from - runUpMs)];
      }),
    );
  }

  /** Listed content that was neither accepted whole when the run had ended, nor ever told. */
  after({ accepted, listed }: ObservedRun): string[] {
    for (const [contentId, places] of accepted) {
      const known = this.accepted.get(contentId) ?? new Set();
      this.accepted.set(contentId, known);
      places.forEach((place) => known.add(place));
    }
    return [...listed].filter(
      (contentId) =>
        !this.observations.told.has(contentId) &&
        (this.accepted.get(contentId)?.size ?? 0) < this.needed(contentId),
    );
  }

  private needed(contentId: string): number {
    const blob = this.blobs.get(contentId);
    const records = blob?.records ?? [];
    const isHalf = blob !== undefined && this.starts.has(secondOf(blob.created.getTime()));
    const given = isHalf ? records.slice(0, Math.floor(records.length / 2)) : records;
    return given.filter(({ isKept }) => isKept).length;
  }
}
