import { z } from "zod";

const node = z.record(z.string(), z.unknown());

const templateSchema = z.looseObject({
  resources: z.array(z.looseObject({ type: z.string(), properties: node.default({}) })).default([]),
});

type Definition = Readonly<Record<string, unknown>>;

/** A template of Resource Manager, as far as it is read here. */
export type Template = z.output<typeof templateSchema>;

/** The type of a playbook. */
export const workflowType = "Microsoft.Logic/workflows";

/**
 * The template in the attributes of a deployment; undefined when there is none that can be read.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax
 */
export function templateIn(attributes: unknown): Template | undefined {
  const { data } = z.object({ template_content: z.string() }).safeParse(attributes);
  try {
    return data && templateSchema.safeParse(JSON.parse(data.template_content)).data;
  } catch {
    return undefined;
  }
}

/** The workflow definition in a template, when it has one. */
export function definitionOf({ resources }: Template): Definition | undefined {
  const playbook = resources.find(({ type }) => type === workflowType);
  return node.safeParse(playbook?.properties["definition"]).data;
}

/** A template without the definition of its playbook, each resource under its number. */
export function withoutDefinition({ resources, ...rest }: Template): Record<string, unknown> {
  const playbook = resources.findIndex(({ type }) => type === workflowType);
  const others = resources.map(
    ({ properties: { definition, ...properties }, ...resource }, index) => ({
      ...resource,
      properties: index === playbook ? properties : { ...properties, definition },
    }),
  );
  return { ...rest, resources: { ...others } };
}
