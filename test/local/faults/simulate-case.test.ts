import { describe, expect, test } from "vitest";
import { configFolder, loadEnvironment } from "../../../config/environment.ts";
import { tenantNames } from "../../../config/names.ts";
import { loadPlaybook } from "../../../content/load.ts";
import { localClientSecret } from "../../../local/deployed-tenant.ts";
import { recurrenceMinutes } from "../../../local/faults/fault-case.ts";
import type { Fault, FaultKind, FaultParameters } from "../../../local/faults/fault-kinds.ts";
import { faultKinds } from "../../../local/faults/fault-kinds.ts";
import {
  simulateCase,
  type SimulateCaseOptions,
  type SimulatedCase,
} from "../../../local/faults/simulate-case.ts";
import type { EngineOptions } from "../../../local/logic-apps/engine-options.ts";
import { loadWorkflow } from "../../../local/logic-apps/load-workflow.ts";
import type { Workflow } from "../../../local/logic-apps/workflow.ts";
import { at, hourMs, minuteMs, smallCase } from "./small-case.ts";

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
  truncatedJson: [
    { ...whole, call: "login" },
    { ...whole, call: "blob" },
  ],
  malformedJson: [
    { ...whole, call: "login", form: "echo" },
    { ...whole, call: "workspaceStorage", form: "html" },
    { ...whole, call: "content", form: "html" },
    { ...whole, call: "blob", form: "echo" },
    { ...whole, call: "audit", form: "html" },
    { ...whole, call: "audit", form: "empty" },
    { ...whole, call: "content", form: "echo" },
    { ...whole, call: "health", form: "html" },
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
  storageDown: [
    { ...whole, account: "checkpoint" },
    { ...whole, account: "workspace" },
  ],
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
  redeployed: [{ afterActions: 40 }],
  firstStart: [{ contentBeforeHours: 0 }],
};

/** Hours after the start at which it is over, where that is not 100 minutes. */
const longer: Partial<Record<FaultKind, number>> = { firstStart: 12.5, partialAtWindowStart: 3 };

const fault = (kind: FaultKind, parameters: FaultParameters): Fault => ({
  kind,
  from: kind === "firstStart" ? at(0) : at(60),
  to: faultKinds[kind].lasting === "moment" ? at(60) : at(60 * (longer[kind] ?? 100 / 60)),
  parameters,
});

async function simulated<T>(
  faults: readonly Fault[],
  look: (simulated: SimulatedCase) => T,
  { readings = {}, ...more }: SimulateCaseOptions & { readings?: Partial<EngineOptions> } = {},
): Promise<T> {
  // Patience is for what is judged; here it is enough that the faults have come and gone.
  const outcome = await simulateCase(
    { ...smallCase(faults), options: readings },
    { patienceMs: 0, ...more },
  );
  try {
    return look(outcome);
  } finally {
    outcome.deployed.workspace.close();
  }
}

