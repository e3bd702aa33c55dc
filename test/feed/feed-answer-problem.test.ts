import { describe, expect, test } from "vitest";
import { feedAnswerProblem } from "../../feed/feed-answer-problem.ts";
import { feedTarget } from "../../feed/feed-target.ts";
import { clientId, devEnvironment, homeTenantId } from "./local-feed.ts";

const target = feedTarget(devEnvironment(), "contoso");

const told = (status: number, code?: string, message = "") =>
  feedAnswerProblem({ status, code, message }, target, clientId, "Audit.General");

const fault = "this is a fault of the command, please report it";

describe("feedAnswerProblem", () => {
  test.each([
    [
      "AF20001",
      `the API does not take the call, because a parameter is missing (AF20001): ${fault}`,
    ],
    [
      "AF20002",
      "a parameter has the wrong type (AF20002): check that publisherId of tenants.contoso is a GUID",
    ],
    [
      "AF20003",
      `the API does not take the call, because a webhook's expiration has passed (AF20003): ${fault}`,
    ],
    [
      "AF20010",
      `the application does not live in tenant ${homeTenantId} (AF20010): check tenants.contoso.tenantId, then run npm run deploy -- --environment dev --unreviewed`,
    ],
    [
      "AF20011",
      `tenant ${homeTenantId} is unknown or deleted (AF20011): check tenants.contoso.tenantId`,
    ],
    [
      "AF20012",
      `tenant ${homeTenantId} is set up wrongly on Microsoft's side (AF20012): open a support ticket with Microsoft`,
    ],
    [
      "AF20013",
      "the tenant id is not a GUID (AF20013): set tenants.contoso.tenantId to the id, not the domain",
    ],
    [
      "AF20020",
      "the content type is unknown in cloud enterprise (AF20020): check contentTypes of tenants.contoso",
    ],
    [
      "AF20021",
      `the API does not take the call, because a webhook could not be validated (AF20021): ${fault}`,
    ],
    [
      "AF20022",
      "the subscription is off (AF20022): run npm run feed -- start --environment dev --tenant contoso",
    ],
    [
      "AF20023",
      "the subscription is off (AF20023): run npm run feed -- start --environment dev --tenant contoso",
    ],
    ["AF20024", "the subscription is already on (AF20024): there is nothing to do"],
    ["AF20030", "the API does not take the time window (AF20030): check the clock of this machine"],
    [
      "AF20031",
      `the API does not take the call, because it does not know the page (AF20031): ${fault}`,
    ],
    ["AF20050", "the content does not exist (AF20050): leave it out"],
    [
      "AF20051",
      "the content has expired after seven days (AF20051): search the audit log in Purview for what it held",
    ],
    [
      "AF20052",
      `the API does not take the call, because a content id is malformed (AF20052): ${fault}`,
    ],
    [
      "AF20053",
      `the API does not take the call, because it names more than one language (AF20053): ${fault}`,
    ],
    [
      "AF20054",
      `the API does not take the call, because it names a language wrongly (AF20054): ${fault}`,
    ],
    ["AF20055", "the API does not take the time window (AF20055): check the clock of this machine"],
    [
      "AF429",
      `publisher ${homeTenantId} has made too many requests (AF429): repeat the command in a minute; if others use the same publisher id, set a publisherId of your own`,
    ],
    [
      "AF50000",
      "Microsoft's service has an internal error (AF50000): repeat the command in an hour",
    ],
    [
      "AF50005",
      "Microsoft's service has an internal error (AF50005): repeat the command in an hour",
    ],
    [
      "AF50006",
      "Microsoft's service has an internal error (AF50006): repeat the command in an hour",
    ],
  ])("%s", (code, sentence) => {
    expect(told(400, code)).toBe(sentence);
  });

  test("AF10001 names the missing permission and, by the configuration, who grants it", () => {
    expect(told(401, "AF10001")).toBe(
      `application ${clientId} is not granted the application permission ActivityFeed.Read of the Office 365 Management APIs (AF10001): run npm run deploy -- --environment dev --unreviewed; a grant can take some minutes until it is in force`,
    );
    const asked = feedTarget(devEnvironment({ consent: "by-administrator" }), "contoso");
    expect(
      feedAnswerProblem({ status: 401, code: "AF10001", message: "" }, asked, clientId, "DLP.All"),
    ).toBe(
      `application ${clientId} is not granted the application permission ActivityFeed.Read and ActivityFeed.ReadDlp of the Office 365 Management APIs (AF10001): npm run feed -- status --environment dev --tenant contoso prints the grant to ask for; a grant can take some minutes until it is in force`,
    );
  });

  test("a refusal of the tenant itself means that auditing is off", () => {
    expect(
      told(
        400,
        "StartSubscription [CorrId=1][TenantId=x][AppId",
        "Exception: Tenant x does not exist.",
      ),
    ).toBe(
      `unified auditing is off in tenant ${homeTenantId}, or not yet in effect (Tenant ... does not exist): run Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true in Exchange Online PowerShell, wait one to several hours and repeat the command`,
    );
  });

  test("a refused token means the audience of another cloud", () => {
    expect(told(401)).toBe(
      `the API rejects the token of application ${clientId} (HTTP 401): check that cloud of tenants.contoso is the tenant's, since each cloud has an audience of its own, here https://manage.office.com`,
    );
  });

  test.each([408, 500, 503])("a service that is down: %i", (status) => {
    expect(told(status)).toBe(
      `Microsoft's service is down for the moment (HTTP ${status}): repeat the command in some minutes`,
    );
  });

  test("too many requests without a code", () => {
    expect(told(429)).toBe("too many requests (HTTP 429): repeat the command in some minutes");
  });

  test("an unknown answer is told by its code, never by its text", () => {
    expect(told(418, "AF99999", "with free text")).toBe(
      "the API refused with an answer that this command does not know (HTTP 418 AF99999): repeat the command later; a proxy on the way may have answered in the API's place",
    );
    expect(told(418, "some~secret", "with free text")).toBe(
      "the API refused with an answer that this command does not know (HTTP 418): repeat the command later; a proxy on the way may have answered in the API's place",
    );
  });
});
