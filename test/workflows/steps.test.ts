import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LocalGithub } from "../github/local-github.ts";
import { runProgram } from "../run-program.ts";
import { loadStep } from "./load-workflow.ts";

/** What a runner gives to every step. */
let runner: Record<string, string>;
let github: LocalGithub;
beforeEach(async () => {
  const temporary = mkdtempSync(path.join(tmpdir(), "runner-"));
  const output = path.join(temporary, "output");
  writeFileSync(output, "");
  github = new LocalGithub();
  runner = {
    ...{ PATH: process.env["PATH"]!, HOME: temporary },
    ...(await github.variables()),
    ...{ RUNNER_TEMP: temporary, GITHUB_OUTPUT: output },
  };
});
afterEach(() => github.close());

/** Runs a step as a runner does, with a value for each of its variables. */
async function runStep(
  [workflow, job, name]: readonly [string, string, string],
  variables: Record<string, string> = {},
) {
  const { run, env = {} } = loadStep(workflow, job, name);
  const given = Object.keys(variables).concat("GITHUB_TOKEN");
  expect(given).toEqual(expect.arrayContaining(Object.keys(env)));
  const file = path.join(runner["RUNNER_TEMP"]!, "step.sh");
  writeFileSync(file, run);
  return runProgram("bash", ["-e", file], { ...runner, ...variables });
}

const outputs = () => readFileSync(runner["GITHUB_OUTPUT"]!, "utf8");

const plan = (actions: readonly string[]) =>
  JSON.stringify({
    format_version: "1.2",
    resource_changes: [
      {
        ...{ address: "azurerm_key_vault.one", mode: "managed", type: "azurerm_key_vault" },
        change: { actions, before: { name: "a" }, after: null },
      },
    ],
  });

/** A folder with the configuration of a pull request. */
function proposed(): string {
  const folder = path.join(runner["RUNNER_TEMP"]!, "proposed");
  cpSync("config", path.join(folder, "config"), { recursive: true });
  return folder;
}

/** The plan of a pull request, summed up by the workflow. */
async function sumUp(text: string) {
  const folder = (name: string) => path.join(runner["RUNNER_TEMP"]!, name);
  mkdirSync(folder("plans"), { recursive: true });
  writeFileSync(path.join(folder("plans"), "prod-contoso.plan.json"), plan(["delete"]));
  const summary = folder("summaries/plan-prod-head");
  const ended = await runStep(["plan", "plan", "Sum up"], {
    ...{ PLANS: folder("plans"), SUMMARY: summary, TEXT: text, PROPOSED: proposed() },
    RUN: "https://github.com/owner/name/actions/runs/1",
  });
  return { ...ended, summary, summaries: folder("summaries") };
}

const accepted = "It goes.\n\nAccept-data-loss: prod-contoso azurerm_key_vault.one\n";

describe("The workflow plan", () => {
  test("lists the environments that are proposed and that a job can deploy", async () => {
    const PROPOSED = proposed();
    cpSync(`${PROPOSED}/config/test.json`, `${PROPOSED}/config/more.json`);
    const lock = `${PROPOSED}/config/tenants.lock.json`;
    const { test, ...others } = JSON.parse(readFileSync(lock, "utf8")) as Record<string, object>;
    writeFileSync(lock, JSON.stringify({ ...others, test, more: test }));
    await runStep(["plan", "environments", "List the environments"], { PROPOSED });
    expect(outputs()).toBe('names=["more","test","prod"]\n');
  });

  test("fails when data would be lost, until the text of the pull request accepts it", async () => {
    const planted = path.join(runner["RUNNER_TEMP"]!, "planted");
    expect((await sumUp(`$(touch ${planted}) \`touch ${planted}\``)).status).toBe(1);
    expect(existsSync(planted)).toBe(false);
    const { status, summary } = await sumUp(accepted);
    expect(status).toBe(0);
    expect(readFileSync(`${summary}/comment.md`, "utf8")).toContain("**1 to destroy.**");
  });

  test("keeps one comment for each environment", async () => {
    const { summaries } = await sumUp("");
    const variables = { SUMMARIES: summaries, PULL_REQUEST: "7" };
    await runStep(["plan", "comment", "Keep the comment of each environment"], variables);
    await runStep(["plan", "comment", "Keep the comment of each environment"], variables);
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]!.body).toMatch(/^<!-- plan of prod -->\n## Plan of prod/);
  });
});

