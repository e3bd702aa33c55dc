import type { CaseBlob, CaseContent } from "./case-content.ts";
import { recurrenceMinutes, type FaultCase } from "./fault-case.ts";
import { holds, type Fault, type FaultKind } from "./fault-kinds.ts";
import type { SubscriptionChange } from "./observations.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const recurrenceMs = recurrenceMinutes * minuteMs;

/** Faults of the content alone: every other blob can be had meanwhile. */
const ofContent: readonly FaultKind[] = [
  "listedLate",
  "listedAgain",
  "recordsRepeated",
  "blobGone",
  "blobBroken",
  "auditingOff",
];

/** Runs in which content has to fail before it is given up, each a recurrence after the one before. */
const statedTries = 4;

/** A blob listed this long after its creation may be seen by a sweep only. */
const lateMs = 90 * minuteMs;

/** What a collector owes in a case, and by when. */
export class Expectation {
  /** When nothing that a fault has brought about is still to come, in ms. */
  readonly faultsEnd: number;
  private readonly sweepMs: number;
  private readonly silenceMs: number;
  private readonly freeSpans: readonly { readonly from: number; readonly to: number }[];

  constructor(
    private readonly faultCase: FaultCase,
    private readonly content: CaseContent,
    /** Minutes between two sweeps as far back as the feed can be listed. */
    sweepMinutes: number,
    /** Minutes from which on silence is told. */
    silenceMinutes: number,
  ) {
    this.sweepMs = sweepMinutes * minuteMs;
    this.silenceMs = silenceMinutes * minuteMs;
    this.faultsEnd = Math.max(
      faultCase.start.getTime(),
      ...faultCase.faults.map((fault) => this.disturbedUntil(fault)),
      ...this.content.blobs.filter(isDelayed).map(({ listedFrom }) => listedFrom.getTime()),
    );
    this.freeSpans = this.spans();
  }

  /** The last instant at which anything is listed, or silence told, that was not there before, in ms. */
  get settled(): number {
    return Math.max(
      this.faultsEnd,
      this.faultCase.end.getTime(),
      ...this.content.blobs.map(({ listedFrom }) => listedFrom.getTime()),
      ...this.faultCase.faults
        .filter(
          ({ kind, from, to }) =>
            kind === "auditingOff" && to.getTime() - from.getTime() > this.silenceMs,
        )
        .map(({ to }) => to.getTime() + this.silenceMs + 2 * recurrenceMs),
    );
  }

  /** Blobs that the subscription has, by when it was on. */
  covered(changes: readonly SubscriptionChange[]): CaseBlob[] {
    return this.content.blobs.filter((blob) => this.isCovered(blob, changes));
  }

  /** Blobs that could be collected while the playbook could run, once it had the time to. */
  required(changes: readonly SubscriptionChange[]): CaseBlob[] {
    return this.covered(changes).filter(
      (blob) => blob.unreadable === undefined && this.isReachable(blob),
    );
  }

  /**
   * Blobs that there are not because auditing was off, of times that have to be told: by a later blob,
   * when the content type had nothing for longer than silence is taken for that of a night; or else by
   * `lastLook`, the start in ms of the last run that saw all there was.
   */
  silent(lastLook: number): CaseBlob[] {
    const first = this.faultCase.faults.find(({ kind }) => kind === "firstStart");
    const began = (first?.to ?? this.faultCase.start).getTime();
    return this.content.unaudited.filter(({ contentType, created }) => {
      const at = created.getTime();
      const times = this.content.blobs
        .filter((blob) => blob.contentType === contentType && blob.listedFrom.getTime() <= lastLook)
        .map((blob) => blob.created.getTime());
      const last = Math.max(began, ...times.filter((time) => time <= at));
      const next = Math.min(...times.filter((time) => time > at));
      return next === Infinity
        ? // What was silent when it was told last is told again when it has lasted as long once more.
          lastLook - at > this.silenceMs + 2 * recurrenceMs
        : next - last > this.silenceMs + minuteMs;
    });
  }

  /**
   * Milliseconds after the last fault within which that many blobs have to be collected: twice what
   * the quota needs, two recurrences, and the waits of the services. A role takes effect when its fault
   * ends.
   */
  allowanceMs(blobs: number): number {
    return this.recoveryMs(blobs) + this.triesMs();
  }

