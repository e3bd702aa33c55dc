import { z } from "zod";
import { providerVersions } from "../config/providers.ts";

/** Providers that stacks may use, as Terraform names their source. */
export const allowedProviders: readonly string[] = Object.keys(providerVersions);

const allowedBackends = ["azurerm", "local"];

/** Data sources that run programs or ask hosts of somebody's choice. */
const refusedData = ["external", "http", "local_file", "local_sensitive_file"];

const blocks = z.record(z.string(), z.record(z.string(), z.unknown()));

const stackSchema = z.looseObject({
  terraform: z.looseObject({
    backend: z.record(z.string(), z.unknown()).default({}),
    required_providers: z.record(z.string(), z.looseObject({ source: z.string() })).default({}),
  }),
  provider: z.record(z.string(), z.unknown()).default({}),
  resource: blocks.default({}),
  data: blocks.default({}),
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
  const { data, error } = stackSchema.safeParse(content);
  if (!data) {
    const [{ path, message }] = error.issues as [z.core.$ZodIssue];
    return [`${stack}: must be a stack as synthesis writes it: ${path.join(".")}: ${message}`];
  }
  const { terraform, provider, resource, data: sources } = data;
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
    ...Object.keys(terraform.backend)
      .filter((name) => !allowedBackends.includes(name))
      .map((name) => `must keep its state in ${allowedBackends.join(" or ")}, got ${name}`),
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
    ...Object.keys(sources)
      .filter((type) => refusedData.includes(type))
      .map((type) => `must read no data of type ${type}`),
  ].map((problem) => `${stack}: ${problem}`);
}

const hasProvisioner = (block: unknown) =>
  typeof block === "object" && block !== null && ("provisioner" in block || "connection" in block);
