import { describe, expect, test } from "vitest";
import { feedTarget } from "../../feed/feed-target.ts";
import { applicationSignInProblem, operatorSignInProblem } from "../../feed/sign-in-problem.ts";
import { clientId, devEnvironment, homeTenantId } from "./local-feed.ts";

const failure = (code: string) => new Error(`invalid_client: AADSTS${code}: with free text.`);
const target = feedTarget(devEnvironment(), "contoso");

describe("applicationSignInProblem", () => {
  const told = (error: Error) => applicationSignInProblem(error, target, clientId).message;

  test.each([
    [
      "700016",
      `application ${clientId} does not exist in tenant ${homeTenantId} (AADSTS700016): check tenants.contoso.tenantId, then run npm run deploy -- --environment dev --unreviewed`,
    ],
    [
      "7000229",
      `application ${clientId} has no service principal in tenant ${homeTenantId} (AADSTS7000229): run npm run deploy -- --environment dev --unreviewed`,
    ],
    [
      "7000112",
      `application ${clientId} is disabled (AADSTS7000112): an administrator of the tenant enables it under Enterprise applications`,
    ],
    [
      "90002",
      `tenant ${homeTenantId} does not exist in this cloud (AADSTS90002): check tenantId and cloud of tenants.contoso`,
    ],
    [
      "650051",
      `application ${clientId} asks for a permission that no longer exists, such as ActivityReports.Read (AADSTS650051): leave only ActivityFeed.Read among its API permissions`,
    ],
    [
      "650052",
      `tenant ${homeTenantId} has no subscription to the Office 365 Management APIs (AADSTS650052): assign a licence that includes Exchange Online there`,
    ],
    [
      "53003",
      `a Conditional Access policy blocks application ${clientId} (AADSTS53003): an administrator of the tenant exempts it`,
    ],
    [
      "12345",
      `application ${clientId} could not sign in (AADSTS12345): https://login.microsoftonline.com/error?code=12345 explains it`,
    ],
  ])("AADSTS%s", (code, sentence) => {
    expect(told(failure(code))).toBe(sentence);
  });

  test("an answer without a code", () => {
    expect(told(new Error("free text"))).toBe(
      `application ${clientId} could not sign in, and login.microsoftonline.com gave no reason: repeat the command`,
    );
  });
});

describe("operatorSignInProblem", () => {
  const told = (code: string) =>
    operatorSignInProblem(failure(code), "https://login.microsoftonline.com/", homeTenantId)
      .message;
  const again = `repeat az login --tenant ${homeTenantId}`;

  test.each([
    ["7000222", "AZURE_CLIENT_SECRET has expired (AADSTS7000222): create a new one and set it"],
    [
      "700024",
      "the token in AZURE_FEDERATED_TOKEN_FILE has expired (AADSTS700024): write a new one",
    ],
    [
      "70021",
      "no federated credential of AZURE_CLIENT_ID fits the token in AZURE_FEDERATED_TOKEN_FILE (AADSTS70021): check its issuer and subject",
    ],
    [
      "7000112",
      "the application AZURE_CLIENT_ID is disabled (AADSTS7000112): let an administrator enable it",
    ],
    [
      "50020",
      `the account is not one of tenant ${homeTenantId} (AADSTS50020): sign in with az login --tenant ${homeTenantId}`,
    ],
    ["50076", `the sign-in needs multi-factor authentication (AADSTS50076): ${again}`],
    ["50079", `the sign-in needs multi-factor authentication (AADSTS50079): ${again}`],
    ["50173", `the sign-in has expired (AADSTS50173): ${again}`],
    ["70043", `the sign-in has expired (AADSTS70043): ${again}`],
    ["700082", `the sign-in has expired (AADSTS700082): ${again}`],
    [
      "53003",
      "a Conditional Access policy blocks the sign-in (AADSTS53003): use an account or a device that it allows",
    ],
    [
      "12345",
      "you could not be signed in (AADSTS12345): https://login.microsoftonline.com/error?code=12345 explains it",
    ],
  ])("AADSTS%s", (code, sentence) => {
    expect(told(code)).toBe(sentence);
  });
});
