import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { kqlFiles } from "../../content/kql.ts";
import { sqlFiles, sqlHeader, translationOf } from "../../local/workspace/translation.ts";
import { translateQueries, type Translator } from "../../scripts/translate-kql.ts";

const sqlOf = kqlFiles().map((file) => file.replace(/kql$/, "sql"));
const translator: Translator = (translations) =>
  Object.fromEntries(translations.map(({ file }) => [file, `SELECT '${file}'`]));

let folder: URL;
beforeEach(() => {
  folder = pathToFileURL(`${mkdtempSync(join(tmpdir(), "sql-"))}/`);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("translateQueries", () => {
  test("writes the SQL of every query, with what it follows from", () => {
    expect(translateQueries(translator, { folder })).toEqual(
      sqlOf.map((file) => `${file}: written`),
    );
    const text = readFileSync(new URL("functions/m365-audit.sql", folder), "utf8");
    expect(text).toBe(
      `${sqlHeader(translationOf("functions/m365-audit.kql"))}SELECT 'functions/m365-audit.kql'\n`,
    );
  });

  test("has nothing to do the second time", () => {
    translateQueries(translator, { folder });
    expect(translateQueries(translator, { folder })).toEqual([]);
  });

  test("writes again what was changed by hand", () => {
    translateQueries(translator, { folder });
    const file = new URL("functions/m365-audit.sql", folder);
    writeFileSync(file, readFileSync(file, "utf8").replace("SELECT", "select"));
    expect(translateQueries(translator, { folder })).toEqual(["functions/m365-audit.sql: written"]);
  });

  test("removes SQL whose query is gone", () => {
    translateQueries(translator, { folder });
    mkdirSync(new URL("hunting/", folder));
    writeFileSync(new URL("hunting/old.sql", folder), "SELECT 1\n");
    expect(translateQueries(translator, { folder })).toEqual(["hunting/old.sql: removed"]);
    expect(sqlFiles(folder)).toEqual(sqlOf);
  });

  test("only tells when it is a dry run", () => {
    writeFileSync(new URL("old.sql", folder), "SELECT 1\n");
    expect(translateQueries(translator, { folder, dryRun: true })).toEqual([
      ...sqlOf.map((file) => `${file}: out of step with its query`),
      "old.sql: has no query",
    ]);
    expect(sqlFiles(folder)).toEqual(["old.sql"]);
  });
});

test("tells in one sentence that Python is not there", () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "scripts/translate-kql.ts", "--dry-run", "--python", "no-such-python"],
    { encoding: "utf8" },
  );
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: "",
    stderr:
      "--python must be an interpreter of Python 3.11 or later, got no-such-python, which is not there\n",
  });
});
