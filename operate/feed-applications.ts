import { z } from "zod";
import { FeedProblem } from "../feed/feed-problem.ts";
import type { FeedTarget } from "../feed/feed-target.ts";
import type { LivePlaybook } from "./live-playbook.ts";
import type { ServiceClient } from "./service-client.ts";

/** @see https://learn.microsoft.com/graph/api/application-list */
const applicationsAnswer = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      appId: z.string(),
      passwordCredentials: z.array(
        z.object({ keyId: z.string(), displayName: z.string().nullable() }),
      ),
    }),
  ),
});

/** An application with the name of a collector's. */
export type NamedApplication = z.infer<typeof applicationsAnswer>["value"][number];

/**
 * All applications with the name of a tenant's collector: Entra ID lets several have it, and a
 * deployment that was killed can leave one that no state knows. Fails with a FeedProblem.
 */
export async function namedApplications(
  { names, tenant }: Pick<FeedTarget, "names" | "tenant">,
  graph: Pick<ServiceClient, "get">,
): Promise<NamedApplication[]> {
  const { data } = applicationsAnswer.safeParse(
    await graph.get(`/v1.0/applications?$filter=displayName eq '${names.application}'`),
  );
  if (!data) {
    throw new FeedProblem(
      `Microsoft Graph gave no list of the applications ${names.application} in tenant ${tenant.tenantId}: repeat the command`,
    );
  }
  return data.value;
}

/** The client id by which a playbook signs in; undefined when it has none. */
export const clientIdOf = (playbook: LivePlaybook | undefined): string | undefined =>
  z.string().safeParse(playbook?.parameters["clientId"]?.value).data;
