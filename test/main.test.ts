import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";

const { app } = JSON.parse(readFileSync("cdktf.json", "utf8")) as { app: string };
const [, loader = ""] = /^node --import (\S+) main\.ts$/.exec(app) ?? [];
const loaderUrl = pathToFileURL(createRequire(import.meta.url).resolve(loader)).href;

/** Synthesizes the shipped configuration, as cdktf does, in a new folder, after changing it there. */
function synthesize(change: (config: string) => void = () => undefined) {
  const folder = mkdtempSync(path.join(tmpdir(), "main-"));
  cpSync("config", path.join(folder, "config"), { recursive: true });
  change(path.join(folder, "config"));
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", loaderUrl, path.resolve("main.ts")],
    { cwd: folder, encoding: "utf8" },
  );
  return { folder, status, stderr };
}

describe("main", () => {
  test("synthesizes every environment, tenants after their workspace", () => {
    const { folder, status } = synthesize();
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
    const { status, stderr } = synthesize((config) => {
      writeFileSync(path.join(config, "prod.json"), "{}");
    });
    expect(status).toBe(1);
    expect(stderr.split("\n").slice(0, 2)).toEqual([
      'config/prod.json: $schema must be "./environment.schema.json", got nothing',
      "config/prod.json: subscriptionId must be a string, got nothing",
    ]);
    expect(stderr).not.toContain("    at ");
  });
});
