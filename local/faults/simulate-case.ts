import { configFolder, loadEnvironment, type Environment } from "../../config/environment.ts";
import { VirtualClock, type Clock } from "../clock.ts";
import { deployTenant, type DeployedTenant } from "../deployed-tenant.ts";
import { defaultEngineOptions } from "../logic-apps/engine-options.ts";
import { runWorkflow, type Run } from "../logic-apps/run-workflow.ts";
import type { Workflow } from "../logic-apps/workflow.ts";
import { bodyOf, contentOf, type CaseContent } from "./case-content.ts";
import { Expectation } from "./expectation.ts";
import { recurrenceMinutes, type FaultCase } from "./fault-case.ts";
import { holds, type Fault } from "./fault-kinds.ts";
import { FaultyNetwork } from "./faulty-network.ts";
import { leaksIn, type Leak } from "./leaks.ts";
import { Observations, type ObservedRun } from "./observations.ts";
import { PlannedEvents } from "./planned-events.ts";
import { replaySetAside } from "./replay-set-aside.ts";

/** A case that has been lived through; its workspace is to be closed by whoever asked for it. */
export interface SimulatedCase {
  readonly faultCase: FaultCase;
  readonly content: CaseContent;
  readonly deployed: DeployedTenant;
  readonly expectation: Expectation;
  readonly observations: Observations;
  /** How long after the last fault everything from before was collected; absent without faults. */
  readonly catchUp: CatchUp | undefined;
  readonly end: Date;
}

/** Times in ms after the last fault. */
export interface CatchUp {
  readonly takenMs: number;
  readonly allowedMs: number;
  /** Without it `takenMs` is how long was waited. */
  readonly isDone: boolean;
}

export interface SimulateCaseOptions {
  /**
   * Runs in the place of the deployed definition.
   *
   * @default the playbook as it is deployed
   */
  readonly workflow?: Workflow;
  /**
   * How long after everything has been listed is waited for what is late, in ms.
   *
   * @default long enough for another sweep, so that late and lost are told apart
   */
  readonly patienceMs?: number;
  /** Told of each run when it has ended. */
  readonly onRun?: (run: ObservedRun, observations: Observations) => void;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const recurrenceMs = recurrenceMinutes * minuteMs;
/** Runs that are looked at once everything is collected: whatever they do is not needed any more. */
const closingRuns = 3;

/** Lets a made-up tenant live through its faults, with the deployed playbook collecting it. */
export async function simulateCase(
  faultCase: FaultCase,
  options: SimulateCaseOptions = {},
): Promise<SimulatedCase> {
  const clock = new VirtualClock(new Date(faultCase.start.getTime() - hourMs));
  const deployed = await deploy(faultCase, clock);
  return new Simulation(faultCase, clock, deployed, options).run();
}

async function deploy(faultCase: FaultCase, clock: VirtualClock): Promise<DeployedTenant> {
  const { contentTypes, keepWorkloads, pageSize, requestsPerMinute } = faultCase.tenant;
  const dev = loadEnvironment(configFolder, "dev");
  const [tenantName, tenant] = Object.entries(dev.tenants)[0]!;
  const environment: Environment = {
    ...dev,
    tenants: {
      [tenantName]: {
        ...tenant,
        contentTypes: [...contentTypes],
        keepWorkloads: [...keepWorkloads],
        recurrenceMinutes,
      },
    },
  };
  return deployTenant({
    environment,
    tenantName,
    clock,
    seed: faultCase.number,
    feed: { pageSize, requestsPerMinute, startCoolDownPer: "contentType" },
  });
}

class Simulation {
  private readonly content: CaseContent;
  private readonly expectation: Expectation;
  private readonly observations: Observations;
  private readonly network: FaultyNetwork;
  private readonly events: PlannedEvents;
  private readonly workflow: Workflow;
  private readonly patienceMs: number;
  /** Faults of a moment that have not struck, by index, and after how many actions they do. */
  private readonly pending = new Map<number, number>();
  private catchUp: CatchUp | undefined;
  private target: Set<string> | undefined;
  private allowedMs = 0;
  /** When nothing was left to collect of what waited after the last fault, in ms. */
  private collectedAt: number | undefined;
  /** Record ids in the table when the last fault ended. */
  private storedBefore: ReadonlySet<string> = new Set();
  /** When the playbook was redeployed, until the run in the middle of it has ended. */
  private redeployedAt: number | undefined;
  private runsAfterwards = 0;

