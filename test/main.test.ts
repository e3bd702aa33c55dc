import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { copyProject } from "../scripts/copy-project.ts";

const { app } = JSON.parse(readFileSync("cdktf.json", "utf8")) as { app: string };
const [, loader = ""] = /^node --import (\S+) main\.ts$/.exec(app) ?? [];
const loaderUrl = pathToFileURL(createRequire(import.meta.url).resolve(loader)).href;

/** Synthesizes as cdktf does, in a folder that is not the project's. */
function synthesize(project = process.cwd()) {
  const folder = mkdtempSync(path.join(tmpdir(), "main-"));
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", loaderUrl, path.join(project, "main.ts")],
    { cwd: folder, encoding: "utf8" },
  );
  return { folder, status, stderr };
}

describe("main", () => {
  test("synthesizes every environment, tenants after their workspace", () => {
    const { folder, status, stderr } = synthesize();
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const manifest = JSON.parse(
      readFileSync(path.join(folder, "cdktf.out/manifest.json"), "utf8"),
    ) as { stacks: Record<string, { dependencies: string[] }> };
    expect(
      Object.fromEntries(
        Object.entries(manifest.stacks).map(([name, { dependencies }]) => [name, dependencies]),
      ),
    ).toEqual({
      "dev-workspace": [],
      "dev-contoso": ["dev-workspace"],
      "prod-workspace": [],
      "prod-contoso": ["prod-workspace"],
      "prod-fabrikam": ["prod-workspace"],
      "test-workspace": [],
      "test-contoso": ["test-workspace"],
    });
  });

  test("fails on a broken file, whichever environment is deployed", () => {
    const project = mkdtempSync(path.join(tmpdir(), "project-"));
    copyProject(project);
    writeFileSync(path.join(project, "config/prod.json"), "{}");
    const { folder, status, stderr } = synthesize(project);
    expect(status).toBe(1);
    const file = path.relative(folder, path.join(project, "config/prod.json"));
    expect(stderr.split("\n").slice(0, 2)).toEqual([
      `${file}: $schema must be "./environment.schema.json", got nothing`,
      `${file}: subscriptionId must be a string, got nothing`,
    ]);
    expect(stderr).not.toContain("    at ");
  });
});
