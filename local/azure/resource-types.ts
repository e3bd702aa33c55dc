import type { ResourceType } from "./resource-type.ts";
import { authorization } from "./types/authorization.ts";
import { deployments } from "./types/deployments.ts";
import { insights } from "./types/insights.ts";
import { keyVault } from "./types/key-vault.ts";
import { logic } from "./types/logic.ts";
import { userAssignedIdentities } from "./types/managed-identity.ts";
import { operationalInsights } from "./types/operational-insights.ts";
import { resourceGroups } from "./types/resource-groups.ts";
import { onboardingStates } from "./types/security-insights.ts";
import { storage } from "./types/storage.ts";

/** All types of resources that the local cloud has. */
export const resourceTypes: readonly ResourceType[] = [
  ...authorization,
  deployments,
  ...insights,
  ...keyVault,
  userAssignedIdentities,
  ...operationalInsights,
  resourceGroups,
  onboardingStates,
  ...storage,
  ...logic,
];
