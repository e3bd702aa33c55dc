import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { lockTenants } from "../../scripts/config-lock.ts";
import { configFolder, environmentFile } from "../config/environment-files.ts";

const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
beforeEach(() => log.mockClear());

/** A folder whose list knows contoso and whose file does not. */
const vanished = (state: string) =>
  configFolder({
    "dev.json": environmentFile({ tenants: {} }),
    "tenants.lock.json": { dev: { contoso: state, fabrikam: "collected" } },
  });
const lockOf = (folder: string) =>
  JSON.parse(readFileSync(`${folder}/tenants.lock.json`, "utf8")) as unknown;

describe("lockTenants", () => {
  test("notes every tenant, and is safe to repeat", () => {
    const folder = configFolder({ "dev.json": environmentFile() });
    const file = `${folder}/tenants.lock.json`;

    lockTenants(folder, { dryRun: true });
    expect(log).toHaveBeenLastCalledWith(`${file}: would be written`);
    lockTenants(folder, { dryRun: false });
    expect(log).toHaveBeenLastCalledWith(`${file}: written`);
    lockTenants(folder, { dryRun: false });
    expect(log).toHaveBeenLastCalledWith(`${file}: already up to date`);

    expect(lockOf(folder)).toEqual({ dev: { contoso: "collected" } });
  });

  test.each(["collected", "removed"])("never forgets a %s tenant unasked", (state) => {
    const folder = vanished(state);
    expect(() => lockTenants(folder, { dryRun: false, forget: ["dev/fabrikam"] })).toThrow(
      `${folder}/dev.json: tenants.contoso must stay with "state": "removed" until its stack is destroyed, got nothing; `,
    );
    expect(lockOf(folder)).toEqual({ dev: { contoso: state, fabrikam: "collected" } });
  });

  test("forgets when told so, and is safe to repeat", () => {
    const folder = vanished("removed");
    const forget = ["dev/contoso", "dev/fabrikam"];
    lockTenants(folder, { dryRun: false, forget });
    expect(lockOf(folder)).toEqual({ dev: {} });
    lockTenants(folder, { dryRun: false, forget });
    expect(log).toHaveBeenLastCalledWith(`${folder}/tenants.lock.json: already up to date`);
  });

  test("does not forget what is still configured", () => {
    const folder = configFolder({ "dev.json": environmentFile() });
    expect(() => lockTenants(folder, { dryRun: false, forget: ["dev/contoso"] })).toThrow(
      `${folder}/dev.json: tenants.contoso must not be there when it is forgotten, got collected; set "state": "removed", run npm run config:lock and npm run teardown -- --environment dev --tenant contoso, and delete it then`,
    );
  });
});
