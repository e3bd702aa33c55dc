import { z } from "zod";
import type { FeedTarget } from "../feed/feed-target.ts";
import type { ServiceClient } from "./service-client.ts";

type Definition = Readonly<Record<string, unknown>>;

/** A definition without what the service adds to a trigger beside its recurrence; no file has that. */
function asWritten({ triggers, ...rest }: Definition): Definition {
  const written = Object.entries((triggers ?? {}) as Record<string, Definition>).map(
    ([name, { evaluatedRecurrence: _, ...trigger }]) => [name, trigger],
  );
  return { ...rest, ...(triggers !== undefined && { triggers: Object.fromEntries(written) }) };
}

/** @see https://learn.microsoft.com/rest/api/logic/workflows/get */
const workflowAnswer = z.object({
  properties: z.object({
    state: z.string(),
    definition: z.record(z.string(), z.unknown()).transform(asWritten),
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
