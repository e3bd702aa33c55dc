import { expect, test } from "vitest";
import type { CaseBlob } from "../../../local/faults/case-content.ts";
import { HalvedBlobs } from "../../../local/faults/halved-blobs.ts";
import { Observations } from "../../../local/faults/observations.ts";
import { at } from "./small-case.ts";

const blobOf = (created: Date): CaseBlob => ({
  contentId: "blob",
  contentType: "Audit.General",
  created,
  listedFrom: created,
  records: [0, 1, 2, 3, 4].map((id) => ({ id: String(id), text: "{}", isKept: id !== 1 })),
  unreadable: undefined,
});

/** What runs leave undone that list the blob and are given an answer for these places. */
function undone(
  runs: readonly (readonly number[])[],
  { created = at(30), isPartial = true, told = [] as string[] } = {},
) {
  const observations = new Observations(0);
  observations.health.push({ Kind: "window", WindowStart: at(31).toISOString() });
  told.forEach((each) => observations.told.add(each));
  const halved = new HalvedBlobs([blobOf(created)], observations, isPartial);
  return runs.map((places) => {
    const run = observations.beginRun(at(60));
    run.listed.add("blob");
    const rows = places.map((RecordIndex) => ({ ContentId: "blob", RecordIndex }));
    observations.takeRows(run, rows, { isTold: true, isStored: true });
    return halved.after(run).length;
  });
}

test("asks for every place of a blob, whichever run has it accepted", () => {
  const created = at(30.5);
  expect(undone([[0, 2, 3, 4]], { created })).toEqual([0]);
  expect(undone([[0, 2], [3, 4], []], { created })).toEqual([1, 0, 0]);
  expect(undone([[0, 2, 2, 2]], { created })).toEqual([1]);
  expect(undone([[0, 2]], { created, told: ["blob"] })).toEqual([0]);
});

test("takes half of a blob that was made when a listing begins, while the feed gives no more", () => {
  expect(undone([[0]])).toEqual([0]);
  expect(undone([[]])).toEqual([1]);
  expect(undone([[0]], { created: at(31) })).toEqual([0]);
  expect(undone([[0]], { created: at(32) })).toEqual([1]);
  expect(undone([[0]], { isPartial: false })).toEqual([1]);
});