  constructor(
    private readonly faultCase: FaultCase,
    private readonly clock: VirtualClock,
    private readonly deployed: DeployedTenant,
    private readonly options: SimulateCaseOptions,
  ) {
    const { faults } = faultCase;
    this.content = contentOf(faultCase);
    this.workflow = options.workflow ?? deployed.workflow;
    const sweepMinutes = this.workflow.parameters.get("sweepMinutes")?.defaultValue ?? 720;
    const silenceMinutes = this.workflow.parameters.get("silenceMinutes")?.defaultValue ?? 720;
    this.expectation = new Expectation(
      faultCase,
      this.content,
      sweepMinutes as number,
      silenceMinutes as number,
    );
    this.patienceMs =
      options.patienceMs ??
      Math.max(3 * this.expectation.allowanceMs(this.content.blobs.length), 14 * hourMs);
    this.observations = new Observations(faults.length);
    const props = { clock, deployed, faultCase, faults, observations: this.observations };
    this.network = new FaultyNetwork({ ...props, blobs: this.content.blobs });
    this.events = new PlannedEvents(props);
    for (const [index, { parameters }] of faults.entries()) {
      if (typeof parameters["afterActions"] === "number") {
        this.pending.set(index, parameters["afterActions"]);
      }
    }
    this.countContentFaults();
  }

  async run(): Promise<SimulatedCase> {
    const { clock, content, deployed, expectation, faultCase, observations } = this;
    const { feed, tenant } = deployed;
    for (const blob of content.blobs) {
      const { contentId, contentType, created, listedFrom, unreadable } = blob;
      feed.publish(tenant.tenantId, contentType, {
        contentId,
        created,
        listedFrom,
        ...(unreadable === "expired" && { expires: listedFrom }),
        body: () => bodyOf(blob),
      });
    }
    await clock.run(async () => {
      await this.startSubscriptions();
      await clock.sleep(faultCase.start.getTime() - clock.now().getTime());
      const events = this.events.run();
      events.catch(() => undefined); // reported below
      await this.followSchedule();
      // Events lie before the end; waiting for them tells of one that failed.
      await events;
    });
    this.countUncovered();
    if (observations.setAside.size > 0) {
      observations.health.push(...(await replaySetAside(deployed, clock)));
    }
    return {
      faultCase,
      content,
      deployed,
      expectation,
      observations,
      catchUp: this.catchUp,
      end: clock.now(),
    };
  }

  private async startSubscriptions(): Promise<void> {
    const { feed } = this.deployed;
    const first = this.faultCase.faults.find(({ kind }) => kind === "firstStart");
    if (first) {
      feed.traits = {
        ...feed.traits,
        silentAfterFirstStartMs: 12 * hourMs,
        contentBeforeFirstStartMs: (first.parameters["contentBeforeHours"] as number) * hourMs,
      };
    } else {
      for (const contentType of this.faultCase.tenant.contentTypes) {
        await this.clock.busy(this.events.switchSubscription(contentType, true));
      }
    }
    feed.traits = { ...feed.traits, startCoolDownPer: "tenant" };
  }

