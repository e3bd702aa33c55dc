import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { copyProject } from "../../scripts/copy-project.ts";

const plan = (type: string, actions: string[]) =>
  JSON.stringify({
    format_version: "1.2",
    resource_changes: [
      {
        ...{ address: `${type}.one`, mode: "managed", type },
        change: { actions, before: {}, after: {} },
      },
    ],
  });

/** Runs `npm run plan:summary --` of a project with files in a folder. */
function planSummaryIn(
  project: string,
  files: Readonly<Record<string, string>>,
  ...args: string[]
) {
  const folder = mkdtempSync(path.join(tmpdir(), "plans-"));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(path.join(folder, name), text);
  }
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx/esm", "scripts/plan-summary.ts", folder, ...args],
    { encoding: "utf8", cwd: project },
  );
  return { status, stdout, stderr, folder };
}

const planSummary = (files: Readonly<Record<string, string>>, ...args: string[]) =>
  planSummaryIn(process.cwd(), files, ...args);

describe("npm run plan:summary", () => {
  test("prints one comment and fails while data would be lost", () => {
    const files = {
      "prod-contoso.plan.json": plan("azurerm_key_vault", ["delete"]),
      "prod-workspace.plan.json": plan("azurerm_resource_group", ["update"]),
      "accepted.txt": "Accept-data-loss: prod-contoso azurerm_key_vault.one",
    };
    const refused = planSummary(files);
    expect(refused.status).toBe(1);
    expect(refused.stdout).toContain("## Plan of prod\n\n**1 to update, 1 to destroy.**");
    expect(refused.stderr).toBe(
      "prod-contoso: azurerm_key_vault.one: the vault with its secrets is destroyed, and nobody has accepted that\n",
    );
    const accepted = planSummary(files, "--accepted", path.join(refused.folder, "accepted.txt"));
    expect({ status: accepted.status, stderr: accepted.stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("asks nobody to accept again what was removed before, and asks for what is removed now", () => {
    const project = path.join(mkdtempSync(path.join(tmpdir(), "copy-")), "project");
    copyProject(project);
    const file = path.join(project, "config", "prod.json");
    const content = JSON.parse(readFileSync(file, "utf8")) as {
      tenants: Record<string, { state?: string }>;
    };
    content.tenants["contoso"]!.state = "removed";
    const lock = path.join(project, "config", "tenants.lock.json");
    const locked = JSON.parse(readFileSync(lock, "utf8")) as Record<string, Record<string, string>>;
    locked["prod"]!["contoso"] = "removed";
    writeFileSync(file, JSON.stringify(content));
    writeFileSync(lock, JSON.stringify(locked));
    const proposed = path.join(project, "proposed");
    cpSync(path.join(project, "config"), proposed, { recursive: true });
    const files = { "prod-contoso.plan.json": plan("azurerm_key_vault", ["delete"]) };
    const inProject = (...args: string[]) => planSummaryIn(project, files, ...args);
    const again = inProject("--config", proposed);
    expect(again.stdout).toContain("npm run teardown -- --environment prod --tenant contoso");
    expect(again.status).toBe(0);
    expect(inProject("--config", "./config/").status).toBe(1);
    expect(planSummary(files, "--config", proposed).status).toBe(1);
  });

  test("prints the same as data", () => {
    const { status, stdout } = planSummary(
      { "dev-contoso.plan.json": plan("azurerm_resource_group", ["create"]) },
      "--json",
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ environment: "dev", refused: [], flags: [] },
      stacks: [{ stack: "dev-contoso", changes: [{ kind: "create" }] }],
    });
  });

  test("keeps the comment, all of it and the data", () => {
    const changes = Array.from({ length: 40 }, (_, index) => ({
      ...{ address: `azurerm_thing.number_${index}`, mode: "managed", type: "azurerm_thing" },
      change: { actions: ["update"], before: { a: 1 }, after: { a: 2 } },
    }));
    const text = JSON.stringify({ format_version: "1.2", resource_changes: changes });
    const { stdout, status } = planSummary(
      { "dev-contoso.plan.json": text },
      ...["--limit", "1000", "--link", "https://example.org/runs/1#artifacts"],
      ...["--out", path.join(tmpdir(), "summary")],
    );
    expect({ status, length: stdout.length <= 1000 }).toEqual({ status: 0, length: true });
    const kept = (file: string) => readFileSync(path.join(tmpdir(), "summary", file), "utf8");
    expect(kept("comment.md")).toBe(stdout);
    expect(stdout).toContain("[summary.md](https://example.org/runs/1#artifacts)");
    expect(kept("summary.md")).toContain("number&#95;39");
    expect(JSON.parse(kept("summary.json"))).toMatchObject({ environment: "dev" });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ["no plan", {}, /^DIR must hold files <stack>\.plan\.json of one environment, got none in /],
    [
      "plans of two environments",
      {
        "dev-contoso.plan.json": plan("azurerm_resource_group", ["create"]),
        "prod-contoso.plan.json": plan("azurerm_resource_group", ["create"]),
      },
      /^DIR must hold .* of one environment, got dev-contoso, prod-contoso in /,
    ],
    [
      "what is no plan",
      { "dev-contoso.plan.json": "planted-secret" },
      /dev-contoso\.plan\.json must be JSON as terraform show -json writes it/,
    ],
  ])("does not take %s", (_, files, message) => {
    const { status, stdout, stderr } = planSummary(files);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("planted");
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
