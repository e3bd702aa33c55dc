import { describe, expect, test } from "vitest";
import type { CaseBlob } from "../../../local/faults/case-content.ts";
import { Expectation } from "../../../local/faults/expectation.ts";
import type { Fault, FaultKind, FaultParameters } from "../../../local/faults/fault-kinds.ts";
import { at, minuteMs, smallCase } from "./small-case.ts";

const blob = (created: number, listed = created): CaseBlob => ({
  contentId: `blob$${created}`,
  contentType: "Audit.General",
  created: at(created),
  listedFrom: at(listed),
  records: [],
  unreadable: undefined,
});

const fault = (
  kind: FaultKind,
  from: number,
  to: number,
  parameters: FaultParameters = {},
): Fault => ({ kind, from: at(from), to: at(to), parameters });

const on = (minutes: number) => ({
  contentType: "Audit.General" as const,
  at: at(minutes).getTime(),
  isOn: true,
});
const off = (minutes: number) => ({ ...on(minutes), isOn: false });

function expectation(
  faults: readonly Fault[],
  blobs: readonly CaseBlob[] = [],
  tenant: Parameters<typeof smallCase>[1] = {},
) {
  return new Expectation(smallCase(faults, tenant), { blobs, unaudited: [] }, 720, 720);
}

const day = 24 * 60;

/** Minutes allowed with a blob that is gone, and one that can be read and is created when it is listed. */
function allowed(listed: number, readable: number | undefined, faults: readonly Fault[]): number {
  const gone: CaseBlob = { ...blob(10, listed), unreadable: "gone" };
  const others = readable === undefined ? [] : [blob(readable)];
  const tenant = { pageSize: 200, requestsPerMinute: 100 };
  return expectation(faults, [gone, ...others], { tenant }).allowanceMs(0) / minuteMs;
}

