import { expect, test } from "vitest";
import { Observations } from "../../../local/faults/observations.ts";
import { at } from "./small-case.ts";

test("the table is short of what was handed over until it has it, whatever fails meanwhile", () => {
  const observations = new Observations(0);
  const run = observations.beginRun(at(0));
  const told = (Status: string, RowsOut: number) =>
    observations.takeHealth([{ Kind: "blob", ContentId: "a", Status, RowsOut }], true);
  const rows = (isStored: boolean) =>
    observations.takeRows(run, [{ ContentId: "a", RecordIndex: 0 }], { isTold: true, isStored });
  expect(observations.hasShortfall()).toBe(false);
  rows(false);
  told("Collected", 1);
  expect(observations.hasShortfall()).toBe(true);
  told("Failed", 0);
  expect(observations.hasShortfall()).toBe(true);
  rows(true);
  expect(observations.hasShortfall()).toBe(false);
});
