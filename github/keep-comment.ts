import type { Repository } from "./connect-github.ts";
import { isOwn } from "./own-text.ts";

/**
 * Keeps one comment of a pull request up to date: that whose first line is the same. Gives its address.
 *
 * @see https://docs.github.com/rest/issues/comments
 */
export async function keepComment(
  { octokit, owner, repo }: Repository,
  pullRequest: number,
  body: string,
): Promise<string> {
  const comments = await octokit.paginate(octokit.rest.issues.listComments, {
    ...{ owner, repo, issue_number: pullRequest, per_page: 100 },
  });
  const own = comments.find((comment) => isOwn(comment, body));
  const { data } = own
    ? await octokit.rest.issues.updateComment({ owner, repo, comment_id: own.id, body })
    : await octokit.rest.issues.createComment({ owner, repo, issue_number: pullRequest, body });
  return data.html_url;
}
