import { describe, expect, test } from "vitest";
import { FeedProblem } from "../../feed/feed-problem.ts";
import { FeedReport } from "../../feed/feed-report.ts";
import { feedCommands, runFeed } from "../../feed/run-feed.ts";
import { connectTenantFeed } from "../../feed/tenant-feed.ts";
import { localFeed } from "./local-feed.ts";

const options = { dryRun: false, wait: false };

describe("runFeed", () => {
  test("goes on with the next tenant when one fails", async () => {
    const broken = localFeed();
    broken.directory.removeRole(broken.roles.vault);
    const local = localFeed();
    await runFeed("start", [broken.tenantFeed, local.tenantFeed], options, local.report);
    expect(local.errors).toEqual([
      expect.stringMatching(/^contoso: you may not read secrets of kv-dev-contoso-/),
    ]);
    expect(local.output.at(-1)).toBe("contoso Audit.General: turned on");
  });

  test("tells no text of an error that it does not know", async () => {
    const local = localFeed();
    const signIn = () => Promise.reject(new TypeError("planted~secret"));
    await runFeed("start", [{ ...local.tenantFeed, signIn }], options, local.report);
    expect(local.lines()).toEqual([
      "contoso: the command failed in a way that it does not know (TypeError): please report it; AZURE_LOG_LEVEL=verbose shows the calls",
    ]);
  });

  test.each(feedCommands)(
    "%s tells alone that nobody is signed in, even offline",
    async (command) => {
      const local = localFeed();
      local.vault.before = local.storage.before = async ({ url }) => {
        const message = `getaddrinfo ENOTFOUND ${new URL(url).hostname}`;
        throw Object.assign(new Error(message), { code: "ENOTFOUND" });
      };
      const nobody = { getToken: () => Promise.reject(new FeedProblem("nobody is signed in")) };
      const feed = connectTenantFeed(local.target, nobody, local.options);
      await runFeed(command, [feed], options, local.report);
      expect(local.errors).toEqual(["contoso: nobody is signed in"]);
    },
  );

  test("does what each command says", async () => {
    const local = localFeed();
    await runFeed("start", [local.tenantFeed], options, local.report);
    expect(await local.isOn("Audit.General")).toBe(true);
    await runFeed("status", [local.tenantFeed], options, local.report);
    expect(local.lines().at(-1)).toMatch(/^contoso Audit.General: on, collected through /);
    await runFeed("stop", [local.tenantFeed], options, local.report);
    expect(await local.isOn("Audit.General")).toBe(false);
  });
});

test("signs in and calls in the clouds of the tenant", async () => {
  const local = localFeed(
    { cloud: "gcc-high", tenantId: "00000000-0000-4000-8000-00000000000b" },
    { azureCloud: "usgovernment", location: "usgovvirginia" },
  );
  const hosts = new Set<string>();
  const note = async ({ url }: Request) => {
    hosts.add(new URL(url).hostname.replace(/^(kv|st).*?\./, "$1."));
    return undefined;
  };
  local.feed.before = local.vault.before = local.storage.before = local.login.before = note;
  await runFeed("start", [local.tenantFeed], options, local.report);
  expect(local.lines().at(-1)).toBe("contoso Audit.General: turned on");
  expect([...hosts].sort()).toEqual([
    "kv.vault.usgovcloudapi.net",
    "login.microsoftonline.us",
    "manage.office365.us",
    "st.blob.core.usgovcloudapi.net",
  ]);
});

describe("FeedReport", () => {
  test("prints one object with --json, and problems on stderr all the same", () => {
    const output: string[] = [];
    const errors: string[] = [];
    const report = new FeedReport({
      json: true,
      print: (line) => output.push(line),
      printError: (line) => errors.push(line),
    });
    report.result({ tenant: "contoso" }, "paused", { paused: true });
    report.problem({ tenant: "contoso", contentType: "DLP.All" }, "no");
    report.problem({ tenant: "contoso", contentType: "DLP.All" }, "no");
    expect(output).toEqual([]);
    report.end({ command: "status" });
    expect(errors).toEqual(["contoso DLP.All: no"]);
    expect(output.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        command: "status",
        results: [{ tenant: "contoso", result: "paused", paused: true }],
        problems: [{ tenant: "contoso", contentType: "DLP.All", problem: "no" }],
      },
    ]);
  });
});
