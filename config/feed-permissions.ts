/**
 * The Office 365 Management APIs and their permissions, by the ids that they have in every tenant.
 *
 * @see https://github.com/pnp/powershell/blob/9975d290dce42ca3f744afb3a7cd959303c6a77b/src/Commands/Resources/O365ManagementPermissions.json
 */
export const feedApplication = {
  name: "Office 365 Management APIs",
  clientId: "c5393580-f805-4401-95e8-94b7a6ef2fc2",
} as const;

/** An application permission of the Office 365 Management APIs. */
export interface FeedPermission {
  readonly name: string;
  readonly id: string;
}

const read = { name: "ActivityFeed.Read", id: "594c1fb6-4f81-4475-ae41-0c394909246c" };
const readDlp = { name: "ActivityFeed.ReadDlp", id: "4807a72c-ad38-4250-94c9-4eabfe26cd55" };

/** What a collector of these content types must be permitted. */
export function neededPermissions(contentTypes: readonly string[]): readonly FeedPermission[] {
  return contentTypes.includes("DLP.All") ? [read, readDlp] : [read];
}
