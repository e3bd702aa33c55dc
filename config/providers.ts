/**
 * Providers that the stacks use, as Terraform names their source, with their versions: a release between a
 * review and its deployment must not change the plan, and nothing new runs unseen with a sign-in.
 */
export const providerVersions = {
  // Key Vault retires the API of the bound version (4.55) in February 2027:
  // https://learn.microsoft.com/azure/key-vault/general/access-control-default
  "hashicorp/azurerm": "4.81.0",
  "hashicorp/azuread": "3.9.0",
} as const;

/**
 * Resource providers that the resources of all stacks belong to, in the spelling of the provider's
 * own list: another one is passed over without a word, and nothing is registered.
 *
 * @see https://github.com/hashicorp/terraform-provider-azurerm/blob/v4.81.0/internal/resourceproviders/required.go
 */
export const resourceProviders: readonly string[] = [
  "microsoft.insights",
  "Microsoft.KeyVault",
  "Microsoft.Logic",
  "Microsoft.ManagedIdentity",
  "Microsoft.OperationalInsights",
  "Microsoft.OperationsManagement",
  "Microsoft.SecurityInsights",
  "Microsoft.Storage",
];