/** The definition as a case runs it. */
function deployedPlaybook() {
  const environment = loadEnvironment(configFolder, "dev");
  const [tenantName, tenant] = Object.entries(environment.tenants)[0]!;
  return loadPlaybook("get-o365-data", {
    recurrence: { frequency: "Minute", interval: recurrenceMinutes },
    identityId: tenantNames(environment, tenantName).identityId,
    feedCredential: tenant.credential,
  });
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

  test.each([
    ["playbookDisabled", {}],
    ["redeployed", { afterActions: 40 }],
  ] as const)("runs nothing while the playbook is off: %s", async (kind, parameters) => {
    const starts = await simulated([fault(kind, parameters)], ({ observations }) =>
      observations.runs.map(({ start }) => start).filter((start) => start >= at(45)),
    );
    expect(starts.slice(0, 2)).toEqual([at(45), at(105)]);
  });

  test("lets a run go on in whose middle the playbook is redeployed, and the next one follow it", async () => {
    const runs = await simulated(
      [fault("redeployed", { afterActions: 40 })],
      ({ observations }) =>
        observations.runs
          .filter(({ start }) => start > at(45) && start < at(150))
          .map(({ start, run, collected }) => ({ start, end: run!.endTime, collected, ...run })),
      { readings: { actionLatencyMs: 2000 } },
    );
    const [backlog, next, after] = runs;
    expect(backlog).toMatchObject({ start: at(105), status: "Succeeded" });
    expect(backlog!.collected).toBeGreaterThan(10);
    expect(next!.start).toEqual(backlog!.end);
    // 40 actions after the other, and from then on by its time.
    const redeployed = after!.start.getTime() - recurrenceMinutes * minuteMs;
    expect(redeployed).toBeGreaterThan(at(105).getTime() + minuteMs / 2);
    expect(redeployed).toBeLessThan(backlog!.end.getTime());
  });

  const startsOf = (readings: Partial<EngineOptions>) =>
    simulated(
      [],
      ({ observations }) =>
        observations.runs.map(({ start, run }) => ({ start, end: run!.endTime })).slice(0, 6),
      { readings },
    );

  test("counts each firing from the one before where firings are late", async () => {
    const runs = await startsOf({ firingDelayMs: minuteMs });
    expect(runs.slice(0, 4).map(({ start }) => start)).toEqual([at(1), at(17), at(33), at(49)]);
  });

  test.each([
    [0, "at the next time after its end"],
    [1, "at its end"],
    [11, "at its end"],
  ])("with %d waiting runs starts what follows a long run %s", async (waitingRuns, when) => {
    // A first run takes half an hour or more.
    const runs = await startsOf({ actionLatencyMs: 40_000, waitingRuns });
    const [first, second, third] = runs;
    const firstMs = first!.end.getTime() - at(0).getTime();
    expect(firstMs).toBeGreaterThan(2 * recurrenceMinutes * minuteMs);
    if (when === "at its end") {
      expect(second!.start).toEqual(first!.end);
      expect(third!.start).toEqual(second!.end);
    } else {
      const everyMs = recurrenceMinutes * minuteMs;
      expect(second!.start).toEqual(
        new Date(at(0).getTime() + Math.ceil(firstMs / everyMs) * everyMs),
      );
    }
  });

  test("finds a secret in the run history, also as a form holds it", async () => {
    const form = new URLSearchParams({ secret: localClientSecret }).toString();
    expect(form).not.toContain(localClientSecret);
    for (const inputs of [localClientSecret, form]) {
      const actions = { Show: { type: "Compose", inputs } };
      const workflow = loadWorkflow({ ...deployedPlaybook(), actions });
      const outcome = await simulateCase(smallCase([], { hours: 1, searchesHistory: true }), {
        patienceMs: 0,
        workflow,
      });
      outcome.deployed.workspace.close();
      expect([...outcome.observations.runs[0]!.leaks]).toEqual(["secret"]);
    }
  });

  test("counts nothing for what nobody noticed", async () => {
    const off = fault("playbookDisabled", {});
    const meanwhile = (kind: FaultKind) => ({ kind, from: at(61), to: at(70), parameters: {} });
    const injected = await simulated(
      [off, meanwhile("consentWithdrawn"), meanwhile("partialAtWindowStart")],
      ({ observations }) => observations.injected,
    );
    expect(injected).toEqual([expect.toSatisfy((times: number) => times > 0), 0, 0]);
  });

  test("has windows start in the second of blobs that come in part then", async () => {
    const text = JSON.stringify(deployedPlaybook());
    const runUp = "['from'], 1, 'Minute', 'yyyy-MM-ddTHH:mm:ssZ')";
    expect(text.split(runUp)).toHaveLength(2);
    const without = loadWorkflow(JSON.parse(text.replace(runUp, runUp.replace("1", "0"))));
    const missing = (workflow?: Workflow) =>
      simulated(
        [fault("partialAtWindowStart", {})],
        ({ content, observations }) =>
          content.blobs
            .flatMap(({ records }) => records)
            .filter(({ id }) => !observations.stored.has(id)).length,
        { workflow, patienceMs: 14 * hourMs },
      );
    expect(await missing()).toBe(0);
    expect(await missing(without)).toBeGreaterThan(0);
  });

  test("starts a second run beside the scheduled one", async () => {
    const starts = await simulated([fault("twoRuns", { afterSeconds: 1 })], ({ observations }) =>
      observations.runs.map(({ start }) => start.toISOString()),
    );
    expect(starts.slice(4, 6)).toEqual(["2026-01-05T01:00:00.000Z", "2026-01-05T01:00:01.000Z"]);
  });
});
