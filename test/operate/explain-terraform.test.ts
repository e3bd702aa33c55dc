import { describe, expect, test } from "vitest";
import { explainTerraform } from "../../operate/explain-terraform.ts";
import { TerraformError, type Diagnostic } from "../../plan/terraform.ts";
import { devEnvironment } from "../feed/local-feed.ts";

const environment = devEnvironment();

const explain = (stack: string, ...diagnostics: Omit<Diagnostic, "severity">[]) =>
  explainTerraform(
    environment,
    stack,
    new TerraformError(
      "apply",
      diagnostics.map((each) => ({ severity: "error", ...each })),
    ),
  );

const ofTenant = (detail: string, address?: string) =>
  explain("dev-contoso", { summary: "it failed", detail, ...(address && { address }) });

describe("explainTerraform", () => {
  test("says which administrator has to consent to what", () => {
    const said = ofTenant(
      "unexpected status 403 with error: Authorization_RequestDenied: Insufficient privileges to complete the operation.",
      "azuread_app_role_assignment.one",
    );
    expect(said).toMatch(
      /^the deployer may not consent: an Application Administrator, .* of tenant contoso\.example\.org \(.*\) grants the application app-m365audit-dev-contoso the application permission ActivityFeed\.Read /,
    );
    expect(said).toContain('"consent": "by-administrator" in tenants.contoso');
    expect(ofTenant("Authorization_RequestDenied", "azuread_application.one")).toMatch(
      /^the deployer may not do this in tenant contoso\.example\.org/,
    );
  });

  test.each([
    ["Error: No service principal found", /has no service principal of the Office 365 Management/],
    [
      "ConflictError: A vault with the same name already exists in deleted state.",
      /^the name kv-dev-contoso-\w+ belongs to a deleted vault: purge it with az keyvault purge --name kv-/,
    ],
    ["the workspace name 'log-x' is taken by a deleted workspace", /^the name log-x belongs to/],
    ["Caller is not authorized to perform action on resource.", /a new role can take ten minutes/],
    [
      "Error acquiring the state lock: state blob is already locked Lock Info: ID: 6d1f2ac1-9e2b-4f2e-8b2f-0c1f8f8f8f8f Path: tfstate/x",
      /^the state of dev-contoso is locked, .* run terraform -chdir=cdktf\.out\/stacks\/dev-contoso force-unlock 6d1f2ac1-9e2b-4f2e-8b2f-0c1f8f8f8f8f$/,
    ],
    ["AnotherOperationInProgress", /^another operation goes on at a resource: run the same again/],
    ["StorageAccountQuotaExceeded: no room", /^the quota of the region .* \(StorageAccountQuota/],
    [
      "does not have authorization to perform action 'Microsoft.Logic/register/action' over",
      /az provider register --namespace Microsoft\.Logic$/,
    ],
    [
      "The subscription is not registered to use namespace 'Microsoft.KeyVault'.",
      /az provider register --namespace Microsoft\.KeyVault$/,
    ],
    ["SubscriptionNotFound", /^subscriptionId must be that of a subscription that the deployer/],
    ["AADSTS90002: Tenant not found", /^homeTenantId.* must be the tenant of subscription/],
    [
      "Timed out whilst waiting for new service principal to be replicated in Azure AD",
      /^Entra ID has not replicated an object yet: run the same again/,
    ],
  ])("knows %s", (detail, sentence) => {
    expect(ofTenant(detail)).toMatch(sentence);
  });

  test("leaves what it does not know in Terraform's words", () => {
    expect(ofTenant("nobody knows")).toBe("terraform apply failed: it failed: nobody knows");
    expect(explainTerraform(environment, "dev-contoso", new Error("no program"))).toBe(
      "no program",
    );
    // What is wrong in a tenant cannot be wrong in the workspace.
    expect(explain("dev-workspace", { summary: "No service principal found", detail: "" })).toBe(
      "terraform apply failed: No service principal found",
    );
  });

  test("says each thing once, beside what it does not know", () => {
    const busy = { summary: "AnotherOperationInProgress", detail: "" };
    const said = explain("dev-workspace", busy, busy, { summary: "what is this", detail: "" });
    expect(said).toBe(
      "another operation goes on at a resource: run the same again in a few minutes; what is this",
    );
  });
});
