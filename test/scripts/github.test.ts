import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { UsageError } from "../../scripts/command-line.ts";
import { parseGithubArguments } from "../../scripts/github.ts";
import { LocalGithub } from "../github/local-github.ts";
import { runProgram } from "../run-program.ts";

let github: LocalGithub;
beforeEach(() => {
  github = new LocalGithub();
});
afterEach(() => github.close());

const run = async (args: readonly string[], variables: Record<string, string> = {}) =>
  runProgram(process.execPath, ["--import", "tsx/esm", "scripts/github.ts", ...args], {
    ...{ PATH: process.env["PATH"]! },
    ...(await github.variables()),
    ...variables,
  });

/** A folder with texts in it, by their names. */
function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(path.join(tmpdir(), "github-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

describe("npm run github", () => {
  test("lists the environments, production last", async () => {
    const { stdout } = await run(["environments"]);
    expect(JSON.parse(stdout)).toEqual(["test", "prod"]);
    expect((await run(["environments", "--environment", "prod"])).stdout).toBe('["prod"]\n');
    expect((await run(["environments", "--environment", "pord"])).stderr).toContain(
      "--environment must be one of test, prod, got pord",
    );
  });

  test("keeps the comments of all environments", async () => {
    const folder = folderWith({
      "plan-dev-1/comment.md": "<!-- plan of dev -->\na",
      "plan-prod-1/comment.md": "<!-- plan of prod -->\nb",
      "other/else.md": "c",
    });
    const { status, stderr } = await run(["comment", folder, "--pull-request", "7"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(github.comments.map(({ body }) => body)).toEqual([
      "<!-- plan of dev -->\na",
      "<!-- plan of prod -->\nb",
    ]);
  });

  test("keeps the issue on what has drifted", async () => {
    const drift = { environment: "dev", drift: [{}] };
    const files = { "drift.md": "<!-- drift of dev -->\na", "drift.json": JSON.stringify(drift) };
    await run(["issue", folderWith(files)]);
    expect(github.issues).toEqual([
      expect.objectContaining({ title: "Drift in dev", body: files["drift.md"], state: "open" }),
    ]);
    const none = JSON.stringify({ ...drift, drift: [] });
    await run(["issue", folderWith({ ...files, "drift.json": none })]);
    expect(github.issues.map(({ state }) => state)).toEqual(["closed"]);
  });

  test("keeps what was reviewed", async () => {
    const merged_at = "2026-01-14T12:00:00Z";
    const pull = {
      number: 7,
      merged_at,
      merge_commit_sha: "merged",
      head: { sha: "head", ref: "change" },
    };
    github.pulls.push({ ...pull, files: [] });
    github.artifacts.push({
      ...{ id: 1, name: "plan-prod-head", expired: false, created_at: merged_at },
      ...{ workflow_run: { id: 1, head_sha: "head" }, files: { "summary.json": "{}" } },
    });
    github.runs.set(1, {
      event: "pull_request",
      path: ".github/workflows/plan.yml",
      head_branch: "change",
      told: { completed_at: merged_at, conclusion: "success" },
    });
    const folder = path.join(folderWith({}), "reviewed");
    const args = ["reviewed", folder, "--environment", "prod", "--commit", "merged"];
    const { stdout } = await run(args);
    expect(stdout).toBe(`${folder}/summary.json\n`);
    expect(readFileSync(`${folder}/summary.json`, "utf8")).toBe("{}");
  });

  test.each<[string, string[], Record<string, string>, string]>([
    [
      "there is no comment",
      ["comment", "nowhere", "--pull-request", "7"],
      {},
      "DIR must have a comment.md of npm run plan:summary -- --out, or folders with one, got nowhere: look at why the plan failed",
    ],
    [
      "nothing was looked at",
      ["issue", "nowhere"],
      {},
      "DIR must be what npm run drift -- --out has written, got nowhere",
    ],
    [
      "the token is none",
      ["comment", folderWith({ "comment.md": "a" }), "--pull-request", "7"],
      { GITHUB_TOKEN: "planted-other" },
      "GitHub does not know the token for GET /repos/owner/name/issues/7/comments: GITHUB_TOKEN must be the job's",
    ],
    [
      "the job may not do it",
      ["comment", folderWith({ "comment.md": "a" }), "--pull-request", "8"],
      {},
      "GitHub refuses GET /repos/owner/name/issues/8/comments (HTTP 404): the job must have the permission that it needs, issues: write or pull-requests: write",
    ],
    [
      "there is no repository",
      ["issue", folderWith({ "drift.md": "a", "drift.json": "{}" })],
      { GITHUB_REPOSITORY: "name" },
      "GITHUB_REPOSITORY must be <owner>/<name>, got name",
    ],
    [
      "there is no token",
      ["issue", folderWith({ "drift.md": "a", "drift.json": "{}" })],
      { GITHUB_TOKEN: "" },
      "GITHUB_TOKEN must be set: give the step the token of its job",
    ],
  ])("says in one sentence that %s", async (_, args, variables, message) => {
    const { status, stdout, stderr } = await run(args, variables);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toBe(`${message}\n`);
  });

  test.each([
    ["", "command must be one of environments, comment, issue, reviewed, got none"],
    ["close", "command must be one of environments, comment, issue, reviewed, got close"],
    ["comment", "DIR must be one folder, got none"],
    ["comment a b", "DIR must be one folder, got a b"],
    ["comment a", "--pull-request must be given for comment, got none"],
    [
      "comment a --pull-request x",
      "--pull-request must be a whole number from 1 to 9007199254740991, got x",
    ],
    ["reviewed a --environment dev", "--commit must be given for reviewed, got none"],
    ["environments a", "environments takes no DIR, got a"],
  ])("does not take %j", (line, message) => {
    const args = line.split(" ").filter((word) => word !== "");
    expect(() => parseGithubArguments(args)).toThrow(new UsageError(message));
  });
});
