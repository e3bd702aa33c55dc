import { describe, expect, test } from "vitest";
import { clientSecretName } from "../../config/names.ts";
import { FeedReport } from "../../feed/feed-report.ts";
import { feedCommands, runFeed } from "../../feed/run-feed.ts";
import { clientSecret, localFeed, refusal } from "./local-feed.ts";

type LocalFeed = ReturnType<typeof localFeed>;

const planted = `planted and ${clientSecret}`;

/** What a service that says too much answers: the text of whatever it was sent. */
async function echo(request: Request): Promise<string> {
  const sent = `${request.headers.get("authorization")} ${await request.clone().text()}`;
  return `${planted} ${sent}`;
}

const xml = (code: string, message: string) =>
  `<Error><Code>${code}</Code><Message>${message.replaceAll(/[<&]/g, "")}</Message></Error>`;

/** Faults of the services, each of which repeats secrets. */
const faults: Record<string, (local: LocalFeed) => void> = {
  "no fault": () => undefined,
  "audit API: code and text": (local) => {
    local.feed.before = async (request) => refusal(400, clientSecret, await echo(request));
  },
  "audit API: known code": (local) => {
    local.feed.before = async (request) => refusal(401, "AF10001", await echo(request));
  },
  "audit API: auditing off": (local) => {
    local.feed.before = async ({ url }) =>
      url.includes("/start")
        ? refusal(400, `StartSubscription [${planted}`, `Tenant ${clientSecret} does not exist.`)
        : undefined;
  },
  "audit API: cool-down": (local) => {
    local.feed.before = async ({ url }) =>
      url.includes("/start") ? refusal(403, "429", `${planted} 8m 46s`) : undefined;
  },
  "audit API: rejected token": (local) => {
    local.feed.before = async (request) =>
      Response.json({ Message: await echo(request) }, { status: 401 });
  },
  "audit API: page of a proxy": (local) => {
    local.feed.before = async (request) => new Response(await echo(request));
  },
  "audit API: names of content types": (local) => {
    local.feed.before = async ({ url }) =>
      url.includes("/list")
        ? Response.json([{ contentType: "Audit.General", status: "enabled", note: planted }])
        : undefined;
  },
  "audit API: lost": (local) => {
    local.feed.before = async (request) => {
      throw new Error(await echo(request));
    };
  },
  "vault: refused": (local) => {
    local.vault.before = async (request) =>
      request.headers.has("authorization")
        ? Response.json(
            {
              error: {
                code: clientSecret,
                message: await echo(request),
                innererror: { code: planted },
              },
            },
            { status: 403 },
          )
        : undefined;
  },
  "vault: unreadable": (local) => {
    local.vault.before = async (request) => new Response(await echo(request), { status: 502 });
  },
  "vault: tag": (local) => {
    local.vault.setSecret(clientSecretName, { value: clientSecret, tags: { clientId: planted } });
  },
  "storage: refused": (local) => {
    local.storage.before = async (request) =>
      new Response(xml(clientSecret, await echo(request)), {
        status: 403,
        headers: { "content-type": "application/xml", "x-ms-error-code": clientSecret },
      });
  },
  "storage: unreadable": (local) => {
    local.storage.before = async (request) => new Response(await echo(request), { status: 400 });
  },
  "storage: checkpoint": (local) => {
    local.storage.before = async () => Response.json({ version: planted });
  },
  "sign-in: known code": (local) => {
    local.login.before = async (request) =>
      request.method === "POST"
        ? Response.json(
            { error: "invalid_client", error_description: `AADSTS7000215: ${await echo(request)}` },
            { status: 401 },
          )
        : undefined;
  },
  "sign-in: unknown code": (local) => {
    local.login.before = async (request) =>
      request.method === "POST"
        ? Response.json(
            { error: planted, error_description: `AADSTS12345: ${await echo(request)}` },
            { status: 400 },
          )
        : undefined;
  },
  "sign-in: no code": (local) => {
    local.login.before = async (request) => new Response(await echo(request), { status: 400 });
  },
};

describe.each(Object.entries(faults))("with %s", (_name, fault) => {
  test.each(feedCommands)("%s prints no secret", async (command) => {
    for (const json of [false, true]) {
      const local = localFeed({ consent: "by-administrator" });
      fault(local);
      const printed: string[] = [];
      const report = new FeedReport({
        json,
        print: (line) => printed.push(line),
        printError: (line) => printed.push(line),
      });
      await runFeed(command, [local.tenantFeed], { dryRun: false, wait: true }, report);
      report.end({ command });
      expect(printed).not.toEqual([]);
      expect(printed.join("\n")).not.toMatch(/planted|eyJ|Bearer/);
      expect(printed.join("\n")).not.toMatch(/^\s+at /m);
    }
  });
});
