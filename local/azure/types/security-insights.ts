import type { ResourceType } from "../resource-type.ts";
import { workspaceAt } from "./operational-insights.ts";

/** Sentinel, switched on in a workspace: https://learn.microsoft.com/rest/api/securityinsights/sentinel-onboarding-states. */
export const onboardingStates: ResourceType = {
  name: "Microsoft.SecurityInsights/onboardingStates",
  created: 201,
  deleted: 200,
  put({ path, given, context }) {
    workspaceAt(context, path.parentId);
    return { properties: { customerManagedKey: false, ...(given["properties"] as object) } };
  },
};
