import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { lockTenants } from "../../scripts/config-lock.ts";
import { configFolder, environmentFile } from "../config/environment-files.ts";

const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
beforeEach(() => log.mockClear());

describe("lockTenants", () => {
  test("notes every tenant, and is safe to repeat", () => {
    const folder = configFolder({ "dev.json": environmentFile() });
    const file = `${folder}/tenants.lock.json`;

    lockTenants(folder, true);
    expect(log).toHaveBeenLastCalledWith(`${file}: would be written`);
    lockTenants(folder, false);
    expect(log).toHaveBeenLastCalledWith(`${file}: written`);
    lockTenants(folder, false);
    expect(log).toHaveBeenLastCalledWith(`${file}: already up to date`);

    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ dev: { contoso: "collected" } });
  });

  test("never forgets a tenant that was not removed", () => {
    const lock = JSON.stringify({ dev: { contoso: "collected" } });
    const folder = configFolder({
      "dev.json": environmentFile({ tenants: {} }),
      "tenants.lock.json": lock,
    });
    expect(() => lockTenants(folder, false)).toThrow(
      `${folder}/dev.json: tenants.contoso must stay with "state": "removed" until its stack is destroyed, got nothing; put it back so, run npm run config:lock and npx cdktf destroy dev-contoso, or if it was never deployed take it out of ${folder}/tenants.lock.json`,
    );
    expect(readFileSync(`${folder}/tenants.lock.json`, "utf8")).toBe(lock);
  });
});
