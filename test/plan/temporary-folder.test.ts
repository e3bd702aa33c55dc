import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { expect, test } from "vitest";

import { TemporaryFolder } from "../../plan/temporary-folder.ts";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const module = new URL("../../plan/temporary-folder.ts", import.meta.url).href;
const listeners = () => ["exit", "SIGINT", "SIGTERM"].map((event) => process.listenerCount(event));

test("a temporary folder goes with what it holds when it is closed", () => {
  const before = listeners();
  const [one, other] = [new TemporaryFolder("test"), new TemporaryFolder("test")];
  expect(dirname(one.path)).toBe(tmpdir());
  expect(basename(one.path)).toMatch(/^test-/);
  expect(one.path).not.toBe(other.path);
  for (const { path } of [one, other]) {
    writeFileSync(join(path, "spilled"), "");
  }
  one.close();
  expect([existsSync(one.path), existsSync(other.path)]).toEqual([false, true]);
  other.close();
  expect(existsSync(other.path)).toBe(false);
  expect(listeners()).toEqual(before);
});

test.skipIf(process.platform === "win32")(
  "nobody else may read a temporary folder; Windows has no such modes",
  () => {
    const folder = new TemporaryFolder("test");
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    folder.close();
  },
);

test.each(["SIGINT", "SIGTERM", undefined] as const)(
  "a temporary folder goes with its process, ended by %s as without it",
  async (signal) => {
    const script =
      `const { TemporaryFolder } = await import(${JSON.stringify(module)});` +
      `const { path } = new TemporaryFolder("test");` +
      (signal ? `setInterval(() => undefined, 1000);` : "") +
      `console.log(path);`;
    const child = spawn(
      process.execPath,
      ["--import", tsx, "--input-type=module", "--eval", script],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const ended = once(child, "exit");
    const [path] = (await once(child.stdout, "data")) as [Buffer];
    if (signal) {
      expect(existsSync(path.toString().trim())).toBe(true);
      child.kill(signal);
    }
    expect(await ended).toEqual(signal ? [null, signal] : [0, null]);
    expect(existsSync(path.toString().trim())).toBe(false);
  },
  60_000,
);
