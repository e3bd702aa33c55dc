import { parse } from "lossless-json";
import { z } from "zod";
import { providerVersions } from "../config/providers.ts";

/** Providers that stacks may use, as Terraform names their source. */
export const allowedProviders: readonly string[] = Object.keys(providerVersions);

/** Arguments of each place that state may be kept in; others could send a sign-in elsewhere. */
const allowedBackends: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "azurerm",
    [
      ...["container_name", "environment", "key", "storage_account_name", "tenant_id"],
      "use_azuread_auth",
    ],
  ],
  ["local", ["path"]],
]);

/** Arguments of each provider; others could send a sign-in elsewhere. */
const allowedArguments: ReadonlyMap<string, readonly string[]> = new Map([
  ["azuread", ["environment", "tenant_id"]],
  [
    "azurerm",
    [
      ...["environment", "features", "storage_use_azuread", "subscription_id", "tenant_id"],
      ...["resource_provider_registrations", "resource_providers_to_register"],
    ],
  ],
]);

const allowedSettings = ["backend", "required_providers", "required_version"];

/** All that these stacks read; other data sources run programs or ask hosts of somebody's choice. */
const allowedData = [
  ...["azuread_client_config", "azuread_service_principal", "azurerm_client_config"],
];

/**
 * Functions that show a secret, or what lies on the machine that plans. Their names alone, since a comment
 * may be between a name and its parenthesis.
 */
const refusedFunctions =
  /\b(nonsensitive|file|filebase64|fileset|fileexists|file(?:base64)?(?:md5|sha1|sha256|sha512)|templatefile|templatestring|abspath|pathexpand|provider(?=::))\b/;

const blocks = z.record(z.string(), z.record(z.string(), z.unknown()));

const stackSchema = z.looseObject({
  terraform: z.looseObject({
    backend: z.record(z.string(), z.unknown()).default({}),
    required_providers: z.record(z.string(), z.looseObject({ source: z.string() })).default({}),
  }),
  provider: z.record(z.string(), z.unknown()).default({}),
  resource: blocks.default({}),
  data: blocks.default({}),
  removed: z.unknown().optional(),
});

/** Blocks that a stack has; any other may bring in what is not looked at here. */
const allowedBlocks = [
  ...["//", "terraform", "provider", "resource", "data", "locals", "output", "removed"],
];

/**
 * Why a synthesized stack must not be planned by whoever may read the cloud: a plan runs what it is
 * made of, and a pull request may have written it. Empty when nothing is against it.
 */
export function policyProblems(stack: string, text: string): string[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return [`${stack}: must be JSON as synthesis writes it`];
  }
  if (hasRepeatedKeys(text)) {
    return [
      `${stack}: must have each key once: of a repeated one Terraform reads both, and only the last is looked at here`,
    ];
  }
  if (keysIn(content).includes("__proto__")) {
    return [`${stack}: must have no key __proto__, which not everything that reads JSON sees`];
  }
  const { data, error } = stackSchema.safeParse(content);
  if (!data) {
    const [{ path, message }] = error.issues as [z.core.$ZodIssue];
    return [`${stack}: must be a stack as synthesis writes it: ${path.join(".")}: ${message}`];
  }
  const { terraform, provider, resource, removed, data: sources } = data;
  const providers = Object.entries(terraform.required_providers);
  const names = new Set(providers.map(([name]) => name));
  const used = [
    ...Object.keys(provider),
    ...[...Object.keys(resource), ...Object.keys(sources)].map((type) => type.split("_")[0]!),
  ];
  return [
    ...Object.keys(data)
      .filter((key) => !allowedBlocks.includes(key))
      .map((key) => `must have no block ${key}`),
    ...others(Object.keys(terraform), allowedSettings).map(
      (name) => `must set nothing of Terraform but ${allowedSettings.join(", ")}, got ${name}`,
    ),
    ...Object.entries(terraform.backend).flatMap(([name, settings]) => {
      const allowed = allowedBackends.get(name);
      return allowed
        ? others(namesIn(settings), allowed).map((key) => `must keep its state without ${key}`)
        : [`must keep its state in ${[...allowedBackends.keys()].join(" or ")}, got ${name}`];
    }),
    ...Object.entries(provider).flatMap(([name, settings]) =>
      others(namesIn(settings), allowedArguments.get(name) ?? []).map(
        (key) => `must set no ${key} of the provider ${name}`,
      ),
    ),
    ...providers
      .filter(([, { source }]) => !allowedProviders.includes(source))
      .map(
        ([, { source }]) =>
          `must use no provider but ${allowedProviders.join(" and ")}, got ${source}`,
      ),
    ...[...new Set(used)]
      .filter((name) => !names.has(name))
      .map((name) => `must declare the provider of everything, got none for ${name}`),
    ...Object.entries(resource).flatMap(([type, resources]) =>
      Object.entries(resources)
        .filter(([, block]) => hasProvisioner(block))
        .map(([name]) => `must run no provisioner, got one in ${type}.${name}`),
    ),
    ...(hasProvisioner(removed) ? ["must run no provisioner, got one in removed"] : []),
    ...others(Object.keys(sources), allowedData).map((type) => `must read no data of type ${type}`),
    ...[...new Set(functionsIn(data))].map((name) => `must not use the function ${name}`),
  ].map((problem) => `${stack}: ${problem}`);
}

const others = (names: readonly string[], allowed: readonly string[]) =>
  names.filter((name) => !allowed.includes(name));

/** The names of a block's arguments, which may be written as a list of blocks. */
const namesIn = (block: unknown): string[] =>
  Array.isArray(block)
    ? block.flatMap(namesIn)
    : typeof block === "object" && block !== null
      ? Object.keys(block)
      : [];

/** The keys of all objects in a value. */
const keysIn = (value: unknown): string[] =>
  typeof value === "object" && value !== null
    ? [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(keysIn)]
    : [];

const hasProvisioner = (block: unknown) =>
  namesIn(block).some((name) => name === "provisioner" || name === "connection");

/** Whether any object has a key twice, with different values. */
function hasRepeatedKeys(text: string): boolean {
  try {
    parse(text);
    return false;
  } catch {
    return true;
  }
}

/** The refused functions that any text calls which is a template of Terraform's. */
function functionsIn(value: unknown): string[] {
  if (typeof value === "string") {
    // Doubled, it is no template.
    const isTemplate = /(?<!\$)\$\{|(?<!%)%\{/.test(value);
    const [, name] = (isTemplate && refusedFunctions.exec(value)) || [];
    return name === undefined ? [] : [name];
  }
  return typeof value === "object" && value !== null
    ? // Keys are templates as well.
      Object.entries(value).flat().flatMap(functionsIn)
    : [];
}
