import { RequestError } from "@octokit/request-error";
import { unzipSync } from "fflate";
import type { Repository } from "./connect-github.ts";

/** The workflow that plans what a pull request would change. */
const planWorkflow = ".github/workflows/plan.yml";

/** Artifact with what a pull request's plan of an environment does. */
export const planArtifact = (environment: string, head: string) => `plan-${environment}-${head}`;

/**
 * What tells that a pull request had another base:
 * https://docs.github.com/rest/using-the-rest-api/issue-event-types.
 */
const movedEvents = ["base_ref_changed", "automatic_base_change_succeeded"];

/** The job of that workflow that tells a plan in the pull request. */
export const tellingJob = "comment";

/** Those whose approval lets a pull request be merged: https://docs.github.com/rest/collaborators. */
const reviewerPermissions = ["admin", "write"];

type Pull = Awaited<ReturnType<typeof mergedPull>>;

interface Merge {
  readonly commit: string;
  readonly environment: string;
}

/**
 * The `summary.json` of the plan that was reviewed with the pull request by which a commit was merged.
 * Only what the workflow `plan` has kept for the pull request's last commit counts, and nothing that was
 * told after the approval of that commit: nobody has seen it. Fails when there is none.
 *
 * @see https://docs.github.com/rest/actions/artifacts
 */
export async function reviewedSummary(repository: Repository, merge: Merge): Promise<string> {
  const pull = await mergedPull(repository, merge.commit);
  await requireOwnPlan(repository, pull);
  const until = await reviewTime(repository, pull);
  return keptSummary(repository, pull, merge.environment, until);
}

const refusal = (what: string) =>
  new Error(
    `${what}: run the workflow deploy by hand with the digest that npm run plan:summary tells`,
  );

async function mergedPull({ octokit, owner, repo }: Repository, commit: string) {
  const pulls = await octokit.paginate(octokit.rest.repos.listPullRequestsAssociatedWithCommit, {
    ...{ owner, repo, commit_sha: commit },
  });
  const pull = pulls.find(
    (each) => typeof each.merged_at === "string" && each.merge_commit_sha === commit,
  );
  if (!pull) {
    throw refusal(`commit must be that of a merged pull request, got ${commit}`);
  }
  return pull;
}

/** Fails where something else than the workflow of the base may have planned a pull request. */
async function requireOwnPlan({ octokit, owner, repo }: Repository, pull: Pull): Promise<void> {
  const here = { owner, repo, per_page: 100 };
  const { number } = pull;
  const files = await octokit.paginate(octokit.rest.pulls.listFiles, {
    ...{ ...here, pull_number: number },
  });
  if (files.some(({ filename }) => filename === planWorkflow)) {
    throw refusal(
      `pull request #${number} must not change ${planWorkflow}, since it would vouch for itself`,
    );
  }
  const { ref } = pull.head;
  // Into a branch of somebody's own a pull request is planned by the workflow that lies there.
  const sameBranch = await octokit.paginate(octokit.rest.pulls.list, {
    ...{ ...here, state: "all", head: `${owner}:${ref}` },
  });
  const other = sameBranch.find((each) => each.number !== number);
  if (other) {
    throw refusal(
      `pull request #${number} must be the only one that its branch ${ref} has had, got #${other.number} as well`,
    );
  }
  const events = await octokit.paginate(octokit.rest.issues.listEvents, {
    ...{ ...here, issue_number: number },
  });
  if (events.some(({ event }) => movedEvents.includes(event))) {
    throw refusal(
      `pull request #${number} must have been one into the same branch from its beginning`,
    );
  }
}

/**
 * When a pull request was reviewed as it was merged, in milliseconds: by the last approval of its last
 * commit, or where nobody has approved anything by whoever merged it.
 */
async function reviewTime(repository: Repository, pull: Pull): Promise<number> {
  const { octokit, owner, repo } = repository;
  const { number, head, merged_at } = pull;
  const reviews = await octokit.paginate(octokit.rest.pulls.listReviews, {
    ...{ owner, repo, pull_number: number, per_page: 100 },
  });
  const approvals = reviews.filter(({ state }) => state === "APPROVED");
  if (approvals.length === 0) {
    return Date.parse(merged_at!);
  }
  const times: number[] = [];
  for (const { commit_id, submitted_at, user } of approvals) {
    if (commit_id === head.sha && (await mayWrite(repository, user?.login))) {
      times.push(Date.parse(submitted_at ?? ""));
    }
  }
  if (times.length === 0) {
    throw refusal(
      `pull request #${number} must have been approved at its last commit ${head.sha} by somebody who may write`,
    );
  }
  return Math.max(...times);
}

/** Whether an approval of somebody counts; that of an application does not. */
async function mayWrite(
  { octokit, owner, repo }: Repository,
  username: string | undefined,
): Promise<boolean> {
  try {
    const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({
      ...{ owner, repo, username: username ?? "ghost" },
    });
    return reviewerPermissions.includes(data.permission);
  } catch (error) {
    if (error instanceof RequestError && error.status === 404) {
      return false;
    }
    throw error;
  }
}

/** The youngest summary that the workflow has kept and told until then. */
async function keptSummary(
  repository: Repository,
  { number, head: { sha, ref } }: Pull,
  environment: string,
  until: number,
): Promise<string> {
  const { octokit, owner, repo } = repository;
  const artifacts = await octokit.paginate(octokit.rest.actions.listArtifactsForRepo, {
    ...{ owner, repo, name: planArtifact(environment, sha) },
  });
  const usable = artifacts
    .filter(({ expired, workflow_run }) => !expired && workflow_run?.head_sha === sha)
    .map((artifact) => ({ ...artifact, kept: Date.parse(artifact.created_at ?? "") }))
    .filter(({ kept }) => kept <= until)
    .sort((a, b) => b.kept - a.kept);
  for (const { id, kept, workflow_run } of usable) {
    const runId = workflow_run!.id!;
    // Any workflow could have kept something under this name.
    const { data: run } = await octokit.rest.actions.getWorkflowRun({
      ...{ owner, repo, run_id: runId },
    });
    const isPlan = run.event === "pull_request" && run.path.split("@")[0] === planWorkflow;
    if (isPlan && run.head_branch === ref && (await isTold(repository, runId, kept, until))) {
      const { data } = await octokit.rest.actions.downloadArtifact({
        ...{ owner, repo, artifact_id: id, archive_format: "zip" },
      });
      const summary = unzipSync(new Uint8Array(data as ArrayBuffer))["summary.json"];
      if (summary) {
        return new TextDecoder().decode(summary);
      }
    }
  }
  throw refusal(
    `pull request #${number} must have a plan of ${environment} for its last commit ${sha} told before its review, got none that has not expired`,
  );
}

/** Whether a run has told what it kept, between two times. */
async function isTold(
  { octokit, owner, repo }: Repository,
  runId: number,
  kept: number,
  until: number,
): Promise<boolean> {
  const jobs = await octokit.paginate(octokit.rest.actions.listJobsForWorkflowRun, {
    ...{ owner, repo, run_id: runId, filter: "all", per_page: 100 },
  });
  return jobs.some(({ name, conclusion, completed_at }) => {
    const told = Date.parse(completed_at ?? "");
    return name === tellingJob && conclusion === "success" && kept <= told && told <= until;
  });
}
