import { describe, expect, test } from "vitest";
import { UsageError } from "../../scripts/command-line.ts";
import { parseRehearseArguments } from "../../scripts/rehearse.ts";

const parse = (line: string) => parseRehearseArguments(line.split(" "));

describe("npm run rehearse", () => {
  test("takes an environment and what of it to rehearse", () => {
    expect(parse("dev --plugins /p --json --record r.json")).toEqual({
      ...{ environment: "dev", what: "life", plugins: "/p", json: true, keep: false },
      record: "r.json",
    });
    expect(parse("dev --failures").what).toBe("failures");
    expect(parse("dev --combinations").what).toBe("combinations");
  });

  test.each([
    ["--json", "ENVIRONMENT must be one, got none"],
    ["dev prod", "ENVIRONMENT must be one, got dev prod"],
    [
      "dev --failures --combinations",
      "only one of --failures and --combinations can be given, got both",
    ],
    ["dev --failures --keep", "--keep and --record must not be given with --failures"],
  ])("does not take %s", (line, message) => {
    expect(() => parse(line)).toThrow(new UsageError(message));
  });
});
