import { z } from "zod";
import { FeedProblem } from "../feed/feed-problem.ts";
import type { FeedClock } from "../feed/feed-clock.ts";
import type { ServiceClient } from "./service-client.ts";

/** A run of a workflow. */
export interface WorkflowRun {
  readonly name: string;
  /** Such as `Running`, `Waiting`, `Succeeded`, `Failed`. */
  readonly status: string;
}

/** @see https://learn.microsoft.com/rest/api/logic/workflow-runs/list */
const runsAnswer = z.object({
  value: z.array(z.object({ name: z.string(), properties: z.object({ status: z.string() }) })),
});

/** The only trigger of the playbook. */
const triggerName = "On_schedule";
const apiVersion = "2019-05-01";
const pollMs = 10_000;
/** Another run goes on: https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers. */
const queued = "Waiting";
const goesOn = ["Running", queued, "Paused", "Suspended"];

const isGoingOn = ({ status }: WorkflowRun) => goesOn.includes(status);

const minutesOf = (ms: number) => Math.round(ms / 60_000);

/** How runs are waited for. */
export interface RunsWait {
  /** Longest wait. */
  readonly mostMs: number;
  readonly progress?: (line: string) => void;
}

/** The runs of one workflow, as Resource Manager lists them. Every method fails with a FeedProblem. */
export class PlaybookRuns {
  constructor(
    private readonly manager: Pick<ServiceClient, "get" | "post">,
    /** Resource id of the workflow. */
    private readonly playbookId: string,
    private readonly clock: FeedClock,
  ) {}

  /** The newest runs, latest first. */
  async list(): Promise<WorkflowRun[]> {
    const path = `${this.playbookId}/runs?api-version=${apiVersion}&$top=30`;
    const answer = runsAnswer.safeParse(await this.manager.get(path));
    if (!answer.success) {
      throw new FeedProblem(`${this.playbookId} is not there: deploy the environment first`);
    }
    return answer.data.value.map(({ name, properties: { status } }) => ({ name, status }));
  }

  /** Waits until the runs have ended that have begun by now, whatever begins meanwhile. */
  async ended({ mostMs, progress }: RunsWait): Promise<void> {
    const until = this.clock.now().getTime() + mostMs;
    const goingOn = async () => (await this.list()).filter(isGoingOn);
    let left = (await goingOn()).filter(({ status }) => status !== queued).map(({ name }) => name);
    if (left.length > 0) {
      progress?.(`waiting until run ${left.join(", ")} has ended`);
    }
    while (left.length > 0) {
      if (this.clock.now().getTime() >= until) {
        throw new FeedProblem(
          `run ${left.join(", ")} of the playbook did not end within ${minutesOf(mostMs)} minutes: repeat the command when it has`,
        );
      }
      await this.clock.sleep(pollMs);
      const still = (await goingOn()).map(({ name }) => name);
      left = left.filter((name) => still.includes(name));
    }
  }

  /**
   * Fires the trigger and waits until a run that began after that has ended; a scheduled one counts
   * as well.
   *
   * @see https://learn.microsoft.com/rest/api/logic/workflow-triggers/run
   */
  async runOnce({ mostMs, progress }: RunsWait): Promise<WorkflowRun> {
    const before = new Set((await this.list()).map(({ name }) => name));
    await this.manager.post(
      `${this.playbookId}/triggers/${triggerName}/run?api-version=${apiVersion}`,
    );
    const until = this.clock.now().getTime() + mostMs;
    let told = "";
    while (this.clock.now().getTime() < until) {
      await this.clock.sleep(pollMs);
      const [run] = (await this.list()).filter(({ name }) => !before.has(name)).toReversed();
      if (run && !isGoingOn(run)) {
        return run;
      }
      const line = run ? `run ${run.name} goes on` : "waiting for a run of the playbook";
      if (line !== told) {
        progress?.(line);
        told = line;
      }
    }
    throw new FeedProblem(
      `no run of the playbook ended within ${minutesOf(mostMs)} minutes: look at the runs of ${this.playbookId} in the portal`,
    );
  }
}