describe("Expectation", () => {
  test("asks for what the subscription had when it was created", () => {
    const blobs = [blob(10), blob(70), blob(130)];
    const covered = (changes: Parameters<Expectation["covered"]>[0], faults: Fault[] = []) =>
      expectation(faults, blobs)
        .covered(changes)
        .map(({ contentId }) => contentId);
    expect(covered([on(-60)])).toEqual(["blob$10", "blob$70", "blob$130"]);
    expect(covered([on(-60), off(60), on(120)])).toEqual(["blob$10", "blob$130"]);
    expect(covered([on(60)])).toEqual(["blob$70", "blob$130"]);
    expect(covered([{ ...on(-60), contentType: "Audit.Exchange" }])).toEqual([]);
    const first = fault("firstStart", 0, 720, { contentBeforeHours: 22 });
    expect(covered([on(60)], [first])).toEqual(["blob$10", "blob$70", "blob$130"]);
  });

  test("asks for nothing that was there only while the playbook could not run", () => {
    const required = (created: number, listed?: number) => {
      const faults = [fault("playbookDisabled", 60, 60 + 8 * day)];
      return expectation(faults, [blob(created, listed)]).required([on(-60)]).length;
    };
    expect(required(10)).toBe(1);
    expect(required(50)).toBe(0);
    expect(required(60 + day - 60)).toBe(0);
    expect(required(60 + 2 * day)).toBe(1);
  });

  test("asks for blobs that were listed late only when a sweep comes in time", () => {
    const required = (listed: number) =>
      expectation([], [blob(10, listed)]).required([on(-60)]).length;
    expect(required(2 * day)).toBe(1);
    expect(required(6 * day + 6 * 60)).toBe(1);
    expect(required(6 * day + 13 * 60)).toBe(0);
  });

  test("asks for nothing that cannot be read", () => {
    const gone: CaseBlob = { ...blob(10), unreadable: "gone" };
    expect(expectation([], [gone]).required([on(-60)])).toEqual([]);
  });

  test("allows twice the quota, two recurrences and the waits of the services", () => {
    const minutes = (blobs: number, ...faults: Fault[]) =>
      expectation(faults, [], { tenant: { pageSize: 200, requestsPerMinute: 100 } }).allowanceMs(
        blobs,
      ) / minuteMs;
    expect(minutes(0)).toBeCloseTo(30.3);
    expect(minutes(1000)).toBeCloseTo(50.4);
    expect(minutes(0, fault("subscriptionDisabled", 60, 90))).toBeCloseTo(45.3);
    // A role takes effect when its fault ends.
    expect(minutes(0, fault("roleNotEffective", 60, 90))).toBeCloseTo(30.3);
    expect(minutes(0, fault("rowsDropped", 60, 90))).toBeCloseTo(75.3);
    // While the playbook is disabled nobody notices what is over.
    const disabled = fault("playbookDisabled", 80, 600);
    expect(minutes(0, fault("rowsDropped", 60, 90), disabled)).toBeCloseTo(75.3);
    // Long before the last fault ends it is no excuse.
    expect(
      minutes(0, fault("roleNotEffective", 60, 90), fault("vaultThrottled", 60, 400)),
    ).toBeCloseTo(30.3);
  });

  test("allows three more recurrences for the tries of content that can never be read", () => {
    const minutes = (listed: number, ...faults: Fault[]) => allowed(listed, listed, faults);
    const ofContent = fault("blobGone", 0, 300);
    expect(minutes(11, ofContent)).toBeCloseTo(30.3);
    expect(minutes(220, ofContent)).toBeCloseTo(30.3 + 720);
    expect(minutes(11, fault("blobGone", 0, 60))).toBeCloseTo(75.3);
    // What holds up the collector holds up the tries.
    expect(minutes(11, ofContent, fault("vaultThrottled", 20, 300))).toBeCloseTo(75.3);
    expect(minutes(11, ofContent, fault("vaultThrottled", 20, 100))).toBeCloseTo(30.3);
  });

  test("lets no try count before something else can be read", () => {
    const ofContent = [fault("blobGone", 0, 300)];
    expect(allowed(11, 220, ofContent)).toBeCloseTo(30.3);
    expect(allowed(11, 230, ofContent)).toBeCloseTo(75.3);
    expect(allowed(11, 400, ofContent)).toBeCloseTo(75.3 + 100);
    // For as long as the feed has it.
    expect(allowed(11, undefined, ofContent)).toBeCloseTo(75.3 + 11 - 300 + 7 * day);
  });

  test("waits with what happens in a run until there is one", () => {
    const moments = (off: FaultKind, kind: FaultKind, parameters: FaultParameters = {}) =>
      expectation([fault(off, 60, 300), fault(kind, 290, 290, parameters)]).faultsEnd;
    expect(new Date(moments("playbookDisabled", "runCancelled", { afterActions: 5 }))).toEqual(
      at(330),
    );
    expect(new Date(moments("redeployed", "twoRuns"))).toEqual(at(330));
    // The checkpoint can be deleted at any time.
    expect(new Date(moments("playbookDisabled", "checkpointMissing"))).toEqual(at(330 - 10));
    expect(new Date(moments("vaultThrottled", "twoRuns"))).toEqual(at(330 - 10));
  });

  test("waits until silence that is long enough has to be told", () => {
    const settled = (to: number) => new Date(expectation([fault("auditingOff", 60, to)]).settled);
    expect(settled(60 + 720)).toEqual(at(60 + 720));
    expect(settled(61 + 720)).toEqual(at(61 + 720 + 720 + 30));
  });

  test("asks to be told of silence that no night explains", () => {
    const silent = (before: number, after: number | undefined, look: number, unaudited = 120) => {
      const blobs = [blob(before), ...(after === undefined ? [] : [blob(after)])];
      const content = { blobs, unaudited: [blob(unaudited)] };
      return new Expectation(smallCase(), content, 720, 720).silent(at(look).getTime()).length;
    };
    expect(silent(60, 60 + 722, 2000)).toBe(1);
    expect(silent(60, 60 + 720, 2000)).toBe(0);
    // A blob of another time, or one that was not listed yet, ends no silence.
    expect(silent(60, 70, 2000)).toBe(1);
    expect(silent(60, 300, 200)).toBe(0);
    expect(silent(60, undefined, 120 + 720)).toBe(0);
    expect(silent(60, undefined, 120 + 720 + 31)).toBe(1);
    // Nothing came before: the collector knows of no time before it began.
    expect(silent(130, 730, 2000)).toBe(0);
    expect(silent(740, 750, 2000)).toBe(1);
  });

  test("looks at the silence of each content type, from when it had begun", () => {
    const other = { ...blob(300), contentType: "Audit.Exchange" as const };
    const content = { blobs: [blob(60), other, blob(800)], unaudited: [blob(120)] };
    const silent = (faults: readonly Fault[]) =>
      new Expectation(smallCase(faults), content, 720, 720).silent(at(2000).getTime()).length;
    expect(silent([])).toBe(1);
    expect(silent([fault("firstStart", 0, 100, { contentBeforeHours: 0 })])).toBe(0);
  });

  test("knows when the last fault ends and the last blob is listed", () => {
    const { faultsEnd, settled } = expectation(
      [fault("vaultThrottled", 60, 100), fault("runCancelled", 90, 90)],
      [blob(10, 400), blob(170, 171)],
    );
    expect(new Date(faultsEnd)).toEqual(at(400));
    expect(new Date(settled)).toEqual(at(400));
    expect(new Date(expectation([fault("runCancelled", 90, 90)]).faultsEnd)).toEqual(at(120));
    expect(new Date(expectation([fault("runCancelled", 90, 90)]).settled)).toEqual(at(180));
  });
});
