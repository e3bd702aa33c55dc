import { unzipSync } from "fflate";
import type { Repository } from "./connect-github.ts";

/** The workflow that plans what a pull request would change. */
const planWorkflow = ".github/workflows/plan.yml";

/** Artifact with what a pull request's plan of an environment does. */
export const planArtifact = (environment: string, head: string) => `plan-${environment}-${head}`;

/**
 * The `summary.json` of the plan that was reviewed with the pull request by which a commit was merged.
 * Only what the workflow `plan` has kept for the pull request's last commit counts. Fails when there is none.
 *
 * @see https://docs.github.com/rest/actions/artifacts
 */
export async function reviewedSummary(
  { octokit, owner, repo }: Repository,
  { commit, environment }: { readonly commit: string; readonly environment: string },
): Promise<string> {
  const here = { owner, repo };
  const refuse = (what: string) =>
    new Error(
      `${what}: run the workflow deploy by hand with the digest that npm run plan:summary tells`,
    );
  const pulls = await octokit.paginate(octokit.rest.repos.listPullRequestsAssociatedWithCommit, {
    ...{ ...here, commit_sha: commit },
  });
  const pull = pulls.find(
    (each) => typeof each.merged_at === "string" && each.merge_commit_sha === commit,
  );
  if (!pull) {
    throw refuse(`commit must be that of a merged pull request, got ${commit}`);
  }
  const files = await octokit.paginate(octokit.rest.pulls.listFiles, {
    ...{ ...here, pull_number: pull.number, per_page: 100 },
  });
  if (files.some(({ filename }) => filename === planWorkflow)) {
    throw refuse(
      `pull request #${pull.number} must not change ${planWorkflow}, since it would vouch for itself`,
    );
  }
  const { sha, ref } = pull.head;
  // Into a branch of somebody's own a pull request is planned by the workflow that lies there.
  const sameBranch = await octokit.paginate(octokit.rest.pulls.list, {
    ...{ ...here, state: "all", head: `${owner}:${ref}`, per_page: 100 },
  });
  const other = sameBranch.find(({ number }) => number !== pull.number);
  if (other) {
    throw refuse(
      `pull request #${pull.number} must be the only one that its branch ${ref} has had, got #${other.number} as well`,
    );
  }
  const events = await octokit.paginate(octokit.rest.issues.listEvents, {
    ...{ ...here, issue_number: pull.number, per_page: 100 },
  });
  if (events.some(({ event }) => event === "base_ref_changed")) {
    throw refuse(
      `pull request #${pull.number} must have been one into the same branch from its beginning`,
    );
  }
  const artifacts = await octokit.paginate(octokit.rest.actions.listArtifactsForRepo, {
    ...{ ...here, name: planArtifact(environment, sha) },
  });
  const usable = artifacts
    .filter(({ expired, workflow_run }) => !expired && workflow_run?.head_sha === sha)
    .sort((a, b) => Date.parse(b.created_at ?? "") - Date.parse(a.created_at ?? ""));
  for (const { id, workflow_run } of usable) {
    // Any workflow could have kept something under this name.
    const { data: run } = await octokit.rest.actions.getWorkflowRun({
      ...{ ...here, run_id: workflow_run!.id! },
    });
    const isPlan = run.event === "pull_request" && run.path.split("@")[0] === planWorkflow;
    if (isPlan && run.head_branch === ref) {
      const { data } = await octokit.rest.actions.downloadArtifact({
        ...{ ...here, artifact_id: id, archive_format: "zip" },
      });
      const summary = unzipSync(new Uint8Array(data as ArrayBuffer))["summary.json"];
      if (summary) {
        return new TextDecoder().decode(summary);
      }
    }
  }
  throw refuse(
    `pull request #${pull.number} must have a plan of ${environment} for its last commit ${sha}, got none that has not expired`,
  );
}
