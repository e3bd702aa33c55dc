/** Providers that the stacks use, as Terraform names their source, with the versions that they ask for. */
export const providerVersions = {
  // Key Vault retires the API of the bound version (4.55) in February 2027:
  // https://learn.microsoft.com/azure/key-vault/general/access-control-default
  "hashicorp/azurerm": "~> 4.81",
  "hashicorp/azuread": "~> 3.9",
} as const;
