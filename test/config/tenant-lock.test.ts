import { describe, expect, test } from "vitest";
import type { ConfigurationError } from "../../config/configuration-error.ts";
import { loadEnvironments } from "../../config/environment.ts";
import { configFolder, environmentFile, tenantFile } from "./environment-files.ts";

/** The problems of a folder with `dev.json` of these tenants (by state) and this list of tenants. */
function lockProblems(states: Record<string, string>, lock: unknown) {
  const tenants = Object.fromEntries(
    Object.entries(states).map(([name, state], index) => [
      name,
      tenantFile({ state, tenantId: `00000000-0000-4000-8000-0000000000a${index}` }),
    ]),
  );
  const folder = configFolder({
    "dev.json": environmentFile({ tenants }),
    ...(lock === undefined ? {} : { "tenants.lock.json": lock }),
  });
  try {
    loadEnvironments(folder);
    return [];
  } catch (error) {
    return (error as ConfigurationError).problems.map((problem) =>
      problem.replaceAll(`${folder}/`, ""),
    );
  }
}

describe("the list of tenants", () => {
  test("has no problems when it tells what the files tell", () => {
    expect(lockProblems({ contoso: "collected" }, { dev: { contoso: "collected" } })).toEqual([]);
    expect(lockProblems({ contoso: "removed" }, { dev: { contoso: "removed" } })).toEqual([]);
    expect(lockProblems({}, undefined)).toEqual([]);
  });

  test("misses a tenant that vanished without being removed", () => {
    const lock = { dev: { contoso: "collected", fabrikam: "collected" } };
    expect(lockProblems({ contoso: "collected" }, lock)).toEqual([
      'dev.json: tenants.fabrikam must stay with "state": "removed" until its stack is destroyed, got nothing; put it back so, run npm run config:lock and npm run teardown -- --environment dev --tenant fabrikam, or if it was never deployed run npm run config:lock -- --forget dev/fabrikam',
    ]);
  });

  test("misses a removed tenant until it is told that its stack is destroyed", () => {
    expect(lockProblems({}, { dev: { contoso: "removed" } })).toEqual([
      'dev.json: tenants.contoso must stay with "state": "removed" until its stack is destroyed, got nothing; when npm run teardown -- --environment dev --tenant contoso has ended run npm run config:lock -- --forget dev/contoso, else put it back first',
    ]);
  });

  test("misses a tenant whose whole environment vanished", () => {
    const lock = { dev: { contoso: "collected" }, old: { contoso: "removed" } };
    expect(lockProblems({ contoso: "collected" }, lock)).toEqual([
      'old.json: tenants.contoso must stay with "state": "removed" until its stack is destroyed, got nothing; when npm run teardown -- --environment old --tenant contoso has ended run npm run config:lock -- --forget old/contoso, else put it back first',
    ]);
  });

  test("does not know a tenant that is new", () => {
    expect(lockProblems({ contoso: "collected" }, undefined)).toEqual([
      "tenants.lock.json: dev.contoso must be collected, got nothing; run npm run config:lock",
    ]);
  });

  test("does not know a state that changed", () => {
    expect(lockProblems({ contoso: "removed" }, { dev: { contoso: "collected" } })).toEqual([
      "tenants.lock.json: dev.contoso must be removed, got collected; run npm run config:lock",
    ]);
  });

  test.each(["{", [], { dev: { contoso: "gone" } }])("cannot be %j", (lock) => {
    expect(lockProblems({}, lock)).toEqual([
      "tenants.lock.json: must be as npm run config:lock writes it; take it from version control again",
    ]);
  });
});
