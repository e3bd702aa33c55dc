import type { Repository } from "./connect-github.ts";
import { isOwn } from "./own-text.ts";

export interface KeptIssue {
  readonly title: string;
  /** Its first line is what its successors are told by. */
  readonly body: string;
  /** Whether there is something to do. */
  readonly isOpen: boolean;
}

/**
 * Opens an issue, updates the one that is open, or closes it when there is nothing to do any more. Gives
 * its address; undefined when none was open and none is needed.
 *
 * @see https://docs.github.com/rest/issues/issues
 */
export async function keepIssue(
  { octokit, owner, repo }: Repository,
  { title, body, isOpen }: KeptIssue,
): Promise<string | undefined> {
  const issues = await octokit.paginate(octokit.rest.issues.listForRepo, {
    ...{ owner, repo, state: "open", per_page: 100 },
  });
  const own = issues.find((issue) => !issue.pull_request && isOwn(issue, body));
  if (own) {
    const state = isOpen ? "open" : "closed";
    const given = { owner, repo, issue_number: own.number, body, state } as const;
    return (await octokit.rest.issues.update(given)).data.html_url;
  }
  return isOpen
    ? (await octokit.rest.issues.create({ owner, repo, title, body })).data.html_url
    : undefined;
}