  /** The same for content that can be read. */
  private recoveryMs(blobs: number): number {
    const { pageSize, requestsPerMinute, contentTypes } = this.faultCase.tenant;
    const requests = blobs + Math.ceil(blobs / pageSize) + 15 * contentTypes.length;
    const quotaMs = (requests / requestsPerMinute) * minuteMs;
    const within = (ms: number, ...kinds: FaultKind[]) =>
      this.faultCase.faults.some(
        (fault) =>
          kinds.includes(fault.kind) &&
          this.noticedFrom(this.disturbedUntil(fault)) > this.faultsEnd - ms,
      );
    const recent = (...kinds: FaultKind[]) => within(2 * hourMs, ...kinds);
    const isLate = this.content.blobs.some(
      (blob) => isDelayed(blob) && blob.listedFrom.getTime() > this.faultsEnd - this.sweepMs,
    );
    return (
      2 * quotaMs +
      2 * recurrenceMs +
      (recent("subscriptionDisabled", "firstStart") ? 15 * minuteMs : 0) +
      // A shortfall counts after 30 minutes, and the next run fetches the blob again.
      (recent("rowsDropped", "dailyCap") ? 30 * minuteMs + recurrenceMs : 0) +
      // What a page had lost is listed by a sweep.
      (isLate || within(this.sweepMs, "pageLost") ? this.sweepMs : 0)
    );
  }

  /**
   * What it takes after the last fault until content that can never be read has been tried often enough:
   * each further try is a recurrence after the one before, and none counts before something else can
   * be read.
   */
  private triesMs(): number {
    const triesMs = (statedTries + 1) * recurrenceMs;
    const isHeldUp = this.faultCase.faults.some(
      (fault) =>
        !ofContent.includes(fault.kind) && this.disturbedUntil(fault) > this.faultsEnd - triesMs,
    );
    const counting = this.content.blobs
      .filter(({ unreadable }) => unreadable !== undefined)
      .map(({ listedFrom }) => this.readableFrom(listedFrom.getTime()))
      .filter((from) => isHeldUp || from > this.faultsEnd - triesMs);
    return counting.length === 0
      ? 0
      : Math.max(0, ...counting.map((from) => from - this.faultsEnd)) +
          (statedTries - 1) * recurrenceMs;
  }

  /** When a blob that can be read was listed for the first time since an instant; all in ms. */
  private readableFrom(since: number): number {
    const times = this.content.blobs
      .filter(({ unreadable }) => unreadable === undefined)
      .map(({ listedFrom }) => listedFrom.getTime())
      .filter((time) => time >= since);
    // Without any it is tried until the feed has it no more.
    return times.length === 0 ? since + 7 * dayMs : Math.min(...times);
  }

  /** What happens in a moment strikes in one of the next runs, of which there are none while disabled. */
  private disturbedUntil({ kind, from, to, parameters }: Fault): number {
    const isInRun = kind === "twoRuns" || parameters["afterActions"] !== undefined;
    if (to > from && !isInRun) {
      return to.getTime();
    }
    let begin = from.getTime();
    if (isInRun) {
      for (const off of this.faultCase.faults) {
        if (["playbookDisabled", "redeployed"].includes(off.kind) && holds(off, begin)) {
          begin = off.to.getTime();
        }
      }
    }
    return Math.max(to.getTime(), begin + 2 * recurrenceMs);
  }

  /** When the collector can notice that a fault is over: not while it is disabled. */
  private noticedFrom(end: number): number {
    const off = this.faultCase.faults.find(
      (fault) => ["playbookDisabled", "redeployed"].includes(fault.kind) && holds(fault, end),
    );
    return off?.to.getTime() ?? end;
  }

  private isCovered({ contentType, created }: CaseBlob, changes: readonly SubscriptionChange[]) {
    const own = changes.filter((change) => change.contentType === contentType);
    const at = created.getTime();
    const state = own.filter((change) => change.at <= at).at(-1)?.isOn ?? false;
    const first = this.faultCase.faults.find(({ kind }) => kind === "firstStart");
    const beforeMs = Number(first?.parameters["contentBeforeHours"] ?? 0) * hourMs;
    const started = own.find(({ isOn }) => isOn)?.at ?? Infinity;
    return state || (at < started && at >= started - beforeMs);
  }

  private isReachable(blob: CaseBlob): boolean {
    const from = blob.listedFrom.getTime();
    const to = Math.min(from + 7 * dayMs, blob.created.getTime() + 7 * dayMs - 10 * minuteMs);
    const needed = isDelayed(blob)
      ? this.sweepMs + 2 * recurrenceMs
      : 2 * recurrenceMs + 5 * minuteMs;
    return this.freeSpans.some(
      (span) => Math.min(to, span.to) - Math.max(from, span.from) >= needed,
    );
  }

  /** When nothing disturbs the collector and nothing that did can still hold it up. */
  private spans() {
    const recoveryMs = this.recoveryMs(this.content.blobs.length) + hourMs;
    const faults = this.faultCase.faults
      .filter(({ kind }) => !ofContent.includes(kind))
      .sort((a, b) => a.from.getTime() - b.from.getTime());
    const spans: { from: number; to: number }[] = [];
    let from = this.faultCase.start.getTime();
    for (const fault of faults) {
      spans.push({ from, to: fault.from.getTime() });
      from = Math.max(from, this.disturbedUntil(fault) + recoveryMs);
    }
    return [...spans, { from, to: Infinity }];
  }
}

const isDelayed = ({ created, listedFrom }: CaseBlob) =>
  listedFrom.getTime() - created.getTime() > lateMs;
