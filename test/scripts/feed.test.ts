import { spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startProxy, type HttpsProxy } from "../../local/proxy.ts";
import type { Service } from "../../local/service.ts";
import { copyProject } from "../../scripts/copy-project.ts";
import { checkProxy, parseFeedArguments } from "../../scripts/feed.ts";
import { environmentFile, tenantFile } from "../config/environment-files.ts";
import {
  devEnvironment,
  homeTenantId,
  localFeed,
  operatorId,
  operatorSecret,
} from "../feed/local-feed.ts";

describe("parseFeedArguments", () => {
  const environments = [
    devEnvironment(
      {},
      { tenants: { contoso: tenantFile(), gone: tenantFile({ state: "removed" }) } },
    ),
  ];
  const parse = (...args: string[]) => parseFeedArguments(args, environments);

  test("takes every tenant that is collected, and does everything at once", () => {
    expect(parse("start", "--environment", "dev")).toEqual({
      command: "start",
      environment: environments[0],
      tenants: ["contoso"],
      dryRun: false,
      json: false,
      wait: false,
      again: false,
      stacks: path.join("cdktf.out", "stacks"),
    });
  });

  test("refuses an environment that collects nothing, which would look like success", () => {
    const gone = { tenants: { gone: tenantFile({ state: "removed" }) } };
    expect(() =>
      parseFeedArguments(["status", "--environment", "dev"], [devEnvironment({}, gone)]),
    ).toThrow(
      "environment must collect a tenant, got dev, whose tenants are all removed: set the state of one to collected",
    );
  });

  test("takes one tenant and what is asked for", () => {
    expect(
      parse(
        "stop",
        "--environment=dev",
        "--tenant",
        "contoso",
        "--dry-run",
        "--json",
        "--wait",
        "--again",
      ),
    ).toMatchObject({
      command: "stop",
      tenants: ["contoso"],
      dryRun: true,
      json: true,
      wait: true,
      again: true,
    });
  });

  test.each([
    [[], "command must be one of start, stop, status, replay, rotate, revoke, got nothing"],
    [["begin"], "command must be one of start, stop, status, replay, rotate, revoke, got begin"],
    [
      ["start", "stop"],
      "command must be one of start, stop, status, replay, rotate, revoke, got start stop",
    ],
    [["start"], "--environment must be one of dev, got nothing"],
    [["start", "--environment", "prod"], "--environment must be one of dev, got prod"],
    [
      ["start", "--environment", "dev", "--tenant", "gone"],
      "--tenant must be one of contoso, got gone",
    ],
  ])("refuses %j", (args, sentence) => {
    expect(() => parse(...args)).toThrow(sentence);
  });

  test("refuses what it does not know", () => {
    expect(() => parse("start", "--force")).toThrow(
      "option must be one of --environment, --tenant, --dry-run, --json, --wait, --again, --stacks, got --force",
    );
  });
});

describe("checkProxy", () => {
  test.each(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])(
    "wants an address in %s",
    (name) => {
      expect(() => checkProxy({ [name]: "planted.example.org:8080" })).toThrow(
        new RegExp(`^${name} must be an address such as http://proxy\\.example\\.org:8080$`),
      );
      checkProxy({ [name]: "http://user:password@proxy.example.org:8080" });
      checkProxy({ [name]: "" });
    },
  );
});

