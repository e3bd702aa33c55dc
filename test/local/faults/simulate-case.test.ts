import { describe, expect, test } from "vitest";
import type { Fault, FaultKind, FaultParameters } from "../../../local/faults/fault-kinds.ts";
import { faultKinds } from "../../../local/faults/fault-kinds.ts";
import { simulateCase, type SimulatedCase } from "../../../local/faults/simulate-case.ts";
import { at, smallCase } from "./small-case.ts";

const whole = { share: 1 };

/** For each kind parameters with which it strikes for certain. */
const certain: Record<FaultKind, readonly FaultParameters[]> = {
  feedThrottled: [
    { ...whole, call: "content", status: 403 },
    { ...whole, call: "blob", status: 429 },
  ],
  ingestionThrottled: [{ ...whole, seconds: 1 }],
  serverError: [
    { ...whole, call: "vault", status: 503 },
    { ...whole, call: "health", status: 500 },
  ],
  timeOut: [{ ...whole, call: "content", served: true }],
  connectionDropped: [
    { ...whole, call: "audit", served: true },
    { ...whole, call: "readCheckpoint", served: false },
  ],
  truncatedJson: [{ ...whole, call: "blob" }],
  malformedJson: [
    { ...whole, call: "content", form: "html" },
    { ...whole, call: "blob", form: "echo" },
  ],
  tokenEndPointDown: [
    { ...whole, whose: "application", form: "503" },
    { ...whole, whose: "identity", form: "dropped" },
  ],
  tokenExpiredEarly: [{ seconds: 2 }],
  secretRotated: [{ afterActions: 10 }],
  secretDeleted: [{}],
  consentWithdrawn: [{}],
  subscriptionDisabled: [{ startedBy: "somebody" }, { startedBy: "playbook" }],
  auditingOff: [{}],
  vaultThrottled: [{}],
  vaultForbidden: [{}],
  storageDown: [{ ...whole, account: "checkpoint" }],
  checkpointChanged: [{ afterActions: 10, form: "same" }],
  checkpointMissing: [{}],
  checkpointEmpty: [{}],
  checkpointBroken: [{ form: "half" }, { form: "times" }],
  ingestionTooLarge: [{ bytes: 500 }],
  roleNotEffective: [{ role: "rule" }, { role: "storage" }, { role: "vault" }],
  ingestionPartialOutage: [{ share: 0.5, status: 503 }],
  rowsDropped: [whole],
  dailyCap: [{}],
  pageLost: [{ entries: 1 }],
  pageTwice: [{ form: "page" }, { form: "entries" }],
  partialAtWindowStart: [{}],
  listedLate: [{ share: 1, hours: 1 }],
  listedAgain: [{ share: 1, days: 0.2 }],
  recordsRepeated: [{ inside: 1, across: 1 }],
  blobGone: [{ share: 1, form: "gone" }],
  blobBroken: [{ share: 1, form: "error" }],
  foreignContentUri: [whole],
  foreignNextPage: [{}],
  playbookDisabled: [{}],
  runCancelled: [{ afterActions: 10 }],
  twoRuns: [{ afterSeconds: 0 }],
  clockOff: [{ minutes: 8 }],
  redeployed: [{ minutes: 4 }],
  firstStart: [{ contentBeforeHours: 0 }],
};

const fault = (kind: FaultKind, parameters: FaultParameters): Fault => ({
  kind,
  from: kind === "firstStart" ? at(0) : at(60),
  to: faultKinds[kind].lasting === "moment" ? at(60) : at(100),
  parameters,
});

async function simulated<T>(
  faults: readonly Fault[],
  look: (simulated: SimulatedCase) => T,
): Promise<T> {
  // Patience is for what is judged; here it is enough that the faults have come and gone.
  const outcome = await simulateCase(smallCase(faults), { patienceMs: 0 });
  try {
    return look(outcome);
  } finally {
    outcome.deployed.workspace.close();
  }
}

describe("simulateCase", () => {
  test.each(
    Object.entries(certain).flatMap(([kind, drawn]) =>
      drawn.map((parameters) => [kind as FaultKind, parameters] as const),
    ),
  )("has %s strike, and not before its time: %j", async (kind, parameters) => {
    const { injected, before } = await simulated([fault(kind, parameters)], ({ observations }) => ({
      injected: observations.injected,
      before: observations.runs.filter(({ start }) => start < at(60)),
    }));
    expect(injected).toEqual([expect.toSatisfy((times: number) => times > 0)]);
    expect(before).toHaveLength(4);
    expect(before.every(({ run }) => run!.status === "Succeeded")).toBe(true);
  });

  test("lets every kind of fault strike in some test above", () => {
    expect(Object.keys(certain)).toEqual(Object.keys(faultKinds));
  });

  test("comes to the same for the same case", async () => {
    const faults = [
      fault("serverError", { call: "blob", share: 0.5, status: 500 }),
      fault("runCancelled", { afterActions: 30 }),
    ];
    const timeline = () =>
      simulated(faults, ({ observations, catchUp }) => ({
        catchUp,
        injected: observations.injected,
        runs: observations.runs.map(({ start, run, collected, requests }) => [
          start,
          run!.endTime,
          run!.status,
          collected,
          requests,
        ]),
      }));
    expect(await timeline()).toEqual(await timeline());
  });

  test("cancels the run after the action that the fault says", async () => {
    const statuses = await simulated([fault("runCancelled", { afterActions: 3 })], (outcome) =>
      outcome.observations.runs.map(({ start, run }) => [start, run!.status]),
    );
    expect(statuses.filter(([, status]) => status === "Cancelled")).toEqual([
      [at(60), "Cancelled"],
    ]);
  });

  test("runs nothing while the playbook is disabled, and at once when it is redeployed", async () => {
    const starts = (kind: FaultKind, parameters: FaultParameters) =>
      simulated([fault(kind, parameters)], ({ observations }) =>
        observations.runs
          .map(({ start }) => start)
          .filter((start) => start >= at(45) && start <= at(120)),
      );
    expect(await starts("playbookDisabled", {})).toEqual([at(45), at(105), at(120)]);
    expect(await starts("redeployed", { minutes: 14 })).toEqual([at(45), at(90), at(100), at(115)]);
  });

  test("starts a second run beside the scheduled one", async () => {
    const starts = await simulated([fault("twoRuns", { afterSeconds: 1 })], ({ observations }) =>
      observations.runs.map(({ start }) => start.toISOString()),
    );
    expect(starts.slice(4, 6)).toEqual(["2026-01-05T01:00:00.000Z", "2026-01-05T01:00:01.000Z"]);
  });
});
