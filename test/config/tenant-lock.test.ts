import { describe, expect, test } from "vitest";
import { readEnvironments } from "../../config/environment.ts";
import { tenantLockProblems, vanishedTenantProblems } from "../../config/tenant-lock.ts";
import { configFolder, environmentFile, tenantFile } from "./environment-files.ts";

/** The problems of a folder with `dev.json` of these tenants (by state) and this list of tenants. */
function lockProblems(
  states: Record<string, string>,
  lock: Record<string, Record<string, string>> | undefined,
  problemsOf = tenantLockProblems,
) {
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
  return problemsOf(folder, readEnvironments(folder)).map((problem) =>
    problem.replaceAll(`${folder}/`, ""),
  );
}

describe("tenantLockProblems", () => {
  test("are none when the list tells what the files tell", () => {
    expect(lockProblems({ contoso: "collected" }, { dev: { contoso: "collected" } })).toEqual([]);
    expect(lockProblems({ contoso: "removed" }, { dev: { contoso: "removed" } })).toEqual([]);
    expect(lockProblems({}, undefined)).toEqual([]);
  });

  test("a tenant that vanished without being removed", () => {
    const gone =
      'dev.json: tenants.fabrikam must stay with "state": "removed" until its stack is destroyed, got nothing; put it back so, run npm run config:lock and npx cdktf destroy dev-fabrikam, or if it was never deployed take it out of tenants.lock.json';
    const lock = { dev: { contoso: "collected", fabrikam: "collected" } };
    expect(lockProblems({ contoso: "collected" }, lock)).toEqual([gone]);
    expect(lockProblems({ contoso: "collected" }, lock, vanishedTenantProblems)).toEqual([gone]);
  });

  test("a tenant whose whole environment vanished", () => {
    const lock = { dev: { contoso: "collected" }, old: { contoso: "collected" } };
    expect(lockProblems({ contoso: "collected" }, lock)).toEqual([
      'old.json: tenants.contoso must stay with "state": "removed" until its stack is destroyed, got nothing; put it back so, run npm run config:lock and npx cdktf destroy old-contoso, or if it was never deployed take it out of tenants.lock.json',
    ]);
  });

  test("a tenant that is new", () => {
    expect(lockProblems({ contoso: "collected" }, undefined)).toEqual([
      "tenants.lock.json: dev.contoso must be collected, got nothing; run npm run config:lock",
    ]);
  });

  test("a tenant whose state changed", () => {
    expect(lockProblems({ contoso: "removed" }, { dev: { contoso: "collected" } })).toEqual([
      "tenants.lock.json: dev.contoso must be removed, got collected; run npm run config:lock",
    ]);
  });

  test("a removed tenant may vanish, and then leaves the list", () => {
    const lock = { dev: { contoso: "removed" } };
    expect(lockProblems({}, lock, vanishedTenantProblems)).toEqual([]);
    expect(lockProblems({}, lock)).toEqual([
      "tenants.lock.json: dev.contoso must be left out, got removed; run npm run config:lock",
    ]);
  });
});
