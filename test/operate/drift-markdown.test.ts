import { expect, test } from "vitest";
import { driftMarkdown } from "../../operate/drift-markdown.ts";

test("The issue of an environment names what drifted, as text alone", () => {
  const drift = { stack: "dev-contoso", what: "a_b.c", says: "x is <b>, see @somebody" };
  expect(driftMarkdown("dev", [drift])).toMatch(
    /^<!-- drift of dev -->\n[^]*- <code>dev-contoso: a&#95;b.c<\/code>: x is &lt;b&gt;, see &#64;somebody\n/,
  );
  expect(driftMarkdown("dev", [])).toBe("<!-- drift of dev -->\nNothing has drifted.\n");
});
