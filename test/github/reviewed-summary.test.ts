import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectGithub } from "../../github/connect-github.ts";
import { reviewedSummary } from "../../github/reviewed-summary.ts";
import { LocalGithub, type Artifact, type Pull, type Review } from "./local-github.ts";

let github: LocalGithub;
beforeEach(() => {
  github = new LocalGithub();
});
afterEach(() => github.close());

const pull = (traits: Partial<Pull> = {}): Pull => ({
  ...{ number: 7, merged_at: "2026-01-14T12:00:00Z", merge_commit_sha: "merged" },
  ...{ head: { sha: "head", ref: "change" }, files: ["config/prod.json"] },
  ...traits,
});

/** What the plan of a pull request has kept, by the run with the same id. */
function keep(id: number, traits: Partial<Artifact> = {}, run = {}) {
  github.artifacts.push({
    ...{ id, name: "plan-prod-head", expired: false, created_at: `2026-01-14T0${id}:00:00Z` },
    ...{ workflow_run: { id, head_sha: "head" }, files: { "summary.json": `summary ${id}` } },
    ...traits,
  });
  github.runs.set(id, {
    event: "pull_request",
    path: ".github/workflows/plan.yml",
    head_branch: "change",
    told: { completed_at: `2026-01-14T0${id}:10:00Z`, conclusion: "success" },
    ...run,
  });
}

/** That somebody approved the last commit. */
const approval = (submitted_at: string, login = "somebody"): Review => ({
  ...{ state: "APPROVED", commit_id: "head", submitted_at, user: { login } },
});

const reviewed = async () =>
  reviewedSummary(connectGithub(await github.variables()), {
    ...{ commit: "merged", environment: "prod" },
  });

const none =
  "pull request #7 must have a plan of prod for its last commit head told before its review, got none that has not expired: run the workflow deploy by hand with the digest that npm run plan:summary tells";

describe("reviewedSummary", () => {
  test("is the newest one of the pull request by which a commit was merged", async () => {
    github.pulls.push(
      pull({ number: 5, merge_commit_sha: "later", head: { sha: "other", ref: "other" } }),
      pull({ number: 6, merged_at: null, head: { sha: "older", ref: "another" } }),
      pull(),
    );
    keep(2);
    keep(1);
    keep(3, { name: "plan-dev-head" });
    expect(await reviewed()).toBe("summary 2");
  });

  test("is none of another commit, another workflow or another event, and none that has expired", async () => {
    github.pulls.push(pull());
    keep(1, { workflow_run: { id: 1, head_sha: "another" } });
    keep(2, {}, { path: ".github/workflows/planted.yml" });
    keep(3, {}, { event: "push" });
    keep(4, { expired: true });
    keep(5, { files: { "comment.md": "" } });
    keep(7, {}, { head_branch: "planted" });
    await expect(reviewed()).rejects.toThrow(none);
    keep(6, {}, { path: ".github/workflows/plan.yml@refs/pull/7/merge" });
    expect(await reviewed()).toBe("summary 6");
  });

  test("is none when another pull request had the same branch, which another workflow may have planned", async () => {
    const head = { sha: "moved since", ref: "change" };
    github.pulls.push(pull(), pull({ number: 8, merged_at: null, merge_commit_sha: "none", head }));
    keep(1);
    await expect(reviewed()).rejects.toThrow(
      "pull request #7 must be the only one that its branch change has had, got #8 as well: run the workflow deploy by hand",
    );
  });

  test.each([
    // By a person, and by GitHub when the branch is merged that it was one into.
    ["base_ref_changed"],
    ["automatic_base_change_succeeded"],
  ])("is none when the pull request was one into another branch for a while: %s", async (event) => {
    github.pulls.push(pull({ events: [event, "merged"] }));
    keep(1);
    await expect(reviewed()).rejects.toThrow(
      "pull request #7 must have been one into the same branch from its beginning",
    );
  });

  test("is what whoever approved has seen, and not what was planned after that", async () => {
    const reviews = [
      approval("2026-01-14T02:30:00Z"),
      approval("2026-01-14T03:30:00Z", "a-reader"),
    ];
    github.pulls.push(pull({ reviews: [...reviews, { ...reviews[1]!, state: "COMMENTED" }] }));
    keep(3);
    await expect(reviewed()).rejects.toThrow(none);
    keep(1);
    keep(2);
    expect(await reviewed()).toBe("summary 2");
  });

  test("is none that was not told in the pull request before its approval", async () => {
    github.pulls.push(pull({ reviews: [approval("2026-01-14T02:30:00Z")] }));
    const told = (completed_at: string, conclusion = "success") => ({
      told: { completed_at, conclusion },
    });
    keep(1, {}, told("2026-01-14T02:40:00Z"));
    keep(2, {}, told("2026-01-14T02:20:00Z", "failure"));
    // That of an earlier attempt, which told something else.
    keep(3, { created_at: "2026-01-14T02:15:00Z" }, told("2026-01-14T02:14:00Z"));
    await expect(reviewed()).rejects.toThrow(none);
  });

  test("is what whoever merged has seen where no approval is needed, and nothing after that", async () => {
    github.pulls.push(pull({ merged_at: "2026-01-14T02:30:00Z" }));
    keep(3);
    await expect(reviewed()).rejects.toThrow(none);
    keep(2);
    expect(await reviewed()).toBe("summary 2");
  });

  test("is none when something else was approved than the last commit", async () => {
    github.pulls.push(pull({ reviews: [{ ...approval("2026-01-14T02:30:00Z"), commit_id: "x" }] }));
    keep(1);
    await expect(reviewed()).rejects.toThrow(
      "pull request #7 must have been approved at its last commit head by somebody who may write: run the workflow deploy by hand",
    );
  });

  test.each(["a-reader", "an-app"])("is none when nobody but %s has approved", async (login) => {
    github.pulls.push(pull({ reviews: [approval("2026-01-14T02:30:00Z", login)] }));
    keep(1);
    await expect(reviewed()).rejects.toThrow("must have been approved at its last commit head by");
  });

  test("is none when nobody has reviewed the commit", async () => {
    await expect(reviewed()).rejects.toThrow(
      "commit must be that of a merged pull request, got merged",
    );
  });

  test("is none when the pull request changes what vouches for it", async () => {
    github.pulls.push(pull({ files: [".github/workflows/plan.yml"] }));
    keep(1);
    await expect(reviewed()).rejects.toThrow(
      "pull request #7 must not change .github/workflows/plan.yml, since it would vouch for itself: run the workflow deploy by hand",
    );
  });
});
