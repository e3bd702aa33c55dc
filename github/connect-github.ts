import { Octokit } from "@octokit/rest";

/** A repository at GitHub, as a job of a workflow sees it. */
export interface Repository {
  readonly owner: string;
  readonly repo: string;
  readonly octokit: Octokit;
}

/**
 * The repository of a job, by the variables that GitHub gives to every job, and `GITHUB_TOKEN`. Fails when
 * one is missing.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/variables
 */
export function connectGithub(variables: Readonly<Record<string, string | undefined>>): Repository {
  const { GITHUB_TOKEN: auth, GITHUB_REPOSITORY: repository } = variables;
  const [, owner, repo] = /^([^/\s]+)\/([^/\s]+)$/.exec(repository ?? "") ?? [];
  if (owner === undefined || repo === undefined) {
    throw new Error(`GITHUB_REPOSITORY must be <owner>/<name>, got ${repository || "none"}`);
  }
  if (!auth) {
    throw new Error("GITHUB_TOKEN must be set: give the step the token of its job");
  }
  const baseUrl = variables["GITHUB_API_URL"] ?? "https://api.github.com";
  // What goes wrong is told once, in a sentence.
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  return { owner, repo, octokit: new Octokit({ auth, baseUrl, log }) };
}

const silent = () => undefined;
