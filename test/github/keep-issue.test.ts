import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectGithub } from "../../github/connect-github.ts";
import { keepIssue } from "../../github/keep-issue.ts";
import { LocalGithub } from "./local-github.ts";

let github: LocalGithub;
beforeEach(() => {
  github = new LocalGithub();
});
afterEach(() => github.close());

const keep = async (text: string, isOpen: boolean, environment = "dev") =>
  keepIssue(connectGithub(await github.variables()), {
    ...{ title: `Drift in ${environment}`, body: `<!-- ${environment} -->\n${text}`, isOpen },
  });

const shown = () => github.issues.map(({ title, body, state }) => ({ title, body, state }));

describe("keepIssue", () => {
  test("opens an issue, updates it, closes it, and opens another one for the next time", async () => {
    expect(await keep("first", true)).toBe("https://github.com/1");
    await keep("second", true);
    const title = "Drift in dev";
    expect(shown()).toEqual([{ title, body: "<!-- dev -->\nsecond", state: "open" }]);
    await keep("nothing", false);
    expect(shown()).toEqual([{ title, body: "<!-- dev -->\nnothing", state: "closed" }]);
    await keep("third", true);
    expect(shown()[1]).toEqual({ title, body: "<!-- dev -->\nthird", state: "open" });
  });

  test("does nothing when nothing is open and nothing is to be done", async () => {
    expect(await keep("nothing", false)).toBeUndefined();
    expect(github.done).toEqual([]);
  });

  test("leaves alone other environments, pull requests and what people have written", async () => {
    const body = "<!-- dev -->\n";
    github.write(github.issues, { body, pull_request: {} });
    github.write(github.issues, { body, user: { type: "User" } });
    await keep("other", true, "prod");
    await keep("nothing", false);
    expect(github.issues.map(({ state }) => state)).toEqual(["open", "open", "open"]);
    expect(github.done).toEqual(["POST /issues"]);
  });
});