  /**
   * One run at a time, as the service fires a Recurrence: what falls due meanwhile waits or is skipped,
   * and what falls due while it is disabled is dropped.
   */
  private async followSchedule(): Promise<void> {
    const { clock, faultCase } = this;
    const { firingDelayMs, waitingRuns } = { ...defaultEngineOptions, ...faultCase.options };
    let fires = faultCase.start.getTime() + firingDelayMs;
    let waiting = 0;
    for (;;) {
      await clock.sleep(waiting > 0 ? 0 : fires - clock.now().getTime());
      if (this.isFinished()) {
        return;
      }
      if (waiting > 0) {
        waiting--;
        await this.fire();
      } else {
        const isDisabled = this.isDisabled(fires);
        // Counted from this firing, so that the times drift where each is late.
        fires += recurrenceMs + firingDelayMs;
        if (isDisabled) {
          continue;
        }
        await this.fire();
      }
      if (this.redeployedAt !== undefined) {
        // Without a start time the first firing follows at once, and the others by its time.
        fires = this.redeployedAt + firingDelayMs;
        this.redeployedAt = undefined;
        waiting = 0;
      }
      for (; fires < clock.now().getTime(); fires += recurrenceMs + firingDelayMs) {
        if (waiting < waitingRuns && !this.isDisabled(fires)) {
          waiting++;
        }
      }
    }
  }

  private isDisabled(at: number): boolean {
    for (const [index, fault] of this.faultCase.faults.entries()) {
      const isOff = fault.kind === "playbookDisabled" || fault.kind === "redeployed";
      if (isOff && holds(fault, at)) {
        // Of a redeployment counts that it strikes a run.
        this.observations.injected[index]! += fault.kind === "redeployed" ? 0 : 1;
        return true;
      }
    }
    return false;
  }

  private async fire(): Promise<void> {
    const now = this.clock.now().getTime();
    const second = this.faultCase.faults.findIndex(
      ({ kind, from }, index) =>
        kind === "twoRuns" && from.getTime() <= now && this.observations.injected[index] === 0,
    );
    if (second < 0) {
      await this.runOnce();
      return;
    }
    this.observations.injected[second]!++;
    const afterMs = (this.faultCase.faults[second]!.parameters["afterSeconds"] as number) * 1000;
    await Promise.all([this.runOnce(), this.clock.sleep(afterMs).then(() => this.runOnce())]);
  }

  private async runOnce(): Promise<void> {
    const { clock, deployed, faultCase, observations } = this;
    const observed = observations.beginRun(clock.now());
    const controller = new AbortController();
    const due = this.pendingAt(observed.start);
    let ended = 0;
    const run = await runWorkflow(this.workflow, {
      parameters: deployed.parameters,
      host: {
        ...deployed.host,
        ...this.network.hostFor(observed),
        clock: new CaseClock(clock, faultCase.faults, observations),
      },
      options: {
        ...faultCase.options,
        keepHistory: faultCase.searchesHistory,
        cancelAt: controller.signal,
        onAction: ({ phase, status }) => {
          if (phase === "ended" && status !== "Skipped") {
            ended++;
            for (const index of due) {
              this.strike(index, ended, controller);
            }
          }
        },
      },
    });
    // A run too short for what was to happen in it: it happens earlier in the next one.
    for (const index of due.filter((each) => this.pending.has(each))) {
      this.pending.set(index, 1 + (this.pending.get(index)! % Math.max(1, ended)));
    }
    this.close(observed, run);
  }

  private pendingAt(now: Date): number[] {
    return [...this.pending.keys()].filter((index) => this.faultCase.faults[index]!.from <= now);
  }

  private strike(index: number, ended: number, controller: AbortController): void {
    if (this.pending.get(index) !== ended) {
      return;
    }
    this.pending.delete(index);
    const { injected } = this.observations;
    switch (this.faultCase.faults[index]!.kind) {
      case "runCancelled":
        injected[index]!++;
        controller.abort();
        return;
      case "redeployed":
        injected[index]!++;
        // The run goes on with the definition that it began with.
        this.redeployedAt = this.clock.now().getTime();
        return;
      default:
        this.network.interventions.push(this.events.intervention(index)!);
    }
  }

