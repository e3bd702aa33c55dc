import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import ownTemporaryFolder, { temporaryFolderPrefix } from "./temporary-folder.ts";

const own = path.basename(tmpdir());
beforeEach(() => ["TMPDIR", "TEMP", "TMP"].forEach((name) => vi.stubEnv(name, process.env[name])));
afterEach(() => vi.unstubAllEnvs());

test("tests and their child processes have a temporary folder of their own", () => {
  expect(own.startsWith(temporaryFolderPrefix)).toBe(true);
  const child = spawnSync(process.execPath, ["-p", "os.tmpdir()"], { encoding: "utf8" });
  expect(child.stdout.trim()).toBe(tmpdir());
});

test("it is removed with what is in it", () => {
  const remove = ownTemporaryFolder();
  const file = path.join(tmpdir(), "left");
  writeFileSync(file, "behind");
  expect(readFileSync(file, "utf8")).toBe("behind");
  expect(path.basename(tmpdir())).not.toBe(own);
  remove();
  expect(existsSync(tmpdir())).toBe(false);
});
