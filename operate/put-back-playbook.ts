import { z } from "zod";
import type { FeedClock } from "../feed/feed-clock.ts";
import { FeedProblem } from "../feed/feed-problem.ts";
import { deployCommand, type FeedTarget } from "../feed/feed-target.ts";
import { livePlaybook } from "./live-playbook.ts";
import { playbookDrift } from "./playbook-drift.ts";
import type { ServiceClient } from "./service-client.ts";

/** @see https://learn.microsoft.com/rest/api/resources/deployments/get */
const deploymentAnswer = z.object({
  tags: z.record(z.string(), z.string()).optional(),
  properties: z.object({
    mode: z.string(),
    parameters: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
    provisioningState: z.string(),
  }),
});

/** @see https://learn.microsoft.com/rest/api/resources/deployments/export-template */
const templateAnswer = z.object({ template: z.record(z.string(), z.unknown()) });

const apiVersion = "2021-04-01";
const pollMs = 2000;
const mostMs = 5 * 60_000;
const ended = ["Succeeded", "Failed", "Canceled"];

/**
 * Puts a tenant's playbook back when it is not as it was deployed, by the same deployment once more:
 * Terraform, which compares the template that it deployed, does not see what became of it. Gives what
 * had been changed, one sentence each; nothing when it is as it was deployed. Fails with a FeedProblem.
 */
export async function putBackPlaybook(
  target: FeedTarget,
  manager: Pick<ServiceClient, "get" | "post" | "put">,
  clock: FeedClock,
): Promise<readonly string[]> {
  const drift = async () => playbookDrift(target, await livePlaybook(target, manager));
  const found = await drift();
  if (found.length === 0) {
    return [];
  }
  const { deploymentId, playbook } = target.names;
  const path = `${deploymentId}?api-version=${apiVersion}`;
  const read = async () => {
    const answer = deploymentAnswer.safeParse(await manager.get(path));
    if (!answer.success) {
      throw new FeedProblem(
        `the deployment of ${playbook} is gone, so that it cannot be put back: run ${deployCommand(target)}, which makes it anew`,
      );
    }
    return answer.data;
  };
  const { tags, properties } = await read();
  const { template } = templateAnswer.parse(
    await manager.post(`${deploymentId}/exportTemplate?api-version=${apiVersion}`),
  );
  const parameters = Object.fromEntries(
    Object.entries(properties.parameters).map(([name, { value }]) => [name, { value }]),
  );
  await manager.put(path, {
    ...(tags && { tags }),
    properties: { mode: properties.mode, template, parameters },
  });
  const until = clock.now().getTime() + mostMs;
  let state = (await read()).properties.provisioningState;
  while (!ended.includes(state) && clock.now().getTime() < until) {
    await clock.sleep(pollMs);
    state = (await read()).properties.provisioningState;
  }
  const left = await drift();
  if (state !== "Succeeded" || left.length > 0) {
    const why = left.join("; ");
    throw new FeedProblem(
      `${playbook} could not be put back, its deployment ended ${state}${why && `: ${why}`}: look at the deployments of ${target.names.resourceGroup} in the portal`,
    );
  }
  return found;
}
