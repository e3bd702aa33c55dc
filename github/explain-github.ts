import { RequestError } from "@octokit/request-error";

/** A refusal of GitHub as one sentence; what is none stays as it is. */
export function explainGithub(error: unknown): unknown {
  if (!(error instanceof RequestError)) {
    return error;
  }
  const { status, request, message } = error;
  const what = `${request.method} ${new URL(request.url).pathname}`;
  switch (status) {
    case 401:
      return new Error(
        `GitHub does not know the token for ${what}: GITHUB_TOKEN must be the job's`,
      );
    case 403:
    case 404:
      return new Error(
        `GitHub refuses ${what} (HTTP ${status}): the job must have the permission that it needs, ${permissionFor(request.url)}`,
      );
    default:
      return new Error(`GitHub gave no answer that can be used for ${what}: ${message}`);
  }
}

const permissionFor = (url: string) =>
  /\/actions\//.test(url)
    ? "actions: read"
    : /\/pulls(\/|$)/.test(url)
      ? "pull-requests: read"
      : /\/collaborators\//.test(url)
        ? "metadata: read"
        : "issues: write or pull-requests: write";
