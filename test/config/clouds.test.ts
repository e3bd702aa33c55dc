import { describe, expect, test } from "vitest";
import { azureClouds, m365Clouds } from "../../config/clouds.ts";

describe("clouds", () => {
  // https://learn.microsoft.com/office/office-365-management-api/troubleshooting-the-office-365-management-activity-api
  test.each([
    ["enterprise", "https://manage.office.com", "https://login.microsoftonline.com/"],
    ["gcc", "https://manage-gcc.office.com", "https://login.microsoftonline.com/"],
    ["gcc-high", "https://manage.office365.us", "https://login.microsoftonline.us/"],
    ["dod", "https://manage.protection.apps.mil", "https://login.microsoftonline.us/"],
  ] as const)("%s has its API, audience and login", (cloud, uri, loginAuthority) => {
    expect(m365Clouds[cloud]).toMatchObject({ feedUri: uri, feedAudience: uri, loginAuthority });
  });

  test("a tenant signs in where its Azure cloud signs in", () => {
    for (const cloud of Object.values(m365Clouds)) {
      expect(cloud.loginAuthority).toBe(azureClouds[cloud.azureCloud].loginAuthority);
    }
  });
});
