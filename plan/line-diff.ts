import { structuredPatch } from "diff";

/**
 * The lines in which two texts differ, with three around each place, as unified diffs show them; none
 * when they are the same.
 */
export function lineDiff(before: string, after: string): string[] {
  const { hunks } = structuredPatch("before", "after", before, after, "", "", { context: 3 });
  return hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines,
  ]);
}
