import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { tellingJob } from "../../github/reviewed-summary.ts";
import { loadWorkflow, workflowNames, type Step } from "./load-workflow.ts";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
  scripts: Readonly<Record<string, string>>;
};

const stepsOf = (name: string): Step[] =>
  Object.values(loadWorkflow(name).jobs).flatMap(({ steps }) => steps);

/** The npm scripts that a workflow runs, with the options that it gives them. */
function commandsOf(name: string) {
  return stepsOf(name).flatMap(({ run = "" }) =>
    [...run.replaceAll("\\\n", " ").matchAll(/npm run (?:-s )?([\w:]+)(.*)/g)].map(
      ([, script, rest]) => ({
        script: script!,
        options: [...rest!.matchAll(/(?<=\s)--[a-z][a-z-]*/g)].map(([option]) => option),
      }),
    ),
  );
}

test("The workflows are those that people know", () => {
  expect(workflowNames.toSorted()).toEqual(["check", "deploy", "drift", "plan", "teardown"]);
});

describe.each(workflowNames)("The workflow %s", (name) => {
  const workflow = loadWorkflow(name);

  test("may nothing that no job asks for, and no job goes on for ever", () => {
    expect(workflow.permissions).toEqual({});
    for (const job of Object.values(workflow.jobs)) {
      expect(job.permissions).toBeDefined();
      expect(job["timeout-minutes"]).toBeLessThanOrEqual(90);
    }
  });

  test("never runs what a fork has written with rights", () => {
    expect(Object.keys(workflow.on)).not.toContain("pull_request_target");
    expect(Object.keys(workflow.on)).not.toContain("workflow_run");
  });

  test("takes actions by their commit, and keeps no token in a checkout", () => {
    for (const { uses, with: given } of stepsOf(name)) {
      if (uses !== undefined) {
        expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
        expect(uses.startsWith("actions/checkout@") ? given : {}).toEqual(
          uses.startsWith("actions/checkout@")
            ? expect.objectContaining({ "persist-credentials": false })
            : {},
        );
      }
    }
  });

  test("puts no text of others into a script", () => {
    stepsOf(name).forEach(({ run = "" }) => expect(run).not.toContain("${{"));
  });

  test("runs npm scripts that there are, with options that they take", () => {
    const commands = commandsOf(name);
    expect(commands.length).toBeGreaterThan(0);
    for (const { script, options } of commands) {
      const file = scripts[script]
        ?.split(" ")
        .find((word) => /^(scripts\/.*|main)\.ts$/.test(word));
      expect(scripts).toHaveProperty([script]);
      const text = file === undefined ? "" : readFileSync(file, "utf8");
      options.forEach((option) => expect(text).toContain(`  ${option} `));
    }
  });
});

test("What was told of a plan is asked of the job that tells it, by the name that GitHub gives it", () => {
  const { name, steps } = loadWorkflow("plan").jobs[tellingJob]!;
  expect(name).toBeUndefined();
  expect(steps.at(-1)!.run).toContain("npm run -s github -- comment");
});

test("Only the jobs that plan, deploy or take down sign in, and what a pull request contains is synthesized without", () => {
  const signingIn = workflowNames.flatMap((name) =>
    Object.entries(loadWorkflow(name).jobs)
      .filter(([, { permissions }]) => permissions?.["id-token"] === "write")
      .map(([job]) => `${name}.${job}`),
  );
  expect(signingIn.toSorted()).toEqual([
    ...["deploy.deploy", "drift.drift", "plan.plan", "teardown.teardown"],
  ]);
  const checkouts = loadWorkflow("plan").jobs["plan"]!.steps.filter(({ uses }) =>
    uses?.startsWith("actions/checkout@"),
  );
  expect(checkouts.map(({ with: given }) => given!["ref"])).toEqual([
    "${{ github.event.pull_request.base.sha }}",
  ]);
});
