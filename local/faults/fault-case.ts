import { CONTENT_TYPES, type ContentType } from "../audit-feed.ts";
import type { EngineOptions } from "../logic-apps/engine-options.ts";
import { SeededRandom } from "../records/seeded-random.ts";
import {
  faultKinds,
  routineActions,
  type Fault,
  type FaultKind,
  type FaultKindProps,
} from "./fault-kinds.ts";

/** The tenant of a case; what is not said follows from `contentSeed`. */
export interface CaseTenant {
  readonly contentSeed: number;
  readonly contentTypes: readonly ContentType[];
  readonly recordsADay: number;
  /** On average. */
  readonly recordsPerBlob: number;
  /** Share of records of other workloads than Microsoft Teams. */
  readonly otherWorkloads: number;
  readonly keepWorkloads: readonly string[];
  /** Records of 64 KB to 1 MB in the whole case. */
  readonly largeRecords: number;
  /** Records over the ingestion's call limit of 1 MB in the whole case. */
  readonly hugeRecords: number;
  /** Blobs of several MB in the whole case. */
  readonly hugeBlobs: number;
  readonly pageSize: number;
  readonly requestsPerMinute: number;
}

/** A made-up tenant and what goes wrong around its collector. */
export interface FaultCase {
  readonly seed: number;
  readonly number: number;
  readonly start: Date;
  /** When the last content is created that is no consequence of a fault. */
  readonly end: Date;
  readonly tenant: CaseTenant;
  readonly options: Partial<EngineOptions>;
  /** Whether the run history is kept and searched for what must not be there. */
  readonly searchesHistory: boolean;
  /** By `from`. */
  readonly faults: readonly Fault[];
}

/** Minutes between two scheduled runs. */
export const recurrenceMinutes = 15;

/** The largest seed: with the number of a case it seeds the random values of the case. */
export const largestSeed = 2 ** 20 - 1;

/** The largest number of a case. */
export const largestNumber = 2 ** 32 - 1;

const minuteMs = 60_000;
const recurrenceMs = recurrenceMinutes * minuteMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const ofPages: readonly FaultKind[] = ["pageLost", "pageTwice", "foreignNextPage"];
const kinds = Object.keys(faultKinds) as FaultKind[];
/** Blobs of a case, of which an outage leaves a few hundred. */
const backlogBlobs = 500;
/** Blobs a day with which a window has a second page: without one there is nothing that it could do. */
const pagedBlobsADay = 96;

/**
 * The case of a number, from 0: the same for the same seed. Each kind of fault is the first of every
 * so many cases, one case in as many has none, and most have further faults at random.
 */
export function caseFor(seed: number, number: number): FaultCase {
  checkWhole("seed", seed, largestSeed);
  checkWhole("number", number, largestNumber);
  const random = new SeededRandom(seed * 2 ** 32 + number);
  // One in eight has no fault, so that what happens without faults is known for many tenants.
  const first =
    number % 8 === 7 ? undefined : kinds[(number - Math.floor(number / 8)) % kinds.length]!;
  const days = random.pick([0.4, 0.5, 0.5, 0.5, 0.75, 0.75, 1, 2]);
  const start = new Date(Date.UTC(2026, 0, 5) + random.whole(0, 47) * 30 * minuteMs);
  const further = first === undefined ? 0 : random.pick([0, 0, 1, 1, 2, 3, 4]);
  const chosen = [
    ...(first === undefined ? [] : [first]),
    ...Array.from({ length: further }, () => random.pick(kinds)),
  ];
  const faults: Fault[] = [];
  for (const kind of new Set(chosen)) {
    faults.push(drawFault(kind, start, days * dayMs, random));
  }
  const outage = faults.find(({ kind }) => kind === "playbookDisabled");
  if (outage && random.chance(0.7)) {
    // The run after an outage has the most to do, and is disturbed like any other.
    const kind = random.pick(
      kinds.filter((each) => !chosen.includes(each) && each !== "firstStart"),
    );
    const { from, to, parameters } = drawFault(kind, start, days * dayMs, random);
    const lead = random.pick([-1000, 500, 2000, 5000, 20_000]) - random.pick([0, 0, 10 * minuteMs]);
    const later = outage.to.getTime() + lead - from.getTime();
    const moved = (time: Date) => new Date(time.getTime() + later);
    faults.push({ kind, from: moved(from), to: moved(to), parameters });
  }
  bringAbout(faults, start, random);
  faults.sort((a, b) => a.from.getTime() - b.from.getTime());
  const disabled = faults.filter(({ kind }) => kind === "playbookDisabled");
  const end = new Date(
    Math.max(
      start.getTime() + days * dayMs,
      ...disabled.map(({ to }) => to.getTime() + 2 * hourMs),
      ...(disabled.length > 0 ? faults.map(({ to }) => to.getTime()) : []),
    ),
  );
  const caseDays = (end.getTime() - start.getTime()) / dayMs;
  const tenant = fitting(drawTenant(caseDays, random), faults, caseDays, random);
  return {
    seed,
    number,
    start,
    end,
    tenant,
    options: drawOptions(random),
    // Keeping and searching it takes no time that shows beside the runs themselves.
    searchesHistory: true,
    faults,
  };
}