describe("npm run feed", () => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "feed-")));
  const local = localFeed({ consent: "by-administrator" }, {}, new Date());
  let proxy: HttpsProxy;

  beforeAll(async () => {
    const tenants = {
      contoso: tenantFile({ consent: "by-administrator" }),
      adrift: tenantFile({ tenantId: "00000000-0000-4000-8000-0000000000ff" }),
    };
    copyProject(folder);
    const files = {
      "dev.json": environmentFile({ tenants }),
      "prod.json": environmentFile({ tenants: {} }),
      "test.json": environmentFile({ tenants: {} }),
      "tenants.lock.json": { dev: { contoso: "collected", adrift: "collected" } },
    };
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(path.join(folder, "config", name), JSON.stringify(content));
    }
    const refusing: Service = {
      serves: (host) => host.includes("adrift"),
      handle: async () => Response.json({ error: { code: "Forbidden" } }, { status: 403 }),
    };
    proxy = await startProxy([...local.services, refusing]);
  });
  afterAll(async () => {
    await proxy.close();
    rmSync(folder, { recursive: true });
  });

  const script = path.join(folder, "scripts/feed.ts");
  const tsx = import.meta.resolve("tsx");

  /** Runs the script as a user does, in an environment made from nothing. */
  async function feed(args: string, variables: Record<string, string> = {}) {
    const child = spawn(process.execPath, ["--import", tsx, script, ...args.split(" ")], {
      cwd: tmpdir(),
      env: {
        ...proxy.environment(),
        TMPDIR: tmpdir(), // where tsx keeps what it compiled
        AZURE_TENANT_ID: homeTenantId,
        AZURE_CLIENT_ID: operatorId,
        AZURE_CLIENT_SECRET: operatorSecret,
        ...variables,
      },
    });
    const printed = { stdout: "", stderr: "" };
    child.stdout.on("data", (data: Buffer) => (printed.stdout += data.toString()));
    child.stderr.on("data", (data: Buffer) => (printed.stderr += data.toString()));
    const code = await new Promise((ended) => child.on("close", ended));
    const all = printed.stdout + printed.stderr;
    expect(all).not.toMatch(/planted|eyJ|^\s+at /m);
    return { ...printed, code };
  }

  test("starts, tells how things stand, and stops", async () => {
    const seconds = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/;
    const started = await feed("start --environment dev --tenant contoso");
    expect(started.stderr).toBe("");
    expect(started.stdout.replace(seconds, "TIME")).toBe(
      "contoso Audit.General: is collected from TIME\ncontoso Audit.General: turned on\n",
    );
    expect(started.code).toBe(0);
    expect(await local.isOn("Audit.General")).toBe(true);
    expect(await local.checkpoint()).toMatchObject({
      paused: false,
      contentTypes: { "Audit.General": { collectFrom: seconds.exec(started.stdout)![0] } },
    });

    const status = await feed("status --environment dev --tenant contoso --json");
    expect(status.stderr).toBe("");
    expect(JSON.parse(status.stdout)).toMatchObject({
      command: "status",
      environment: "dev",
      dryRun: false,
      results: [
        { paused: false },
        { secretExpires: expect.any(String) as string },
        { consent: { granted: true } },
        { contentType: "Audit.General", subscription: "on" },
      ],
      problems: [],
    });

    const stopped = await feed("stop --environment dev --tenant contoso");
    expect(stopped).toEqual({
      stdout: "contoso: paused\ncontoso Audit.General: turned off\n",
      stderr: "",
      code: 0,
    });

    const again = await feed("start --environment dev --tenant contoso");
    expect(again).toEqual({
      stdout: "contoso: stays paused until a subscription is on\n",
      stderr:
        "contoso Audit.General: the API takes one start in 15 minutes: repeat the command in 15m, or with --wait\n",
      code: 1,
    });
  });

  test("goes on with the next tenant, and ends with 1", async () => {
    const { stdout, stderr, code } = await feed("status --environment dev");
    expect(stdout).toMatch(/^contoso Audit.General: off, collected through /m);
    expect(stderr).toMatch(
      /^adrift: you may not use the checkpoint in st\S+: .*\nadrift: you may not read secrets of kv-\S+: .*\n$/,
    );
    expect(code).toBe(1);
  });

  test("says how to sign in", async () => {
    expect(
      await feed("status --environment dev --tenant contoso", { AZURE_CLIENT_SECRET: "" }),
    ).toMatchObject({
      stderr: `contoso: nobody is signed in: run az login --tenant ${homeTenantId}, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and either AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE\n`,
      code: 1,
    });
  });

  test("says that the proxy does not answer, without its password", async () => {
    const { stderr, code } = await feed("stop --environment dev --tenant contoso", {
      HTTPS_PROXY: "http://user:planted@127.0.0.1:1",
    });
    expect(stderr).toBe(
      "contoso: login.microsoftonline.com cannot be reached, because the proxy 127.0.0.1:1 does not answer (ECONNREFUSED): check HTTPS_PROXY\n",
    );
    expect(code).toBe(1);
  });

  test("ends with 2 on wrong arguments", async () => {
    expect(await feed("start --environment uat")).toEqual({
      stdout: "",
      stderr:
        "--environment must be one of dev, prod, test, got uat; npm run feed -- --help tells what it takes\n",
      code: 2,
    });
  });
});