  private close(observed: ObservedRun, run: Run): void {
    const { observations } = this;
    for (const leak of leaksOf(run)) {
      observed.leaks.add(leak);
    }
    observed.run = { ...run, actions: [] };
    observed.undone = this.undoneIn(observed);
    this.measureCatchUp(run);
    this.options.onRun?.(observed, observations);
  }

  /** Listed content that was neither accepted nor told of. */
  private undoneIn({ listed }: ObservedRun): string[] {
    const { accepted, told } = this.observations;
    return this.content.blobs
      .filter(({ contentId, records }) => {
        const kept = records.filter(({ isKept }) => isKept).length;
        return (
          listed.has(contentId) &&
          !told.has(contentId) &&
          (accepted.get(contentId) ?? 0) < (this.isPartial() ? Math.min(kept, 1) : kept)
        );
      })
      .map(({ contentId }) => contentId);
  }

  private isPartial(): boolean {
    return this.faultCase.faults.some(({ kind }) => kind === "partialAtWindowStart");
  }

  private measureCatchUp(run: Run): void {
    const { faultCase, expectation, observations } = this;
    const now = this.clock.now().getTime();
    if (faultCase.faults.length === 0 || now < expectation.faultsEnd || this.catchUp?.isDone) {
      this.runsAfterwards++;
      return;
    }
    if (!this.target) {
      const blobs = expectation
        .required(observations.subscriptionChanges)
        .filter(({ listedFrom }) => listedFrom.getTime() <= expectation.faultsEnd);
      const kept = (records: (typeof blobs)[number]["records"]) =>
        records.filter(({ isKept }) => isKept).map(({ id }) => id);
      // What this first run has collected was waiting, too.
      const waiting = blobs.filter(({ records }) =>
        kept(records).some((id) => !this.storedBefore.has(id)),
      );
      this.target = new Set(blobs.flatMap(({ records }) => kept(records)));
      const { firingDelayMs, waitingRuns } = { ...defaultEngineOptions, ...faultCase.options };
      // Late firings are further apart, and what falls due during a run may be skipped.
      this.allowedMs =
        expectation.allowanceMs(waiting.length) * (1 + firingDelayMs / recurrenceMs) +
        (waitingRuns === 0 ? recurrenceMs : 0);
    }
    for (const id of this.target) {
      if (observations.stored.has(id)) {
        this.target.delete(id);
      }
    }
    // What was set aside waits for its replay.
    for (const { contentId, records } of this.content.blobs) {
      if (observations.setAside.has(contentId)) {
        records.forEach(({ id }) => this.target?.delete(id));
      }
    }
    const row = observations.health.findLast(
      ({ Kind, RunId }) => Kind === "run" && RunId === run.id,
    );
    const isDone =
      this.target.size === 0 && run.status === "Succeeded" && row?.["Status"] === "Succeeded";
    if (this.target.size === 0) {
      this.collectedAt ??= now;
    }
    // A run that has nothing to collect any more and succeeds says so from its start.
    const at = isDone ? Math.max(this.collectedAt!, run.startTime.getTime()) : now;
    this.catchUp = { takenMs: at - expectation.faultsEnd, allowedMs: this.allowedMs, isDone };
  }

  private isFinished(): boolean {
    const { clock, expectation, observations } = this;
    const now = clock.now().getTime();
    const isMeasured = this.faultCase.faults.length > 0;
    if (isMeasured && !this.target && now >= expectation.faultsEnd - recurrenceMs) {
      this.storedBefore = new Set(observations.stored);
    }
    if (now < expectation.settled) {
      this.runsAfterwards = 0;
      return false;
    }
    const isQuiet = this.catchUp?.isDone ?? true;
    const isComplete =
      isQuiet && this.runsAfterwards >= closingRuns && this.isAllCollected() && this.isAllTold();
    return isComplete || now >= expectation.settled + this.patienceMs;
  }

