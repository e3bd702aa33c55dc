import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectGithub } from "../../github/connect-github.ts";
import { keepComment } from "../../github/keep-comment.ts";
import { LocalGithub } from "./local-github.ts";

let github: LocalGithub;
beforeEach(() => {
  github = new LocalGithub();
});
afterEach(() => github.close());

const keep = async (body: string) => keepComment(connectGithub(await github.variables()), 7, body);

describe("keepComment", () => {
  test("writes a comment once and updates it after that, one for each first line", async () => {
    await keep("<!-- dev -->\nfirst");
    await keep("<!-- prod -->\nother");
    expect(await keep("<!-- dev -->\nsecond")).toBe("https://github.com/1");
    expect(github.comments.map(({ body }) => body)).toEqual([
      "<!-- dev -->\nsecond",
      "<!-- prod -->\nother",
    ]);
  });

  test("finds its comment behind hundreds of others", async () => {
    for (let index = 0; index < 250; index++) {
      github.write(github.comments, { body: `${index}` });
    }
    github.comments[240]!.body = "<!-- dev -->\r\nfirst";
    await keep("<!-- dev -->\nsecond");
    expect(github.done).toEqual(["PATCH /issues/comments/241"]);
  });

  test("leaves alone what a person has written under the same first line", async () => {
    github.write(github.comments, { body: "<!-- dev -->\nmine", user: { type: "User" } });
    await keep("<!-- dev -->\nfirst");
    expect(github.comments.map(({ body }) => body)).toEqual([
      "<!-- dev -->\nmine",
      "<!-- dev -->\nfirst",
    ]);
  });
});
