import type { Clock } from "../clock.ts";
import type { Run } from "../logic-apps/run-workflow.ts";

/** A run as its workflow lists it. */
export interface ListedRun {
  readonly name: string;
  readonly startTime: Date;
  /** Undefined while it goes on. */
  readonly ended: { readonly status: Run["status"]; readonly at: Date } | undefined;
}

/**
 * The runs of all workflows, by the ids of those without regard to case. Those of one workflow run one
 * after the other, which is what a trigger with a concurrency of one asks for.
 */
export class WorkflowRuns {
  /**
   * Carries out a run of a workflow.
   *
   * @default none does, and no run is taken
   */
  carryOut?: (workflowId: string) => Promise<Run>;
  private readonly runs = new Map<string, ListedRun[]>();
  private readonly last = new Map<string, Promise<void>>();
  private started = 0;

  constructor(private readonly clock: Clock) {}

  /** Begins a run; gives its name. */
  start(workflowId: string): string {
    const name = `08585${String(++this.started).padStart(27, "0")}CU01`;
    const startTime = this.clock.now();
    const runs = this.list(workflowId);
    const index = runs.push({ name, startTime, ended: undefined }) - 1;
    this.runs.set(workflowId.toLowerCase(), runs);
    const end = (status: Run["status"]) => {
      runs[index] = { name, startTime, ended: { status, at: this.clock.now() } };
    };
    const before = this.last.get(workflowId.toLowerCase()) ?? Promise.resolve();
    const run = before
      .then(() => this.carryOut!(workflowId))
      .then(
        ({ status }) => end(status),
        () => end("Failed"),
      );
    this.last.set(workflowId.toLowerCase(), run);
    return name;
  }

  /** In the order in which they began. */
  list(workflowId: string): ListedRun[] {
    return this.runs.get(workflowId.toLowerCase()) ?? [];
  }
}