describe("The workflow deploy", () => {
  const list = ["deploy", "environments", "List the environments"] as const;
  const find = ["deploy", "deploy", "Find what was reviewed"] as const;
  const asked = () => ({ COMMIT: "merged", FOUND: `${runner["RUNNER_TEMP"]}/reviewed` });

  test("lists all environments, or the one that is asked for", async () => {
    await runStep(list, { ONLY: "" });
    await runStep(list, { ONLY: "test" });
    expect(outputs()).toBe('names=["test","prod"]\nnames=["test"]\n');
    expect((await runStep(list, { ONLY: "pord" })).status).not.toBe(0);
  });

  test("finds what was reviewed with the pull request, its accepted losses too", async () => {
    const { summary } = await sumUp(accepted);
    const merged = { number: 7, merged_at: "2026-01-14T12:00:00Z", merge_commit_sha: "merged" };
    github.pulls.push({ ...merged, head: { sha: "head", ref: "change" }, files: [] });
    github.artifacts.push({
      ...{ id: 1, name: "plan-prod-head", expired: false, created_at: merged.merged_at },
      workflow_run: { id: 1, head_sha: "head" },
      files: { "summary.json": readFileSync(`${summary}/summary.json`, "utf8") },
    });
    github.runs.set(1, {
      event: "pull_request",
      path: ".github/workflows/plan.yml",
      head_branch: "change",
      told: { completed_at: merged.merged_at, conclusion: "success" },
    });
    const variables = { ...asked(), GIVEN: "", ENVIRONMENT: "prod" };
    expect((await runStep(find, variables)).status).toBe(0);
    const [, file] = /^plan=(.*)\n$/.exec(outputs())!;
    expect(JSON.parse(readFileSync(file!, "utf8"))).toMatchObject({
      ...{ environment: "prod", refused: [] },
      flags: expect.arrayContaining([
        expect.objectContaining({ about: "data at risk" }),
      ]) as unknown,
    });
  });

  test("takes the digest that is given by hand, and stops without either", async () => {
    const given = { ...asked(), ENVIRONMENT: "prod" };
    expect((await runStep(find, { ...given, GIVEN: "0123456789abcdef" })).status).toBe(0);
    expect(outputs()).toBe("plan=0123456789abcdef\n");
    const { status, stderr } = await runStep(find, { ...given, GIVEN: "" });
    expect(status).not.toBe(0);
    expect(stderr).toContain("commit must be that of a merged pull request, got merged");
  });
});

test("The workflow drift keeps one issue for each environment", async () => {
  const folder = path.join(runner["RUNNER_TEMP"]!, "drift");
  mkdirSync(folder);
  const keep = async (drift: readonly object[]) => {
    writeFileSync(path.join(folder, "drift.json"), JSON.stringify({ environment: "prod", drift }));
    writeFileSync(path.join(folder, "drift.md"), `<!-- drift of prod -->\n${drift.length}`);
    await runStep(["drift", "drift", "Keep the issue"], { FOUND: folder });
    return github.issues.map(({ body, state }) => `${body.split("\n")[1]} ${state}`);
  };
  expect(await keep([])).toEqual([]);
  expect(await keep([{}])).toEqual(["1 open"]);
  expect(await keep([{}, {}])).toEqual(["2 open"]);
  expect(await keep([])).toEqual(["0 closed"]);
});

test("The workflow teardown asks for the name of what goes, and takes no text for a command", async () => {
  const tearDown = async (tenant: string, confirm: string, leave = "false") => {
    const { status, stderr } = await runStep(["teardown", "teardown", "Tear down"], {
      ...{ ARM_CLIENT_ID: "", ARM_USE_OIDC: "true", ARM_USE_CLI: "false", ACCEPTED: "" },
      ...{ AZURE_CLIENT_ID: "", AZURE_TENANT_ID: "" },
      ...{ ENVIRONMENT: "test", TENANT: tenant, CONFIRM: confirm },
      ...{ LEAVE_SET_ASIDE: leave, LEAVE_SUBSCRIPTIONS: leave },
      // Tells each command on stderr.
      SHELLOPTS: "xtrace",
    });
    expect(status).not.toBe(0);
    return stderr;
  };
  expect(await tearDown("", "$(touch planted)")).toContain(
    "--confirm must be test, got $(touch planted)",
  );
  const asked = await tearDown("contoso", "test");
  expect(asked).toContain("--confirm must be test/contoso, got test");
  expect(asked).not.toContain("--leave-");
  expect(await tearDown("contoso", "test", "true")).toMatch(
    /--leave-set-aside --leave-subscriptions --confirm test /,
  );
});