  private isAllCollected(): boolean {
    const { setAside, stored, subscriptionChanges } = this.observations;
    return this.expectation
      .required(subscriptionChanges)
      .every(
        ({ contentId, records }) =>
          setAside.has(contentId) || records.every(({ id, isKept }) => !isKept || stored.has(id)),
      );
  }

  /** Whether a gap, or what is set aside, tells of each blob that can never be read; a sweep may have to find it. */
  private isAllTold(): boolean {
    const { health, subscriptionChanges } = this.observations;
    const told = new Set(
      health
        .filter(({ Kind }) => Kind === "gap" || Kind === "setAside")
        .map(({ ContentId }) => ContentId),
    );
    return this.expectation
      .covered(subscriptionChanges)
      .every(({ contentId, unreadable }) => unreadable === undefined || told.has(contentId));
  }

  /** Faults of the content are in it from the beginning. */
  private countContentFaults(): void {
    const { blobs, unaudited } = this.content;
    for (const [index, fault] of this.faultCase.faults.entries()) {
      const during = blobs.filter(({ created }) => holds(fault, created.getTime()));
      const count = {
        listedLate: during.filter(
          (blob) => blob.listedFrom.getTime() - blob.created.getTime() > 30_000,
        ).length,
        listedAgain: blobs.length - new Set(blobs.map(({ records }) => records)).size,
        recordsRepeated: repeats(during.flatMap(({ records }) => records.map(({ id }) => id))),
        blobGone: during.filter(({ unreadable }) => unreadable === fault.parameters["form"]).length,
        blobBroken: during.filter(({ unreadable }) => unreadable === fault.parameters["form"])
          .length,
        auditingOff: unaudited.length,
      }[fault.kind as string];
      this.observations.injected[index]! += count ?? 0;
    }
  }

  /** Of a subscription that was off what arose meanwhile is never listed. */
  private countUncovered(): void {
    const { faultCase, content, expectation, observations } = this;
    const covered = new Set(expectation.covered(observations.subscriptionChanges));
    for (const [index, fault] of faultCase.faults.entries()) {
      if (fault.kind === "subscriptionDisabled") {
        observations.injected[index]! += content.blobs.filter(
          (blob) => holds(fault, blob.created.getTime()) && !covered.has(blob),
        ).length;
      }
    }
  }
}

const repeats = (ids: readonly string[]) => ids.length - new Set(ids).size;

/** What is visible in the history of a run; nothing of one whose history was not kept. */
function leaksOf(run: Run): Set<Leak> {
  const leaks = new Set<Leak>();
  const searched = new Set<unknown>();
  const search = (shown: unknown) => {
    leaksIn(shown).forEach((leak) => leaks.add(leak));
  };
  search([run.error, run.response]);
  // One after the other, because all of a run can be hundreds of MB; and once, since many actions give
  // what they were given.
  for (const { inputs, outputs, ...rest } of run.actions) {
    search(rest);
    for (const shown of [inputs, outputs]) {
      if (!searched.has(shown)) {
        searched.add(shown);
        search(shown);
      }
    }
  }
  return leaks;
}

/** The playbook's clock, which faults may set off against that of the services. */
class CaseClock implements Clock {
  private readonly skews: readonly { readonly fault: Fault; readonly index: number }[];

  constructor(
    private readonly clock: VirtualClock,
    faults: readonly Fault[],
    private readonly observations: Observations,
  ) {
    this.skews = faults
      .map((fault, index) => ({ fault, index }))
      .filter(({ fault }) => fault.kind === "clockOff");
  }

  now(): Date {
    const now = this.clock.now();
    for (const { fault, index } of this.skews) {
      if (holds(fault, now.getTime())) {
        this.observations.injected[index]!++;
        return new Date(now.getTime() + (fault.parameters["minutes"] as number) * minuteMs);
      }
    }
    return now;
  }

  sleep(ms: number): Promise<void> {
    return this.clock.sleep(ms);
  }

  busy<T>(work: Promise<T> | T): Promise<T> {
    return this.clock.busy(work);
  }
}