/** Adds what there has to be for a fault to find what it strikes. */
function bringAbout(faults: Fault[], start: Date, random: SeededRandom): void {
  const starting = faults.find(({ parameters }) => parameters["call"] === "start");
  if (starting && !faults.some(({ kind }) => kind === "subscriptionDisabled")) {
    // A subscription is started when it is off only.
    const { from, to } = starting;
    faults.push({ kind: "subscriptionDisabled", from, to, parameters: { startedBy: "playbook" } });
  }
  const cancelled = faults.findIndex(isDeepInRun);
  if (cancelled >= 0) {
    // No run but the one after an outage has so many actions.
    let outage = faults.find(({ kind }) => kind === "playbookDisabled");
    if (!outage) {
      const from = new Date(start.getTime() + hourMs);
      const to = new Date(from.getTime() + random.whole(4, 6) * hourMs);
      outage = { kind: "playbookDisabled", from, to, parameters: {} };
      faults.push(outage);
    }
    faults[cancelled] = { ...faults[cancelled]!, from: outage.to, to: outage.to };
  }
}

const isDeepInRun = ({ kind, parameters }: Fault) =>
  kind === "runCancelled" && Number(parameters["afterActions"]) > routineActions;

/** A tenant that has what the faults of its case strike. */
function fitting(
  tenant: CaseTenant,
  faults: readonly Fault[],
  days: number,
  random: SeededRandom,
): CaseTenant {
  const needsBacklog = faults.some((fault) => fault.kind === "redeployed" || isDeepInRun(fault));
  const needsPages = faults.some(({ kind }) => ofPages.includes(kind));
  const blobs = needsBacklog ? backlogBlobs : needsPages ? pagedBlobsADay * days : 0;
  const recordsADay = Math.max(tenant.recordsADay, Math.ceil(blobs / days));
  return {
    ...tenant,
    recordsADay,
    ...(blobs > 0 && {
      recordsPerBlob: Math.max(
        1,
        Math.min(tenant.recordsPerBlob, Math.floor((recordsADay * days) / blobs)),
      ),
    }),
    // With a backlog a third of the two hours that a run looks back, so that it has not hundreds of pages.
    ...(needsPages && {
      pageSize: needsBacklog ? Math.ceil(blobs / days / 36) : random.pick([1, 2]),
    }),
    ...(needsBacklog && { requestsPerMinute: random.pick([120, 600]) }),
  };
}

function checkWhole(key: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw new Error(`${key} must be a whole number from 0 to ${most}, got ${value}`);
  }
}

function drawFault(kind: FaultKind, start: Date, lengthMs: number, random: SeededRandom): Fault {
  const props: FaultKindProps = faultKinds[kind];
  // The first hour is left alone, so that every collector has begun; a first start is the beginning.
  const sometimeMs = hourMs + Math.floor((random.fraction() * (lengthMs - hourMs)) / 2);
  // Most begin with a run or a few seconds into it, because a run is over soon.
  const withRunMs =
    Math.ceil(sometimeMs / recurrenceMs) * recurrenceMs + random.pick([-1000, 0, 500, 2000, 5000]);
  const atRunMs = random.chance(0.7) ? Math.max(hourMs, withRunMs) : sometimeMs;
  const fromMs = kind === "firstStart" ? 0 : atRunMs;
  const from = new Date(start.getTime() + fromMs);
  return {
    kind,
    from,
    to: new Date(from.getTime() + drawLength(props, lengthMs - fromMs, random)),
    parameters: props.draw?.(random) ?? {},
  };
}

