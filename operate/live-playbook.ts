import { z } from "zod";
import type { FeedTarget } from "../feed/feed-target.ts";
import type { ServiceClient } from "./service-client.ts";

/** @see https://learn.microsoft.com/rest/api/logic/workflows/get */
const workflowAnswer = z.object({
  properties: z.object({
    state: z.string(),
    definition: z.record(z.string(), z.unknown()),
    parameters: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
  }),
});

/** A tenant's playbook as it lies in Azure. */
export type LivePlaybook = z.infer<typeof workflowAnswer>["properties"];

/** A tenant's playbook; undefined when it is gone. Fails with a FeedProblem. */
export async function livePlaybook(
  { names }: Pick<FeedTarget, "names">,
  manager: Pick<ServiceClient, "get">,
): Promise<LivePlaybook | undefined> {
  const answer = await manager.get(`${names.playbookId}?api-version=2019-05-01`);
  return workflowAnswer.safeParse(answer).data?.properties;
}
