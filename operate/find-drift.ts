import path from "node:path";
import { neededPermissions } from "../config/feed-permissions.ts";
import { playbookParameters } from "../config/playbook-parameters.ts";
import { loadPlaybook } from "../content/load.ts";
import { FeedProblem } from "../feed/feed-problem.ts";
import type { FeedTarget } from "../feed/feed-target.ts";
import type { TenantFeed } from "../feed/tenant-feed.ts";
import { definitionChanges, fieldChanges } from "../plan/playbook-change.ts";
import { attributeChanges, kindOf, secret } from "../plan/planned-change.ts";
import { problemOf, type StacksProps } from "../plan/plan-stacks.ts";
import { TemporaryFolder } from "../plan/temporary-folder.ts";
import type { TerraformPlan } from "../plan/terraform-plan.ts";
import { Terraform } from "../plan/terraform.ts";
import { namedApplications, usedClientId } from "./feed-applications.ts";
import { livePlaybook } from "./live-playbook.ts";
import type { ServiceClient } from "./service-client.ts";

/** One thing that is not as it was deployed. */
export interface Drift {
  /** Id of the stack. */
  readonly stack: string;
  /** Address of the resource, or what else it is about. */
  readonly what: string;
  /** One sentence without its full stop. */
  readonly says: string;
}

/** Below this a secret should have been renewed by a deployment. */
const secretDays = 14;

const dayMs = 24 * 3_600_000;

/** What others have changed in the resources of stacks; what cannot be looked at is drift as well. */
export async function stacksDrift(props: StacksProps): Promise<Drift[]> {
  const { stacks, program, variables, onProgress } = props;
  const plans = new TemporaryFolder("drift");
  try {
    const found = await Promise.all(
      stacks.map(async ({ stack, folder }) => {
        const terraform = new Terraform({ program, folder, environment: variables });
        try {
          onProgress?.(stack, "comparing the cloud with the state");
          await terraform.init();
          const file = path.join(plans.path, `${stack}.tfplan`);
          return infrastructureDrift(stack, await terraform.plan(file, { refreshOnly: true }));
        } catch (error) {
          return [{ stack, what: "Terraform", says: problemOf(props, stack, error) }];
        }
      }),
    );
    return found.flat();
  } finally {
    plans.close();
  }
}

/**
 * What differs between the state of a stack and the cloud, by a plan that only refreshes. What a
 * provider writes as null in one place and as an empty list in another is the same.
 */
export function infrastructureDrift(stack: string, { resource_drift }: TerraformPlan): Drift[] {
  return resource_drift.flatMap((resource): Drift[] => {
    const { address: what } = resource;
    if (kindOf(resource) === "destroy") {
      return [{ stack, what, says: "is gone" }];
    }
    return (
      attributeChanges(resource)
        .filter(({ before, after }) => !isNothing(before) || !isNothing(after))
        // Whoever may only read is given no keys, and finds none where the state has some.
        .filter(({ before, after }) => !(before === secret && isNothing(after)))
        .map(({ path, before, after }) => ({
          ...{ stack, what },
          says: `${path} is ${shown(after)}, and was deployed as ${shown(before)}`,
        }))
    );
  });
}

const isNothing = (value: string | undefined) => !value;

const shown = (value: string | undefined) => (value || "nothing").slice(0, 200);

/** What Azure assigns, so that no file knows it. */
const assigned = { clientId: "", ingestionEndpoint: "", dataCollectionRuleId: "" };

/**
 * What differs between a tenant's playbook and its file, which Terraform does not see: it keeps the
 * template that it deployed, and not what became of it. Fails with a FeedProblem.
 */
export async function playbookDrift(
  target: FeedTarget,
  manager: Pick<ServiceClient, "get">,
): Promise<Drift[]> {
  const { environment, tenant, tenantName, names } = target;
  const drift = (says: string): Drift => ({ stack: names.collector, what: names.playbook, says });
  const playbook = await livePlaybook(target, manager);
  if (!playbook) {
    return [drift("the playbook is gone")];
  }
  const { state, definition, parameters } = playbook;
  const declared = loadPlaybook("get-o365-data", {
    recurrence: { frequency: "Minute", interval: tenant.recurrenceMinutes },
    identityId: names.identityId,
    feedCredential: tenant.credential,
  });
  const values = Object.entries(playbookParameters(environment, tenantName, assigned)).filter(
    ([name]) => !(name in assigned),
  );
  return [
    ...(state === "Enabled" ? [] : [drift(`the playbook is ${state}, and must be Enabled`)]),
    ...definitionChanges(declared, definition).map(({ kind, what, name, fields }) => {
      const paths = fields.map((field) => field.path).join(", ");
      return drift(`the ${what} ${name} is ${kind}${paths === "" ? "" : `: ${paths}`}`);
    }),
    ...values
      .filter(([name, value]) => fieldChanges("", value, parameters[name]?.value).length > 0)
      .map(([name]) => drift(`the parameter ${name} has another value than the configuration`)),
  ];
}

/** Applications of a collector's name that it does not use. Fails with a FeedProblem. */
export async function applicationDrift(
  target: FeedTarget,
  manager: Pick<ServiceClient, "get">,
  graph: Pick<ServiceClient, "get">,
): Promise<Drift[]> {
  const { names, tenant } = target;
  if (tenant.credential !== "client-secret") {
    return [];
  }
  const used = await usedClientId(target, manager);
  const named = used === undefined ? [] : await namedApplications(target, graph);
  return named
    .filter(({ appId }) => appId !== used)
    .map(({ appId }) => ({
      ...{ stack: names.collector, what: names.application },
      says: `another application has this name, ${appId}, as a deployment that was killed leaves it: if nobody else has made it, delete it with az ad app delete --id ${appId}`,
    }));
}

/** What differs in how a tenant's feed is collected: pause, secret, consent and subscriptions. */
export async function collectionDrift(feed: TenantFeed): Promise<Drift[]> {
  const found: Drift[] = [];
  const drift = (what: string, says: string) => {
    found.push({ stack: feed.names.collector, what, says });
  };
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof FeedProblem)) {
        throw error;
      }
      drift(what, error.message);
      return undefined;
    }
  };
  const checkpoint = await attempt("checkpoint", () => feed.checkpoint.read());
  if (checkpoint?.paused === true) {
    drift("checkpoint", "the playbook is paused, and collects nothing");
  }
  const session = feed.signIn && (await attempt("client secret", feed.signIn));
  if (!session) {
    return found;
  }
  const { secretExpires } = session;
  const leftMs = (secretExpires?.getTime() ?? Infinity) - feed.clock.now().getTime();
  if (secretExpires && leftMs < secretDays * dayMs) {
    drift(
      "client secret",
      `it expires on ${secretExpires.toISOString().slice(0, 10)}: deploy, which renews it`,
    );
  }
  const granted = await attempt("consent", () => session.api.permissions());
  const missing = neededPermissions(feed.tenant.contentTypes).filter(
    ({ name }) => granted && !granted.includes(name),
  );
  missing.forEach(({ name }) => drift("consent", `${name} is not granted any more`));
  // Without them nobody may ask what is on.
  const mayAsk = granted && missing.length === 0;
  const on = mayAsk && (await attempt("subscription", () => session.api.contentTypesOn()));
  for (const contentType of feed.tenant.contentTypes) {
    if (on && !on.has(contentType.toLowerCase())) {
      drift("subscription", `${contentType} is off`);
    }
  }
  return found;
}
