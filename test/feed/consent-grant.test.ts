import { describe, expect, test } from "vitest";
import { consentGrant } from "../../feed/consent-grant.ts";
import { feedTarget } from "../../feed/feed-target.ts";
import { clientId, devEnvironment } from "./local-feed.ts";

const grant = (tenant: Record<string, unknown>, application?: string) =>
  consentGrant(feedTarget(devEnvironment(tenant), "contoso"), application);

describe("consentGrant", () => {
  test("asks for ReadDlp only with DLP.All", () => {
    expect(grant({}).permissions.map(({ name }) => name)).toEqual(["ActivityFeed.Read"]);
    expect(grant({ contentTypes: ["Audit.General", "DLP.All"] }).permissions).toEqual([
      { name: "ActivityFeed.Read", id: "594c1fb6-4f81-4475-ae41-0c394909246c" },
      { name: "ActivityFeed.ReadDlp", id: "4807a72c-ad38-4250-94c9-4eabfe26cd55" },
    ]);
  });

  test("names the application when its id could not be read", () => {
    expect(grant({}).request).toMatch(
      / grants the application app-m365audit-dev-contoso the application permission .* under Enterprise applications, Permissions$/,
    );
    expect(grant({}).facts).toMatchObject({ clientId: null, consentUrl: null });
  });

  test("has no consent page for a managed identity", () => {
    const { request, facts } = grant({ credential: "managed-identity" }, clientId);
    expect(request).toMatch(
      / grants the managed identity id-m365audit-dev-contoso the application permission .* with New-MgServicePrincipalAppRoleAssignment, since a managed identity has no consent page$/,
    );
    expect(facts).toMatchObject({ grantee: "id-m365audit-dev-contoso", consentUrl: null });
  });

  test("consents where the tenant signs in", () => {
    const environment = devEnvironment(
      { cloud: "gcc-high" },
      { azureCloud: "usgovernment", location: "usgovvirginia" },
    );
    expect(consentGrant(feedTarget(environment, "contoso"), clientId).facts.consentUrl).toMatch(
      /^https:\/\/login\.microsoftonline\.us\//,
    );
  });
});
