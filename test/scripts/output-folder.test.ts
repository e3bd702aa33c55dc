import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OutputFolder } from "../../scripts/output-folder.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "output-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("OutputFolder", () => {
  test("makes itself and what is above it with the first file", async () => {
    const output = new OutputFolder(join(folder, "a", "b"), ["c"]);
    expect(readdirSync(folder)).toEqual([]);
    await output.write("c", ["1", "2"]);
    await output.write("c", ["3", "4"]);
    expect(readFileSync(join(folder, "a", "b", "c"), "utf8")).toBe("3\n4\n");
    expect(readdirSync(join(folder, "a", "b"))).toEqual(["c"]);
  });

  test("takes a folder that is there, and leaves what it holds", () => {
    mkdirSync(join(folder, "full"));
    writeFileSync(join(folder, "full", "c"), "before");
    new OutputFolder(join(folder, "full"), ["c"]);
    expect(readFileSync(join(folder, "full", "c"), "utf8")).toBe("before");
  });

  test("fails where a file is, or above it", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    for (const path of [file, join(file, "below")]) {
      expect(() => new OutputFolder(path, [])).toThrow(
        new Error(`--out must be a folder that can be written, got ${path}, where a file is`),
      );
    }
  });

  test("fails when one of its files cannot be written", () => {
    const path = join(folder, "taken");
    mkdirSync(join(path, "c"), { recursive: true });
    expect(() => new OutputFolder(path, ["c"])).toThrow(
      new Error(`--out must be a folder that can be written, got EISDIR for ${path}`),
    );
    expect(readdirSync(path)).toEqual(["c"]);
  });

  test.runIf(process.platform === "linux")("fails where no folder can be made", () => {
    for (const path of ["/proc/none/below", "/proc"]) {
      expect(() => new OutputFolder(path, [])).toThrow(
        new Error(`--out must be a folder that can be written, got ENOENT for ${path}`),
      );
    }
  });
});
