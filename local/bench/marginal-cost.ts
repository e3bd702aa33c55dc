import { meanRecordBytes } from "./bench-content.ts";
import { BenchTenant } from "./bench-tenant.ts";
import { loadLatencyModel } from "./latency-model.ts";
import { microsoftPlaybookUsd } from "./microsoft-playbook.ts";
import { combineReadings, executionsOf, mapReadings, usdOf, type Readings } from "./readings.ts";

/** One run with blobs waiting for it. */
export interface MarginalRun {
  readonly blobs: number;
  readonly executions: Readings;
  /** Executions beyond those of a run that finds nothing, for each blob; none without blobs. */
  readonly perBlob: Readings | undefined;
  /**
   * The marginal cost: executions beyond those of a run that collects one blob, for each further blob.
   * What a run costs that collects anything at all is fixed, and told by `firstBlob`.
   */
  readonly perFurtherBlob: Readings | undefined;
  /** The same in money, in shares of what Microsoft's playbook spends on as many blobs. */
  readonly shareOfMicrosofts: Readings | undefined;
  /** Calls to the ingestion with rows of blobs. */
  readonly rowCalls: number;
}

/** What blobs of one size cost in a run, by how many wait. */
export interface MarginalCost {
  readonly recordsPerBlob: number;
  /** Whether two blobs of this size are no more than a call takes, so that blobs may share calls. */
  readonly twoFitCall: boolean;
  readonly runs: readonly MarginalRun[];
  /** The jump from a run that finds nothing to one that collects a single blob; none if not measured. */
  readonly firstBlob: Readings | undefined;
  /**
   * Executions that one more blob costs in a run that collects something, at most, among runs of
   * fewer than twenty: the jump of the first blob is told apart.
   */
  readonly oneMoreBlob: Readings;
}

const start = new Date("2026-01-14T12:00:00Z");
const recurrenceMs = 15 * 60_000;
const dayMs = 24 * 3600 * 1000;

/** Bytes of a call of the playbook, at most. */
const callBytes = 900_000;

/** Numbers of waiting blobs that are measured. */
export const waitingBlobs = [0, 1, 2, 5, 18, 19, 20, 21, 30, 39, 40, 100, 400] as const;

/** Runs the playbook once for each number of waiting blobs and counts what is billed. */
export async function measureMarginalCost(
  recordsPerBlob: number,
  seed: number,
  numbers: readonly number[] = waitingBlobs,
): Promise<MarginalCost> {
  const counted: { blobs: number; executions: Readings; rowCalls: number }[] = [];
  for (const blobs of numbers) {
    counted.push({ blobs, ...(await measureRun(blobs, recordsPerBlob, seed)) });
  }
  const idle = counted.find(({ blobs }) => blobs === 0);
  if (!idle) {
    throw new Error(`numbers of waiting blobs must include 0, got ${numbers.join(", ")}`);
  }
  const one = counted.find(({ blobs }) => blobs === 1);
  const runs = counted.map(({ blobs, executions, rowCalls }) => {
    const beyondIdle = beyond(executions, idle.executions);
    const further = one && blobs > 1 ? beyond(executions, one.executions) : undefined;
    return {
      blobs,
      executions,
      rowCalls,
      perBlob: blobs === 0 ? undefined : mapReadings(beyondIdle, (count) => count / blobs),
      perFurtherBlob: further && mapReadings(further, (count) => count / (blobs - 1)),
      shareOfMicrosofts:
        further &&
        combineReadings(
          usdOf(further),
          microsoftPlaybookUsd(blobs - 1),
          (ours, theirs) => ours / theirs,
        ),
    };
  });
  const few = runs.filter(({ blobs }) => blobs > 0 && blobs < 20);
  const steps = few.slice(1).map(({ blobs, executions }, index) => {
    const fewer = few[index]!;
    return combineReadings(
      executions,
      fewer.executions,
      (more, less) => (more - less) / (blobs - fewer.blobs),
    );
  });
  const oneMoreBlob = steps.reduce((most, step) => combineReadings(most, step, Math.max), {
    loopOnce: 0,
    loopCycles: 0,
  });
  const firstBlob = runs.find(({ blobs }) => blobs === 1)?.perBlob;
  const twoFitCall = 2 * recordsPerBlob * meanRecordBytes() <= callBytes;
  return { recordsPerBlob, twoFitCall, runs, firstBlob, oneMoreBlob };
}

const beyond = (executions: Readings, fixed: Readings) =>
  combineReadings(executions, fixed, (all, part) => all - part);

async function measureRun(
  blobs: number,
  recordsPerBlob: number,
  seed: number,
): Promise<Pick<MarginalRun, "executions" | "rowCalls">> {
  // The blobs of one recurrence, and none in an idle one.
  const recordsPerDay = Math.max(1, blobs) * recordsPerBlob * (dayMs / recurrenceMs);
  const before = new Date(start.getTime() - recurrenceMs);
  const tenant = await BenchTenant.deploy({
    volume: { recordsPerDay, recordsPerBlob },
    model: loadLatencyModel(),
    seed,
    start,
    collectedTo: before,
    sweptAt: before,
    ingestion: "counted",
  });
  try {
    if (blobs > 0) {
      tenant.publish(before, start);
    }
    const run = await tenant.run();
    if (run.status !== "Succeeded" || tenant.blobsAccepted !== blobs) {
      throw new Error(
        `a run must collect the ${blobs} blobs that wait, got ${tenant.blobsAccepted}: ${run.error?.message ?? run.status}`,
      );
    }
    return { executions: executionsOf([run.billable]), rowCalls: tenant.network.rowCalls };
  } finally {
    tenant.close();
  }
}
