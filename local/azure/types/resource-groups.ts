import type { ResourceType } from "../resource-type.ts";

/** Resource groups: https://learn.microsoft.com/rest/api/resources/resource-groups. */
export const resourceGroups: ResourceType = {
  name: "Microsoft.Resources/resourceGroups",
  created: 201,
  deleted: 202,
  put: ({ given }) => ({ ...given, properties: { provisioningState: "Succeeded" } }),
};
