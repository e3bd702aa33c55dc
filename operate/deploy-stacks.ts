import type { Environment } from "../config/environment.ts";
import { tenantNames, tenantOfStack, workspaceNames, workspaceStackId } from "../config/names.ts";
import { applyStacks, type AppliedStack } from "../plan/apply-stacks.ts";
import { isPlanned, planStacks, type StacksProps } from "../plan/plan-stacks.ts";
import { acceptance, summarize, type PlanSummary, type StackPlan } from "../plan/plan-summary.ts";
import { unreviewed, type Reviewed } from "../plan/reviewed-changes.ts";
import { totalsOf } from "../plan/summary-markdown.ts";
import { TemporaryFolder } from "../plan/temporary-folder.ts";

export interface DeployStacksProps extends StacksProps {
  readonly environment: Environment;
  /** Undefined when any plan is taken. */
  readonly reviewed: Reviewed | undefined;
  /** What somebody wrote who accepts a loss, besides what was reviewed. */
  readonly accepted: string;
  /** Told of what is done, in lines. */
  readonly onResult: (line: string) => void;
}

/**
 * Plans all stacks of an environment and applies them when they may be: the plan is the one that was
 * reviewed, and loses nothing that nobody has accepted. What a killed deployment has left is taken into
 * the state, and the rest is planned once more. The collector of a removed tenant is left as it is:
 * leaving its feed in order is for `npm run teardown`. Gives what is in the way, in sentences.
 */
export async function deployStacks(props: DeployStacksProps): Promise<readonly string[]> {
  const first = await planAndApply(props, new Set());
  return first.imported.size > 0
    ? (await planAndApply(props, first.imported)).problems
    : first.problems;
}

interface Round {
  readonly problems: readonly string[];
  /** Stacks with addresses that were taken into the state, when nothing else was in the way. */
  readonly imported: ReadonlySet<string>;
}

const stopped = (problems: readonly string[]): Round => ({ problems, imported: new Set() });

const keyOf = ({ stack, address }: { readonly stack: string; readonly address: string }) =>
  `${stack} ${address}`;

/** `imported` is in the state because it was there already: what creates it was reviewed. */
async function planAndApply(
  props: DeployStacksProps,
  imported: ReadonlySet<string>,
): Promise<Round> {
  const { environment, reviewed, accepted, onResult } = props;
  const { name } = environment;
  const plans = new TemporaryFolder("plan");
  try {
    const planned = await planStacks({ ...props, out: plans.path });
    if (!planned.every(isPlanned)) {
      return stopped(
        planned.flatMap((each) => (isPlanned(each) ? [] : `${each.stack}: ${each.problem}`)),
      );
    }
    const summary = summarize(planned, `${reviewed?.accepted ?? ""}\n${accepted}`);
    onResult(`${name}: ${totalsOf(summary)} Digest ${summary.digest}.`);
    const others = reviewed === undefined ? [] : unreviewedIn(summary, reviewed, imported);
    if (others.length > 0) {
      return stopped([
        ...others,
        `${name}: the plan must be the one that was reviewed, ${reviewed!.digest}, got ${summary.digest}: the cloud or the configuration has changed since; review it again`,
      ]);
    }
    const leaving = leavingTenants(environment, planned, summary);
    const refused = summary.refused.filter(({ stack }) => !leaving.has(stack));
    if (refused.length > 0) {
      return stopped(
        refused.map(
          (flag) =>
            `${flag.stack}: ${flag.address}: ${flag.says}; write ${acceptance(flag)} into the file of --accepted if you want that`,
        ),
      );
    }
    const applied = await applyStacks({
      ...props,
      stacks: props.stacks.filter(({ stack }) => !leaving.has(stack)),
      plans: plans.path,
      ownGroups: (stack) => ownGroups(environment, stack),
    });
    for (const [stack, tenant] of leaving) {
      onResult(
        `${stack}: left as it is, since its tenant is removed: run npm run teardown -- --environment ${name} --tenant ${tenant}`,
      );
    }
    return roundOf(name, applied, onResult);
  } finally {
    plans.close();
  }
}

function roundOf(
  environment: string,
  applied: readonly AppliedStack[],
  onResult: (line: string) => void,
): Round {
  const failed = applied.filter(({ problem }) => problem !== undefined);
  applied
    .filter(({ problem }) => problem === undefined)
    .forEach(({ stack }) => onResult(`${stack}: deployed`));
  if (failed.length === 0) {
    return stopped([]);
  }
  const isOnlyThere = failed.every(({ imported }) => imported !== undefined);
  return {
    problems: [
      ...failed.map(({ stack, problem }) => `${stack}: ${problem}`),
      `${environment}: run the same again when this is mended`,
    ],
    imported: new Set(
      isOnlyThere
        ? failed.flatMap(({ stack, imported }) =>
            imported!.map(({ address }) => keyOf({ stack, address })),
          )
        : [],
    ),
  };
}

/** Stacks of removed tenants of which something is there still, with their tenants. */
function leavingTenants(
  environment: Environment,
  planned: readonly StackPlan[],
  summary: PlanSummary,
): ReadonlyMap<string, string> {
  return new Map(
    planned.flatMap(({ stack }) => {
      const tenant = tenantOfStack(environment, stack);
      const isRemoved = tenant !== undefined && environment.tenants[tenant]!.state === "removed";
      const changes = summary.stacks.find((each) => each.stack === stack)?.changes ?? [];
      return isRemoved && changes.length > 0 ? [[stack, tenant] as const] : [];
    }),
  );
}

/** The resource groups that nobody but a stack makes. */
function ownGroups(environment: Environment, stack: string): string[] {
  if (stack === workspaceStackId(environment)) {
    return [workspaceNames(environment).resourceGroup];
  }
  const tenant = tenantOfStack(environment, stack);
  return tenant === undefined ? [] : [tenantNames(environment, tenant).resourceGroup];
}

/** What a plan changes that was not reviewed, in sentences; none when it is what was reviewed. */
function unreviewedIn(
  summary: PlanSummary,
  reviewed: Reviewed,
  imported: ReadonlySet<string>,
): string[] {
  if (summary.digest === reviewed.digest) {
    return [];
  }
  const planned = summary.stacks
    .flatMap(({ changes }) => changes)
    .filter((change) => !(change.kind === "update" && imported.has(keyOf(change))));
  // By a digest alone nobody knows what was in it.
  return unreviewed(planned, reviewed.changes ?? []).map(
    ({ stack, kind, address }) =>
      `${stack}: it would ${kind} ${address}, which was not reviewed so`,
  );
}