/** Milliseconds that a fault lasts; `left` of the case there are after its begin. */
function drawLength({ lasting }: FaultKindProps, left: number, random: SeededRandom): number {
  if (typeof lasting !== "string") {
    return random.pick(lasting);
  }
  const short = () => random.whole(1, 45) * minuteMs;
  const hours = () => hourMs + Math.floor(random.fraction() * Math.min(12 * hourMs, left / 2));
  switch (lasting) {
    case "moment":
      return 0;
    case "short":
      return short();
    case "hours":
      return hours();
    case "either":
      return random.chance(0.5) ? short() : hours();
  }
}

function drawTenant(days: number, random: SeededRandom): CaseTenant {
  const between = (least: number, most: number) =>
    Math.round(least * (most / least) ** random.fraction());
  const isBig = random.chance(0.03);
  const recordsADay = isBig
    ? between(5000, 20_000)
    : Math.min(between(20, 3000), Math.ceil(6000 / days));
  // More than the first round of a run takes, in a few.
  const hasManyBlobs = random.chance(0.015);
  const mostBlobsADay = Math.max(1, (hasManyBlobs ? 1200 : 150) / days);
  // At least a dozen blobs a day, so that there are some while a fault holds.
  const recordsPerBlob = Math.max(
    hasManyBlobs ? 1 : Math.min(between(1, 300), Math.ceil(recordsADay / 12)),
    Math.ceil(recordsADay / mostBlobsADay),
  );
  return {
    contentSeed: random.uint32(),
    contentTypes: random.chance(0.2)
      ? [
          "Audit.General",
          random.pick(
            CONTENT_TYPES.filter((each) => each !== "Audit.General" && each !== "DLP.All"),
          ),
        ]
      : ["Audit.General"],
    recordsADay: hasManyBlobs ? Math.max(recordsADay, Math.ceil(900 / days)) : recordsADay,
    recordsPerBlob,
    otherWorkloads: random.pick([0, 0.1, 0.5, 0.95]),
    keepWorkloads: random.chance(0.3) ? ["MicrosoftTeams"] : [],
    largeRecords: random.chance(0.2) ? random.whole(1, 4) : 0,
    hugeRecords: random.chance(0.1) ? random.whole(1, 2) : 0,
    hugeBlobs: random.chance(0.03) ? 1 : 0,
    pageSize: random.pick([2, 5, 20, 200, 200]),
    requestsPerMinute: random.pick([120, 600, 2000, 2000, 2000]),
  };
}

/** Each reading of the service at random, so that the playbook is seen under both. */
function drawOptions(random: SeededRandom): Partial<EngineOptions> {
  return {
    actionLatencyMs: random.pick([0, 0, 50, 200]),
    firingDelayMs: random.pick([0, 0, 0, 60_000]),
    waitingRuns: random.pick([1, 1, 0, 11]),
    stringLimit: random.pick([131_072, 104_857_600]),
    uriLimit: random.pick([2048, 16_384]),
    eagerLogic: random.chance(0.5),
    searchIgnoresCase: random.chance(0.5),
    nullEqualsEmptyText: random.chance(0.5),
    loopResults: random.pick(["byAction", "byIteration"]),
    textBodies: random.pick(["envelope", "string"]),
    brokenJson: random.pick(["fails", "string"]),
    retryAfter: random.pick(["ignored", "honoured"]),
    requestTimeoutStatus: random.pick(["Failed", "TimedOut"]),
    limitTimeoutStatus: random.pick(["Cancelled", "TimedOut"]),
    memberNames: random.pick(["anyCase", "exact"]),
    envelopesAsText: random.pick(["json", "content"]),
    skippedInLoop: random.pick(["nothing", "earlierIteration"]),
    untilStatus: random.pick(["anyAction", "endActions"]),
  };
}
