import { AppRoleAssignment } from "@cdktf/provider-azuread/lib/app-role-assignment/index.js";
import { Application } from "@cdktf/provider-azuread/lib/application/index.js";
import { ServicePrincipal } from "@cdktf/provider-azuread/lib/service-principal/index.js";
import { describe, expect, test } from "vitest";
import { FeedApplication } from "../../constructs/feed-application.ts";
import { FeedPermissions } from "../../constructs/feed-permissions.ts";
import { all, only, synth } from "../synth.ts";

const synthApplication = (contentTypes = ["Audit.General"], consent?: boolean) =>
  synth((stack) => {
    new FeedApplication(stack, "application", {
      name: "app",
      permissions: new FeedPermissions(stack, "permissions", { contentTypes }),
      consent,
    });
  });
const roleId = (name: string) =>
  `\${data.azuread_service_principal.permissions_api_458D5922.app_role_ids["${name}"]}`;

describe("FeedApplication", () => {
  test("is in one tenant, and owned by whoever deploys it", () => {
    const synthesized = synthApplication();
    const owners = [
      "${data.azuread_client_config.application_deployer_38DDCBA4.object_id}",
    ] as const;
    expect(only(synthesized, Application)).toMatchObject({
      display_name: "app",
      sign_in_audience: "AzureADMyOrg",
      owners,
    });
    expect(only(synthesized, ServicePrincipal)).toMatchObject({
      client_id: expect.stringMatching(/^\$\{azuread_application\.\w+\.client_id\}$/) as string,
      owners,
    });
  });

  test("keeps its owners whoever plans", () => {
    for (const type of [Application, ServicePrincipal]) {
      expect(only(synthApplication(), type).lifecycle).toEqual({ ignore_changes: ["owners"] });
    }
  });

  test.each([
    [["Audit.General"], ["ActivityFeed.Read"]],
    [["Audit.General", "Audit.Exchange"], ["ActivityFeed.Read"]],
    [["DLP.All"], ["ActivityFeed.Read", "ActivityFeed.ReadDlp"]],
  ])("asks for what %s needs and nothing else", (contentTypes, names) => {
    const application = only(synthApplication(contentTypes), Application);
    expect(application.required_resource_access).toEqual([
      {
        resource_app_id: "c5393580-f805-4401-95e8-94b7a6ef2fc2",
        resource_access: names.map((name) => ({ id: roleId(name), type: "Role" })),
      },
    ]);
  });

  test("is not granted anything unless told so", () => {
    expect(all(synthApplication(), AppRoleAssignment)).toEqual([]);
    expect(only(synthApplication(undefined, true), AppRoleAssignment)).toMatchObject({
      app_role_id: roleId("ActivityFeed.Read"),
      principal_object_id: expect.stringMatching(
        /^\$\{azuread_service_principal\.[\w-]+\.object_id\}$/,
      ) as string,
      resource_object_id: "${data.azuread_service_principal.permissions_api_458D5922.object_id}",
    });
    expect(all(synthApplication(["DLP.All"], true), AppRoleAssignment)).toHaveLength(2);
  });

  test("never owns Microsoft's own principal, which a destroy would delete", () => {
    const synthesized = synthApplication();
    expect(synthesized.data?.azuread_service_principal).toMatchObject({
      permissions_api_458D5922: { client_id: "c5393580-f805-4401-95e8-94b7a6ef2fc2" },
    });
    expect(JSON.stringify(synthesized)).not.toContain("use_existing");
  });
});
