import { neededPermissions } from "../config/feed-permissions.ts";
import type { FeedTarget } from "../feed/feed-target.ts";
import type { TenantFeed } from "../feed/tenant-feed.ts";
import { FoundDrift, type Drift } from "./drift.ts";
import { clientIdOf, namedApplications } from "./feed-applications.ts";
import { livePlaybook, type LivePlaybook } from "./live-playbook.ts";
import { playbookDrift } from "./playbook-drift.ts";
import type { ServiceClient } from "./service-client.ts";

export interface CollectorDriftProps {
  readonly target: FeedTarget;
  readonly feed: TenantFeed;
  /** Resource Manager. */
  readonly manager: Pick<ServiceClient, "get">;
  /** Microsoft Graph in the tenant that is collected. */
  readonly graph: Pick<ServiceClient, "get">;
}

/** Below this a secret should have been renewed by a deployment. */
const secretDays = 14;

const dayMs = 24 * 3_600_000;

/** What differs in a tenant's collector that Terraform does not see: the playbook, and how its feed is collected. */
export async function collectorDrift(props: CollectorDriftProps): Promise<Drift[]> {
  const { target, feed, manager, graph } = props;
  const { collector, playbook, application } = target.names;
  const found = new FoundDrift(collector);
  const live = await found.attempt(playbook, () => livePlaybook(target, manager));
  if (live) {
    found.add(playbook, ...playbookDrift(target, live.value));
    const others = await found.attempt(application, () =>
      otherApplications(target, live.value, graph),
    );
    found.add(application, ...(others?.value ?? []));
  }
  await addCollectionDrift(feed, found);
  return found.all;
}

/** Applications of a collector's name that its playbook does not use, one sentence each. Fails with a FeedProblem. */
async function otherApplications(
  target: FeedTarget,
  playbook: LivePlaybook | undefined,
  graph: Pick<ServiceClient, "get">,
): Promise<string[]> {
  const used = clientIdOf(playbook);
  if (target.tenant.credential !== "client-secret" || used === undefined) {
    return [];
  }
  const named = await namedApplications(target, graph);
  return named
    .filter(({ appId }) => appId !== used)
    .map(
      ({ appId }) =>
        `another application has this name, ${appId}, as a deployment that was killed leaves it: if nobody else has made it, delete it with az ad app delete --id ${appId}`,
    );
}

/** What differs in how a tenant's feed is collected: pause, secret, consent and subscriptions. */
async function addCollectionDrift(feed: TenantFeed, found: FoundDrift): Promise<void> {
  const checkpoint = await found.attempt("checkpoint", () => feed.checkpoint.read());
  if (checkpoint?.value?.paused === true) {
    found.add("checkpoint", "the playbook is paused, and collects nothing");
  }
  const session = feed.signIn && (await found.attempt("client secret", feed.signIn));
  if (!session) {
    return;
  }
  const { api, secretExpires } = session.value;
  const leftMs = (secretExpires?.getTime() ?? Infinity) - feed.clock.now().getTime();
  if (secretExpires && leftMs < secretDays * dayMs) {
    const day = secretExpires.toISOString().slice(0, 10);
    found.add("client secret", `it expires on ${day}: deploy, which renews it`);
  }
  const granted = await found.attempt("consent", () => api.permissions());
  if (!granted) {
    return;
  }
  const missing = neededPermissions(feed.tenant.contentTypes).filter(
    ({ name }) => !granted.value.includes(name),
  );
  found.add("consent", ...missing.map(({ name }) => `${name} is not granted any more`));
  if (missing.length > 0) {
    // Without them nobody may ask what is on.
    return;
  }
  const on = await found.attempt("subscription", () => api.contentTypesOn());
  const off = feed.tenant.contentTypes.filter((type) => on && !on.value.has(type.toLowerCase()));
  found.add("subscription", ...off.map((contentType) => `${contentType} is off`));
}
